#include "core/plain/trade.h"

#include "core/plain/ledger.h"
#include "core/plain/margin.h"
#include "core/plain/orders.h"

namespace oki::core::plain {
namespace {

Amount positive(std::int64_t fee) { return Amount{fee > 0 ? static_cast<std::uint64_t>(fee) : 0}; }

// What the buyer's hold gives up. An order without a limit price holds the exact cost.
Amount released_by(const State& state, const Order& buy, Lots lots, Amount quote,
                   std::int64_t fee) {
  if (buy.view.price.value == 0) return Amount{quote.value + positive(fee).value};
  OrderView after = buy.view;
  after.executed.value += lots.value;
  const Amount kept = hold_of(state, after);
  CHECK(buy.held >= kept, "a hold grows by a trade");
  return Amount{buy.held.value - kept.value};
}

Place quote_to(const OrderView& sell) {
  if (!is_margin(sell)) return {sell.account, Pocket::free};
  return {lender_account, opens(sell) ? Pocket::held : Pocket::free};
}

Place base_to(const OrderView& buy) {
  if (!is_margin(buy)) return {buy.account, Pocket::free};
  return {lender_account, opens(buy) ? Pocket::held : Pocket::free};
}

// Both sides of the trade; the fees in `trade` are final afterwards.
void move_money(State& state, Order& buy, Order& sell, Traded& trade) {
  const MarketInfo& info = state.infos.at(trade.market);
  const AssetId quote = info.spec.quote;
  const bool taker_buys = trade.taker_side == Side::buy;
  std::int64_t& buyer_fee = taker_buys ? trade.taker_fee : trade.maker_fee;
  const std::int64_t seller_fee = taker_buys ? trade.maker_fee : trade.taker_fee;

  const Amount released = released_by(state, buy, trade.amount, trade.quote, buyer_fee);
  CHECK(released >= trade.quote, "a hold does not cover its trade");
  const std::uint64_t left = released.value - trade.quote.value;
  if (positive(buyer_fee).value > left) {
    CHECK(positive(buyer_fee).value == left + 1, "a hold does not cover its fee");
    buyer_fee = static_cast<std::int64_t>(left);
  }
  const AccountId payer = holder_of(state, buy.view).account;
  const Place held{payer, Pocket::held};
  const Place fees{fee_account, Pocket::free};
  move(state, quote, held, quote_to(sell.view), trade.quote);
  move(state, quote, held, fees, positive(buyer_fee));
  move(state, quote, held, {payer, Pocket::free}, Amount{left - positive(buyer_fee).value});
  move(state, quote, quote_to(sell.view), fees, positive(seller_fee));
  move(state, quote, fees, {trade.maker_account, Pocket::free}, positive(-trade.maker_fee));
  buy.held.value -= released.value;

  const Amount base = base_of(info.scale, trade.amount);
  const AccountId giver = holder_of(state, sell.view).account;
  move(state, info.spec.base, {giver, Pocket::held}, base_to(buy.view), base);
  if (!closes(sell.view)) sell.held.value -= base.value;
}

}  // namespace

Traded settle(State& state, const OrderView& maker, const OrderView& taker, Price price,
              Lots lots) {
  const MarketInfo& info = state.infos.at(maker.market);
  Traded trade;
  trade.id = TradeId{++state.counters.last_trade.value};
  trade.market = maker.market;
  trade.taker_side = taker.side;
  trade.price = price;
  trade.amount = lots;
  trade.quote = quote_down(info.scale, price, lots);
  trade.maker_order = maker.id;
  trade.taker_order = taker.id;
  trade.maker_account = maker.account;
  trade.taker_account = taker.account;
  trade.maker_fee = fee_of(trade.quote, fee_ppm(info.spec, maker, true));
  trade.taker_fee = fee_of(trade.quote, fee_ppm(info.spec, taker, false));
  const bool taker_buys = taker.side == Side::buy;
  move_money(state, state.orders.edit(taker_buys ? taker.id : maker.id),
             state.orders.edit(taker_buys ? maker.id : taker.id), trade);
  state.tell(trade);
  if (is_margin(maker)) change_position(state, maker, trade, positive(trade.maker_fee));
  if (is_margin(taker)) change_position(state, taker, trade, positive(trade.taker_fee));
  return trade;
}

}  // namespace oki::core::plain
