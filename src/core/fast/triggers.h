// Orders that wait for a price: rules 5.
#pragma once

#include "core/fast/state.h"

namespace oki::core::fast {

// 5.2. An order is reached from below when the price has to rise to its trigger.
inline bool waits_upward(OrderType type, Side side) {
  return (side == Side::buy) == (type != OrderType::take_profit);
}
inline bool reached(OrderType type, Side side, Price trigger, Price price) {
  return waits_upward(type, side) ? price >= trigger : price <= trigger;
}

// The first order of a market that prices from low to high reach, or 0.
Row first_reached(const State& state, const MarketFlow& flow, Price low, Price high);

void add_trigger(State& state, Row order);
// Does nothing when the trigger was quarantined.
void remove_trigger(State& state, Row order);

// A trade at this price: 5.1.
void note_price(State& state, MarketId market, Price price);

// The next order to fire, or 0.
Row pending_trigger(const State& state);
// Forgets low and high of markets where nothing is pending; a step of its own.
void forget_prices(State& state);

void fire_trigger(State& state, Row order);
void kill_trigger(State& state, Row order);

}  // namespace oki::core::fast
