// Margin trading: positions, their fees and interest, and what an account may open.
#include <gtest/gtest.h>

#include "core/testing/margin_scene.h"

namespace oki::core {
namespace {

struct Margin : ::testing::Test, MarginScene {};

TEST_F(Margin, OpeningALongPositionUsesTheLendersMoney) {
  open_long(21, 100, 50);
  const Position now_open = position(21, PositionSide::long_side);
  EXPECT_EQ(now_open.open, Lots{50});
  EXPECT_EQ(now_open.cost, Amount{5'000});
  EXPECT_EQ(now_open.fees, Amount{100});
  EXPECT_EQ(now_open.interest, Amount{0});
  EXPECT_EQ(margin_trade(),
            (MarginTraded{TradeId{2}, OrderId{4}, AccountId{21}, PositionSide::long_side, true,
                          Amount{100}, Amount{0}, Amount{0}, 0}));
  EXPECT_EQ(free(21, jpy), 100'000u) << "the account itself moves nothing";
  EXPECT_EQ(free(21, btc), 0u);
  EXPECT_EQ(lender(jpy).free, Amount{lent - 5'100});
  EXPECT_EQ(lender(btc).held, Amount{500'000});
  EXPECT_EQ(lender(btc).free, Amount{lent});
  EXPECT_EQ(core.balance(fee_account, jpy).free, Amount{100});
  ASSERT_EQ(events_of<PositionChanged>(events).size(), 1u);
  EXPECT_EQ(events_of<PositionChanged>(events)[0].position, now_open);
}

TEST_F(Margin, ClosingALongPositionWithProfitPaysTheAccount) {
  open_long(21, 100, 50);
  buy(4, 120, 50);
  put(long_sell(21, 120, 50));
  // 6,000 - 5,000 - 100 - 240.
  EXPECT_EQ(free(21, jpy), 100'660u);
  const MarginTraded told = margin_trade();
  EXPECT_FALSE(told.opened);
  EXPECT_EQ(told.fee_occurred, Amount{240});
  EXPECT_EQ(told.fee_paid, Amount{340});
  EXPECT_EQ(told.profit, 1'000);
  EXPECT_EQ(lender(jpy).free, Amount{lent});
  EXPECT_EQ(lender(btc).held, Amount{0});
  EXPECT_TRUE(core.positions().empty());
  const Position closed = events_of<PositionChanged>(events)[0].position;
  EXPECT_EQ(closed.open, Lots{0});
  EXPECT_EQ(closed.cost, Amount{0});
}

TEST_F(Margin, ALossIsTakenFromTheAccount) {
  open_long(21, 100, 50);
  buy(4, 80, 50);
  put(long_sell(21, 80, 50));
  // 4,000 - 5,000 - 100 - 160.
  EXPECT_EQ(free(21, jpy), 98'740u);
  EXPECT_EQ(margin_trade().profit, -1'000);
  EXPECT_EQ(lender(jpy).free, Amount{lent});
}

TEST_F(Margin, AShortPositionIsSoldFromTheLendersCoins) {
  open_short(21, 100, 50);
  EXPECT_EQ(position(21, PositionSide::short_side).cost, Amount{5'000});
  EXPECT_EQ(position(21, PositionSide::short_side).fees, Amount{100});
  EXPECT_EQ(lender(btc).free, Amount{lent - 500'000});
  EXPECT_EQ(lender(btc).held, Amount{0});
  EXPECT_EQ(lender(jpy).held, Amount{4'900}) << "what it was sold for, less the fee";
  EXPECT_EQ(lender(jpy).free, Amount{lent});
  EXPECT_EQ(free(21, jpy), 100'000u);
}

TEST_F(Margin, ClosingAShortPositionBuysTheCoinsBack) {
  open_short(21, 100, 50);
  sell(3, 90, 50);
  put(short_buy(21, 90, 50));
  // 5,000 - 4,500 - 100 - 180.
  EXPECT_EQ(margin_trade().profit, 500);
  EXPECT_EQ(free(21, jpy), 100'220u);
  EXPECT_EQ(lender(jpy).free, Amount{lent});
  EXPECT_EQ(lender(jpy).held, Amount{0});
  EXPECT_EQ(lender(btc).free, Amount{lent});
}

TEST_F(Margin, PartOfAPositionTakesItsPartOfEverything) {
  open_long(21, 101, 30);
  EXPECT_EQ(position(21, PositionSide::long_side).fees, Amount{61});  // up(60.6)
  buy(4, 101, 10);
  put(long_sell(21, 101, 10));
  const Position left = position(21, PositionSide::long_side);
  EXPECT_EQ(left.open, Lots{20});
  EXPECT_EQ(left.cost, Amount{2'020});
  EXPECT_EQ(left.fees, Amount{41});  // Without down(61 / 3).
  EXPECT_EQ(margin_trade().fee_paid, Amount{20 + 41});
  buy(4, 101, 20);
  put(long_sell(21, 101, 20));
  EXPECT_EQ(margin_trade().fee_paid, Amount{41 + 81});
  EXPECT_EQ(free(21, jpy), 100'000u - 61 - 122);
  EXPECT_EQ(lender(jpy).free, Amount{lent});
}

TEST_F(Margin, PartOfAShortPositionFreesItsPartOfWhatWasHeld) {
  open_short(21, 101, 30);
  sell(3, 100, 10);
  put(short_buy(21, 100, 10));
  const Position left = position(21, PositionSide::short_side);
  EXPECT_EQ(left.cost, Amount{2'020});
  EXPECT_EQ(left.fees, Amount{41});
  EXPECT_EQ(lender(jpy).held, Amount{1'979});
  EXPECT_EQ(margin_trade().profit, 10);
  // 10 - 20 - 40 fees.
  EXPECT_EQ(free(21, jpy), 99'950u);
}

TEST_F(Margin, AMakerPaysTheMakersFees) {
  put(long_buy(21, 100, 50));
  EXPECT_EQ(lender(jpy).held, Amount{5'100}) << "the higher fee is held";
  sell(3, 100, 50);
  EXPECT_EQ(position(21, PositionSide::long_side).fees, Amount{50});
  EXPECT_EQ(lender(jpy).free, Amount{lent - 5'050});
  EXPECT_EQ(lender(jpy).held, Amount{0});
  put(long_sell(21, 110, 50));
  EXPECT_EQ(lender(btc).held, Amount{500'000}) << "a closing sell holds no more";
  buy(4, 110, 50);
  EXPECT_EQ(margin_trade().fee_occurred, Amount{165});
  put(short_sell(21, 100, 50));
  EXPECT_EQ(lender(btc).held, Amount{500'000}) << "an opening sell holds coins";
  buy(4, 100, 50);
  EXPECT_EQ(position(21, PositionSide::short_side).fees, Amount{50});
  put(short_buy(21, 90, 50));
  EXPECT_EQ(lender(jpy).held, Amount{4'950 + 4'500 + 180});
  sell(3, 90, 50);
  EXPECT_EQ(margin_trade().fee_occurred, Amount{135});
}

TEST_F(Margin, TwoMarginTradersMayMeet) {
  put(short_sell(22, 100, 50));
  put(long_buy(21, 100, 50));
  const auto both = events_of<MarginTraded>(events);
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].account, AccountId{22}) << "the maker's first";
  EXPECT_EQ(both[1].account, AccountId{21});
  EXPECT_EQ(lender(btc).held, Amount{500'000});
  EXPECT_EQ(lender(jpy).held, Amount{4'950});
  EXPECT_EQ(lender(jpy).free, Amount{lent - 5'100});
  put(long_sell(21, 100, 50));
  put(short_buy(22, 100, 50));
  EXPECT_EQ(lender(jpy).free, Amount{lent});
  EXPECT_EQ(lender(btc).free, Amount{lent});
}

// --- Interest: each midnight in Japan, which is 15:00 UTC.
TEST_F(Margin, InterestIsAddedAtEachMidnightInJapan) {
  const std::int64_t noon_utc = (now.value / day_ms + 1) * day_ms + day_ms / 2;
  now.value = noon_utc;
  open_long(21, 100, 55);
  open_short(22, 100, 55);
  EXPECT_EQ(position(21, PositionSide::long_side).interest_until.value, noon_utc - 21 * 3'600'000);
  wait(3 * 3'600'000 - 1);
  EXPECT_EQ(position(21, PositionSide::long_side).interest, Amount{0});
  wait(1'001);
  EXPECT_EQ(position(21, PositionSide::long_side).interest, Amount{6}) << "up(5.5)";
  EXPECT_EQ(position(22, PositionSide::short_side).interest, Amount{11});
  EXPECT_EQ(position(21, PositionSide::long_side).interest_until.value, noon_utc + 10'800'000);
  wait(3 * day_ms);
  EXPECT_EQ(position(21, PositionSide::long_side).interest, Amount{24});
}

TEST_F(Margin, InterestIsTakenBeforeATradeAndPaidByParts) {
  open_long(21, 100, 60);
  now.value += day_ms;
  buy(4, 100, 20);
  put(long_sell(21, 100, 20));
  EXPECT_EQ(margin_trade().interest, Amount{2});
  EXPECT_EQ(position(21, PositionSide::long_side).interest, Amount{4});
  EXPECT_EQ(free(21, jpy), 100'000u - 40 - 80 - 2);
}

// --- What an account may open.
TEST_F(Margin, AnAccountNeedsPermission) {
  EXPECT_EQ(refusal(long_buy(1, 100, 1)), Refusal::margin_not_allowed);
  EXPECT_EQ(refusal(AllowMargin{AccountId{1}, false}), Refusal::exists);
  EXPECT_EQ(refusal(AllowMargin{AccountId{99}, true}), Refusal::unknown_account);
  must(AllowMargin{AccountId{1}, true});
  EXPECT_EQ(events_of<MarginChanged>(events)[0],
            (MarginChanged{AccountId{1}, true, MarginStatus::normal, Amount{0}}));
  EXPECT_EQ(refusal(long_buy(1, 100, 1)), Refusal::ok);
  must(AllowMargin{AccountId{1}, false});
  EXPECT_EQ(refusal(long_buy(1, 100, 1)), Refusal::margin_not_allowed);
}

TEST_F(Margin, OpeningOrdersNeedHalfOfTheirWorthAsMargin) {
  // 100,000 of collateral: 200,000 may be ordered.
  EXPECT_EQ(refusal(long_buy(21, 100, 2'001)), Refusal::insufficient_margin);
  const OrderView first = put(long_buy(21, 50, 2'000));
  EXPECT_EQ(refusal(short_sell(21, 200, 501)), Refusal::insufficient_margin);
  EXPECT_EQ(refusal(short_sell(21, 200, 500)), Refusal::ok);
  EXPECT_EQ(refusal(long_buy(21, 1, 1)), Refusal::insufficient_margin);
  must(cancel(first));
  EXPECT_EQ(refusal(long_buy(21, 1, 1)), Refusal::ok);
}

TEST_F(Margin, PositionsNeedMarginAtTheLastPriceAndTheirLossCounts) {
  open_long(21, 100, 1'000);
  // Balance 100,000 - 2,000 fees; required 50,000.
  EXPECT_EQ(refusal(long_buy(21, 60, 1'601)), Refusal::insufficient_margin);
  must(cancel(put(long_buy(21, 60, 1'600))));
  trade_at(90);
  // Balance 88,000; required 45,000.
  EXPECT_EQ(refusal(long_buy(21, 50, 1'721)), Refusal::insufficient_margin);
  must(cancel(put(long_buy(21, 50, 1'720))));
  trade_at(110);
  // Balance 108,000; required 55,000.
  EXPECT_EQ(refusal(long_buy(21, 50, 2'121)), Refusal::insufficient_margin);
  EXPECT_EQ(refusal(long_buy(21, 50, 2'120)), Refusal::ok);
}

TEST_F(Margin, AShortPositionLosesWhenThePriceRises) {
  open_short(21, 100, 1'000);
  trade_at(110);
  // Balance 100,000 + 100,000 - 110,000 - 2,000 = 88,000; required 55,000.
  EXPECT_EQ(refusal(short_sell(21, 120, 551)), Refusal::insufficient_margin);
  EXPECT_EQ(refusal(short_sell(21, 120, 550)), Refusal::ok);
}

TEST_F(Margin, InterestAndDebtCountAgainstTheAccount) {
  open_long(21, 100, 1'000);
  now.value += day_ms;
  wait(1'000);
  // 98,000 - 100 interest; required 50,000.
  EXPECT_EQ(refusal(long_buy(21, 1, 95'801)), Refusal::insufficient_margin);
  EXPECT_EQ(refusal(long_buy(21, 1, 95'800)), Refusal::ok);
}

TEST_F(Margin, CoinsCountAtTheLastPriceByTheirRatio) {
  give(AccountId{21}, btc, 10'000 * 100 + 9'999);  // 100 lots and nearly one more.
  must(SetCollateral{jpy, 0});
  EXPECT_EQ(events_of<CollateralChanged>(events)[0], (CollateralChanged{jpy, 0}));
  must(SetCollateral{btc, 700'000});
  // down(1,009,999 * 100 / 10,000) = 10,099; of that down(7,069.3).
  EXPECT_EQ(refusal(long_buy(21, 1, 14'139)), Refusal::insufficient_margin);
  must(cancel(put(long_buy(21, 1, 14'138))));
  put(limit(21, Side::sell, 500, 60));
  EXPECT_EQ(refusal(long_buy(21, 1, 14'138)), Refusal::ok) << "held coins count, too";
  EXPECT_EQ(refusal(SetCollateral{btc, 1'000'001}), Refusal::invalid_spec);
  EXPECT_EQ(refusal(SetCollateral{AssetId{9}, 1}), Refusal::unknown_asset);
}

TEST_F(Margin, AMarketOrderNeedsMarginForWhatItWillCost) {
  sell(3, 100, 1'000);
  sell(3, 110, 1'000);
  PlaceOrder order = with(market(21, Side::buy, 1'910), PositionSide::long_side);
  // 100,000 + 910 * 110 = 200,100.
  EXPECT_EQ(refusal(order), Refusal::insufficient_margin);
  order.amount = Lots{1'909};  // 199,990
  EXPECT_EQ(put(order).status, OrderStatus::fully_filled);
  order.amount = Lots{1'000};
  EXPECT_EQ(put(order).status, OrderStatus::rejected) << "not filled comes first";
}

TEST_F(Margin, TheLenderCanRunDry) {
  give(AccountId{21}, jpy, 10'000'000'000);
  // What it must hold is 1.02 times the worth.
  EXPECT_EQ(refusal(long_buy(21, 99, 9'902'952)), Refusal::lender_exhausted);
  must(cancel(put(long_buy(21, 99, 9'902'951))));
  EXPECT_EQ(refusal(short_sell(21, 101, 100'001)), Refusal::lender_exhausted);
  must(cancel(put(short_sell(21, 101, 100'000))));
  sell(4, 100, 100'000);
  put(short_sell(21, 101, 99'999));
  EXPECT_EQ(refusal(with(market(21, Side::sell, 2), PositionSide::short_side)), Refusal::ok)
      << "there are no bids";
  buy(4, 99, 10);
  EXPECT_EQ(refusal(with(market(21, Side::sell, 2), PositionSide::short_side)),
            Refusal::lender_exhausted);
  EXPECT_EQ(put(with(market(21, Side::sell, 1), PositionSide::short_side)).status,
            OrderStatus::fully_filled);
}

TEST_F(Margin, AClosingOrderMayNotExceedWhatIsLeftToClose) {
  EXPECT_EQ(refusal(long_sell(21, 100, 1)), Refusal::exceeds_position);
  open_long(21, 100, 10);
  EXPECT_EQ(refusal(long_sell(21, 200, 11)), Refusal::exceeds_position);
  const OrderView first = put(long_sell(21, 200, 6));
  EXPECT_EQ(refusal(long_sell(21, 200, 5)), Refusal::exceeds_position);
  EXPECT_EQ(refusal(with(market(21, Side::sell, 5), PositionSide::long_side)),
            Refusal::exceeds_position);
  put(long_sell(21, 200, 4));
  must(cancel(first));
  EXPECT_EQ(refusal(long_sell(21, 200, 6)), Refusal::ok);
}

TEST_F(Margin, ALongAndAShortPositionStandSideBySide) {
  open_long(21, 100, 10);
  open_short(21, 100, 20);
  EXPECT_EQ(core.positions().size(), 2u);
  EXPECT_EQ(refusal(short_buy(21, 90, 21)), Refusal::exceeds_position);
  EXPECT_EQ(refusal(short_buy(21, 90, 20)), Refusal::ok);
  EXPECT_EQ(refusal(long_sell(21, 150, 10)), Refusal::ok);
}

// --- Orders that wait for the price of a position.
TEST_F(Margin, TakeProfitAndStopLossCloseAPosition) {
  open_long(21, 100, 10);
  PlaceOrder take = with(stop(21, Side::sell, 120, 0), PositionSide::long_side);
  take.type = OrderType::take_profit;
  PlaceOrder loss = with(stop(21, Side::sell, 80, 4), PositionSide::long_side);
  loss.type = OrderType::stop_loss;
  const OrderView taken = put(take);
  const OrderView lost = put(loss);
  buy(4, 79, 50);
  trade_at(80);
  EXPECT_EQ(change_of(lost.id).status, OrderStatus::fully_filled);
  EXPECT_EQ(position(21, PositionSide::long_side).open, Lots{6});
  buy(4, 119, 50);
  trade_at(120);
  EXPECT_EQ(change_of(taken.id).status, OrderStatus::fully_filled);
  EXPECT_EQ(change_of(taken.id).amount, Lots{6}) << "amount 0: all that is left";
  EXPECT_TRUE(core.positions().empty());
}

TEST_F(Margin, WithoutAPositionTheyAreCanceledWhenTriggered) {
  open_long(21, 100, 10);
  PlaceOrder all = with(stop(21, Side::sell, 80, 0), PositionSide::long_side);
  all.type = OrderType::stop_loss;
  PlaceOrder many = all;
  many.amount = Lots{11};
  const OrderView gone = put(all);
  const OrderView too_many = put(many);
  trade_at(80);
  EXPECT_EQ(change_of(too_many.id).reason, Reason::nothing_to_close);
  EXPECT_EQ(change_of(too_many.id).status, OrderStatus::canceled_unfilled);
  EXPECT_EQ(change_of(gone.id).status, OrderStatus::rejected) << "no bids";
  PlaceOrder take = all;
  take.type = OrderType::take_profit;
  take.trigger = Price{120};
  const OrderView late = put(take);
  put(long_sell(21, 500, 10));
  trade_at(120);
  EXPECT_EQ(change_of(late.id).reason, Reason::nothing_to_close);
  EXPECT_EQ(change_of(late.id).amount, Lots{0});
}

TEST_F(Margin, ShapesOfMarginOrdersThatAreRefused) {
  MarketSpec spec = plain_market();
  spec.name = "spot";
  must(AddMarket{spec});
  PlaceOrder order = long_buy(21, 100, 1);
  order.market = MarketId{1};
  EXPECT_EQ(refusal(order), Refusal::no_margin_market);
  PlaceOrder take = stop(21, Side::sell, 120, 1);
  take.type = OrderType::take_profit;
  EXPECT_EQ(refusal(take), Refusal::invalid_position);
  take.type = OrderType::stop_loss;
  EXPECT_EQ(refusal(take), Refusal::invalid_position);
  EXPECT_EQ(refusal(with(stop(21, Side::buy, 120, 1), PositionSide::long_side)),
            Refusal::stop_opens_position);
  EXPECT_EQ(refusal(with(stop_limit(21, Side::sell, 80, 70, 1), PositionSide::short_side)),
            Refusal::stop_opens_position);
  take = with(take, PositionSide::short_side);
  EXPECT_EQ(refusal(take), Refusal::not_closing);
  take = with(take, PositionSide::long_side);
  take.trigger = Price{80};
  EXPECT_EQ(refusal(take), Refusal::ok);
  open_long(21, 100, 2);
  const OrderView rests = put(long_sell(21, 150, 1));
  EXPECT_EQ(refusal(amend(rests, 151, 0)), Refusal::not_amendable);
}

// --- Withdrawals of an account that trades on margin.
TEST_F(Margin, MarginMayNotBeWithdrawn) {
  open_long(21, 100, 1'000);
  // 98,000 of balance, 50,000 required.
  const auto withdraw = [&](std::uint64_t amount, std::uint64_t fee) {
    return refusal(RequestWithdrawal{AccountId{21}, {}, jpy, Amount{amount}, Amount{fee}, "x"});
  };
  EXPECT_EQ(withdraw(48'000, 1), Refusal::insufficient_margin);
  EXPECT_EQ(withdraw(47'999, 1), Refusal::ok);
  EXPECT_EQ(withdraw(1, 0), Refusal::insufficient_margin);
}

TEST_F(Margin, OpeningOrdersTieMarginToo) {
  const OrderView order = put(long_buy(21, 50, 4'000));
  const RequestWithdrawal x{AccountId{21}, {}, jpy, Amount{1}, Amount{0}, "x"};
  EXPECT_EQ(refusal(x), Refusal::insufficient_margin);
  must(cancel(order));
  EXPECT_EQ(refusal(x), Refusal::ok);
}

TEST_F(Margin, AllMarginMarketsShareOneQuote) {
  MarketSpec spec = margin_market();
  spec.name = "jpy_btc";
  spec.base = jpy;
  spec.quote = btc;
  EXPECT_EQ(refusal(AddMarket{spec}), Refusal::invalid_spec);
  spec.price_max = Price{1'000};
  EXPECT_EQ(refusal(AddMarket{spec}), Refusal::invalid_spec);
  spec.margin.enabled = false;
  EXPECT_EQ(refusal(AddMarket{spec}), Refusal::ok);
  spec = margin_market();
  spec.name = "rebates";
  spec.taker_fee_ppm = 30'000;
  spec.maker_fee_ppm = -20'001;
  EXPECT_EQ(refusal(AddMarket{spec}), Refusal::invalid_spec) << "more than a taker pays";
  spec.maker_fee_ppm = -20'000;
  EXPECT_EQ(refusal(AddMarket{spec}), Refusal::ok);
}

}  // namespace
}  // namespace oki::core
