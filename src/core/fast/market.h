// The state of a market beside its book: load, bands, breaks, stages. Rules 6.
#pragma once

#include "core/fast/state.h"

namespace oki::core::fast {

void add_market(State& state, const MarketSpec& spec);
MarketState public_state(MarketId market, const MarketRules& rules);

// Rules 4.2: counts one order or amendment, refreshes bands and reference.
void count_order(State& state, MarketId market);

// What that would change, in mode none: the band is as wide as ever again, the reference is
// renewed.
inline bool width_lapsed(const MarketFacts& facts, const MarketRules& rules, WallTimeMs time) {
  const bool wide =
      rules.width_up != facts.spec.band_ppm || rules.width_down != facts.spec.band_ppm;
  return wide && time >= rules.widened_until;
}
inline bool reference_is_old(const State& state, const MarketRules& rules, Price last) {
  return last.value != 0 &&
         state.time.value >= rules.reference_at.value + state.limits().reference_ms;
}

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

inline bool may_cancel(const MarketRules& rules) {
  return !rules.halted && !stopped(rules.stops, Stop::order_and_cancel);
}

// Timers. A stage that is skipped is over without effect.
void run_stage(State& state, MarketId market, WallTimeMs due);
void skip_stage(State& state, MarketId market, WallTimeMs due);
void run_load(State& state, MarketId market);

}  // namespace oki::core::fast
