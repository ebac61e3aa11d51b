// Who is on call when: a pure function of the schedule.
#pragma once

#include <optional>
#include <vector>

#include "response/house.h"

namespace oki::response {

std::optional<PersonId> on_call(const Schedule& schedule, WallTimeMs at);

// A stretch of time in which one person is on call.
struct Shift {
  WallTimeMs from, to;
  PersonId person;
  friend bool operator==(const Shift&, const Shift&) = default;
};
constexpr std::size_t shifts_max = 2'000;

constexpr std::int64_t shift_ms_max = 400LL * 86'400'000;

// The shifts that touch [from, to), in order; the first `shifts_max` of them. The first and the
// last are whole, up to shift_ms_max beyond: a shift is the same whatever stretch is asked for.
std::vector<Shift> shifts(const Schedule& schedule, WallTimeMs from, WallTimeMs to);

}  // namespace oki::response
