// The margin sweep: calls, losscuts and debts.
#include <gtest/gtest.h>

#include "core/testing/margin_scene.h"

namespace oki::core {
namespace {

struct Losscut : ::testing::Test, MarginScene {};

struct Indebted : Losscut {
  Indebted() {
    // All but 1,000 units of the account rest in a spot order.
    open_long(21, 100, 500);
    put(limit(21, Side::buy, 33, 3'000));
    buy(4, 90, 500);
    put(long_sell(21, 90, 500));
    // 45,000 - 50,000 - 1,000 - 1,800 = -7,800.
  }
};

TEST_F(Indebted, WhatTheFreeBalanceCannotPayIsOwed) {
  EXPECT_EQ(free(21, jpy), 0u);
  EXPECT_EQ(margin_of(21).debt, Amount{6'800});
  EXPECT_EQ(margin_of(21).status, MarginStatus::debt) << "at once";
  ASSERT_EQ(events_of<MarginChanged>(events).size(), 1u);
  EXPECT_EQ(events_of<MarginChanged>(events)[0],
            (MarginChanged{AccountId{21}, true, MarginStatus::debt, Amount{6'800}}));
  EXPECT_EQ(refusal(long_buy(21, 10, 1)), Refusal::margin_not_allowed);
  EXPECT_EQ(lender(jpy).free, Amount{lent - 6'800});
}

TEST_F(Indebted, ADepositPaysIt) {
  give(AccountId{21}, jpy, 800);
  EXPECT_EQ(free(21, jpy), 0u);
  EXPECT_EQ(margin_of(21).debt, Amount{6'000});
  give(AccountId{21}, btc, 10);
  EXPECT_EQ(margin_of(21).debt, Amount{6'000});
  give(AccountId{21}, jpy, 7'000);
  EXPECT_EQ(free(21, jpy), 1'000u);
  EXPECT_EQ(margin_of(21).debt, Amount{0});
  EXPECT_EQ(margin_of(21).status, MarginStatus::debt) << "until the sweep";
  EXPECT_EQ(lender(jpy).free, Amount{lent});
  wait(1'000);
  EXPECT_EQ(margin_of(21).status, MarginStatus::normal);
}

TEST_F(Indebted, ACreditPaysIt) {
  must(AdjustHoldings{jpy, false, Amount{9'000}, "own"});
  const Reply reply = (*this)(ProposeCredit{anna, AccountId{21}, jpy, Amount{7'000}, "sorry"});
  must(ApproveCredit{bert, CreditId{reply.id}});
  EXPECT_EQ(margin_of(21).debt, Amount{0});
  EXPECT_EQ(free(21, jpy), 200u);
}

TEST_F(Indebted, TheSweepCollectsWhatWasFreed) {
  must(CancelAll{AccountId{21}, {}, true, {}});
  EXPECT_EQ(margin_of(21).debt, Amount{6'800});
  wait(1'000);
  EXPECT_EQ(margin_of(21).debt, Amount{0});
  EXPECT_EQ(free(21, jpy), 99'000u - 6'800);
  EXPECT_EQ(margin_of(21).status, MarginStatus::normal);
  EXPECT_EQ(core.next_timer(), std::nullopt);
}

TEST_F(Losscut, TheSweepRunsWhileThereIsAPosition) {
  EXPECT_EQ(core.next_timer(), std::nullopt);
  open_long(21, 100, 10);
  EXPECT_EQ(core.next_timer(), WallTimeMs{now.value + 1'000});
  now.value += 500;
  open_long(22, 100, 10);
  wait(500);
  EXPECT_EQ(core.next_timer(), WallTimeMs{now.value + 1'000});
  for (const std::uint64_t id : {21u, 22u}) {
    buy(4, 100, 10);
    put(long_sell(id, 100, 10));
  }
  EXPECT_EQ(core.next_timer(), std::nullopt);
}

TEST_F(Losscut, StatusFollowsTheMarginOfThePositions) {
  open_long(21, 100, 1'800);
  wait(1'000);
  // Balance 96,400 of 180,000.
  EXPECT_EQ(margin_of(21).status, MarginStatus::normal);
  trade_at(92);
  wait(1'000);
  // Balance 82,000 of 165,600: 49.5 %.
  EXPECT_EQ(margin_of(21).status, MarginStatus::call);
  trade_at(93);
  wait(1'000);
  // Balance 83,800 of 167,400: 50.06 %.
  EXPECT_EQ(margin_of(21).status, MarginStatus::normal);
  EXPECT_EQ(events_of<MarginChanged>(events).size(), 1u);
}

TEST_F(Losscut, ALosscutCancelsMarginOrdersAndClosesAtTheMarket) {
  open_long(21, 100, 1'800);
  const OrderView closing = put(long_sell(21, 200, 10));
  PlaceOrder waiting = with(stop(21, Side::sell, 50, 0), PositionSide::long_side);
  waiting.type = OrderType::stop_loss;
  const OrderView stop_loss = put(waiting);
  const OrderView spot = put(limit(21, Side::buy, 1, 1));
  trade_at(62);
  buy(4, 61, 1'000);
  buy(4, 60, 1'000);
  // Balance 28,000 of 111,600: 25.09 %.
  wait(1'000);
  EXPECT_EQ(margin_of(21).status, MarginStatus::call);
  must(CancelAll{AccountId{4}, {}, true, {}});
  sell(3, 61, 1);
  buy(4, 61, 1'001);
  buy(4, 60, 1'000);
  // Balance 26,200 of 109,800: 23.9 %.
  wait(1'000);
  EXPECT_EQ(change_of(closing.id).reason, Reason::losscut);
  EXPECT_EQ(change_of(stop_loss.id).reason, Reason::losscut);
  EXPECT_EQ(open(spot.id), spot) << "spot orders stay";
  const auto accepted = events_of<OrderAccepted>(events);
  ASSERT_EQ(accepted.size(), 1u);
  EXPECT_EQ(accepted[0].order.type, OrderType::losscut);
  EXPECT_EQ(accepted[0].order.time_in_force, TimeInForce::ioc);
  EXPECT_EQ(accepted[0].order.amount, Lots{1'800});
  EXPECT_EQ(accepted[0].order.expire_at, WallTimeMs{0});
  EXPECT_EQ(change_of(accepted[0].order.id).status, OrderStatus::fully_filled);
  EXPECT_EQ(trades(), "61:1000 60:800");
  EXPECT_TRUE(core.positions().empty());
  EXPECT_EQ(margin_of(21).status, MarginStatus::losscut);
  // 109,000 - 180,000 - 3,600 - 2,440 - 1,920.
  EXPECT_EQ(free(21, jpy) + held(21, jpy), 100'000u - 78'960);
  wait(1'000);
  EXPECT_EQ(margin_of(21).status, MarginStatus::normal);
  EXPECT_EQ(core.next_timer(), spot.expire_at);
}

TEST_F(Losscut, WhatALosscutCannotFillWaitsForTheNextSweep) {
  open_short(21, 100, 1'900);
  trade_at(140);
  sell(3, 141, 900);
  wait(1'000);
  EXPECT_EQ(trades(), "141:900");
  EXPECT_EQ(position(21, PositionSide::short_side).open, Lots{1'000});
  const OrderId id = events_of<OrderAccepted>(events)[0].order.id;
  EXPECT_EQ(change_of(id).status, OrderStatus::canceled_partially_filled);
  EXPECT_EQ(change_of(id).reason, Reason::not_filled);
  sell(3, 141, 5'000);
  wait(1'000);
  EXPECT_EQ(trades(), "141:1000");
}

TEST_F(Losscut, AnIndebtedAccountIsCutByItsBalance) {
  open_long(21, 100, 1'900);
  MarketSpec spec = plain_market();
  spec.name = "elsewhere";
  must(AddMarket{spec});
  PlaceOrder everything = limit(21, Side::buy, 1, 100'000);
  everything.market = MarketId{1};
  put(everything);
  buy(4, 20, 100);
  sell(3, 20, 1);
  wait(1'000);
  // 99 lots: 1,980 - 9,900 - 198 - 80.
  EXPECT_EQ(margin_of(21).status, MarginStatus::debt);
  EXPECT_EQ(margin_of(21).debt, Amount{8'198});
  EXPECT_EQ(position(21, PositionSide::long_side).open, Lots{1'801});
  buy(4, 20, 5'000);
  wait(1'000);
  EXPECT_TRUE(core.positions().empty());
  // All of it: 38,000 - 190,000 - 3,800 - 80 - 1,441.
  EXPECT_EQ(margin_of(21).debt, Amount{157'321});
}

TEST_F(Losscut, NoLosscutInAMarketThatWaits) {
  open_long(21, 100, 1'800);
  trade_at(50);
  buy(4, 50, 5'000);
  must(SetMarketHalt{market_0, true});
  wait(1'000);
  EXPECT_EQ(margin_of(21).status, MarginStatus::losscut);
  EXPECT_EQ(trades(), "");
  EXPECT_EQ(position(21, PositionSide::long_side).open, Lots{1'800});
  must(SetMarketHalt{market_0, false});
  wait(1'000);
  EXPECT_EQ(trades(), "50:1800");
}

TEST_F(Losscut, ASweepTakesSoManyAccountsAndStopsBehindALosscut) {
  CoreLimits limits;
  limits.margin_sweep_accounts_max = 2;
  struct Crowd : MarginScene {
    explicit Crowd(const CoreLimits& crowd_limits) : MarginScene(crowd_limits) {}
  } crowd(limits);
  for (std::uint64_t id = 31; id <= 35; ++id) {
    crowd.must(AddAccount{AccountId{id}, 0, 0});
    crowd.must(AllowMargin{AccountId{id}, true});
    crowd.give(AccountId{id}, jpy, id == 32 ? 1'100 : 100'000);
    crowd.open_long(id, 100, 20);
  }
  crowd.wait(1'000);
  EXPECT_EQ(crowd.core.next_timer(), WallTimeMs{crowd.now.value + 10});
  crowd.wait(10);
  EXPECT_EQ(crowd.core.next_timer(), WallTimeMs{crowd.now.value + 10});
  crowd.wait(10);
  EXPECT_EQ(crowd.core.next_timer(), WallTimeMs{crowd.now.value + 1'000});
  crowd.trade_at(60);
  crowd.buy(4, 60, 100);
  // Account 32 is cut: the sweep stops behind it.
  crowd.wait(1'000);
  EXPECT_EQ(crowd.margin_of(32).status, MarginStatus::losscut);
  crowd.wait(10);
  EXPECT_EQ(crowd.core.next_timer(), WallTimeMs{crowd.now.value + 10});
}

}  // namespace
}  // namespace oki::core
