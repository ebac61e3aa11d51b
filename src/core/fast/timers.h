// What happens by time: rules 2.
#pragma once

#include <optional>

#include "core/fast/state.h"

namespace oki::core::fast {

// Moves the timer of `subject` from `before` to `due`; 0 is off. The owner keeps its time in a row
// of its own. A timer that is set again, also for the same time, does not fire in this command.
void set_timer(State& state, TimerKind kind, std::uint64_t subject, WallTimeMs before,
               WallTimeMs due);

// An order with an own expiry has closed; its timer may have fired.
void forget_expiry(State& state, OrderId order, WallTimeMs due);

struct DueTimer {
  WallTimeMs due;
  TimerKind kind = TimerKind::stage;
  std::uint64_t subject = 0;
  friend auto operator<=>(const DueTimer&, const DueTimer&) = default;
};
// The earliest timer; of those that this very command has set, none when `settled`.
std::optional<DueTimer> earliest_timer(State& state, bool settled);

// Takes the timer off, then does what it is for.
void fire(State& state, const DueTimer& timer);
// Takes it off and does nothing else: rules 1.6.
void skip(State& state, const DueTimer& timer);

// Finds state.timers_bound again.
void bound_timers(State& state);

// After a snapshot was read.
void find_expiry_cursor(State& state);

// Rules 2: when the leader should propose a Tick; nothing when nothing waits.
std::optional<WallTimeMs> next_timer(State& state);

}  // namespace oki::core::fast
