// Load, halts, stops, collars, the staged reopening.
#include <gtest/gtest.h>

#include "core/testing/scene.h"

namespace oki::core {
namespace {

constexpr std::uint16_t bit(Stop stop) { return static_cast<std::uint16_t>(stop); }

struct MarketStates : ::testing::Test, Scene {
  MarketStates() {
    MarketSpec spec = plain_market();
    spec.busy_per_second = 3;
    spec.very_busy_per_second = 5;
    spec.busy_amount_min = Lots{10};
    spec.very_busy_amount_min = Lots{100};
    now = WallTimeMs{1'700'000'000'000};  // A whole second.
    set_up(spec);
  }
  void orders(int count) {
    for (int i = 0; i < count; ++i) (void)(*this)(limit(1, Side::buy, 5, 200));
    must(CancelAll{AccountId{1}, {}, true, {}});
  }
};

// --- Load.
TEST_F(MarketStates, OrdersOfOneSecondMakeItBusy) {
  orders(2);
  EXPECT_EQ(state().status, MarketStatus::normal);
  EXPECT_EQ(refusal(limit(1, Side::buy, 5, 9)), Refusal::amount_below_busy_min)
      << "it counts itself";
  EXPECT_EQ(state().status, MarketStatus::busy);
  EXPECT_EQ(refusal(limit(1, Side::buy, 5, 10)), Refusal::ok);
  EXPECT_EQ(refusal(limit(1, Side::buy, 5, 99)), Refusal::amount_below_busy_min);
  EXPECT_EQ(state().status, MarketStatus::very_busy);
  EXPECT_EQ(refusal(limit(1, Side::buy, 5, 100)), Refusal::ok);
}

TEST_F(MarketStates, ItComesDownOneStepASecond) {
  orders(5);
  EXPECT_EQ(state().status, MarketStatus::very_busy);
  EXPECT_EQ(core.next_timer(), WallTimeMs{now.value + 1'000});
  wait(999);
  EXPECT_EQ(state().status, MarketStatus::very_busy);
  wait(1);
  EXPECT_EQ(state().status, MarketStatus::very_busy) << "the second that ended was very busy";
  wait(1'000);
  EXPECT_EQ(state().status, MarketStatus::busy);
  wait(1'000);
  EXPECT_EQ(state().status, MarketStatus::normal);
  EXPECT_EQ(core.next_timer(), std::nullopt);
}

TEST_F(MarketStates, ABusySecondKeepsItBusy) {
  orders(5);
  wait(1'000);
  orders(3);
  wait(1'000);
  EXPECT_EQ(state().status, MarketStatus::busy);
  orders(2);
  EXPECT_EQ(state().status, MarketStatus::busy);
  wait(1'000);
  EXPECT_EQ(state().status, MarketStatus::normal);
}

TEST_F(MarketStates, LongQuietIsCaughtUpAtOnce) {
  orders(5);
  now.value += 3'000;
  orders(1);
  EXPECT_EQ(state().status, MarketStatus::normal);
}

TEST_F(MarketStates, AmendsCountAndCancelsDoNot) {
  const OrderView order = buy(1, 5, 200);
  must(cancel(buy(1, 5, 200)));
  EXPECT_EQ(state().status, MarketStatus::normal);
  put(amend(order, 0, 150));
  EXPECT_EQ(state().status, MarketStatus::busy);
}

TEST_F(MarketStates, RefusedOrdersCountButThoseNotAdmittedDoNot) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(refusal(limit(99, Side::buy, 5, 200)), Refusal::unknown_account);
  }
  EXPECT_EQ(state().status, MarketStatus::normal);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(refusal(limit(1, Side::buy, 5, 0)), Refusal::invalid_amount);
  }
  EXPECT_EQ(state().status, MarketStatus::busy);
}

TEST_F(MarketStates, ABusyMinimumOfZeroIsNone) {
  Scene scene;
  MarketSpec spec = plain_market();
  spec.busy_per_second = 1;
  spec.very_busy_per_second = 1;
  scene.set_up(spec);
  EXPECT_EQ(scene.refusal(limit(1, Side::buy, 5, 1)), Refusal::ok);
  EXPECT_EQ(scene.state().status, MarketStatus::very_busy);
}

// --- Halts.
TEST_F(MarketStates, AHaltedMarketTakesNothing) {
  const OrderView order = buy(1, 5, 200);
  must(SetMarketHalt{market_0, true});
  EXPECT_EQ(state().status, MarketStatus::halt);
  EXPECT_EQ(refusal(limit(1, Side::buy, 5, 200)), Refusal::market_halted);
  EXPECT_EQ(refusal(amend(order, 6, 0)), Refusal::market_halted);
  EXPECT_EQ(refusal(cancel(order)), Refusal::market_halted);
  EXPECT_EQ((*this)(CancelAll{AccountId{1}, {}, true, {}}).rows.size(), 0u);
  EXPECT_EQ(open(order.id), order);
  EXPECT_EQ(refusal(SetMarketHalt{market_0, true}), Refusal::wrong_state);
  must(SetMarketHalt{market_0, false});
  EXPECT_EQ(refusal(SetMarketHalt{market_0, false}), Refusal::wrong_state);
  EXPECT_EQ(refusal(SetMarketHalt{MarketId{7}, false}), Refusal::unknown_market);
  EXPECT_EQ(refusal(cancel(order)), Refusal::ok);
}

TEST_F(MarketStates, AnAuctionDoesNotEndWhileItsMarketIsHalted) {
  must(StartAuction{market_0, MarketMode::listing, {}, {now.value + 10}});
  buy(1, 100, 200);
  sell(2, 100, 200);
  must(SetMarketHalt{market_0, true});
  EXPECT_EQ(state().reopen_at.value, now.value + 10);
  wait(10);
  EXPECT_EQ(state().mode, MarketMode::listing);
  EXPECT_EQ(state().reopen_at, WallTimeMs{0});
  must(SetMarketHalt{market_0, false});
  wait(100);
  EXPECT_EQ(state().mode, MarketMode::listing);
  must(StartAuction{market_0, MarketMode::listing, {}, {now.value + 10}});
  wait(10);
  EXPECT_EQ(trades(), "100:200");
}

// --- The stops, one by one. The orders of the columns are those of the test.
using R = Refusal;
struct Row {
  Stop stop;
  R refusals[8];  // ok: whatever the order is answered without the stop.
};
constexpr Row stop_rows[] = {
    {Stop::order,
     {R::orders_stopped, R::orders_stopped, R::orders_stopped, R::orders_stopped, R::orders_stopped,
      R::orders_stopped, R::orders_stopped, R::orders_stopped}},
    {Stop::disabled,
     {R::orders_stopped, R::orders_stopped, R::orders_stopped, R::orders_stopped, R::orders_stopped,
      R::orders_stopped, R::orders_stopped, R::orders_stopped}},
    {Stop::order_and_cancel,
     {R::orders_and_cancels_stopped, R::orders_and_cancels_stopped, R::orders_and_cancels_stopped,
      R::orders_and_cancels_stopped, R::orders_and_cancels_stopped, R::orders_and_cancels_stopped,
      R::orders_and_cancels_stopped, R::orders_and_cancels_stopped}},
    {Stop::market_order,
     {R::market_orders_stopped, R::ok, R::ok, R::ok, R::ok, R::ok, R::ok, R::ok}},
    {Stop::stop_order, {R::ok, R::stop_orders_stopped, R::ok, R::ok, R::ok, R::ok, R::ok, R::ok}},
    {Stop::stop_limit_order,
     {R::ok, R::ok, R::stop_limit_orders_stopped, R::ok, R::ok, R::ok, R::ok, R::ok}},
    {Stop::margin_long_order,
     {R::ok, R::ok, R::ok, R::long_orders_stopped, R::ok, R::ok, R::ok, R::ok}},
    {Stop::margin_short_order,
     {R::ok, R::ok, R::ok, R::ok, R::short_orders_stopped, R::ok, R::ok, R::ok}},
    {Stop::buy_order,
     {R::buy_orders_stopped, R::ok, R::ok, R::buy_orders_stopped, R::ok, R::buy_orders_stopped,
      R::ok, R::buy_orders_stopped}},
    {Stop::sell_order,
     {R::ok, R::sell_orders_stopped, R::sell_orders_stopped, R::ok, R::sell_orders_stopped, R::ok,
      R::sell_orders_stopped, R::ok}},
    {Stop::not_post_only,
     {R::only_post_only, R::only_post_only, R::only_post_only, R::only_post_only, R::only_post_only,
      R::only_post_only, R::only_post_only, R::ok}},
};

TEST_F(MarketStates, EachStopRefusesItsOrdersAndNoOthers) {
  MarketSpec spec = plain_market();
  spec.name = "margin";
  spec.margin.enabled = true;
  must(AddMarket{spec});
  must(AllowMargin{AccountId{1}, true});
  const auto in_1 = [](PlaceOrder order) {
    order.market = MarketId{1};
    return order;
  };
  PlaceOrder seed = in_1(limit(3, Side::sell, 100, 1));
  put(seed);
  seed = in_1(limit(4, Side::buy, 100, 1));
  put(seed);
  const PlaceOrder orders[] = {
      in_1(market(1, Side::buy, 1)),
      in_1(stop(1, Side::sell, 50, 1)),
      in_1(stop_limit(1, Side::sell, 50, 50, 1)),
      in_1(with(limit(1, Side::buy, 50, 1), PositionSide::long_side)),
      in_1(with(limit(1, Side::sell, 500, 1), PositionSide::short_side)),
      in_1(limit(1, Side::buy, 50, 1)),
      in_1(limit(1, Side::sell, 500, 1)),
      in_1(post_only(1, Side::buy, 50, 1)),
  };
  for (const Row& row : stop_rows) {
    must(SetMarketStops{MarketId{1}, bit(row.stop)});
    EXPECT_EQ(state(MarketId{1}).stops, bit(row.stop));
    for (std::size_t i = 0; i < 8; ++i) {
      must(SetMarketStops{MarketId{1}, 0});
      const Refusal without = refusal(orders[i]);
      must(SetMarketStops{MarketId{1}, bit(row.stop)});
      const Refusal expected = row.refusals[i] == R::ok ? without : row.refusals[i];
      EXPECT_EQ(refusal(orders[i]), expected) << bit(row.stop) << " order " << i;
      must(SetMarketStops{MarketId{1}, 0});
      must(CancelAll{AccountId{1}, {}, true, {}});
    }
  }
}

TEST_F(MarketStates, CancelOnlyMeansCancelsAreTaken) {
  const OrderView first = buy(1, 5, 200);
  const OrderView second = buy(1, 5, 200);
  must(SetMarketStops{market_0, bit(Stop::order)});
  EXPECT_EQ(refusal(cancel(first)), Refusal::ok);
  must(SetMarketStops{market_0, bit(Stop::order_and_cancel)});
  EXPECT_EQ(refusal(cancel(second)), Refusal::orders_and_cancels_stopped);
  EXPECT_EQ((*this)(CancelAll{AccountId{1}, {}, true, {}}).rows.size(), 0u);
  EXPECT_EQ(refusal(SetMarketStops{market_0, stops_mask + 1}), Refusal::invalid_spec);
  EXPECT_EQ(refusal(SetMarketStops{market_0, stops_mask}), Refusal::ok);
  EXPECT_EQ(refusal(SetMarketStops{MarketId{7}, 0}), Refusal::unknown_market);
}

// --- Collars.
TEST_F(MarketStates, AnOrderMayNotBePricedTooFarThroughTheReference) {
  Scene scene;
  MarketSpec spec = plain_market();
  spec.collar_ppm = 100'000;
  scene.set_up(spec);
  EXPECT_EQ(scene.refusal(limit(1, Side::buy, 99'999, 1)), Refusal::ok) << "no reference yet";
  scene.must(CancelAll{AccountId{1}, {}, true, {}});
  scene.trade_at(1'005);
  EXPECT_EQ(scene.refusal(limit(1, Side::buy, 1'106, 1)), Refusal::price_beyond_collar);
  EXPECT_EQ(scene.refusal(limit(1, Side::buy, 1'105, 1)), Refusal::ok);
  EXPECT_EQ(scene.refusal(limit(1, Side::buy, 1, 1)), Refusal::ok);
  scene.must(CancelAll{AccountId{1}, {}, true, {}});
  EXPECT_EQ(scene.refusal(limit(1, Side::sell, 904, 1)), Refusal::price_beyond_collar);
  EXPECT_EQ(scene.refusal(limit(1, Side::sell, 905, 1)), Refusal::ok);
  EXPECT_EQ(scene.refusal(limit(1, Side::sell, 99'999, 1)), Refusal::ok);
  EXPECT_EQ(scene.refusal(stop_limit(1, Side::buy, 1'006, 1'106, 1)), Refusal::price_beyond_collar);
  EXPECT_EQ(scene.refusal(stop(1, Side::buy, 90'000, 1)), Refusal::ok);
}

// --- The staged reopening.
struct Reopening : MarketStates {
  Reopening() {
    must(SetMarketHalt{market_0, true});
    must(FreezeWithdrawals{anna, true, {}, true});
    start = now.value;
    must(ScheduleReopening{market_0, at(10), at(20), at(30), at(40)});
  }
  WallTimeMs at(std::int64_t ms) const { return {start + ms}; }
  std::int64_t start = 0;
};

TEST_F(Reopening, IsAnnouncedThenCancelOnlyThenAuctionThenTradingThenWithdrawals) {
  EXPECT_EQ(state().status, MarketStatus::halt);
  EXPECT_EQ(state().reopen_at, at(30));
  EXPECT_EQ(state().cancel_only_at, at(10));
  EXPECT_EQ(state().auction_at, at(20));
  EXPECT_EQ(state().withdrawals_at, at(40));
  EXPECT_EQ(core.next_timer(), at(10));
  wait(10);
  EXPECT_EQ(state().status, MarketStatus::normal);
  EXPECT_EQ(state().stops, bit(Stop::order));
  EXPECT_EQ(state().cancel_only_at, WallTimeMs{0});
  EXPECT_EQ(refusal(limit(1, Side::buy, 100, 200)), Refusal::orders_stopped);
  wait(10);
  EXPECT_EQ(state().stops, 0);
  EXPECT_EQ(state().mode, MarketMode::resumption);
  EXPECT_EQ(state().fee_type, FeeType::dynamic);
  EXPECT_EQ(state().reopen_at, at(30));
  buy(1, 100, 200);
  sell(2, 100, 200);
  wait(10);
  EXPECT_EQ(state().mode, MarketMode::none);
  EXPECT_EQ(trades(), "100:200");
  EXPECT_TRUE(events_of<WithdrawalsFrozen>(events).empty());
  wait(10);
  const auto resumed = events_of<WithdrawalsFrozen>(events);
  ASSERT_EQ(resumed.size(), 2u);
  EXPECT_EQ(resumed[0], (WithdrawalsFrozen{btc, false, {}}));
  EXPECT_EQ(resumed[1], (WithdrawalsFrozen{jpy, false, {}}));
  EXPECT_EQ(state().withdrawals_at, WallTimeMs{0});
}

TEST_F(Reopening, StagesOfOneMomentFireOneACommand) {
  must(ScheduleReopening{market_0, at(10), at(20), at(30), at(30)});
  wait(10);
  wait(10);
  wait(10);
  EXPECT_EQ(events_of<AuctionEnded>(events).size(), 1u);
  EXPECT_TRUE(events_of<WithdrawalsFrozen>(events).empty());
  EXPECT_EQ(core.next_timer(), now);
  wait(0);
  EXPECT_EQ(events_of<WithdrawalsFrozen>(events).size(), 2u);
}

TEST_F(Reopening, StagesThatWereMissedFireCommandByCommand) {
  now.value += 1'000;
  must(Tick{});
  EXPECT_EQ(state().stops, bit(Stop::order));
  must(Tick{});
  EXPECT_EQ(state().mode, MarketMode::resumption);
  must(Tick{});
  EXPECT_EQ(state().mode, MarketMode::none);
  must(Tick{});
  EXPECT_EQ(state().withdrawals_at, WallTimeMs{0});
}

TEST_F(Reopening, AnotherHaltEndsIt) {
  wait(10);
  must(SetMarketHalt{market_0, true});
  EXPECT_EQ(state().reopen_at, WallTimeMs{0});
  EXPECT_EQ(state().auction_at, WallTimeMs{0});
  EXPECT_EQ(state().withdrawals_at, WallTimeMs{0});
  EXPECT_EQ(state().stops, bit(Stop::order)) << "operators take it back";
  EXPECT_EQ(core.next_timer(), std::nullopt);
}

TEST_F(Reopening, AnAuctionByHandTakesItsPlace) {
  must(StartAuction{market_0, MarketMode::listing, {}, at(25)});
  EXPECT_EQ(state().cancel_only_at, WallTimeMs{0});
  EXPECT_EQ(state().auction_at, WallTimeMs{0});
  EXPECT_EQ(state().withdrawals_at, at(40));
}

TEST_F(Reopening, RefusesTimesThatDoNotRiseAndMarketsThatRun) {
  const auto refused = [&](std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d) {
    return refusal(ScheduleReopening{market_0, at(a), at(b), at(c), at(d)});
  };
  EXPECT_EQ(refusal(ScheduleReopening{MarketId{7}, at(1), at(2), at(3), at(4)}),
            Refusal::unknown_market);
  EXPECT_EQ(refused(0, 20, 30, 40), Refusal::invalid_time);
  EXPECT_EQ(refused(10, 10, 30, 40), Refusal::invalid_time);
  EXPECT_EQ(refused(10, 20, 20, 40), Refusal::invalid_time);
  EXPECT_EQ(refused(10, 20, 30, 29), Refusal::invalid_time);
  EXPECT_EQ(refused(1, 2, 3, 3), Refusal::ok);
  must(SetMarketHalt{market_0, false});
  EXPECT_EQ(refused(10, 20, 30, 40), Refusal::wrong_state);
  must(StartAuction{market_0, MarketMode::listing, {}, at(100)});
  must(SetMarketHalt{market_0, true});
  EXPECT_EQ(refused(10, 20, 30, 40), Refusal::wrong_state);
}

}  // namespace
}  // namespace oki::core
