// Changing an open order: rules 12.
#include "core/fast/admission.h"
#include "core/fast/checks.h"
#include "core/fast/handlers.h"
#include "core/fast/market.h"
#include "core/fast/plan.h"
#include "core/fast/trade.h"
#include "core/fast/triggers.h"

namespace oki::core::fast {
namespace {

// The order as it would be.
OrderShape wished(const State& state, const Order& order, const AmendOrder& x) {
  const Extra* const extra = state.extra(order);
  OrderShape shape;
  shape.market = order.market;
  shape.side = order.side;
  shape.type = order.type;
  shape.post_only = order.post_only;
  shape.time_in_force = order.time_in_force;
  shape.position = order.position;
  shape.price = x.price.value != 0 ? x.price : order.price;
  shape.trigger = x.trigger.value != 0 ? x.trigger : extra != nullptr ? extra->trigger : Price{};
  shape.amount = x.amount.value != 0 ? x.amount : order.amount;
  return shape;
}

bool amendable(const State& state, const Order& order, const OrderShape& wish,
               const AmendOrder& x) {
  if (order.position != PositionSide::none) return false;
  if (order.type != OrderType::limit && !order.inactive()) return false;
  const bool priced = order.type == OrderType::limit || order.type == OrderType::stop_limit;
  if (x.price.value != 0 && !priced) return false;
  if (x.trigger.value != 0 && !order.inactive()) return false;
  const Extra* const extra = state.extra(order);
  const Price trigger = extra != nullptr ? extra->trigger : Price{};
  return wish.price != order.price || wish.amount != order.amount || wish.trigger != trigger;
}

Refusal check_wish(const State& state, const Order& order, const OrderShape& wish,
                   const AmendOrder& x) {
  Refusal refusal = check_market(state, wish);
  if (refusal != Refusal::ok) return refusal;
  if (x.amount.value != 0 && x.amount <= order.executed) return Refusal::invalid_amount;
  refusal = check_size(state, wish);
  if (refusal != Refusal::ok) return refusal;
  const Price last = state.flows[State::market(order.market)].last_price;
  if (x.trigger.value != 0 && last.value != 0 && reached(order.type, order.side, x.trigger, last)) {
    return Refusal::triggers_at_once;
  }
  return Refusal::ok;
}

Order changed_order(const Order& order, const OrderShape& wish) {
  Order changed = order;
  changed.price = wish.price;
  changed.amount = wish.amount;
  return changed;
}

// What only orders in the book can lack.
Refusal check_resting(State& state, const Order& order, const OrderShape& wish) {
  const Order changed = changed_order(order, wish);
  const Amount need = hold_need(state, changed, changed.open());
  const std::uint64_t more = need > order.hold ? need.value - order.hold.value : 0;
  if (more > state.purses.free(hold_pocket(state, order))) return Refusal::insufficient_amount;
  const bool continuous = state.rules[State::market(order.market)].mode == MarketMode::none;
  const bool reaches_out = wish.price != order.price || wish.amount > order.amount;
  if (order.post_only && continuous && reaches_out &&
      state.books[order.market.value].crossing(order.side, wish.price) != 0) {
    return Refusal::would_cross;
  }
  if (book_overflows(state, order.market, order.side, changed.open(), order.open())) {
    return Refusal::overflow;
  }
  return Refusal::ok;
}

void amend_waiting(State& state, Row row, const OrderShape& wish) {
  Order& order = state.orders.change(row);
  const bool moves = wish.trigger != state.extras[order.extra].trigger;
  if (moves) remove_trigger(state, row);
  order.price = wish.price;
  order.amount = wish.amount;
  if (!moves) return;
  state.extras.change(order.extra).trigger = wish.trigger;
  if (!state.extras[order.extra].trigger_dead) add_trigger(state, row);
}

void amend_resting(State& state, Row row, const OrderShape& wish) {
  Order& order = state.orders.change(row);
  if (wish.price == order.price && wish.amount <= order.amount) {
    order.amount = wish.amount;
    give_back(state, row, hold_need(state, order, order.open()));
    return show_less(state, row);
  }
  leave_book(state, row);
  give_back(state, row, Amount{});
  order.price = wish.price;
  order.amount = wish.amount;
  state.plan.clear();
  Verdict verdict = Verdict::carry_out;
  if (state.rules[State::market(order.market)].mode == MarketMode::none) {
    const Taker taker = taker_of(order);
    make_plan(state, taker);
    verdict = judge(state, taker);
  }
  carry(state, row, verdict, hold_to_take(state, order, verdict));
}

}  // namespace

Refusal handle(State& state, const AmendOrder& x) {
  Row account = 0;
  Refusal refusal = admit(state, x.account, x.auth, &x.market, account);
  if (refusal != Refusal::ok) return refusal;
  if (state.accounts[account].no_orders) return Refusal::account_restricted;
  count_order(state, x.market);
  const Row row = state.open_order(x.order);
  const Order& order = state.orders[row];
  if (row == 0 || order.account != account || order.market != x.market) {
    return Refusal::order_not_found;
  }
  const OrderShape wish = wished(state, order, x);
  if (!amendable(state, order, wish, x)) return Refusal::not_amendable;
  refusal = check_wish(state, order, wish, x);
  if (refusal == Refusal::ok && order.in_book) refusal = check_resting(state, order, wish);
  if (refusal != Refusal::ok) return refusal;
  if (order.in_book) {
    amend_resting(state, row, wish);
  } else {
    amend_waiting(state, row, wish);
  }
  state.answer.lines.push_back({Refusal::ok, row, {}});
  return Refusal::ok;
}

}  // namespace oki::core::fast
