// What happens by time: docs/rules.md 2.
#pragma once

#include <optional>

#include "core/plain/state.h"

namespace oki::core::plain {

// Fires what is due, each in a step of its own.
void fire_timers(State& state, Bytes& events);

// Brings the timers of everything that the step under way has touched up to date.
void set_timers(State& state);

std::optional<WallTimeMs> next_timer(const State& state);

}  // namespace oki::core::plain
