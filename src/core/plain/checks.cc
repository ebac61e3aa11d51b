#include "core/plain/checks.h"

#include <algorithm>

#include "core/plain/ledger.h"
#include "core/plain/margin.h"
#include "core/plain/market_state.h"
#include "core/plain/orders.h"
#include "core/plain/plan.h"
#include "core/plain/triggers.h"

namespace oki::core::plain {
namespace {

bool is_plain_id(const std::string& id) {
  return std::ranges::all_of(id, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == ':' || c == '-';
  });
}

bool closes_all(OrderType type) {
  return type == OrderType::take_profit || type == OrderType::stop_loss;
}

bool is_limit(OrderType type) { return type == OrderType::limit || type == OrderType::stop_limit; }

bool is_immediate(const OrderView& order) {
  return order.type == OrderType::market || order.time_in_force == TimeInForce::ioc ||
         order.time_in_force == TimeInForce::fok;
}

bool valid_time(const State& state, const PlaceOrder& x) {
  const bool gtd = x.time_in_force == TimeInForce::gtd;
  if (x.time_in_force != TimeInForce::gtc && !is_limit(x.type)) return false;
  const bool at_once = x.time_in_force == TimeInForce::ioc || x.time_in_force == TimeInForce::fok;
  if (at_once && (x.post_only || x.type == OrderType::stop_limit)) return false;
  if (!gtd) return x.expire_at.value == 0;
  return x.expire_at > state.time &&
         x.expire_at <= later(state.time, state.limits.order_lifetime_ms);
}

bool valid_display(const State& state, const PlaceOrder& x) {
  if (x.display.value == 0) return true;
  const MarketSpec& spec = state.infos.at(x.market).spec;
  const bool at_once = x.time_in_force == TimeInForce::ioc || x.time_in_force == TimeInForce::fok;
  return is_limit(x.type) && !at_once && x.display <= x.amount && x.display >= spec.amount_min &&
         x.amount.value <= Wide{x.display.value} * state.limits.iceberg_slices_max;
}

// Checks 2 to 9: what is wrong with any state.
Refusal check_shape(const State& state, const PlaceOrder& x) {
  if (!is_plain_id(x.client_order_id)) return Refusal::invalid_client_order_id;
  if (x.type == OrderType::losscut) return Refusal::invalid_type;
  if (x.amount.value == 0 && !closes_all(x.type)) return Refusal::invalid_amount;
  if (is_limit(x.type) == (x.price.value == 0)) return Refusal::invalid_price;
  if (has_trigger(x.type) == (x.trigger.value == 0)) return Refusal::invalid_trigger;
  if (x.post_only && x.type != OrderType::limit) return Refusal::post_only_with_market;
  if (!valid_time(state, x)) return Refusal::invalid_time_in_force;
  if (!valid_display(state, x)) return Refusal::invalid_display;
  return Refusal::ok;
}

// Checks 10 to 13.
Refusal check_position(const State& state, const OrderView& order) {
  if (is_margin(order) && !state.infos.at(order.market).spec.margin.enabled) {
    return Refusal::no_margin_market;
  }
  if (closes_all(order.type) && !is_margin(order)) return Refusal::invalid_position;
  const bool stops = order.type == OrderType::stop || order.type == OrderType::stop_limit;
  if (stops && opens(order)) return Refusal::stop_opens_position;
  if (closes_all(order.type) && opens(order)) return Refusal::not_closing;
  return Refusal::ok;
}

// Checks 32 and 33.
Refusal check_room(const State& state, const OrderView& order) {
  if (is_immediate(order)) return Refusal::ok;
  std::size_t open = 0;
  for (const OrderId id : orders_of(state, order.account)) {
    if (state.orders.at(id).view.market == order.market) ++open;
  }
  if (open >= state.limits.open_orders_per_account_and_market_max) {
    return Refusal::too_many_open_orders;
  }
  if (state.orders.size() >= state.limits.open_orders_max) return Refusal::limit_reached;
  const auto edge = static_cast<std::uint32_t>(order.session.value >> 32);
  const bool fits = order.session.value == 0 || state.edges.has(edge) ||
                    state.edges.size() < state.limits.edges_max;
  return fits ? Refusal::ok : Refusal::limit_reached;
}

// Checks 34 and 35.
Refusal check_margin(const State& state, const OrderView& order) {
  if (opens(order)) {
    const Account& account = state.accounts.at(order.account);
    const bool may = account.margin_allowed && account.margin_status != MarginStatus::losscut &&
                     account.margin_status != MarginStatus::debt;
    if (!may) return Refusal::margin_not_allowed;
  }
  const bool exceeds =
      closes(order) && !has_trigger(order.type) && order.amount > closable(state, order);
  return exceeds ? Refusal::exceeds_position : Refusal::ok;
}

// Checks 36 to 38 of an order that costs `worth` and must hold `hold`.
Refusal check_funds(const State& state, const OrderView& order, Wide worth, Wide hold) {
  if (opens(order)) {
    const MarketSpec& spec = state.infos.at(order.market).spec;
    const Wide required = margin_required(state, order.account) + margin_of(spec, worth);
    if (margin_balance(state, order.account) < static_cast<Signed128>(required)) {
      return Refusal::insufficient_margin;
    }
  }
  const Holder holder = holder_of(state, order);
  if (hold <= free_of(state, holder.account, holder.asset).value) return Refusal::ok;
  return is_margin(order) ? Refusal::lender_exhausted : Refusal::insufficient_amount;
}

// Check 39.
Refusal check_overflow(const State& state, const OrderView& order, Wide worth) {
  const Lots* side = state.sides.find({order.market, order.side});
  if (side != nullptr && order.amount.value > u64_max - side->value) return Refusal::overflow;
  if (!opens(order)) return Refusal::ok;
  const PositionKey key{order.account, order.market, order.position};
  const Position* position = state.positions.find(key);
  const Wide cost = position == nullptr ? 0 : position->cost.value;
  const bool fits = cost + opening_worth(state, key) + worth <= Wide{1} << 62;
  return fits ? Refusal::ok : Refusal::overflow;
}

// Checks 36 to 39 of an order that executes at once.
Refusal check_money(const State& state, const OrderView& order) {
  Wide worth = 0;
  Wide hold = 0;
  bool fills = true;
  if (order.type == OrderType::market) {
    const Plan plan = plan_of(state, order);
    fills = plan.traded == order.amount;  // Otherwise it is accepted and rejected.
    worth = plan.quote;
    hold = market_hold(state, order, plan);
  } else {
    worth = quote_up(state.infos.at(order.market).scale, order.price, order.amount).value;
    hold = hold_of(state, order).value;
  }
  if (fills) {
    const Refusal refusal = check_funds(state, order, worth, hold);
    if (refusal != Refusal::ok) return refusal;
  }
  return check_overflow(state, order, worth);
}

}  // namespace

