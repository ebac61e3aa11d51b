// Doing what was planned: rules 4.3 (c) to (e), 10.
#include "base/planted.h"
#include "core/fast/margin.h"
#include "core/fast/market.h"
#include "core/fast/math.h"
#include "core/fast/plan.h"
#include "core/fast/trade.h"

namespace oki::core::fast {
namespace {

bool may_rest(const Order& order) {
  return !is_market_type(order.type) &&
         (order.time_in_force == TimeInForce::gtc || order.time_in_force == TimeInForce::gtd);
}

void set_hidden(State& state, Row row, std::uint64_t hidden) {
  const Order& order = state.orders[row];
  Extra& extra = state.extras.change(order.extra);
  Lots& all =
      state.flows.change(State::market(order.market)).hidden[static_cast<std::size_t>(order.side)];
  all.value += hidden - extra.hidden.value;
  extra.hidden = Lots{hidden};
}

bool is_iceberg(const State& state, const Order& order) {
  return order.extra != 0 && state.extras[order.extra].display.value != 0;
}

void refuse(State& state, Row row, OrderStatus status, Reason reason) {
  const bool untouched = state.orders[row].executed.value == 0;
  if (status == OrderStatus::canceled_unfilled && !untouched) {
    status = OrderStatus::canceled_partially_filled;
  }
  close(state, row, status, reason);
}

void stop_at_break(State& state, Row row) {
  const Order& order = state.orders[row];
  break_circuit(state, order.market, order.side == Side::buy);
  if (may_rest(order)) return rest_in_book(state, row);
  const bool all = is_market_type(order.type) && order.type != OrderType::losscut;
  refuse(state, row, all ? OrderStatus::rejected : OrderStatus::canceled_unfilled,
         Reason::circuit_break);
}

// Takes lots off an order that did not trade them.
void shrink(State& state, Row row, Lots lots) {
  Order& order = state.orders.change(row);
  order.amount.value -= lots.value;
  give_back(state, row, hold_need(state, order, order.open()));
}

void do_item(State& state, Row taker, const Plan::Item& item) {
  switch (item.kind) {
    case Plan::Kind::trade:
      trade(state, {item.maker, taker, item.price, item.lots});
      take_from_book(state, item.maker, item.lots);
      return;
    case Plan::Kind::cancel:
      return cancel(state, item.maker, Reason::self_trade);
    case Plan::Kind::shrink_both:
      cancel(state, item.maker, Reason::self_trade);
      return shrink(state, taker, item.lots);
    case Plan::Kind::shrink_maker:
      shrink(state, item.maker, item.lots);
      return show_less(state, item.maker);
  }
}

void carry_out(State& state, Row row) {
  const Plan& plan = state.plan;
  for (const Plan::Item& item : plan.items) do_item(state, row, item);
  const Order& order = state.orders[row];
  if (order.open().value == 0) {
    INVARIANT(order.hold.value == 0, "a filled order still holds");
    return finish(state, row);
  }
  if (plan.rest != Reason::none) return cancel(state, row, plan.rest);
  if (!may_rest(order)) return cancel(state, row, Reason::not_filled);
  rest_in_book(state, row);
}

}  // namespace

void note_iceberg(State& state, Row row) {
  const Order& order = state.orders[row];
  set_hidden(state, row, order.open().value - state.pool[row].lots);
}

void forget_iceberg(State& state, Row row) {
  const Order& order = state.orders[row];
  if (!is_iceberg(state, order)) return;
  set_hidden(state, row, 0);
  Extra& extra = state.extras.change(order.extra);
  Row& first = state.flows.change(State::market(order.market)).icebergs;
  if (extra.previous_iceberg != 0) {
    state.extras.change(state.orders[extra.previous_iceberg].extra).next_iceberg =
        extra.next_iceberg;
  } else {
    first = extra.next_iceberg;
  }
  if (extra.next_iceberg != 0) {
    state.extras.change(state.orders[extra.next_iceberg].extra).previous_iceberg =
        extra.previous_iceberg;
  }
  extra.next_iceberg = extra.previous_iceberg = 0;
}

namespace {

void enter_icebergs(State& state, Row row) {
  const Order& order = state.orders[row];
  Extra& extra = state.extras.change(order.extra);
  Row& first = state.flows.change(State::market(order.market)).icebergs;
  extra.next_iceberg = first;
  if (first != 0) {
    state.extras.change(state.orders[first].extra).previous_iceberg = row;
  }
  first = row;
  note_iceberg(state, row);
}

}  // namespace

void rest_in_book(State& state, Row row) {
  const Order& order = state.orders[row];
  const Lots open = order.open();
  rest_in_book(state, row,
               is_iceberg(state, order) ? std::min(open, state.extras[order.extra].display) : open);
}

void rest_in_book(State& state, Row row, Lots visible) {
  Order& order = state.orders.change(row);
  const bool iceberg = is_iceberg(state, order);
  touch_level(state, order.market, order.side, order.price);
  state.books[order.market.value].add(row, order.side, order.price, visible, order.id);
  order.in_book = true;
  if (iceberg) enter_icebergs(state, row);
}

void take_from_book(State& state, Row row, Lots lots) {
  Order& order = state.orders.change(row);
  Book& book = state.books[order.market.value];
  touch_level(state, order.market, order.side, order.price);
  if (order.open().value == 0) {
    forget_iceberg(state, row);
    INVARIANT(book.take(row, lots), "a filled order still shows lots");
    order.in_book = false;
    INVARIANT(order.hold.value == 0, "a filled order still holds");
    return finish(state, row);
  }
  if (!book.take(row, lots)) return;
  INVARIANT(is_iceberg(state, order), "an order shows fewer lots than it has");
  const Lots visible = std::min(order.open(), state.extras[order.extra].display);
  book.add(row, order.side, order.price, visible, order.id);
  note_iceberg(state, row);
}

void show_less(State& state, Row row) {
  const Order& order = state.orders[row];
  const std::uint64_t visible = state.pool[row].lots;
  touch_level(state, order.market, order.side, order.price);
  if (order.open().value < visible) {
    state.books[order.market.value].take(row, Lots{visible - order.open().value});
  }
  if (is_iceberg(state, order)) note_iceberg(state, row);
}

Amount hold_to_take(const State& state, const Order& order, Verdict verdict) {
  if (verdict == Verdict::would_cross || verdict == Verdict::not_filled) return Amount{};
  if (!is_market_type(order.type)) return hold_need(state, order, order.open());
  if (order.side == Side::buy) return Amount{narrow_worth(state.plan.cost)};
  if (order.position != PositionSide::none && !order.opens_position()) return Amount{};
  const Scale& scale = state.facts[order.market.value].scale;
  return Amount{base_amount(scale, state.plan.traded)};
}

void carry(State& state, Row row, Verdict verdict, Amount hold) {
  const Order& order = state.orders[row];
  const bool struck = order.amount.value == planted_lots;
  INVARIANT(!(PLANTED(core_assertion_fails) && struck), "a planted assertion");
  if (verdict == Verdict::would_cross) {
    return refuse(state, row, OrderStatus::canceled_unfilled, Reason::would_cross);
  }
  if (verdict == Verdict::not_filled) {
    const bool all = is_market_type(order.type);
    return refuse(state, row, all ? OrderStatus::rejected : OrderStatus::canceled_unfilled,
                  Reason::not_filled);
  }
  take_hold(state, row, hold);
  if (PLANTED(core_book_left_crossed) && struck) return rest_in_book(state, row);
  if (verdict == Verdict::breaks) return stop_at_break(state, row);
  carry_out(state, row);
}

void execute_triggered(State& state, Row row) {
  const Order& order = state.orders[row];
  const Taker taker = taker_of(order);
  make_plan(state, taker);
  const Verdict verdict = judge(state, taker);
  const Book& book = state.books[order.market.value];
  const MarketFlow& flow = state.flows[State::market(order.market)];
  const bool limit = !is_market_type(order.type);
  const bool asks = limit || verdict != Verdict::not_filled;
  Amount hold;
  if (asks) {
    hold = limit ? hold_need(state, order, order.open()) : hold_to_take(state, order, verdict);
    const Pocket pocket = hold_pocket(state, order);
    if (hold.value > (pocket == 0 ? 0 : state.purses.free(pocket))) {
      return cancel(state, row, Reason::insufficient_amount);
    }
    const Wide lots = Wide{book.lots(order.side).value} +
                      flow.hidden[static_cast<std::size_t>(order.side)].value + order.open().value;
    if (limit && lots >> 64 != 0) return cancel(state, row, Reason::insufficient_amount);
  }
  carry(state, row, verdict, hold);
}

void place_losscut(State& state, Row position_row) {
  const Position& position = state.positions[position_row];
  NewOrder fresh;
  Order& x = fresh.order;
  x.account = position.account;
  x.seat = state.seat(position.account, position.market);
  x.market = position.market;
  x.side = position.side == PositionSide::long_side ? Side::sell : Side::buy;
  x.type = OrderType::losscut;
  x.time_in_force = TimeInForce::ioc;
  x.position = position.side;
  x.amount = position.open;
  execute_triggered(state, accept(state, fresh));
}

}  // namespace oki::core::fast
