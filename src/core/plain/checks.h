// What a new or amended order must pass: docs/rules.md 4.
#pragma once

#include "core/plain/state.h"

namespace oki::core::plain {

// Checks 2 to 39 of a new order, by its command and as it would be accepted.
Refusal check_new(const State& state, const PlaceOrder& command, const OrderView& order);

// Checks 14 to 24: what the state of the market forbids.
Refusal check_market(const State& state, const OrderView& order);
Refusal check_amount(const State& state, const OrderView& order);           // 25 to 27.
Refusal check_price(const State& state, const OrderView& order);            // 28, 29.
Refusal check_trigger_bounds(const State& state, const OrderView& order);   // 30.
Refusal check_trigger_at_once(const State& state, const OrderView& order);  // 31.

}  // namespace oki::core::plain
