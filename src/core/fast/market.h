// The state of a market beside its book: load, bands, breaks, stages. Rules 6.
#pragma once

#include "core/fast/state.h"

namespace oki::core::fast {

void add_market(State& state, const MarketSpec& spec);
MarketState public_state(MarketId market, const MarketRules& rules);

// Rules 4.2: counts one order or amendment, refreshes bands and reference.
void count_order(State& state, MarketId market);

// For writing; afterwards `set_bands` keeps the triggers of the band true.
void set_bands(const MarketFacts& facts, MarketRules& rules);

// Whether a trade at this price breaks the circuit.
inline bool breaks(const MarketRules& rules, Price price) {
  return rules.upper_trigger.value != 0 &&
         (price < rules.lower_trigger || price > rules.upper_trigger);
}
void break_circuit(State& state, MarketId market, bool upward);

// Rules 6.4: the first trade of a market without reference sets it at the end of the step.
void set_first_references(State& state);

// Sets the timers of a market's stages, load and estimates to what its rules say.
void set_stage_timer(State& state, MarketId market);
void begin_auction(State& state, MarketId market, MarketMode mode, Price reference,
                   WallTimeMs reopen_at);

// Whether triggers of the market wait: rules 5.3.
inline bool waits(const MarketRules& rules) {
  return rules.mode != MarketMode::none || rules.halted || rules.uncrossing;
}

// Timers. A stage that is skipped is over without effect.
void run_stage(State& state, MarketId market, WallTimeMs due);
void skip_stage(State& state, MarketId market, WallTimeMs due);
void run_load(State& state, MarketId market);

}  // namespace oki::core::fast
