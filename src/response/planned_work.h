// Planned work that the public is told of: what the house plans (a suppression with a title and a
// text), from its announcement to its end. docs/incidents.md, 17.
//
// Everything here follows from the house and from time: whenever either has changed, follow_plans()
// writes the notices that are due (scheduled or changed, in_progress, completed or cancelled). What
// happens to the components meanwhile is no part of it: work explains signals, it proves nothing.
#pragma once

#include <vector>

#include "notify/notice_board.h"
#include "response/turn.h"

namespace oki::response {

// "work3": what notices and the status site call it.
std::string work_name(std::uint32_t number);

// `by` and `agreed`: whose change of the house this was; 0: time alone, or the installation.
void follow_plans(Turn& turn, PersonId by = {}, PersonId agreed = {});

// Whether the house may still be changed in this: the last notices are for the beginning and the
// end.
bool has_room_to_tell(const State& state, std::uint32_t suppression);

// Ends it, or takes it back: the house watches more than before, so one person is enough.
bool only_ends_work(const State& state, const Change& change);

// For the status site: all that is kept, by number.
std::vector<notify::Maintenance> maintenances_of(const State& state);

}  // namespace oki::response
