// What past alarms teach: for each rule how often it was right, how late, and what to try.
//
// Pure: labelled alarms in, rows and a sentence out. It changes nothing itself; a person decides,
// and `okiagari drill noise` tells what a change would cost.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace oki::watch::detect {

struct PastAlarm {
  std::string rule;           // The fact "rule" of its signal.
  bool was_true = false;      // A person said so after the incident.
  std::int64_t delay_ms = 0;  // From the true beginning to the signal; only of true ones.
};

// An incident that this rule was meant for and did not find.
struct Missed {
  std::string rule;
};

struct RuleReport {
  std::string rule;
  std::uint64_t true_alarms = 0;
  std::uint64_t false_alarms = 0;
  std::uint64_t missed = 0;
  std::int64_t precision_ppm = 0;  // 0 without any alarm.
  std::int64_t delay_p50_ms = 0;
  std::int64_t delay_p99_ms = 0;
  std::string suggestion;
};

// Below this many alarms and misses nothing is suggested: chance would be read as a rule.
constexpr std::uint64_t suggestion_cases_min = 5;
constexpr std::int64_t precision_wanted_ppm = 950'000;

constexpr std::size_t past_cases_max = 100'000;
constexpr std::size_t past_cases_bytes_max = 16u << 20;

struct PastCases {
  std::vector<PastAlarm> alarms;
  std::vector<Missed> missed;
};

// One JSON object a line: {"rule":"errors.fast","was_true":true,"delay_ms":1200}, or for an
// incident that a rule did not find {"rule":"errors.fast","missed":true}. Other members are passed
// over. An error names the line.
Result<PastCases> read_past_cases(ByteView lines);

// Sorted by rule. `delay_wanted_ms`: what the operator wants p99 to stay below.
std::vector<RuleReport> review(const std::vector<PastAlarm>& alarms,
                               const std::vector<Missed>& missed, std::int64_t delay_wanted_ms);

}  // namespace oki::watch::detect
