#include "core/fast/checks.h"

#include "core/fast/market.h"
#include "core/fast/math.h"

namespace oki::core::fast {
namespace {

// 18 to 24, when something is stopped.
Refusal check_stops(std::uint16_t stops, const OrderShape& x) {
  const auto is_stopped = [stops](Stop stop) { return stopped(stops, stop); };
  const bool stop_type = x.type == OrderType::stop || x.type == OrderType::take_profit ||
                         x.type == OrderType::stop_loss;
  if (stop_type && is_stopped(Stop::stop_order)) return Refusal::stop_orders_stopped;
  if (x.type == OrderType::stop_limit && is_stopped(Stop::stop_limit_order)) {
    return Refusal::stop_limit_orders_stopped;
  }
  if (x.position != PositionSide::none && opens(x.side, x.position)) {
    if (x.position == PositionSide::long_side && is_stopped(Stop::margin_long_order)) {
      return Refusal::long_orders_stopped;
    }
    if (x.position == PositionSide::short_side && is_stopped(Stop::margin_short_order)) {
      return Refusal::short_orders_stopped;
    }
  }
  if (x.side == Side::buy && is_stopped(Stop::buy_order)) return Refusal::buy_orders_stopped;
  if (x.side == Side::sell && is_stopped(Stop::sell_order)) return Refusal::sell_orders_stopped;
  if (!x.post_only && is_stopped(Stop::not_post_only)) return Refusal::only_post_only;
  return Refusal::ok;
}

}  // namespace

Refusal check_market(const State& state, const OrderShape& x) {
  const MarketRules& rules = state.rules[State::market(x.market)];
  if (rules.halted) return Refusal::market_halted;
  if (stopped(rules.stops, Stop::order_and_cancel)) return Refusal::orders_and_cancels_stopped;
  if (stopped(rules.stops, Stop::order) || stopped(rules.stops, Stop::disabled)) {
    return Refusal::orders_stopped;
  }
  if (rules.uncrossing) return Refusal::market_uncrossing;
  const bool market = x.type == OrderType::market;
  if (market && stopped(rules.stops, Stop::market_order)) return Refusal::market_orders_stopped;
  const bool at_once =
      market || x.time_in_force == TimeInForce::ioc || x.time_in_force == TimeInForce::fok;
  if (rules.mode != MarketMode::none && at_once) return Refusal::no_market_orders_in_auction;
  return rules.stops == 0 ? Refusal::ok : check_stops(rules.stops, x);
}

Refusal check_amount_and_price(const State& state, const OrderShape& x) {
  const MarketSpec& spec = state.facts[x.market.value].spec;
  if (x.amount.value != 0) {
    const MarketStatus load = state.rules[State::market(x.market)].load;
    if (x.amount < spec.amount_min) return Refusal::amount_below_min;
    if (load != MarketStatus::normal) {
      const bool very = load == MarketStatus::very_busy;
      if (x.amount < (very ? spec.very_busy_amount_min : spec.busy_amount_min)) {
        return Refusal::amount_below_busy_min;
      }
    }
    const bool market = x.type == OrderType::market || x.type == OrderType::stop;
    if (x.amount > (market ? spec.market_amount_max : spec.limit_amount_max)) {
      return Refusal::amount_above_max;
    }
  }
  if (x.price.value == 0) return Refusal::ok;
  if (x.price < spec.price_min) return Refusal::price_below_min;
  return x.price > spec.price_max ? Refusal::price_above_max : Refusal::ok;
}

Refusal check_collar_and_trigger(const State& state, const OrderShape& x) {
  const MarketSpec& spec = state.facts[x.market.value].spec;
  const Price reference = state.rules[State::market(x.market)].reference;
  if (x.price.value != 0 && beyond_collar(spec, reference, x.side, x.price)) {
    return Refusal::price_beyond_collar;
  }
  if (x.trigger.value == 0) return Refusal::ok;
  if (x.trigger < spec.price_min) return Refusal::trigger_below_min;
  return x.trigger > spec.price_max ? Refusal::trigger_above_max : Refusal::ok;
}

Refusal check_size(const State& state, const OrderShape& x) {
  const Refusal refusal = check_amount_and_price(state, x);
  return refusal == Refusal::ok ? check_collar_and_trigger(state, x) : refusal;
}

bool book_overflows(const State& state, MarketId market, Side side, Lots more, Lots less) {
  const Wide lots = Wide{state.books[market.value].lots(side).value} +
                    state.flows[State::market(market)].hidden[static_cast<std::size_t>(side)].value;
  return (lots - less.value + more.value) >> 64 != 0;
}

}  // namespace oki::core::fast
