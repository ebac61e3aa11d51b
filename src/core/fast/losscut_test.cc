// The sweep: status, losscuts, debt. Rules 9.7, 9.9, 9.10.
#include <gtest/gtest.h>

#include "core/fast/margin.h"
#include "core/fast/testing/money_world.h"

namespace oki::core {
namespace {

constexpr PositionSide long_side = PositionSide::long_side;
constexpr std::uint64_t lender = lender_account.value;

// Account 1 owns 30,000 and is long 50 lots at 1,000.
MoneyWorld long_world() {
  MoneyWorld world;
  world.add_margin_account(1, 30'000);
  world.trade(1, Side::buy, 1'000, 50, long_side);
  return world;
}

TEST(Losscut, TheSweepRunsOnlyWhileThereIsMarginToWatch) {
  MoneyWorld world;
  EXPECT_EQ(world.core.next_timer(), std::nullopt);
  world.add_margin_account(1, 30'000);
  world.trade(1, Side::buy, 1'000, 1, long_side);
  const WallTimeMs first{world.now.value + 1'000};
  EXPECT_EQ(world.core.next_timer(), first);
  world.run_until(first);
  EXPECT_EQ(world.core.next_timer(), WallTimeMs{first.value + 1'000});
  world.pass(300);
  world.trade(1, Side::sell, 1'000, 1, long_side);
  world.expect(CancelAll{AccountId{MoneyWorld::maker}, {}, true, {}});
  const auto due = world.core.next_timer();
  EXPECT_TRUE(!due || due->value > first.value + 2'000) << "no sweep without positions";
}

TEST(Losscut, APositionThatMovesToAnotherAccountKeepsTheSweepsTime) {
  MoneyWorld world;
  world.add_margin_account(1, 30'000);
  world.add_margin_account(2, 30'000);
  world.trade(1, Side::buy, 1'000, 1, long_side);
  const auto due = world.core.next_timer();
  world.pass(400);
  world.place(MoneyWorld::order(1, Side::sell, 1'000, 1, long_side));
  world.place(MoneyWorld::order(2, Side::buy, 0, 1, long_side));
  EXPECT_EQ(world.position(2, long_side).open, Lots{1});
  EXPECT_EQ(world.core.next_timer(), due);
}

TEST(Losscut, StatusFollowsTheMarket) {
  MoneyWorld world = long_world();
  world.run_for(1'000);
  EXPECT_EQ(world.status(1), MarginStatus::normal);
  world.mark(800);  // 30,000 + 40,000 - 50,000 - 50 = 19,950 of 40,000: 49.9 %.
  EXPECT_EQ(world.status(1), MarginStatus::normal) << "only the sweep sets it";
  world.run_for(1'000);
  EXPECT_EQ(world.status(1), MarginStatus::call);
  world.mark(801);  // 20,000 of 40,050.
  world.run_for(1'000);
  EXPECT_EQ(world.status(1), MarginStatus::call);
  world.mark(802);  // 20,050 of 40,100: exactly half.
  world.run_for(1'000);
  EXPECT_EQ(world.status(1), MarginStatus::normal);
  world.mark(534);  // 6,650 of 26,700: 24.9 %.
  world.run_for(1'000);
  EXPECT_EQ(world.status(1), MarginStatus::losscut);
  EXPECT_EQ(world.refusal(MoneyWorld::order(1, Side::buy, 10, 1, long_side)),
            Refusal::margin_not_allowed);
}

TEST(Losscut, AFallingMarketClosesThePositionAtTheBestPrices) {
  MoneyWorld world = long_world();
  const OrderView mine = world.place(MoneyWorld::order(1, Side::buy, 100, 1, long_side));
  PlaceOrder stop = MoneyWorld::order(1, Side::sell, 0, 0, long_side);
  stop.type = OrderType::stop_loss;
  stop.trigger = Price{50};
  world.place(stop);
  world.place(MoneyWorld::order(MoneyWorld::maker, Side::buy, 490, 20));
  world.place(MoneyWorld::order(MoneyWorld::maker, Side::buy, 480, 100));
  world.mark(500);  // 4,950 of 25,000: below a quarter.
  world.pass(1'000);
  world(Tick{});

  const auto accepted = world.told<OrderAccepted>();
  ASSERT_EQ(accepted.size(), 1u);
  EXPECT_EQ(accepted[0].order.type, OrderType::losscut);
  EXPECT_EQ(accepted[0].order.side, Side::sell);
  EXPECT_EQ(accepted[0].order.amount, Lots{50});
  const auto changed = world.told<OrderChanged>();
  ASSERT_EQ(changed.size(), 5u);
  EXPECT_EQ(changed[0].id, mine.id);
  EXPECT_EQ(changed[0].reason, Reason::losscut);
  EXPECT_EQ(changed[1].reason, Reason::losscut) << "the one that waits, too";
  EXPECT_EQ(changed[4].status, OrderStatus::fully_filled);
  // 9,800 with a fee of 10, and 14,400 with one of 15; 50,050 had been spent.
  EXPECT_EQ(world.free(1), 30'000u + 9'800 - 10 + 14'400 - 15 - 50'050);
  EXPECT_EQ(world.debt(1), 0u);
  EXPECT_EQ(world.positions.size(), 0u);
  EXPECT_EQ(world.status(1), MarginStatus::losscut);
  EXPECT_EQ(world.held(lender), 0u);
  EXPECT_EQ(world.held(lender, MoneyWorld::btc), 0u);
  EXPECT_EQ(world.free(lender), 10'000'000u);
  world.run_for(1'000);
  EXPECT_EQ(world.status(1), MarginStatus::normal);
}

TEST(Losscut, WhatTheMarketCannotTakeWaitsForTheNextSweep) {
  MoneyWorld world = long_world();
  world.mark(500);
  world.place(MoneyWorld::order(MoneyWorld::maker, Side::buy, 500, 20));
  world.run_for(1'000);
  EXPECT_EQ(world.position(1, long_side).open, Lots{30});
  ASSERT_FALSE(world.told<OrderChanged>().empty());
  EXPECT_EQ(world.told<OrderChanged>().back().status, OrderStatus::canceled_partially_filled);
  EXPECT_EQ(world.told<OrderChanged>().back().reason, Reason::not_filled);
  // 10,000 - 20,000 - 20 - 10: 19,970 are left, and 4,940 of 15,000 are more than a quarter.
  EXPECT_EQ(world.free(1), 19'970u);
  world.run_for(1'000);
  EXPECT_EQ(world.status(1), MarginStatus::call);
  world.mark(440);  // 3,140 of 13,200.
  world.place(MoneyWorld::order(MoneyWorld::maker, Side::buy, 440, 30));
  world.run_for(1'000);
  EXPECT_EQ(world.positions.size(), 0u);
}

TEST(Losscut, WaitsWhileTheMarketIsHalted) {
  MoneyWorld world = long_world();
  const OrderView mine = world.place(MoneyWorld::order(1, Side::buy, 100, 1, long_side));
  world.mark(500);
  world.place(MoneyWorld::order(MoneyWorld::maker, Side::buy, 500, 50));
  world.expect(SetMarketHalt{MoneyWorld::market, true});
  world.run_for(2'000);
  EXPECT_EQ(world.status(1), MarginStatus::losscut);
  EXPECT_EQ(world.position(1, long_side).open, Lots{50});
  EXPECT_EQ(world.told<OrderChanged>().size(), 0u) << "its order " << mine.id.value << " stays";
  world.expect(SetMarketHalt{MoneyWorld::market, false});
  world.run_for(1'000);
  EXPECT_EQ(world.positions.size(), 0u);
}

TEST(Losscut, ALossThatTheAccountCannotPayIsDebtAndMoneyThatArrivesPaysIt) {
  MoneyWorld world = long_world();
  world.mark(300);
  world.place(MoneyWorld::order(MoneyWorld::maker, Side::buy, 300, 50));
  world.run_for(1'000);
  // 15,000 - 50,000, fees of 50 and 15: 35,065 are lost, 30,000 are there.
  EXPECT_EQ(world.free(1), 0u);
  EXPECT_EQ(world.debt(1), 5'065u);
  EXPECT_EQ(world.status(1), MarginStatus::debt);
  EXPECT_EQ(world.free(lender), 10'000'000u - 5'065);
  EXPECT_EQ(world.refusal(MoneyWorld::order(1, Side::buy, 10, 1, long_side)),
            Refusal::margin_not_allowed);
  world.run_for(5'000);
  EXPECT_EQ(world.status(1), MarginStatus::debt);

  world.deposit(AccountId{1}, MoneyWorld::btc, 10);
  EXPECT_EQ(world.free(1, MoneyWorld::btc), 10u) << "only the margin asset pays";
  world.deposit(AccountId{1}, MoneyWorld::jpy, 5'000);
  EXPECT_EQ(world.free(1), 0u);
  EXPECT_EQ(world.debt(1), 65u);
  world.deposit(AccountId{1}, MoneyWorld::jpy, 100);
  EXPECT_EQ(world.free(1), 35u);
  EXPECT_EQ(world.debt(1), 0u);
  EXPECT_EQ(world.status(1), MarginStatus::debt);
  EXPECT_EQ(world.free(lender), 10'000'000u);
  world.run_for(1'000);
  EXPECT_EQ(world.status(1), MarginStatus::normal);
  const auto due = world.core.next_timer();
  EXPECT_TRUE(!due || due->value > world.now.value + 1'000);
}

TEST(Losscut, TheSweepTakesDebtOutOfWhatTradesBrought) {
  MoneyWorld world = long_world();
  world.deposit(AccountId{1}, MoneyWorld::btc, 10);
  world.mark(300);
  world.place(MoneyWorld::order(MoneyWorld::maker, Side::buy, 300, 60));
  world.run_for(1'000);
  ASSERT_EQ(world.debt(1), 5'065u);
  world.place(MoneyWorld::order(1, Side::sell, 0, 10));
  EXPECT_EQ(world.free(1), 3'000u);
  world.run_for(1'000);
  EXPECT_EQ(world.free(1), 0u);
  EXPECT_EQ(world.debt(1), 2'065u);
}

TEST(Losscut, AMarkFarAboveTheCostIsNoReasonToStop) {
  MoneyWorld world;
  MarketSpec spec = MoneyWorld::spec();
  spec.name = "wild_jpy";
  spec.price_max = Price{1ull << 60};
  spec.limit_amount_max = Lots{4};
  spec.market_amount_max = Lots{4};
  world.expect(AddMarket{spec});
  world.add_margin_account(1, 10'000);
  const auto mark = [&](std::uint64_t price) {
    for (const Side side : {Side::sell, Side::buy}) {
      const std::uint64_t who = side == Side::sell ? MoneyWorld::maker : MoneyWorld::other;
      PlaceOrder order = MoneyWorld::order(who, side, price, 1);
      order.market = MarketId{1};
      world.expect(order);
    }
  };
  world.expect(Deposit{AccountId{MoneyWorld::other}, MoneyWorld::jpy, Amount{1ull << 61}, "rich"});
  for (int i = 0; i < 100; ++i) {
    PlaceOrder offer = MoneyWorld::order(MoneyWorld::maker, Side::buy, 1, 4);
    offer.market = MarketId{1};
    world.expect(offer);
    PlaceOrder sell = MoneyWorld::order(1, Side::sell, 1, 4, PositionSide::short_side);
    sell.market = MarketId{1};
    world.expect(sell);
  }
  mark(1ull << 60);  // 400 lots at 2^60 are more than 2^63.
  world.run_for(3'000);
  EXPECT_EQ(world.status(1), MarginStatus::losscut);
}

TEST(Losscut, OneSweepTakesTwoHundredAccountsAndTheNextGoesOn) {
  MoneyWorld world;
  for (std::uint64_t id = 100; id < 350; ++id) {
    world.add_margin_account(id, 10'000);
    world.trade(id, Side::buy, 1'000, 1, long_side);
  }
  const WallTimeMs first = *world.core.next_timer();
  world.now = WallTimeMs{first.value + 86'400'000};  // Interest shows who was swept.
  world(Tick{});
  EXPECT_EQ(world.told<PositionChanged>().size(), 200u);
  EXPECT_EQ(world.position(299, long_side).interest, Amount{1});
  EXPECT_EQ(world.position(300, long_side).interest, Amount{0});
  EXPECT_EQ(world.core.next_timer(), WallTimeMs{world.now.value + 10});
  world.run_for(10);
  EXPECT_EQ(world.told<PositionChanged>().size(), 50u);
  EXPECT_EQ(world.core.next_timer(), WallTimeMs{world.now.value + 1'000});
}

TEST(Losscut, ASweepStopsBehindAnAccountThatItLiquidates) {
  MoneyWorld world = long_world();
  world.add_margin_account(2, 30'000);
  world.trade(2, Side::buy, 1'000, 50, long_side);
  world.place(MoneyWorld::order(MoneyWorld::maker, Side::buy, 490, 100));
  world.mark(500);
  world.pass(1'000);
  world(Tick{});
  EXPECT_EQ(world.positions.size(), 1u);
  EXPECT_EQ(world.core.next_timer(), WallTimeMs{world.now.value + 10});
  world.run_for(10);
  EXPECT_EQ(world.positions.size(), 0u);
  EXPECT_EQ(world.core.next_timer(), WallTimeMs{world.now.value + 1'000});
}

}  // namespace
}  // namespace oki::core
