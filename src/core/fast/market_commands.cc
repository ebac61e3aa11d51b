// What operators do with markets: rules 6.
#include "core/fast/handlers.h"
#include "core/fast/market.h"

namespace oki::core::fast {
namespace {

bool unknown(const State& state, MarketId market) { return market.value >= state.markets_count(); }

}  // namespace

Refusal handle(State& state, const SetMarketStops& x) {
  if (unknown(state, x.market)) return Refusal::unknown_market;
  if ((x.stops & ~stops_mask) != 0) return Refusal::invalid_spec;
  const Row row = State::market(x.market);
  if (state.rules[row].stops != x.stops) state.rules.change(row).stops = x.stops;
  return Refusal::ok;
}

Refusal handle(State& state, const SetMarketHalt& x) {
  if (unknown(state, x.market)) return Refusal::unknown_market;
  const Row row = State::market(x.market);
  if (state.rules[row].halted == x.halt) return Refusal::wrong_state;
  MarketRules& rules = state.rules.change(row);
  rules.halted = x.halt;
  if (x.halt) {
    rules.cancel_only_at = rules.auction_at = rules.withdrawals_at = WallTimeMs{};
    if (rules.mode == MarketMode::none) rules.reopen_at = WallTimeMs{};
    set_stage_timer(state, x.market);
  }
  return Refusal::ok;
}

Refusal handle(State& state, const StartAuction& x) {
  if (unknown(state, x.market)) return Refusal::unknown_market;
  if (x.mode == MarketMode::none || x.mode == MarketMode::circuit_break) {
    return Refusal::invalid_spec;
  }
  if (state.rules[State::market(x.market)].uncrossing) return Refusal::wrong_state;
  const bool no_end = x.mode == MarketMode::full_range_circuit_break;
  if (no_end ? x.reopen_at.value != 0 : x.reopen_at <= state.time) return Refusal::invalid_time;
  begin_auction(state, x.market, x.mode, x.reference, x.reopen_at);
  return Refusal::ok;
}

Refusal handle(State& state, const ScheduleReopening& x) {
  if (unknown(state, x.market)) return Refusal::unknown_market;
  const Row row = State::market(x.market);
  if (!state.rules[row].halted || state.rules[row].mode != MarketMode::none) {
    return Refusal::wrong_state;
  }
  const bool rises = state.time < x.cancel_only_at && x.cancel_only_at < x.auction_at &&
                     x.auction_at < x.trading_at && x.trading_at <= x.withdrawals_at;
  if (!rises) return Refusal::invalid_time;
  MarketRules& rules = state.rules.change(row);
  rules.cancel_only_at = x.cancel_only_at;
  rules.auction_at = x.auction_at;
  rules.reopen_at = x.trading_at;
  rules.withdrawals_at = x.withdrawals_at;
  set_stage_timer(state, x.market);
  return Refusal::ok;
}

}  // namespace oki::core::fast
