// When trading will probably be back, from how long earlier incidents lasted: a range that is meant
// to hold in 80 of 100 cases, and how often such ranges have held so far. docs/incidents.md, 15.
//
// The range lies between two of the earlier durations that are longer than what has passed already:
// of n of them the k-th shortest and the k-th longest, k = (n + 1) / 10, at least 1, which a next
// one of the same kind hits in (n + 1 - 2k) of (n + 1) cases. How often it held is not assumed but
// counted: each earlier incident is asked what the ones before it would have said at that moment.
//
// Nothing is said with fewer than `cases_min` such durations, with fewer than `checks_min` earlier
// ranges to count, or when fewer than `held_percent_min` of them held: no range is better than one
// that misleads.
#pragma once

#include <optional>
#include <vector>

#include "notify/notice.h"
#include "response/state.h"

namespace oki::response {

constexpr std::size_t cases_min = 8;
constexpr std::size_t checks_min = 5;
constexpr std::uint32_t held_percent_min = 60;

struct RecoveryCase {
  WallTimeMs began;
  std::int64_t lasted_ms = 0;
  friend bool operator==(const RecoveryCase&, const RecoveryCase&) = default;
};

// The confirmed incidents that ended before, in order of their beginning. Those that were as bad
// (the same worst state), when there are cases_min of them, else all; drills only for a drill, or
// when there are too few others. REQUIRES: the incident is there.
std::vector<RecoveryCase> recovery_cases(const State& state, IncidentId id);

// Of an incident that began at `began` and goes on at `now`. Times are whole minutes.
std::optional<notify::RecoveryRange> recovery_range(const std::vector<RecoveryCase>& cases,
                                                    WallTimeMs began, WallTimeMs now);

}  // namespace oki::response
