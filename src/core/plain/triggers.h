// Orders that wait for a price: docs/rules.md 5.
#pragma once

#include "core/plain/state.h"

namespace oki::core::plain {

// Whether the price reaches the order's trigger: 5.2.
bool reaches(Price price, Side side, OrderType type, Price trigger);

// Fires what is pending, each in a step of its own, as far as `triggers_left` goes.
void fire_triggers(State& state, Bytes& events);

// In a market that does not wait.
bool has_pending_trigger(const State& state);

}  // namespace oki::core::plain
