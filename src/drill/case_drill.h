// The three cases of the house, from the fault to the draft of the postmortem, without a person:
// 1. load rises to five times the usual within four minutes, beyond what the edges let in;
// 2. a setting that is in its range and wrong is applied to every running edge;
// 3. a flood of requests comes from many keys and many addresses.
//
// The path is the real one: nothing is marked as a drill. The exchange is a throw-away one, its
// channels end in sinks of this process, and what people would do is done by the steps of the
// runbooks: asked for by one, approved by another where that is needed, run by the watch. What
// customers felt is counted by customers (drill/crowd.h) and reported as it was. Every file that
// came of it lies in one directory, and the result names each.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "drill/case_record.h"
#include "drill/crowd.h"

namespace oki::drill {

constexpr unsigned cases = 3;

struct CaseOptions {
  unsigned number = 1;    // Of the case.
  bool quick = false;     // Case 1: the rise takes 20 s instead of 4 minutes.
  std::string directory;  // Data of the exchange; exists and is empty.
  std::string output;     // Artefacts; exists and is empty.
  std::string runbooks;   // The folder of their texts.
  std::function<void(const std::string&)> progress;
};

struct CaseResult {
  unsigned number = 1;
  std::string en, ja;
  std::vector<Moment> moments;
  std::vector<Artefact> artefacts;
  Felt before, during, after;  // Of the crowd: the usual, until the fault was over, from then on.
  std::uint64_t oracle_orders = 0, oracle_failed = 0;  // While the fault lasted.
  std::int64_t falsely_green_ms = 0;
  std::vector<std::string> missed;  // What should have happened and did not.
  bool interrupted = false;
};

Result<CaseResult> run_case(const CaseOptions& options);

std::string text(const CaseResult& result);
std::string to_json(const CaseResult& result);

}  // namespace oki::drill
