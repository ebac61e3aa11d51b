// Changing an open order: docs/rules.md 12.
#include "core/plain/admission.h"
#include "core/plain/apply.h"
#include "core/plain/checks.h"
#include "core/plain/execute.h"
#include "core/plain/ledger.h"
#include "core/plain/market_state.h"
#include "core/plain/orders.h"
#include "core/plain/plan.h"

namespace oki::core::plain {
namespace {

bool is_amendable(const OrderView& order, const AmendOrder& x) {
  if (is_margin(order)) return false;
  if (order.type != OrderType::limit && !waits(order)) return false;
  if (x.price.value != 0 && order.price.value == 0) return false;
  if (x.trigger.value != 0 && !waits(order)) return false;
  const bool differs = (x.price.value != 0 && x.price != order.price) ||
                       (x.trigger.value != 0 && x.trigger != order.trigger) ||
                       (x.amount.value != 0 && x.amount != order.amount);
  return differs;
}

OrderView amended(OrderView order, const AmendOrder& x) {
  if (x.price.value != 0) order.price = x.price;
  if (x.trigger.value != 0) order.trigger = x.trigger;
  if (x.amount.value != 0) order.amount = x.amount;
  return order;
}

bool keeps_place(const OrderView& before, const OrderView& after) {
  return after.price == before.price && after.amount <= before.amount;
}

// What a resting order must pass besides.
Refusal check_resting(const State& state, const Order& order, const OrderView& after) {
  const Holder holder = holder_of(state, after);
  const Wide can_hold = Wide{order.held.value} + free_of(state, holder.account, holder.asset).value;
  if (hold_of(state, after).value > can_hold) return Refusal::insufficient_amount;
  const bool continuous = state.markets.at(after.market).mode == MarketMode::none;
  const bool moves = after.price != order.view.price || after.amount > order.view.amount;
  if (after.post_only && continuous && moves && plan_of(state, after).meets) {
    return Refusal::would_cross;
  }
  const Lots side = state.sides.at({after.market, after.side});
  const Wide others = side.value - open_lots(order.view).value;
  return others + open_lots(after).value > u64_max ? Refusal::overflow : Refusal::ok;
}

Refusal check(const State& state, const Order& order, const AmendOrder& x) {
  if (!is_amendable(order.view, x)) return Refusal::not_amendable;
  const OrderView after = amended(order.view, x);
  Refusal refusal = check_market(state, after);
  if (refusal != Refusal::ok) return refusal;
  if (x.amount.value != 0 && x.amount <= order.view.executed) return Refusal::invalid_amount;
  for (const auto one : {check_amount, check_price, check_trigger_bounds}) {
    refusal = one(state, after);
    if (refusal != Refusal::ok) return refusal;
  }
  if (x.trigger.value != 0) refusal = check_trigger_at_once(state, after);
  if (refusal != Refusal::ok) return refusal;
  return order.resting ? check_resting(state, order, after) : Refusal::ok;
}

void shrink(State& state, Order& order, const OrderView& after) {
  const Lots open = open_lots(after);
  const Lots less{open_lots(order.view).value - open.value};
  reduce_resting(state, order, less, std::min(order.visible, open));
  order.view = after;
  set_hold(state, order, hold_of(state, after));
}

void change(State& state, OrderId id, const OrderView& after) {
  Order& order = state.orders.edit(id);
  if (waits(order.view)) {
    forget_trigger(state, order.view);
    order.view = after;
    if (!order.trigger_dropped) await_trigger(state, after);
  } else if (keeps_place(order.view, after)) {
    shrink(state, order, after);
  } else {
    leave_book(state, order);
    set_hold(state, order, {});
    order.view = after;
    execute(state, id);
  }
}

}  // namespace

Refusal apply(State& state, const AmendOrder& command, Reply& reply) {
  Refusal refusal = admit_order(state, command.account, command.market, command.auth);
  if (refusal != Refusal::ok) return refusal;
  count_and_refresh(state, command.market);
  const Order* order = state.orders.find(command.order);
  const bool is_own = order != nullptr && order->view.account == command.account &&
                      order->view.market == command.market;
  if (!is_own) return Refusal::order_not_found;
  refusal = check(state, *order, command);
  if (refusal != Refusal::ok) return refusal;
  change(state, command.order, amended(order->view, command));
  const Order* open = state.orders.find(command.order);
  reply.rows.push_back(
      {Refusal::ok, open != nullptr ? open->view : state.step.closed.at(command.order)});
  return Refusal::ok;
}

}  // namespace oki::core::plain
