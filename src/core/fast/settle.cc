// The money of a trade: rules 8.2, rounding.md.
#include "base/planted.h"
#include "core/fast/holds.h"
#include "core/fast/margin.h"
#include "core/fast/plan.h"
#include "core/fast/trade.h"
#include "core/fast/triggers.h"

namespace oki::core::fast {
namespace {

// What one order of a trade gives and gets.
struct Part {
  Row row = 0;
  std::int64_t fee = 0;
};

// The buyer's hold pays; what the fewer open lots need no more goes back.
void pay_as_buyer(State& state, Part& buyer, const Match& match, std::uint64_t quote) {
  Order& order = state.orders.change(buyer.row);
  std::uint64_t released = 0;
  if (is_market_type(order.type)) {
    released = quote + static_cast<std::uint64_t>(buyer.fee);
  } else {
    const Lots open{order.open().value - match.lots.value};
    const Payment paid = payment(order.hold, hold_need(state, order, open), quote, buyer.fee);
    released = paid.released;
    buyer.fee = paid.fee;
  }
  INVARIANT(order.hold.value >= released, "a fill above its hold");
  order.hold.value -= released;
  const Pocket pocket = hold_pocket(state, order);
  state.purses.pay(pocket, released, released - quote - static_cast<std::uint64_t>(buyer.fee));
}

void give_as_seller(State& state, const Part& seller, const MarketFacts& market,
                    std::uint64_t base) {
  Order& order = state.orders.change(seller.row);
  Pocket pocket = hold_pocket(state, order);
  if (pocket != 0) {
    INVARIANT(order.hold.value >= base, "a fill above its hold");
    order.hold.value -= base;
  } else {
    pocket = state.assets[state.asset(market.spec.base)].lender_pocket;
  }
  state.purses.take_held(pocket, base);
}

void credit_fees(State& state, AssetId asset, std::int64_t fees) {
  const Pocket pocket = state.assets[state.asset(asset)].fee_pocket;
  if (fees > 0) state.purses.add_free(pocket, static_cast<std::uint64_t>(fees));
  if (fees < 0) state.purses.take_free(pocket, static_cast<std::uint64_t>(-fees));
}

void count_fill(State& state, Row row, Lots lots, std::uint64_t quote) {
  Order& order = state.orders.change(row);
  order.executed.value += lots.value;
  order.executed_quote.value += quote;
  order.executed_at = state.time;
  order.status =
      order.executed == order.amount ? OrderStatus::fully_filled : OrderStatus::partially_filled;
}

void receive(State& state, const Part& part, std::uint64_t quote, std::uint64_t base) {
  const Order& order = state.orders[part.row];
  if (order.position != PositionSide::none) return;
  const Seat& seat = state.seats[order.seat];
  if (order.side == Side::buy) {
    state.purses.add_free(seat.base_pocket, base);
  } else {
    state.purses.add_free(seat.quote_pocket, quote - static_cast<std::uint64_t>(part.fee));
  }
}

void settle_position(State& state, const Part& part, const MarginFill& fill) {
  if (state.orders[part.row].position == PositionSide::none) return;
  MarginFill margin = fill;
  margin.order = part.row;
  margin.fee = Amount{static_cast<std::uint64_t>(part.fee)};
  settle_margin(state, margin);
}

}  // namespace

std::int32_t fee_ppm(const MarketFacts& market, const Order& order, bool maker) {
  const MarketSpec& spec = market.spec;
  if (order.position == PositionSide::none) [[likely]] {
    return maker ? spec.maker_fee_ppm : spec.taker_fee_ppm;
  }
  if (order.opens_position()) {
    return maker ? spec.margin.open_maker_fee_ppm : spec.margin.open_taker_fee_ppm;
  }
  return maker ? spec.margin.close_maker_fee_ppm : spec.margin.close_taker_fee_ppm;
}

void trade(State& state, const Match& match) {
  const Order& maker = state.orders[match.maker];
  const Order& taker = state.orders[match.taker];
  const MarketFacts& market = state.facts[taker.market.value];
  const std::uint64_t quote = quote_of(market.scale, match.price, match.lots, false);
  const std::uint64_t base = base_amount(market.scale, match.lots);
  Part make{match.maker, fee_for(quote, fee_ppm(market, maker, true))};
  Part take{match.taker, fee_for(quote, fee_ppm(market, taker, false))};
  Part& buyer = taker.side == Side::buy ? take : make;
  Part& seller = taker.side == Side::buy ? make : take;
  pay_as_buyer(state, buyer, match, quote);
  give_as_seller(state, seller, market, base);
  credit_fees(state, market.spec.quote, make.fee + take.fee);
  if (PLANTED(core_fee_from_nowhere) && match.lots.value == planted_lots) {
    credit_fees(state, market.spec.quote, 1);
  }
  count_fill(state, match.maker, match.lots, quote);
  count_fill(state, match.taker, match.lots, quote);
  const TradeId id{++state.change_counters().last_trade.value};
  put_event<Traded>(state.out, traded_bytes, [&](Put& put) {
    put(id, taker.market, taker.side, match.price, match.lots, quote, maker.id, taker.id,
        state.accounts[maker.account].id, state.accounts[taker.account].id, make.fee, take.fee);
  });
  const MarginFill fill{id, 0, match.lots, Amount{quote}, {}};
  // Who trades with himself has the trade's money before his position takes or gives any.
  receive(state, make, quote, base);
  receive(state, take, quote, base);
  settle_position(state, make, fill);
  settle_position(state, take, fill);
  note_price(state, taker.market, match.price);
}

}  // namespace oki::core::fast
