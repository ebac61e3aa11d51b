// What operators do with markets: docs/rules.md 6.
#include "core/plain/apply.h"
#include "core/plain/market_state.h"

namespace oki::core::plain {

Refusal apply(State& state, const SetMarketStops& command, Reply&) {
  if (!state.markets.has(command.market)) return Refusal::unknown_market;
  if ((command.stops & ~stops_mask) != 0) return Refusal::invalid_spec;
  state.markets.edit(command.market).stops = command.stops;
  return Refusal::ok;
}

Refusal apply(State& state, const SetMarketHalt& command, Reply&) {
  if (!state.markets.has(command.market)) return Refusal::unknown_market;
  if (state.markets.at(command.market).halted == command.halt) return Refusal::wrong_state;
  Market& market = state.markets.edit(command.market);
  market.halted = command.halt;
  if (!command.halt) return Refusal::ok;
  market.cancel_only_at = {};
  market.auction_at = {};
  market.withdrawals_at = {};
  if (market.mode == MarketMode::none) market.reopen_at = {};
  return Refusal::ok;
}

Refusal apply(State& state, const StartAuction& command, Reply&) {
  if (!state.markets.has(command.market)) return Refusal::unknown_market;
  if (command.mode == MarketMode::none || command.mode == MarketMode::circuit_break) {
    return Refusal::invalid_spec;
  }
  if (state.markets.at(command.market).uncrossing) return Refusal::wrong_state;
  const bool endless = command.mode == MarketMode::full_range_circuit_break;
  const bool fits = endless ? command.reopen_at.value == 0 : command.reopen_at > state.time;
  if (!fits) return Refusal::invalid_time;
  if (command.reference.value != 0) {
    Market& market = state.markets.edit(command.market);
    market.reference = command.reference;
    market.reference_at = state.time;
  }
  start_auction(state, command.market, command.mode, command.reopen_at);
  return Refusal::ok;
}

Refusal apply(State& state, const ScheduleReopening& command, Reply&) {
  if (!state.markets.has(command.market)) return Refusal::unknown_market;
  const Market& now = state.markets.at(command.market);
  if (!now.halted || now.mode != MarketMode::none) return Refusal::wrong_state;
  const bool rises =
      state.time < command.cancel_only_at && command.cancel_only_at < command.auction_at &&
      command.auction_at < command.trading_at && command.trading_at <= command.withdrawals_at;
  if (!rises) return Refusal::invalid_time;
  Market& market = state.markets.edit(command.market);
  market.cancel_only_at = command.cancel_only_at;
  market.auction_at = command.auction_at;
  market.reopen_at = command.trading_at;
  market.withdrawals_at = command.withdrawals_at;
  return Refusal::ok;
}

}  // namespace oki::core::plain
