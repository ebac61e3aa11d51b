// Orders that wait for a price.
#include <gtest/gtest.h>

#include "core/testing/scene.h"

namespace oki::core {
namespace {

struct Triggers : ::testing::Test, Scene {
  Triggers() {
    set_up();
    trade_at(100);
  }
};

TEST_F(Triggers, AWaitingOrderIsInactiveAndHoldsNothing) {
  const OrderView order = put(stop_limit(1, Side::buy, 110, 112, 5));
  EXPECT_EQ(order.status, OrderStatus::inactive);
  EXPECT_EQ(order.triggered_at, WallTimeMs{0});
  EXPECT_EQ(held(1, jpy), 0u);
  EXPECT_EQ(book(Side::buy), "");
  EXPECT_EQ(open(order.id), order);
  EXPECT_EQ(events.size(), 1u) << "OrderAccepted alone";
}

TEST_F(Triggers, AStopBecomesAMarketOrderWhenTheTradePriceReachesIt) {
  const OrderView order = put(stop(1, Side::buy, 110, 5));
  sell(2, 111, 9);
  trade_at(109);
  EXPECT_EQ(open(order.id).status, OrderStatus::inactive);
  now.value += 5;
  trade_at(110);
  const OrderChanged change = change_of(order.id);
  EXPECT_EQ(change.status, OrderStatus::fully_filled);
  EXPECT_EQ(change.triggered_at, now);
  EXPECT_EQ(change.price, Price{0});
  EXPECT_EQ(trades(), "110:1 111:5");
  EXPECT_FALSE(core.next_timer() == now) << "nothing is pending";
}

TEST_F(Triggers, ASellStopFiresDownward) {
  const OrderView order = put(stop(1, Side::sell, 90, 5));
  buy(2, 89, 9);
  trade_at(91);
  EXPECT_EQ(open(order.id).status, OrderStatus::inactive);
  trade_at(90);
  EXPECT_EQ(change_of(order.id).status, OrderStatus::fully_filled);
  EXPECT_EQ(free(1, jpy), rich_jpy + 445);
}

TEST_F(Triggers, AStopThatTheBookCannotFillIsRejected) {
  const OrderView order = put(stop(1, Side::buy, 110, 5));
  trade_at(110);
  EXPECT_EQ(change_of(order.id).status, OrderStatus::rejected);
  EXPECT_EQ(change_of(order.id).reason, Reason::not_filled);
  EXPECT_EQ(change_of(order.id).canceled_at, WallTimeMs{0});
}

TEST_F(Triggers, AStopLimitBecomesALimitOrderAndMayRest) {
  const OrderView order = put(stop_limit(1, Side::buy, 110, 112, 5));
  sell(2, 112, 2);
  trade_at(110);
  const OrderView now_open = open(order.id);
  EXPECT_EQ(now_open.status, OrderStatus::partially_filled);
  EXPECT_EQ(now_open.type, OrderType::stop_limit) << "it keeps its type";
  EXPECT_EQ(book(Side::buy), "112:3");
  EXPECT_EQ(held(1, jpy), 336u);
  EXPECT_EQ(refusal(amend(now_open, 111, 0)), Refusal::not_amendable);
  must(cancel(now_open));
}

TEST_F(Triggers, AnIcebergMayWaitForItsTrigger) {
  PlaceOrder order = stop_limit(1, Side::sell, 90, 95, 9);
  order.display = Lots{2};
  put(order);
  trade_at(90);
  EXPECT_EQ(book(Side::sell), "95:2");
}

TEST_F(Triggers, WithoutMoneyATriggeredOrderIsCanceled) {
  must(AddAccount{AccountId{9}, 0, 0});
  give(AccountId{9}, jpy, 10'000);
  const OrderView limit_order = put(stop_limit(9, Side::buy, 110, 112, 90));
  const OrderView market_order = put(stop(9, Side::buy, 111, 80));
  sell(2, 130, 1'000);
  trade_at(110);
  EXPECT_EQ(change_of(limit_order.id).status, OrderStatus::canceled_unfilled);
  EXPECT_EQ(change_of(limit_order.id).reason, Reason::insufficient_amount);
  EXPECT_EQ(change_of(limit_order.id).triggered_at, now);
  trade_at(111);
  EXPECT_EQ(change_of(market_order.id).status, OrderStatus::canceled_unfilled);
  EXPECT_EQ(change_of(market_order.id).reason, Reason::insufficient_amount);
  EXPECT_EQ(change_of(market_order.id).canceled_at, now);
  EXPECT_EQ(free(9, jpy), 10'000u);
}

TEST_F(Triggers, TheyFireInOrderOfPriceThenOfId) {
  const OrderView far = put(stop_limit(1, Side::buy, 112, 120, 1));
  const OrderView near_one = put(stop_limit(1, Side::buy, 110, 120, 1));
  const OrderView near_two = put(stop_limit(2, Side::buy, 110, 120, 1));
  sell(3, 113, 1);
  trade_at(108);
  must(cancel(sell(3, 200, 1)));
  sell(4, 112, 1);
  // The best sell is 112: this trade reaches all three at once.
  buy(2, 112, 1);
  const auto changes = events_of<OrderChanged>(events);
  std::vector<std::uint64_t> triggered;
  for (const OrderChanged& change : changes) {
    if (change.triggered_at.value != 0) triggered.push_back(change.id.value);
  }
  EXPECT_EQ(triggered,
            (std::vector<std::uint64_t>{near_one.id.value, near_two.id.value, far.id.value}));
  EXPECT_EQ(open(near_one.id).id, OrderId{0}) << "the first took the offer at 113";
}

TEST_F(Triggers, DownwardOnesFireFromTheHighest) {
  const OrderView low = put(stop_limit(1, Side::sell, 88, 80, 1));
  const OrderView high = put(stop_limit(1, Side::sell, 92, 80, 1));
  buy(2, 87, 1);
  sell(3, 88, 1);
  buy(4, 88, 1);
  std::vector<std::uint64_t> triggered;
  for (const OrderChanged& change : events_of<OrderChanged>(events)) {
    if (change.triggered_at.value != 0) triggered.push_back(change.id.value);
  }
  EXPECT_EQ(triggered, (std::vector<std::uint64_t>{high.id.value, low.id.value}));
}

TEST_F(Triggers, OneMaySetOffTheNext) {
  put(stop(1, Side::buy, 110, 1));
  const OrderView second = put(stop(2, Side::buy, 120, 1));
  sell(3, 120, 1);
  sell(3, 125, 1);
  trade_at(110);
  EXPECT_EQ(trades(), "110:1 120:1 125:1");
  EXPECT_EQ(change_of(second.id).status, OrderStatus::fully_filled);
}

TEST_F(Triggers, AReachedTriggerIsRefusedWhenItIsPlaced) {
  EXPECT_EQ(refusal(stop(1, Side::buy, 100, 1)), Refusal::triggers_at_once);
  EXPECT_EQ(refusal(stop(1, Side::sell, 100, 1)), Refusal::triggers_at_once);
  EXPECT_EQ(refusal(stop(1, Side::buy, 101, 1)), Refusal::ok);
  EXPECT_EQ(refusal(stop(1, Side::sell, 99, 1)), Refusal::ok);
}

TEST_F(Triggers, BeforeTheFirstTradeNothingTriggersAtOnce) {
  Scene fresh;
  fresh.set_up();
  EXPECT_EQ(fresh.refusal(stop(1, Side::buy, 1, 1)), Refusal::ok);
  EXPECT_EQ(fresh.refusal(stop(1, Side::sell, 1'000'000, 1)), Refusal::ok);
}

TEST_F(Triggers, WhatOneCommandMayFireIsBoundedAndTheRestWaitsForTheNext) {
  CoreLimits limits;
  limits.triggers_per_command_max = 2;
  Scene small(limits);
  small.set_up();
  small.trade_at(100);
  for (int i = 0; i < 5; ++i) small.put(stop_limit(1, Side::buy, 110, 110, 1));
  small.trade_at(110);
  EXPECT_EQ(small.book(Side::buy), "110:2");
  EXPECT_EQ(small.core.next_timer(), small.now) << "the leader proposes a Tick at once";
  small.must(Tick{});
  EXPECT_EQ(small.book(Side::buy), "110:4");
  // What is due comes before the command: the last one rests in front of it.
  const OrderView taker = small.sell(2, 110, 5);
  EXPECT_EQ(taker.executed, Lots{5});
  EXPECT_NE(small.core.next_timer(), small.now);
}

TEST_F(Triggers, StopsOfTheMarketCancelWhatTheyTrigger) {
  const std::pair<Stop, OrderType> rows[] = {{Stop::buy_order, OrderType::stop_limit},
                                             {Stop::market_order, OrderType::stop},
                                             {Stop::disabled, OrderType::stop_limit},
                                             {Stop::order, OrderType::stop_limit},
                                             {Stop::order_and_cancel, OrderType::stop_limit}};
  for (const auto& [what, type] : rows) {
    Scene scene;
    scene.set_up();
    scene.trade_at(100);
    const OrderView order =
        scene.put(type == OrderType::stop ? stop(1, Side::buy, 110, 1)
                                          : stop_limit(1, Side::buy, 110, 110, 1));
    scene.must(StartAuction{market_0, MarketMode::resumption, {}, {scene.now.value + 5}});
    scene.sell(3, 110, 1);
    scene.buy(4, 110, 1);
    scene.must(SetMarketStops{market_0, static_cast<std::uint16_t>(what)});
    scene.wait(5);
    EXPECT_EQ(scene.change_of(order.id).reason, Reason::market_stopped);
    EXPECT_EQ(scene.change_of(order.id).status, OrderStatus::canceled_unfilled);
    EXPECT_EQ(scene.change_of(order.id).triggered_at, scene.now);
  }
}

TEST_F(Triggers, AMarketStopLeavesAStopLimitAlone) {
  const OrderView order = put(stop_limit(1, Side::buy, 110, 110, 1));
  must(SetMarketStops{market_0, static_cast<std::uint16_t>(Stop::market_order)});
  trade_at(110);
  EXPECT_EQ(open(order.id).status, OrderStatus::unfilled);
}

TEST_F(Triggers, AMarketThatCollectsOrdersWaitsWithItsTriggers) {
  const OrderView order = put(stop_limit(1, Side::buy, 110, 110, 1));
  must(StartAuction{market_0, MarketMode::resumption, {}, {now.value + 100}});
  sell(3, 112, 1);
  buy(4, 112, 1);
  EXPECT_EQ(open(order.id).status, OrderStatus::inactive);
  wait(100);
  EXPECT_EQ(open(order.id).status, OrderStatus::unfilled) << "the auction's trades triggered it";
}

TEST_F(Triggers, AWaitingOrderCanBeAmendedAndCanceled) {
  const OrderView order = put(stop_limit(1, Side::buy, 110, 112, 5));
  const OrderView changed_order = put(amend(order, 116, 7, 115));
  EXPECT_EQ(changed_order.trigger, Price{115});
  EXPECT_EQ(changed_order.price, Price{116});
  EXPECT_EQ(changed_order.amount, Lots{7});
  EXPECT_EQ(changed_order.status, OrderStatus::inactive);
  trade_at(110);
  EXPECT_EQ(open(order.id).status, OrderStatus::inactive);
  EXPECT_EQ(refusal(amend(order, 0, 0, 110)), Refusal::triggers_at_once);
  EXPECT_EQ(refusal(amend(put(stop(1, Side::buy, 120, 5)), 100, 0)), Refusal::not_amendable);
  trade_at(115);
  EXPECT_EQ(open(order.id).status, OrderStatus::unfilled);
  const OrderView other = put(stop(1, Side::buy, 120, 5));
  must(cancel(other));
  EXPECT_EQ(change_of(other.id).status, OrderStatus::canceled_unfilled);
  trade_at(120);
  EXPECT_EQ(change_of(other.id).id, OrderId{0});
}

}  // namespace
}  // namespace oki::core
