// The state of a market: load, bands, breaks, halts, reopenings. docs/rules.md 6.
#pragma once

#include "core/plain/state.h"

namespace oki::core::plain {

MarketState shown(MarketId id, const MarketSpec& spec, const Market& market);
MarketState market_state(const State& state, MarketId id);

// Whether triggers and losscuts leave the market alone for now.
constexpr bool waits(const Market& market) {
  return market.mode != MarketMode::none || market.halted || market.uncrossing;
}

// What precedes the checks of a new or amended order: 4.2.
void count_and_refresh(State& state, MarketId id);

// Brings the load status up to the present second.
void roll_load(State& state, MarketId id);

void break_circuit(State& state, MarketId id, Direction direction);

// The market leaves continuous trading for an auction. REQUIRES: it is not uncrossing.
void start_auction(State& state, MarketId id, MarketMode mode, WallTimeMs reopen_at);

// The auction ended: at this price, or with no price. 7.6.
void end_auction(State& state, MarketId id, Price price, Lots lots);

// The reference of a market that had its first trades in this step.
void set_first_reference(State& state);

// What is due next of the market's stages; 0: nothing.
WallTimeMs next_stage(const Market& market);
void fire_stage(State& state, MarketId id);
void drop_stage(State& state, MarketId id);

}  // namespace oki::core::plain
