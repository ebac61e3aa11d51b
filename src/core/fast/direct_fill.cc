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

struct Fill {
  Row maker = 0;
  Price price;
  Lots lots;
  std::uint64_t quote = 0;
  std::int64_t maker_fee = 0;
  std::int64_t taker_fee = 0;
  Amount maker_hold;  // After it.
};

struct Fills {
  Fill list[direct_fills_max];
  std::size_t count = 0;
  Lots left;  // Of the taker: in the end, what does not trade.
  Amount taker_hold;
  std::uint64_t taker_quote = 0;

  const Fill* begin() const { return list; }
  const Fill* end() const { return list + count; }
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
  while (slot != 0) {
    const BookNode& node = state.pool[slot];
    const Price price{node.price};
    if (!crosses(x.side, x.price, price)) return true;
    if (fills.count == direct_fills_max || !is_plain(state.orders[slot], placing) ||
        breaks(rules, price)) {
      return false;
    }
    Fill& fill = fills.list[fills.count++];
    fill.maker = slot;
    fill.price = price;
    fill.lots = Lots{std::min(fills.left.value, node.lots)};
    fills.left.value -= fill.lots.value;
    if (fills.left.value == 0) return true;
    slot = book.next(slot);
  }
  return true;
}

// Whether its trades change prices only: no first reference, no trigger.
bool prices_pass(const State& state, MarketId market, const Fills& fills) {
  if (fills.count == 0) return true;
  const Row row = State::market(market);
  const Price first = fills.list[0].price;
  const Price last = fills.list[fills.count - 1].price;
  return state.rules[row].reference.value != 0 &&
         first_reached(state, state.flows[row], std::min(first, last), std::max(first, last)) == 0;
}

void credit_fees(State& state, AssetId asset, std::int64_t fees) {
  const Pocket pocket = state.assets[state.asset(asset)].fee_pocket;
  if (fees > 0) state.purses.add_free(pocket, static_cast<std::uint64_t>(fees));
  if (fees < 0) state.purses.take_free(pocket, static_cast<std::uint64_t>(-fees));
}

// The money of one trade; `left` are the open lots of the taker behind it.
void pay(State& state, const Placing& placing, Fills& fills, Fill& fill, Lots left) {
  const MarketFacts& facts = placing.facts;
  const Order& maker = state.orders[fill.maker];
  const Lots maker_left{maker.open().value - fill.lots.value};
  fill.quote = quote_of(facts.scale, fill.price, fill.lots, false);
  const std::uint64_t base = base_amount(facts.scale, fill.lots);
  fill.maker_fee = fee_for(fill.quote, facts.spec.maker_fee_ppm);
  fill.taker_fee = fee_for(fill.quote, facts.spec.taker_fee_ppm);
  fill.maker_hold = maker.hold;
  const bool buys = placing.x.side == Side::buy;
  Amount& buyer_hold = buys ? fills.taker_hold : fill.maker_hold;
  Amount& seller_hold = buys ? fill.maker_hold : fills.taker_hold;
  std::int64_t& buyer_fee = buys ? fill.taker_fee : fill.maker_fee;
  const std::int64_t seller_fee = buys ? fill.maker_fee : fill.taker_fee;
  const Seat& buyer = state.seats[buys ? placing.seat : maker.seat];
  const Seat& seller = state.seats[buys ? maker.seat : placing.seat];

  const Amount need =
      spot_hold(facts, Side::buy, buys ? placing.x.price : maker.price, buys ? left : maker_left);
  const Payment paid = payment(buyer_hold, need, fill.quote, buyer_fee);
  buyer_fee = paid.fee;
  buyer_hold = need;
  INVARIANT(seller_hold.value >= base, "a fill above its hold");
  seller_hold.value -= base;

  state.purses.take_held(buyer.quote_pocket, paid.released);
  const std::uint64_t back = paid.released - fill.quote - static_cast<std::uint64_t>(paid.fee);
  if (back != 0) state.purses.add_free(buyer.quote_pocket, back);
  state.purses.take_held(seller.base_pocket, base);
  credit_fees(state, facts.spec.quote, fill.maker_fee + fill.taker_fee);
  if (PLANTED(core_fee_from_nowhere) && fill.lots.value == planted_lots) {
    credit_fees(state, facts.spec.quote, 1);
  }
  state.purses.add_free(buyer.base_pocket, base);
  state.purses.add_free(seller.quote_pocket, fill.quote - static_cast<std::uint64_t>(seller_fee));

  INVARIANT(fill.maker_hold == spot_hold(facts, maker.side, maker.price, maker_left),
            "an order holds what it should not");
  state.purses.expect_held(buys ? seller.base_pocket : buyer.quote_pocket,
                           fill.maker_hold.value - maker.hold.value);
}

// All of the money. Broken when it does not come out even.
void pay_all(State& state, const Placing& placing, Fills& fills) {
  const PlainOrder& x = placing.x;
  state.purses.hold(placing.pocket, placing.hold.value);
  fills.taker_hold = placing.hold;
  Lots left = x.amount;
  for (std::size_t i = 0; i < fills.count; ++i) {
    Fill& fill = fills.list[i];
    left.value -= fill.lots.value;
    pay(state, placing, fills, fill, left);
    fills.taker_quote += fill.quote;
  }
  INVARIANT(left == fills.left, "an order trades other lots than it should");
  if (left.value != 0 && x.ioc) {
    state.purses.release(placing.pocket, fills.taker_hold.value);
    fills.taker_hold = Amount{};
  } else {
    const Amount need =
        left.value == 0 ? Amount{} : spot_hold(placing.facts, x.side, x.price, left);
    INVARIANT(fills.taker_hold == need, "an order holds what it should not");
  }
  state.purses.expect_held(placing.pocket, fills.taker_hold.value);
  check_money(state);
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
  for (const Fill& fill : fills) {
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
  for (const Fill& fill : fills) {
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
  taker.hold = fills.taker_hold;
  if (fills.count > 0) {
    count(taker, Lots{x.amount.value - fills.left.value}, fills.taker_quote, state.time);
    state.flows.settled(State::market(x.market)).last_price = fills.list[fills.count - 1].price;
  }
  if (fills.left.value == 0 || !x.ioc) return;
  taker.status =
      fills.count == 0 ? OrderStatus::canceled_unfilled : OrderStatus::canceled_partially_filled;
  taker.reason = Reason::not_filled;
}

// Each price that was traded at, and the taker's own when it `rests`: by side and price.
char* put_levels(State& state, const PlainOrder& x, const Fills& fills, bool rests, char* at) {
  const Side side = opposite(x.side);
  const auto own = [&] {
    if (rests) at = put_level_changed(state, x.market, x.side, x.price, at);
  };
  const auto traded = [&](std::size_t i, std::size_t before) {
    const Price price = fills.list[i].price;
    if (before < fills.count && fills.list[before].price == price) return;
    at = put_level_changed(state, x.market, side, price, at);
  };
  if (x.side == Side::buy) own();
  for (std::size_t i = 0; i < fills.count; ++i) {
    if (x.side == Side::buy) {
      traded(i, i - 1);  // Past the end before the first one.
    } else {
      traded(fills.count - 1 - i, fills.count - i);
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
  Fills fills;
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
  for (const Fill& fill : fills) {
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
