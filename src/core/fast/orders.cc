// Orders as such: their holds, their lists, their birth and end.
#include "base/planted.h"
#include "core/fast/holds.h"
#include "core/fast/sessions.h"
#include "core/fast/step.h"
#include "core/fast/timers.h"
#include "core/fast/trade.h"
#include "core/fast/triggers.h"

namespace oki::core::fast {

Pocket hold_pocket(const State& state, const Order& order) {
  const Seat& seat = state.seats[order.seat];
  if (order.position == PositionSide::none) [[likely]] {
    return order.side == Side::buy ? seat.quote_pocket : seat.base_pocket;
  }
  const MarketSpec& spec = state.facts[order.market.value].spec;
  if (order.side == Side::buy) return state.assets[state.asset(spec.quote)].lender_pocket;
  if (!order.opens_position()) return 0;
  return state.assets[state.asset(spec.base)].lender_pocket;
}

Amount hold_need(const State& state, const Order& order, Lots open) {
  const MarketFacts& market = state.facts[order.market.value];
  const bool margin = order.position != PositionSide::none;
  if (order.side == Side::sell) {
    if (margin && !order.opens_position()) return Amount{};
    return Amount{base_amount(market.scale, open)};
  }
  const std::int32_t ppm = !margin                  ? market.hold_ppm
                           : order.opens_position() ? market.hold_open_ppm
                                                    : market.hold_close_ppm;
  return Amount{worth_and_fee(market.scale, order.price, open, ppm)};
}

Lots left_to_close(const State& state, Row seat, PositionSide side) {
  const Row position = state.seats[seat].positions[side == PositionSide::long_side ? 0 : 1];
  std::uint64_t left = position == 0 ? 0 : state.positions[position].open.value;
  for (Row row = state.seats[seat].first_order; row != 0; row = state.links[row].next) {
    const Order& order = state.orders[row];
    if (order.in_book && order.position == side && !order.opens_position()) {
      left -= order.open().value;
    }
  }
  return Lots{left};
}

void touch_level(State& state, MarketId market, Side side, Price price) {
  if (!state.levels.empty()) {
    const LevelChange& last = state.levels.back();
    if (last.price == price && last.side == side && last.market == market.value) return;
  }
  const auto turn = static_cast<std::uint32_t>(state.levels.size());
  state.levels.push_back(
      {market.value, side, turn, price, state.books[market.value].lots_at(side, price)});
}

void link_seat(State& state, Row row) {
  Seat& seat = state.seats.change(state.orders[row].seat);
  ++seat.open;
  OrderLinks& links = state.links.change(row);
  links.next = seat.first_order;
  links.previous = 0;
  if (links.next != 0) state.links.change(links.next).previous = row;
  seat.first_order = row;
}

namespace {

bool needs_extra(const NewOrder& x) {
  return x.trigger.value != 0 || x.display.value != 0 || x.session.value != 0 ||
         x.order.time_in_force == TimeInForce::gtd || !x.client_order_id.empty();
}

void fill_extra(State& state, const NewOrder& x, Row row) {
  const Row extra_row = state.extras.create();
  Extra& extra = state.extras.change(extra_row);
  extra.trigger = x.trigger;
  extra.display = x.display;
  extra.session = x.session;
  extra.client_order_id.set(x.client_order_id);
  if (x.order.time_in_force == TimeInForce::gtd) {
    extra.expire_at = x.expire_at;
    set_timer(state, TimerKind::expiry, state.orders[row].id.value, {}, x.expire_at);
  }
  state.orders.change(row).extra = extra_row;
  if (x.session.value != 0) join_session(state, row);
}

}  // namespace

Row accept(State& state, const NewOrder& x) {
  const Row row = state.pool.allocate();
  Order& order = state.orders.create_at(row, x.order);
  Counters& counters = state.change_counters();
  order.id = OrderId{++counters.last_order.value};
  ++counters.open_orders;
  order.ordered_at = state.time;
  const bool waits = has_trigger(x.order.type);
  order.status = waits ? OrderStatus::inactive : OrderStatus::unfilled;
  if (state.order_ids.full()) [[unlikely]]
    state.order_ids.reserve_for(state.order_ids.size() + 1, state.id_of_order());
  state.order_ids.insert(order.id.value, row, state.id_of_order());
  link_seat(state, row);
  if (needs_extra(x)) fill_extra(state, x, row);
  put_event<OrderAccepted>(state.out, order_bytes_max,
                           [&](Put& put) { put_order(put, state, row); });
  state.orders.compare_with_now(row);
  if (waits) add_trigger(state, row);
  return row;
}

void unlink_seat(State& state, Row row) {
  const OrderLinks& links = state.links[row];
  if (links.previous != 0) {
    state.links.change(links.previous).next = links.next;
  } else {
    state.seats.change(state.orders[row].seat).first_order = links.next;
  }
  if (links.next != 0) state.links.change(links.next).previous = links.previous;
}

void finish(State& state, Row row) {
  const Order& order = state.orders[row];
  --state.seats.change(order.seat).open;
  --state.change_counters().open_orders;
  state.closed.push_back(row);
  if (order.extra == 0) return;
  const Extra& extra = state.extras[order.extra];
  if (extra.session_row != 0) leave_session(state, row);
  if (order.time_in_force == TimeInForce::gtd) {
    forget_expiry(state, order.id, extra.expire_at);
  }
}

void leave_book(State& state, Row row) {
  Order& order = state.orders.change(row);
  touch_level(state, order.market, order.side, order.price);
  forget_iceberg(state, row);
  state.books[order.market.value].remove(row);
  order.in_book = false;
}

void take_hold(State& state, Row row, Amount hold) {
  if (hold.value == 0) return;
  Order& order = state.orders.change(row);
  state.purses.hold(hold_pocket(state, order), hold.value);
  order.hold.value += hold.value;
}

void give_back(State& state, Row row, Amount keep) {
  Order& order = state.orders.change(row);
  if (order.hold == keep) return;
  INVARIANT(order.hold > keep, "an order gives back more than it holds");
  state.purses.release(hold_pocket(state, order), order.hold.value - keep.value);
  order.hold = keep;
}

void close(State& state, Row row, OrderStatus status, Reason reason) {
  Order& order = state.orders.change(row);
  INVARIANT(!order.closed(), "an order is closed twice");
  if (order.in_book) leave_book(state, row);
  if (order.inactive()) remove_trigger(state, row);
  const bool forgets = PLANTED(core_hold_forgotten) && order.amount.value == planted_lots;
  if (!forgets) give_back(state, row, Amount{});
  order.status = status;
  order.reason = reason;
  finish(state, row);
}

void cancel(State& state, Row row, Reason reason) {
  const bool untouched = state.orders[row].executed.value == 0;
  close(state, row,
        untouched ? OrderStatus::canceled_unfilled : OrderStatus::canceled_partially_filled,
        reason);
}

std::vector<Row> orders_of_account(const State& state, Row account) {
  std::vector<Row> rows;
  for (Row seat = state.accounts[account].seat; seat != 0; seat = state.seats[seat].next) {
    for (Row row = state.seats[seat].first_order; row != 0; row = state.links[row].next) {
      if (!state.orders[row].closed()) rows.push_back(row);
    }
  }
  std::sort(rows.begin(), rows.end(),
            [&](Row a, Row b) { return state.orders[a].id < state.orders[b].id; });
  return rows;
}

}  // namespace oki::core::fast
