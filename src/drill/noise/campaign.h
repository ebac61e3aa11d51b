// The noise laboratory: how often customers would be told of nothing in time-compressed hours of
// noise, and how long it takes until faults injected into the same noise are found and told. What
// the detectors say goes through the real incident machine (desk.h). Same options, same figures:
// the hours are cut into pieces with seeds of their own, and the number of workers changes nothing.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "drill/noise/faults.h"
#include "watch/detect/settings.h"

namespace oki::drill::noise {

constexpr std::int64_t piece_hours = 100;
constexpr std::uint64_t hours_max = 1'000'000;
constexpr std::uint64_t faults_max = 10'000;
constexpr std::uint64_t workers_max = 64;
constexpr std::uint64_t false_notices_goal = 0;
constexpr std::uint64_t hours_goal =
    10'000;  // With fewer, no false notice is no proof of the goal.

struct NoiseOptions {
  std::uint64_t hours = 100;
  std::uint64_t faults = 20;  // Of each kind.
  std::uint64_t seed = 1;
  std::uint64_t workers = 2;
  std::string model;  // Empty: every one.
  watch::detect::Settings settings;
  std::function<void(const std::string&)> progress;
};

struct RuleCount {
  std::uint64_t evidence = 0;  // Signals that open a suspected incident; false ones here.
  std::uint64_t hints = 0;
};

struct NoiseResult {
  std::uint64_t hours = 0;
  std::map<std::string, RuleCount> rules;  // By the fact "rule".
  std::uint64_t combined = 0;              // Times at which nothing false held before.
  std::uint64_t suspected = 0;             // Incidents that were opened: people look.
  std::uint64_t notices = 0;               // Of these confirmed: customers are told.
  std::uint64_t refused = 0;               // Signals that the incident machine did not take.
  std::uint64_t single_prober = 0;         // For comparison: what one prober alone would say.
  std::vector<std::string> first_alarms;   // A few, to look at: when and what.
  std::vector<std::string> first_notices;
};

struct FaultResult {
  std::uint64_t runs = 0;
  std::uint64_t missed = 0;
  std::uint64_t disturbed = 0;  // A false alarm held when the fault began: not counted.
  std::int64_t p50_ms = 0;
  std::int64_t p99_ms = 0;
  std::int64_t max_ms = 0;
  std::uint64_t told = 0;  // Runs in which customers were told, and how long after the fault.
  std::int64_t told_p50_ms = 0;
  std::int64_t told_p99_ms = 0;
  std::int64_t told_max_ms = 0;
  std::map<std::string, std::uint64_t> found_by;  // The rule that was first.
};

struct ModelResult {
  std::string model;
  bool held_out = false;
  NoiseResult noise;
  std::array<FaultResult, fault_kinds> faults;
};

bool meets(const FaultResult& result, const FaultGoal& goal);
// All goals; false notices count for held-out models only.
bool meets(const ModelResult& result);

// Of the held-out models together.
struct FalseNotices {
  std::uint64_t hours = 0;
  std::uint64_t notices = 0;
};
FalseNotices false_notices(const std::vector<ModelResult>& results);

// The name of the model that judges.
const char* held_out_model();

// Errc::not_found for an unknown model, Errc::invalid for numbers beyond the limits above.
Result<std::vector<ModelResult>> run_noise(const NoiseOptions& options);

std::string text(const std::vector<ModelResult>& results);
std::string json(const std::vector<ModelResult>& results, std::uint64_t seed);

}  // namespace oki::drill::noise
