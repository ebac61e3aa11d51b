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

// The shifts within [from, to), in order, as long as they can be; the first `shifts_max` of them.
std::vector<Shift> shifts(const Schedule& schedule, WallTimeMs from, WallTimeMs to);

}  // namespace oki::response
