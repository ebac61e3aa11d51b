// The money of one trade: docs/rules.md 8.2, 9.2, 9.3.
#pragma once

#include "core/plain/state.h"

namespace oki::core::plain {

// Moves what the trade moves, changes the positions, and tells Traded and MarginTraded. The orders
// still show how they were before it, but for what they hold.
Traded settle(State& state, const OrderView& maker, const OrderView& taker, Price price, Lots lots);

}  // namespace oki::core::plain
