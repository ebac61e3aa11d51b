// An order on its direct way that trades: rules 4.3, 8.2, 8.4.
//
// What it would trade is found first, changing nothing. Then the money of all its trades is moved
// in the purses, which keep what was there, and checked; only from then on is anything final.
#include "base/planted.h"
#include "core/fast/direct_place.h"
#include "core/fast/holds.h"
#include "core/fast/step.h"
#include "core/fast/triggers.h"

namespace oki::core::fast {
namespace {

// A taker, what it trades, and what that adds up to.
struct Fills {
  StepList<Fill>& list;
  Lots left;    // What does not trade.
  Amount hold;  // What the taker holds still.
  std::uint64_t quote = 0;
  std::uint64_t released = 0;  // Of the hold,
  std::uint64_t back = 0;      // of it, not spent,
  std::uint64_t received = 0;  // and what came for it in the other asset.
  std::int64_t fees = 0;       // Of both sides.
};

// Spot, of another account, and nothing beside its row has to change with it.
bool is_plain(const Order& maker, const Placing& placing) {
  return maker.extra == 0 && maker.position == PositionSide::none &&
         maker.account != placing.entry.account;
}

// Walks the opposite side. False: something is not plain.
bool find_fills(const State& state, const Placing& placing, Slot slot, Fills& fills) {
  const PlainOrder& x = placing.x;
  const Book& book = state.books[x.market.value];
  const MarketRules& rules = state.rules[State::market(x.market)];
  fills.left = x.amount;
  fills.list.clear();
  while (slot != 0) {
    const BookNode& node = state.pool[slot];
    const Price price{node.price};
    if (!crosses(x.side, x.price, price)) return true;
    if (fills.list.size() == direct_fills_max || !is_plain(state.orders[slot], placing) ||
        breaks(rules, price)) {
      return false;
    }
    const Lots lots{std::min(fills.left.value, node.lots)};
    fills.list.push_back({slot, price, lots, 0, 0, 0, {}});
    fills.left.value -= lots.value;
    if (fills.left.value == 0) return true;
    slot = book.next(slot);
  }
  return true;
}

// Whether its trades change prices only: no first reference, no trigger.
bool prices_pass(const State& state, MarketId market, const Fills& fills) {
  if (fills.list.empty()) return true;
  const Row row = State::market(market);
  const Price first = fills.list[0].price;
  const Price last = fills.list.back().price;
  return state.rules[row].reference.value != 0 &&
         first_reached(state, state.flows[row], std::min(first, last), std::max(first, last)) == 0;
}

// The maker's side of one trade that sells, and the taker's money for it.
void buy(State& state, const Placing& placing, Fills& fills, Fill& fill, Lots left) {
  const Order& maker = state.orders[fill.maker];
  const Seat& seat = state.seats[maker.seat];
  const std::uint64_t base = base_amount(placing.facts.scale, fill.lots);
  const Amount need = spot_hold(placing.facts, Side::buy, placing.x.price, left);
  const Payment paid = payment(fills.hold, need, fill.quote, fill.taker_fee);
  fill.taker_fee = paid.fee;
  fills.hold = need;
  fills.released += paid.released;
  fills.back += paid.released - fill.quote - static_cast<std::uint64_t>(paid.fee);
  fills.received += base;
  INVARIANT(maker.hold.value >= base, "a fill above its hold");
  fill.maker_hold.value = maker.hold.value - base;
  state.purses.take_held(seat.base_pocket, base);
  state.purses.expect_held(seat.base_pocket, std::uint64_t{0} - base);
  state.purses.add_free(seat.quote_pocket, fill.quote - static_cast<std::uint64_t>(fill.maker_fee));
}

// The same of a maker that buys; `maker_left` are its open lots behind the trade.
void sell(State& state, const Placing& placing, Fills& fills, Fill& fill, Lots maker_left) {
  const Order& maker = state.orders[fill.maker];
  const Seat& seat = state.seats[maker.seat];
  const std::uint64_t base = base_amount(placing.facts.scale, fill.lots);
  fill.maker_hold = spot_hold(placing.facts, Side::buy, maker.price, maker_left);
  const Payment paid = payment(maker.hold, fill.maker_hold, fill.quote, fill.maker_fee);
  fill.maker_fee = paid.fee;
  state.purses.pay(seat.quote_pocket, paid.released,
                   paid.released - fill.quote - static_cast<std::uint64_t>(paid.fee));
  state.purses.expect_held(seat.quote_pocket, std::uint64_t{0} - paid.released);
  state.purses.add_free(seat.base_pocket, base);
  INVARIANT(fills.hold.value >= base, "a fill above its hold");
  fills.hold.value -= base;
  fills.released += base;
  fills.received += fill.quote - static_cast<std::uint64_t>(fill.taker_fee);
}

// One trade; `left` are the open lots of the taker behind it.
void pay(State& state, const Placing& placing, Fills& fills, Fill& fill, Lots left) {
  const MarketFacts& facts = placing.facts;
  const Order& maker = state.orders[fill.maker];
  const Lots maker_left{maker.open().value - fill.lots.value};
  fill.quote = quote_of(facts.scale, fill.price, fill.lots, false);
  fill.maker_fee = fee_for(fill.quote, facts.spec.maker_fee_ppm);
  fill.taker_fee = fee_for(fill.quote, facts.spec.taker_fee_ppm);
  if (placing.x.side == Side::buy) {
    buy(state, placing, fills, fill, left);
    INVARIANT(fill.maker_hold.value == base_amount(facts.scale, maker_left),
              "an order holds what it should not");
  } else {
    sell(state, placing, fills, fill, maker_left);
  }
  const std::int64_t fees = fill.maker_fee + fill.taker_fee;
  // Rare, and not wrong: the general way then takes it from the fees there are.
  INVARIANT(fees >= 0, "a trade that costs the house");
  fills.fees += fees;
  fills.quote += fill.quote;
}

// What the taker and the house have of all trades.
void pay_taker(State& state, const Placing& placing, Fills& fills) {
  const PlainOrder& x = placing.x;
  const Seat& seat = state.seats[placing.seat];
  const bool buys = x.side == Side::buy;
  state.purses.hold(placing.pocket, placing.hold.value);
  if (fills.left.value != 0 && x.ioc) {
    fills.released += fills.hold.value;
    fills.back += fills.hold.value;
    fills.hold = Amount{};
  } else {
    INVARIANT(fills.hold == spot_hold(placing.facts, x.side, x.price, fills.left),
              "an order holds what it should not");
  }
  state.purses.pay(placing.pocket, fills.released, fills.back);
  state.purses.expect_held(placing.pocket, fills.hold.value);
  if (fills.received != 0) {
    state.purses.add_free(buys ? seat.base_pocket : seat.quote_pocket, fills.received);
  }
  if (PLANTED(core_fee_from_nowhere) && x.amount.value - fills.left.value == planted_lots) {
    ++fills.fees;
  }
  if (fills.fees == 0) return;
  const Asset& quote = state.assets[state.asset(placing.facts.spec.quote)];
  state.purses.add_free(quote.fee_pocket, static_cast<std::uint64_t>(fills.fees));
}

// Rules 1.5 over the pockets that changed, which are of the market's two assets: each holds what
// its orders hold, and nothing came or went.
void check_money(const State& state, const MarketSpec& spec) {
  std::uint64_t sums[2] = {};
  for (const Purses::Change& change : state.purses.changes()) {
    const Funds now = state.purses.funds(change.pocket);
    const Funds& before = change.before;
    INVARIANT(now.held - before.held == change.held_due,
              "a held balance is not what its orders and positions hold");
    sums[state.purses.asset(change.pocket) == spec.quote] +=
        now.free + now.held - before.free - before.held;
  }
  INVARIANT((sums[0] | sums[1]) == 0, "balances do not sum to the liabilities");
}

// All of the money. Broken when it does not come out even.
void pay_all(State& state, const Placing& placing, Fills& fills) {
  fills.hold = placing.hold;
  Lots left = placing.x.amount;
  for (Fill& fill : fills.list) {
    left.value -= fill.lots.value;
    pay(state, placing, fills, fill, left);
  }
  INVARIANT(left == fills.left, "an order trades other lots than it should");
  pay_taker(state, placing, fills);
  check_money(state, placing.facts.spec);
}

bool try_to_pay(State& state, const Placing& placing, Fills& fills) {
  try {
    pay_all(state, placing, fills);
    return true;
  } catch (const Broken&) {
    state.purses.rollback();
    return false;
  }
}

char* put_trades(State& state, const PlainOrder& x, OrderId taker, const Fills& fills, char* at) {
  TradeId& last = state.counters_table.settled(1).last_trade;
  for (const Fill& fill : fills.list) {
    const Order& maker = state.orders[fill.maker];
    ++last.value;
    at = put_event_at<Traded>(at, [&](Put& put) {
      put(last, x.market, x.side, fill.price, fill.lots, fill.quote, maker.id, taker,
          state.accounts[maker.account].id, x.account, fill.maker_fee, fill.taker_fee);
    });
  }
  return at;
}

void count(Order& order, Lots lots, std::uint64_t quote, WallTimeMs time) {
  order.executed.value += lots.value;
  order.executed_quote.value += quote;
  order.executed_at = time;
  order.status =
      order.executed == order.amount ? OrderStatus::fully_filled : OrderStatus::partially_filled;
}

// The makers' rows and their book; their OrderChanged, by id.
char* change_makers(State& state, const PlainOrder& x, const Fills& fills, char* at) {
  Row sorted[direct_fills_max];
  std::size_t size = 0;
  for (const Fill& fill : fills.list) {
    Order& maker = state.orders.settled(fill.maker);
    count(maker, fill.lots, fill.quote, state.time);
    maker.hold = fill.maker_hold;
    maker.in_book = !state.books[x.market.value].take<Undo::none>(fill.maker, fill.lots);
    std::size_t place = size++;
    for (; place > 0 && maker.id < state.orders[sorted[place - 1]].id; --place) {
      sorted[place] = sorted[place - 1];
    }
    sorted[place] = fill.maker;
  }
  for (std::size_t i = 0; i < size; ++i) {
    const Order& maker = state.orders[sorted[i]];
    at = put_event_at<OrderChanged>(at, [&](Put& put) {
      put_order_changed(put, maker, nullptr, state.accounts[maker.account].id, WallTimeMs{});
    });
  }
  return at;
}

// The taker behind its trades.
void change_taker(State& state, const PlainOrder& x, const Fills& fills, Order& taker) {
  taker.hold = fills.hold;
  if (!fills.list.empty()) {
    count(taker, Lots{x.amount.value - fills.left.value}, fills.quote, state.time);
    state.flows.settled(State::market(x.market)).last_price = fills.list.back().price;
  }
  if (fills.left.value == 0 || !x.ioc) return;
  taker.status =
      fills.list.empty() ? OrderStatus::canceled_unfilled : OrderStatus::canceled_partially_filled;
  taker.reason = Reason::not_filled;
}

// Each price that was traded at, and the taker's own when it `rests`: by side and price.
char* put_levels(State& state, const PlainOrder& x, const Fills& fills, bool rests, char* at) {
  const Side side = opposite(x.side);
  const std::size_t count = fills.list.size();
  const auto own = [&] {
    if (rests) at = put_level_changed(state, x.market, x.side, x.price, at);
  };
  const auto traded = [&](std::size_t i, std::size_t before) {
    const Price price = fills.list[i].price;
    if (before < count && fills.list[before].price == price) return;
    at = put_level_changed(state, x.market, side, price, at);
  };
  if (x.side == Side::buy) own();
  for (std::size_t i = 0; i < count; ++i) {
    if (x.side == Side::buy) {
      traded(i, i - 1);  // Past the end before the first one.
    } else {
      traded(count - 1 - i, count - i);
    }
  }
  if (x.side == Side::sell) own();
  return at;
}

void rest(State& state, const Order& taker) {
  const Row row = state.pool.allocate<Undo::none>();
  Order& order = state.orders.settled(row);
  order = taker;
  rest_for_good(state, row, order);
}

}  // namespace

bool fill_directly(State& state, const Placing& placing, Slot first, Bytes& reply) {
  const PlainOrder& x = placing.x;
  Fills fills{state.fills, {}, {}, 0, 0, 0, 0, 0};
  if (!find_fills(state, placing, first, fills) || !prices_pass(state, x.market, fills) ||
      !try_to_pay(state, placing, fills)) {
    return false;
  }
  const bool rests = fills.left.value != 0 && !x.ioc;
  const bool canceled = fills.left.value != 0 && x.ioc;
  Order taker;
  char* at = accept_for_good(state, placing, taker, state.out.room(direct_bytes_max));
  at = put_trades(state, x, taker.id, fills, at);
  at = change_makers(state, x, fills, at);
  change_taker(state, x, fills, taker);
  const WallTimeMs canceled_at = canceled ? state.time : WallTimeMs{};
  at = put_event_at<OrderChanged>(
      at, [&](Put& put) { put_order_changed(put, taker, nullptr, x.account, canceled_at); });
  if (rests) rest(state, taker);
  at = put_levels(state, x, fills, rests, at);
  for (const Fill& fill : fills.list) {
    const Order& maker = state.orders[fill.maker];
    if (maker.closed()) forget_for_good(state, fill.maker, maker);
  }
  state.out.end(at);
  tell_balances(state);
  state.purses.commit();
  put_reply(state, state.out.room(direct_bytes_max), Refusal::ok, reply, [&](Put& put) {
    put_order(put, taker, nullptr, x.account, expire_at(state, taker, nullptr), canceled_at);
  });
  return true;
}

}  // namespace oki::core::fast
