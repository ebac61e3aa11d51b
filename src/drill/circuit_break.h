// A break of the circuit, an auction and a staged reopening on one market, driven and checked
// through the public API under the ordinary load of the other markets. Operators' commands (halt,
// schedule) go through the log, as they do in production.
//
// Every number that the exchange publishes is compared with one computed here from the rules
// (docs/rules.md) and from the public book alone.
#pragma once

#include <string>

#include "drill/steps.h"

namespace oki::drill {

// What the session of this script needs besides what the command line says.
void prepare_circuit_break(SessionOptions& options);

struct CircuitBreakResult {
  std::vector<Check> checks;
  std::uint64_t orders = 0;  // Of the makers, meanwhile.
  std::uint64_t quarantined = 0;
  bool green_at_end = false;
  bool interrupted = false;
  FinalAudit audit;

  // Every check held, nothing acknowledged was lost or doubled, all hashes are equal.
  bool passed = false;
};

CircuitBreakResult run_circuit_break(Session& session);

std::string to_json(const CircuitBreakResult& result);

}  // namespace oki::drill
