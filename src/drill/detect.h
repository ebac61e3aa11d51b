// How soon a fault is seen, told and over: every kind of the catalogue on a running exchange,
// several times, measured from outside.
//
// A run: everything is well; the fault is injected; the oracle trader says when trading stopped
// (t0); the status copies are asked every status_poll_ms; the fault is held for some seconds,
// healed, and the run ends when trading works on every path and every copy is green again. All
// times count from t0, which is never before the injection; for faults that stop no trading it is
// the injection.
//
// Falsely green is the time during which a copy said that all is well while a path of the oracle
// trader had been broken for more than the lease of 2 s, and still was; of all copies together.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "drill/culprit.h"
#include "drill/faults.h"
#include "drill/trial.h"

namespace oki::drill {

// What is to be reached; a detection counts in its last copy.
constexpr std::int64_t nongreen_p99_goal_ms = 1000;
constexpr std::int64_t nongreen_max_goal_ms = 2000;
constexpr std::int64_t notice_p99_goal_ms = 5000;
constexpr std::int64_t grey_p99_goal_ms = 5000;
constexpr std::uint64_t cause_percent_goal = 95;
constexpr std::int64_t blind_max_goal_ms = lease_ms + 100;  // And the polls.

struct DetectOptions {
  std::string directory;           // Exists and is empty.
  std::vector<std::string> kinds;  // Empty: all.
  std::uint32_t runs = 5;          // Of each kind.
  bool to_the_end = false;         // The first run of each kind waits until its incident is over.
  std::uint32_t edges = 2;
  std::uint32_t status_sites = 2;
  std::int64_t status_poll_ms = 15;
  std::function<void(const std::string&)> progress;
};

// One run; times in milliseconds from t0.
struct DetectRun {
  std::optional<std::int64_t> stopped_after;  // The injection to t0.
  std::optional<std::int64_t> nongreen;       // Of the last copy.
  std::optional<std::int64_t> notice;
  std::optional<std::int64_t> detected;       // The earlier of the two.
  std::optional<std::int64_t> trading_again;  // From the beginning of the healing.
  std::optional<std::int64_t> green_again;    // The same.
  std::optional<std::int64_t> resolved;       // The same, of the incident; when it was awaited.
  bool reopened = false;                      // Within reopen_watch_ms after that.
  std::int64_t falsely_green = 0;
  // What the watch held for the likeliest cause when the fault had been held; for faults that have
  // a culprit.
  std::optional<NamedCause> cause;
  std::optional<bool> cause_is_right;
  std::uint64_t orders = 0;  // Of the oracle trader, while the fault lasted.
  std::uint64_t orders_failed = 0;
  std::string fault;  // What went wrong with the run itself.
};

struct KindResult {
  std::string kind;
  FaultClass of = FaultClass::hard;
  std::string left_out;  // Why it could not be injected here.
  std::vector<DetectRun> runs;
};

struct DetectResult {
  std::vector<KindResult> kinds;
  std::uint64_t wrong_notices() const;  // Of harmless faults.
  std::vector<std::string> missed;      // Goals that were missed, in words.
  bool interrupted = false;
};

// Errc::invalid for an unknown kind, Errc::unavailable when no exchange could be started.
Result<DetectResult> run_detect(const DetectOptions& options);

// Of all runs of a class that saw it; nothing when there were none. The nearest rank.
struct Quantiles {
  std::size_t count = 0;
  std::size_t missing = 0;  // Runs without such a time.
  std::int64_t p50 = 0, p99 = 0, max = 0;
};
using TimeOf = std::optional<std::int64_t> DetectRun::*;
std::optional<Quantiles> quantiles(const DetectResult& result, FaultClass of, TimeOf time);
std::optional<Quantiles> quantiles(const KindResult& kind, TimeOf time);

// Runs whose likeliest cause was the true one, of those with a culprit.
struct CauseCounts {
  std::uint64_t judged = 0;
  std::uint64_t right = 0;
};
CauseCounts count_causes(const DetectResult& result);
CauseCounts count_causes(const KindResult& kind);

// Fills `missed`.
void judge(DetectResult& result);

// What the noise campaign found, when one was run beside it.
struct NoiseFigures {
  std::uint64_t hours = 0;
  std::uint64_t false_notices = 0;
};

std::string text(const DetectResult& result);
std::string json(const DetectResult& result, const std::optional<NoiseFigures>& noise);

}  // namespace oki::drill
