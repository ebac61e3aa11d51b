#include "core/plain/execute.h"

#include <algorithm>

#include "core/plain/ledger.h"
#include "core/plain/market_state.h"
#include "core/plain/orders.h"
#include "core/plain/trade.h"

namespace oki::core::plain {
namespace {

bool rests(const OrderView& order) {
  const bool limit = order.type == OrderType::limit || order.type == OrderType::stop_limit;
  const bool stays =
      order.time_in_force == TimeInForce::gtc || order.time_in_force == TimeInForce::gtd;
  return limit && stays;
}

void to_book(State& state, OrderId id) {
  Order& order = state.orders.edit(id);
  set_hold(state, order, hold_of(state, order.view));
  enter_book(state, order);
}

// A fill of an order that does not rest, or of a resting one in continuous trading.
void fill(State& state, OrderId id, Lots lots, Amount quote) {
  Order& order = state.orders.edit(id);
  order.view.executed.value += lots.value;
  order.view.executed_quote.value += quote.value;
  order.view.executed_at = state.time;
  const bool done = order.view.executed == order.view.amount;
  order.view.status = done ? OrderStatus::fully_filled : OrderStatus::partially_filled;
}

void show(State& state, OrderId id, Lots lots, bool in_auction) {
  Order& order = state.orders.edit(id);
  const Lots open = open_lots(order.view);
  const Lots display = order.view.display.value == 0 ? open : std::min(order.view.display, open);
  if (in_auction) return reduce_resting(state, order, lots, display);
  CHECK(order.visible >= lots, "a trade takes more than is shown");
  const Lots left{order.visible.value - lots.value};
  if (left.value > 0 || open.value == 0) return reduce_resting(state, order, lots, left);
  reduce_resting(state, order, lots, display);
  requeue(state, order);
}

void decrement(State& state, OrderId taker_id, OrderId maker_id, Lots lots) {
  Order& maker = state.orders.edit(maker_id);
  if (open_lots(maker.view) == lots) {
    cancel(state, maker_id, Reason::self_trade);
  } else {
    const Lots open{open_lots(maker.view).value - lots.value};
    reduce_resting(state, maker, lots, std::min(maker.visible, open));
    maker.view.amount.value -= lots.value;
    set_hold(state, maker, hold_of(state, maker.view));
  }
  Order& taker = state.orders.edit(taker_id);
  if (open_lots(taker.view) == lots) return;  // It is cancelled as what is left.
  taker.view.amount.value -= lots.value;
  if (taker.view.price.value != 0) set_hold(state, taker, hold_of(state, taker.view));
}

void carry_out(State& state, OrderId id, const Plan& plan) {
  for (const Act& act : plan.acts) {
    switch (act.kind) {
      case ActKind::trade:
        trade(state, act.maker, id, act.price, act.lots, false);
        break;
      case ActKind::cancel:
        cancel(state, act.maker, Reason::self_trade);
        break;
      case ActKind::decrement:
        decrement(state, id, act.maker, act.lots);
        break;
    }
  }
  const Order* order = state.orders.find(id);
  if (order == nullptr) return;  // Filled.
  if (plan.left_reason != Reason::none) return cancel(state, id, plan.left_reason);
  if (!rests(order->view)) return cancel(state, id, Reason::not_filled);
  to_book(state, id);
}

bool outside_band(const State& state, MarketId market, const Plan& plan) {
  const MarketState shown = market_state(state, market);
  if (shown.upper_trigger.value == 0) return false;
  return std::ranges::any_of(plan.acts, [&](const Act& act) {
    return act.kind == ActKind::trade &&
           (act.price < shown.lower_trigger || act.price > shown.upper_trigger);
  });
}

void break_circuit_by(State& state, OrderId id) {
  const OrderView& order = state.orders.at(id).view;
  break_circuit(state, order.market, order.side == Side::buy ? Direction::up : Direction::down);
  if (rests(order)) return to_book(state, id);
  if (is_market_like(order.type)) {
    return close(state, id, OrderStatus::rejected, Reason::circuit_break);
  }
  cancel(state, id, Reason::circuit_break);
}

}  // namespace

void execute(State& state, OrderId id) {
  const OrderView& order = state.orders.at(id).view;
  if (state.markets.at(order.market).mode != MarketMode::none) return to_book(state, id);
  const Plan plan = plan_of(state, order);
  if (order.post_only && plan.meets) return cancel(state, id, Reason::would_cross);
  const bool market_like = is_market_like(order.type);
  const bool whole = market_like || order.time_in_force == TimeInForce::fok;
  if (whole && plan.traded != open_lots(order)) {
    if (!market_like) return cancel(state, id, Reason::not_filled);
    return close(state, id, OrderStatus::rejected, Reason::not_filled);
  }
  const bool by_cost = market_like || order.type == OrderType::losscut;
  const Wide hold = by_cost ? market_hold(state, order, plan) : hold_of(state, order).value;
  const Holder holder = holder_of(state, order);
  if (by_cost && hold > free_of(state, holder.account, holder.asset).value) {
    return cancel(state, id, Reason::insufficient_amount);
  }
  if (outside_band(state, order.market, plan)) return break_circuit_by(state, id);
  set_hold(state, state.orders.edit(id), Amount{static_cast<std::uint64_t>(hold)});
  carry_out(state, id, plan);
}

void trade(State& state, OrderId maker_id, OrderId taker_id, Price price, Lots lots,
           bool in_auction) {
  const OrderView& maker = state.orders.at(maker_id).view;
  const OrderView& taker = state.orders.at(taker_id).view;
  const Traded traded = settle(state, maker, taker, price, lots);
  for (const OrderId id : {maker_id, taker_id}) {
    fill(state, id, lots, traded.quote);
    if (state.orders.at(id).resting) show(state, id, lots, in_auction);
  }
  Market& market = state.markets.edit(traded.market);
  market.last = price;
  if (market.low.value == 0 || price < market.low) market.low = price;
  if (price > market.high) market.high = price;
  state.step.traded.insert(traded.market);
  for (const OrderId id : {maker_id, taker_id}) {
    const OrderView& view = state.orders.at(id).view;
    if (view.executed != view.amount) continue;
    close(state, id, OrderStatus::fully_filled, Reason::none);
  }
}

}  // namespace oki::core::plain