Refusal check_market(const State& state, const OrderView& order) {
  const Market& market = state.markets.at(order.market);
  const auto has = [&](Stop stop) { return stopped(market.stops, stop); };
  if (market.halted) return Refusal::market_halted;
  if (has(Stop::order_and_cancel)) return Refusal::orders_and_cancels_stopped;
  if (has(Stop::order) || has(Stop::disabled)) return Refusal::orders_stopped;
  if (market.uncrossing) return Refusal::market_uncrossing;
  const OrderType type = order.type;
  if (has(Stop::market_order) && type == OrderType::market) return Refusal::market_orders_stopped;
  if (market.mode != MarketMode::none && is_immediate(order)) {
    return Refusal::no_market_orders_in_auction;
  }
  const bool stop = type == OrderType::stop || closes_all(type);
  if (has(Stop::stop_order) && stop) return Refusal::stop_orders_stopped;
  if (has(Stop::stop_limit_order) && type == OrderType::stop_limit) {
    return Refusal::stop_limit_orders_stopped;
  }
  if (opens(order)) {
    const bool is_long = order.position == PositionSide::long_side;
    if (is_long && has(Stop::margin_long_order)) return Refusal::long_orders_stopped;
    if (!is_long && has(Stop::margin_short_order)) return Refusal::short_orders_stopped;
  }
  if (order.side == Side::buy && has(Stop::buy_order)) return Refusal::buy_orders_stopped;
  if (order.side == Side::sell && has(Stop::sell_order)) return Refusal::sell_orders_stopped;
  if (has(Stop::not_post_only) && !order.post_only) return Refusal::only_post_only;
  return Refusal::ok;
}

Refusal check_amount(const State& state, const OrderView& order) {
  if (order.amount.value == 0) return Refusal::ok;
  const MarketSpec& spec = state.infos.at(order.market).spec;
  if (order.amount < spec.amount_min) return Refusal::amount_below_min;
  const MarketStatus status = market_state(state, order.market).status;
  const bool too_small =
      (status == MarketStatus::busy && order.amount < spec.busy_amount_min) ||
      (status == MarketStatus::very_busy && order.amount < spec.very_busy_amount_min);
  if (too_small) return Refusal::amount_below_busy_min;
  const bool by_market = order.type == OrderType::market || order.type == OrderType::stop;
  const Lots amount_max = by_market ? spec.market_amount_max : spec.limit_amount_max;
  return order.amount > amount_max ? Refusal::amount_above_max : Refusal::ok;
}

Refusal check_price(const State& state, const OrderView& order) {
  if (order.price.value == 0) return Refusal::ok;
  const MarketSpec& spec = state.infos.at(order.market).spec;
  if (order.price < spec.price_min) return Refusal::price_below_min;
  if (order.price > spec.price_max) return Refusal::price_above_max;
  const Price reference = state.markets.at(order.market).reference;
  if (spec.collar_ppm == 0 || reference.value == 0) return Refusal::ok;
  const bool beyond = order.side == Side::buy
                          ? order.price.value > widened_up(reference, spec.collar_ppm)
                          : order.price.value < widened_down(reference, spec.collar_ppm);
  return beyond ? Refusal::price_beyond_collar : Refusal::ok;
}

Refusal check_trigger_bounds(const State& state, const OrderView& order) {
  if (order.trigger.value == 0) return Refusal::ok;
  const MarketSpec& spec = state.infos.at(order.market).spec;
  if (order.trigger < spec.price_min) return Refusal::trigger_below_min;
  return order.trigger > spec.price_max ? Refusal::trigger_above_max : Refusal::ok;
}

Refusal check_trigger_at_once(const State& state, const OrderView& order) {
  const Price last = state.markets.at(order.market).last;
  if (order.trigger.value == 0 || last.value == 0) return Refusal::ok;
  return reaches(last, order.side, order.type, order.trigger) ? Refusal::triggers_at_once
                                                              : Refusal::ok;
}

Refusal check_new(const State& state, const PlaceOrder& command, const OrderView& order) {
  Refusal refusal = check_shape(state, command);
  if (refusal != Refusal::ok) return refusal;
  for (const auto check : {check_position, check_market, check_amount, check_price,
                           check_trigger_bounds, check_trigger_at_once, check_room, check_margin}) {
    refusal = check(state, order);
    if (refusal != Refusal::ok) return refusal;
  }
  return has_trigger(order.type) ? Refusal::ok : check_money(state, order);
}

}  // namespace oki::core::plain
