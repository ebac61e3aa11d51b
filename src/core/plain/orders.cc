#include "core/plain/orders.h"

#include <algorithm>

#include "core/plain/ledger.h"

namespace oki::core::plain {
namespace {

BookKey book_key(const Order& order) {
  const OrderView& view = order.view;
  return {view.market, view.side, price_key(view.side, view.price), order.priority};
}

void change_level(State& state, const OrderView& view, std::uint64_t less, std::uint64_t more) {
  if (less == more) return;
  const LevelKey key{view.market, view.side, view.price};
  Lots& lots = state.levels.put(key);
  CHECK(lots.value >= less, "a level would be negative");
  lots.value = lots.value - less + more;
  if (lots.value == 0) state.levels.erase(key);
}

void change_side(State& state, const OrderView& view, std::uint64_t less, std::uint64_t more) {
  Lots& lots = state.sides.put({view.market, view.side});
  CHECK(lots.value >= less, "a side would be negative");
  CHECK(more <= u64_max - (lots.value - less), "a side would pass 64 bits");
  lots.value = lots.value - less + more;
}

TriggerKey trigger_key(const OrderView& order) {
  const bool down = (order.side == Side::buy) == (order.type == OrderType::take_profit);
  const std::uint64_t key = down ? ~order.trigger.value : order.trigger.value;
  return {order.market, down, key, order.id};
}

std::uint32_t edge_of(SessionId session) { return static_cast<std::uint32_t>(session.value >> 32); }

bool edge_has_orders(const State& state, std::uint32_t edge) {
  const SessionId first{std::uint64_t{edge} << 32};
  const auto& rows = state.orders_by_session.rows();
  const auto found = rows.lower_bound({first, OrderId{}});
  return found != rows.end() && edge_of(found->first.first) == edge;
}

void remove(State& state, const OrderView& view) {
  state.orders_by_account.erase({view.account, view.id});
  if (view.session.value != 0) {
    state.orders_by_session.erase({view.session, view.id});
    const std::uint32_t edge = edge_of(view.session);
    if (!edge_has_orders(state, edge)) state.edges.erase(edge);
  }
  state.step.closed.insert_or_assign(view.id, view);
  state.orders.erase(view.id);
}

}  // namespace

Holder holder_of(const State& state, const OrderView& order) {
  const MarketSpec& spec = state.infos.at(order.market).spec;
  return {is_margin(order) ? lender_account : order.account,
          order.side == Side::buy ? spec.quote : spec.base};
}

std::int32_t fee_ppm(const MarketSpec& spec, const OrderView& order, bool maker) {
  if (!is_margin(order)) return maker ? spec.maker_fee_ppm : spec.taker_fee_ppm;
  const MarginSpec& margin = spec.margin;
  if (opens(order)) return maker ? margin.open_maker_fee_ppm : margin.open_taker_fee_ppm;
  return maker ? margin.close_maker_fee_ppm : margin.close_taker_fee_ppm;
}

Amount hold_of(const State& state, const OrderView& order) {
  const MarketInfo& info = state.infos.at(order.market);
  if (order.side == Side::sell) {
    return closes(order) ? Amount{} : base_of(info.scale, open_lots(order));
  }
  const Amount worth = quote_up(info.scale, order.price, open_lots(order));
  const std::int32_t ppm =
      std::max(fee_ppm(info.spec, order, true), fee_ppm(info.spec, order, false));
  return Amount{worth.value + static_cast<std::uint64_t>(fee_of(worth, ppm))};
}

void set_hold(State& state, Order& order, Amount amount) {
  const Holder holder = holder_of(state, order.view);
  const Place free{holder.account, Pocket::free};
  const Place held{holder.account, Pocket::held};
  if (amount >= order.held) {
    move(state, holder.asset, free, held, Amount{amount.value - order.held.value});
  } else {
    move(state, holder.asset, held, free, Amount{order.held.value - amount.value});
  }
  order.held = amount;
}

Order& accept(State& state, const OrderView& view) {
  state.tell(OrderAccepted{view});
  state.step.accepted.emplace(view.id, view);
  state.orders_by_account.add({view.account, view.id}, {});
  if (view.session.value != 0) {
    state.orders_by_session.add({view.session, view.id}, {});
    const std::uint32_t edge = edge_of(view.session);
    if (!state.edges.has(edge)) state.edges.add(edge, {state.time, false});
  }
  if (!view.client_order_id.empty()) {
    const std::uint64_t place = ++state.counters.last_client_id;
    const ClientIdKey key{view.account, view.client_order_id};
    state.client_ids.add(key, {place, view.id});
    state.client_ids_by_place.add(place, key);
    while (state.client_ids.size() > state.limits.client_order_ids_max) {
      const auto oldest = *state.client_ids_by_place.rows().begin();
      state.client_ids.erase(oldest.second);
      state.client_ids_by_place.erase(oldest.first);
    }
  }
  Order order;
  order.view = view;
  return state.orders.add(view.id, order);
}

void enter_book(State& state, Order& order) {
  const Lots open = open_lots(order.view);
  CHECK(open.value > 0 && !order.resting, "an order cannot rest");
  order.priority = ++state.counters.last_priority;
  order.visible = order.view.display.value == 0 ? open : std::min(order.view.display, open);
  order.resting = true;
  state.book.add(book_key(order), order.view.id);
  change_level(state, order.view, 0, order.visible.value);
  change_side(state, order.view, 0, open.value);
}

void leave_book(State& state, Order& order) {
  CHECK(order.resting, "an order does not rest");
  state.book.erase(book_key(order));
  change_level(state, order.view, order.visible.value, 0);
  change_side(state, order.view, open_lots(order.view).value, 0);
  order.resting = false;
  order.visible = {};
  order.priority = 0;
}

void reduce_resting(State& state, Order& order, Lots open_less, Lots visible) {
  CHECK(order.resting, "an order does not rest");
  change_level(state, order.view, order.visible.value, visible.value);
  change_side(state, order.view, open_less.value, 0);
  order.visible = visible;
}

void requeue(State& state, Order& order) {
  state.book.erase(book_key(order));
  order.priority = ++state.counters.last_priority;
  state.book.add(book_key(order), order.view.id);
}

void close(State& state, OrderId id, OrderStatus status, Reason reason) {
  Order& order = state.orders.edit(id);
  if (order.resting) leave_book(state, order);
  if (waits(order.view)) forget_trigger(state, order.view);
  set_hold(state, order, {});
  order.view.status = status;
  order.view.reason = reason;
  if (status == OrderStatus::canceled_unfilled ||
      status == OrderStatus::canceled_partially_filled) {
    order.view.canceled_at = state.time;
  }
  remove(state, OrderView(order.view));
}

void cancel(State& state, OrderId id, Reason reason) {
  const bool filled = state.orders.at(id).view.executed.value > 0;
  close(state, id, filled ? OrderStatus::canceled_partially_filled : OrderStatus::canceled_unfilled,
        reason);
}

void forget_trigger(State& state, const OrderView& order) {
  const TriggerKey key = trigger_key(order);
  if (state.triggers.has(key)) state.triggers.erase(key);
}

void await_trigger(State& state, const OrderView& order) {
  state.triggers.add(trigger_key(order), {});
}

std::vector<OrderId> orders_of(const State& state, AccountId account) {
  std::vector<OrderId> orders;
  const auto& rows = state.orders_by_account.rows();
  for (auto row = rows.lower_bound({account, OrderId{}});
       row != rows.end() && row->first.first == account; ++row) {
    orders.push_back(row->first.second);
  }
  return orders;
}

}  // namespace oki::core::plain
