// The execution of an order, and of one trade: docs/rules.md 4.3, 8.2, 9.2, 9.3.
#pragma once

#include "core/plain/plan.h"

namespace oki::core::plain {

// Executes an accepted order that is not in the book: it trades, rests, or is closed.
// REQUIRES: what a limit order must hold is free.
void execute(State& state, OrderId id);

// One trade between two open orders, either of which may be resting.
// `in_auction`: icebergs keep their place and show again at once.
void trade(State& state, OrderId maker, OrderId taker, Price price, Lots lots, bool in_auction);

}  // namespace oki::core::plain
