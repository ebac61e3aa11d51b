// Time in force, meetings with one's own orders, icebergs, limits of execution.
#include <gtest/gtest.h>

#include "core/testing/scene.h"

namespace oki::core {
namespace {

struct Orders : ::testing::Test, Scene {
  Orders() { set_up(); }
};

TEST_F(Orders, AnIocOrderTradesWhatItCanAndGivesTheRestUp) {
  sell(1, 100, 5);
  const OrderView order = put(with(limit(2, Side::buy, 101, 8), TimeInForce::ioc));
  EXPECT_EQ(order.status, OrderStatus::canceled_partially_filled);
  EXPECT_EQ(order.reason, Reason::not_filled);
  EXPECT_EQ(order.executed, Lots{5});
  EXPECT_EQ(order.canceled_at, now);
  EXPECT_EQ(order.expire_at, WallTimeMs{0}) << "it never rests";
  EXPECT_EQ(held(2, jpy), 0u);
  EXPECT_EQ(free(2, jpy), rich_jpy - 500);
  EXPECT_EQ(book(Side::buy), "");
}

TEST_F(Orders, AnIocOrderThatMeetsNothingIsCanceledUnfilled) {
  sell(1, 102, 5);
  const OrderView order = put(with(limit(2, Side::buy, 101, 8), TimeInForce::ioc));
  EXPECT_EQ(order.status, OrderStatus::canceled_unfilled);
  EXPECT_EQ(order.reason, Reason::not_filled);
  EXPECT_EQ(trades(), "");
}

TEST_F(Orders, AFokOrderFillsCompletelyOrNotAtAll) {
  sell(1, 100, 5);
  sell(1, 101, 5);
  const OrderView none = put(with(limit(2, Side::buy, 101, 11), TimeInForce::fok));
  EXPECT_EQ(none.status, OrderStatus::canceled_unfilled);
  EXPECT_EQ(none.reason, Reason::not_filled);
  EXPECT_EQ(trades(), "");
  EXPECT_EQ(book(Side::sell), "100:5 101:5");
  const OrderView all = put(with(limit(2, Side::buy, 101, 10), TimeInForce::fok));
  EXPECT_EQ(all.status, OrderStatus::fully_filled);
  EXPECT_EQ(trades(), "100:5 101:5");
}

TEST_F(Orders, AFokOrderDoesNotReachBeyondItsPrice) {
  sell(1, 100, 5);
  sell(1, 102, 5);
  EXPECT_EQ(put(with(limit(2, Side::buy, 101, 6), TimeInForce::fok)).executed, Lots{0});
}

TEST_F(Orders, OrdersOfThePresentLiveHalfAYearAndDatedOnesAsLongAsTheySay) {
  const std::int64_t life = 15'552'000'000;
  EXPECT_EQ(buy(1, 50, 1).expire_at.value, now.value + life);
  EXPECT_EQ(put(stop(1, Side::buy, 200, 1)).expire_at.value, now.value + life);
  EXPECT_EQ(put(market(1, Side::buy, 1)).expire_at.value, 0);
  PlaceOrder dated = with(limit(1, Side::buy, 50, 1), TimeInForce::gtd);
  EXPECT_EQ(refusal(dated), Refusal::invalid_time_in_force);
  dated.expire_at = now;
  EXPECT_EQ(refusal(dated), Refusal::invalid_time_in_force);
  dated.expire_at.value = now.value + life + 1;
  EXPECT_EQ(refusal(dated), Refusal::invalid_time_in_force);
  dated.expire_at.value = now.value + life;
  EXPECT_EQ(put(dated).expire_at.value, now.value + life);
  dated.expire_at.value = now.value + 1;
  const OrderView order = put(dated);
  EXPECT_EQ(core.next_timer(), order.expire_at);
  wait(1);
  EXPECT_EQ(change_of(order.id).status, OrderStatus::canceled_unfilled);
  EXPECT_EQ(change_of(order.id).reason, Reason::expired);
  EXPECT_EQ(change_of(order.id).canceled_at, now);
}

TEST_F(Orders, AnExpiredOrderIsGoneBeforeTheCommandThatComesThen) {
  PlaceOrder dated = with(limit(1, Side::sell, 100, 1), TimeInForce::gtd);
  dated.expire_at.value = now.value + 10;
  const OrderView order = put(dated);
  now.value += 10;
  const OrderView taker = buy(2, 100, 1);
  EXPECT_EQ(taker.status, OrderStatus::unfilled);
  EXPECT_EQ(change_of(order.id).reason, Reason::expired);
}

// --- Self-trade prevention: the taker's choice decides.
TEST_F(Orders, ByDefaultAnOrderTradesWithItsOwn) {
  sell(1, 100, 5);
  EXPECT_EQ(buy(1, 100, 5).status, OrderStatus::fully_filled);
}

TEST_F(Orders, CancelNewestKeepsWhatRestsAndEndsTheTaker) {
  sell(2, 99, 2);
  const OrderView own = sell(1, 100, 5);
  sell(2, 101, 5);
  const OrderView taker = put(with(limit(1, Side::buy, 101, 10), SelfTrade::cancel_newest));
  EXPECT_EQ(taker.status, OrderStatus::canceled_partially_filled);
  EXPECT_EQ(taker.reason, Reason::self_trade);
  EXPECT_EQ(trades(), "99:2");
  EXPECT_EQ(open(own.id).amount, Lots{5});
  EXPECT_EQ(book(Side::sell), "100:5 101:5");
}

TEST_F(Orders, CancelOldestTakesItsOwnAwayAndGoesOn) {
  const OrderView own = sell(1, 100, 5);
  sell(2, 100, 4);
  const OrderView also_own = sell(1, 101, 5);
  sell(2, 102, 4);
  const OrderView taker = put(with(limit(1, Side::buy, 102, 10), SelfTrade::cancel_oldest));
  EXPECT_EQ(trades(), "100:4 102:4");
  EXPECT_EQ(taker.status, OrderStatus::partially_filled);
  EXPECT_EQ(book(Side::buy), "102:2");
  for (const OrderId id : {own.id, also_own.id}) {
    EXPECT_EQ(change_of(id).status, OrderStatus::canceled_unfilled);
    EXPECT_EQ(change_of(id).reason, Reason::self_trade);
  }
  EXPECT_EQ(held(1, btc), 0u);
}

TEST_F(Orders, CancelBothEndsBoth) {
  const OrderView own = sell(1, 100, 5);
  sell(2, 101, 4);
  const OrderView taker = put(with(limit(1, Side::buy, 101, 10), SelfTrade::cancel_both));
  EXPECT_EQ(taker.status, OrderStatus::canceled_unfilled);
  EXPECT_EQ(taker.reason, Reason::self_trade);
  EXPECT_EQ(change_of(own.id).reason, Reason::self_trade);
  EXPECT_EQ(book(Side::sell), "101:4");
  EXPECT_EQ(trades(), "");
}

TEST_F(Orders, DecrementTakesTheSmallerOffBothWithoutATrade) {
  const OrderView own = sell(1, 100, 5);
  sell(2, 101, 4);
  const OrderView taker = put(with(limit(1, Side::buy, 101, 12), SelfTrade::decrement));
  EXPECT_EQ(change_of(own.id).status, OrderStatus::canceled_unfilled);
  EXPECT_EQ(change_of(own.id).amount, Lots{5}) << "one that ends keeps its amount";
  EXPECT_EQ(trades(), "101:4");
  EXPECT_EQ(taker.amount, Lots{7});
  EXPECT_EQ(taker.executed, Lots{4});
  EXPECT_EQ(book(Side::buy), "101:3");
  EXPECT_EQ(held(1, jpy), 303u);
}

TEST_F(Orders, DecrementMayEndTheTakerAndShrinkWhatRests) {
  const OrderView own = sell(1, 100, 5);
  const OrderView taker = put(with(limit(1, Side::buy, 100, 2), SelfTrade::decrement));
  EXPECT_EQ(taker.status, OrderStatus::canceled_unfilled);
  EXPECT_EQ(taker.reason, Reason::self_trade);
  EXPECT_EQ(taker.amount, Lots{2});
  EXPECT_EQ(open(own.id).amount, Lots{3});
  EXPECT_EQ(change_of(own.id).amount, Lots{3});
  EXPECT_EQ(book(Side::sell), "100:3");
  EXPECT_EQ(held(1, btc), 30'000u);
}

TEST_F(Orders, DecrementOfEqualsEndsBoth) {
  const OrderView own = sell(1, 100, 5);
  const OrderView taker = put(with(limit(1, Side::buy, 100, 5), SelfTrade::decrement));
  EXPECT_EQ(taker.status, OrderStatus::canceled_unfilled);
  EXPECT_EQ(change_of(own.id).status, OrderStatus::canceled_unfilled);
  EXPECT_EQ(core.open_orders().size(), 0u);
}

TEST_F(Orders, AnOrderThatMustFillCompletelyTouchesNobodyWhenItMeetsItsOwn) {
  const OrderView own = sell(1, 100, 5);
  sell(2, 100, 2);
  for (const SelfTrade choice :
       {SelfTrade::cancel_newest, SelfTrade::cancel_both, SelfTrade::decrement}) {
    EXPECT_EQ(put(with(market(1, Side::buy, 3), choice)).status, OrderStatus::rejected);
    EXPECT_EQ(put(with(with(limit(1, Side::buy, 100, 3), choice), TimeInForce::fok)).status,
              OrderStatus::canceled_unfilled);
  }
  EXPECT_EQ(put(with(market(1, Side::buy, 3), SelfTrade::cancel_oldest)).status,
            OrderStatus::rejected);
  EXPECT_EQ(open(own.id).status, OrderStatus::unfilled);
  EXPECT_EQ(put(with(market(1, Side::buy, 2), SelfTrade::cancel_oldest)).status,
            OrderStatus::fully_filled);
  EXPECT_EQ(open(own.id).id, OrderId{0}) << "it stood in front";
}

TEST_F(Orders, APostOnlyOrderDoesNotCrossItsOwnEither) {
  sell(1, 100, 5);
  PlaceOrder order = with(post_only(1, Side::buy, 100, 5), SelfTrade::cancel_oldest);
  const OrderView seen = put(order);
  EXPECT_EQ(seen.status, OrderStatus::canceled_unfilled);
  EXPECT_EQ(seen.reason, Reason::would_cross);
  EXPECT_EQ(book(Side::sell), "100:5");
}

// --- Icebergs.
TEST_F(Orders, AnIcebergShowsAtMostItsDisplayAndGoesToTheEndWhenItShowsMore) {
  const OrderView ice = put(iceberg(1, Side::sell, 100, 10, 4));
  const OrderView plain = sell(2, 100, 3);
  EXPECT_EQ(book(Side::sell), "100:7");
  buy(3, 100, 5);
  const auto first = events_of<Traded>(events);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].maker_order, ice.id);
  EXPECT_EQ(first[0].amount, Lots{4});
  EXPECT_EQ(first[1].maker_order, plain.id);
  EXPECT_EQ(first[1].amount, Lots{1});
  EXPECT_EQ(book(Side::sell), "100:6") << "2 of the plain one, 4 shown again";
  buy(3, 100, 3);
  EXPECT_EQ(events_of<Traded>(events)[0].maker_order, plain.id);
  EXPECT_EQ(book(Side::sell), "100:3");
  buy(3, 100, 4);
  EXPECT_EQ(trades(), "100:3 100:1") << "its last two lots come after the first three";
  EXPECT_EQ(book(Side::sell), "100:1");
  EXPECT_EQ(open(ice.id).executed, Lots{9});
}

TEST_F(Orders, OneTakerMayTakeAnIcebergSliceAfterSlice) {
  put(iceberg(1, Side::sell, 100, 10, 4));
  EXPECT_EQ(buy(2, 100, 10).status, OrderStatus::fully_filled);
  EXPECT_EQ(trades(), "100:4 100:4 100:2");
  EXPECT_EQ(core.open_orders().size(), 0u);
}

TEST_F(Orders, AnIcebergThatComesAsATakerShowsWhatIsLeftOfItUpToItsDisplay) {
  sell(1, 100, 7);
  const OrderView ice = put(iceberg(2, Side::buy, 100, 10, 4));
  EXPECT_EQ(ice.executed, Lots{7});
  EXPECT_EQ(book(Side::buy), "100:3");
}

TEST_F(Orders, DecrementTakesHiddenLotsToo) {
  const OrderView ice = put(iceberg(1, Side::sell, 100, 10, 4));
  put(with(limit(1, Side::buy, 100, 5), SelfTrade::decrement));
  EXPECT_EQ(open(ice.id).amount, Lots{5});
  EXPECT_EQ(book(Side::sell), "100:4");
  put(with(limit(1, Side::buy, 100, 3), SelfTrade::decrement));
  EXPECT_EQ(book(Side::sell), "100:2");
}

TEST_F(Orders, APlanOfTooManyTradesIsCutAndItsRestCanceled) {
  CoreLimits limits;
  limits.fills_per_order_max = 3;
  Scene small(limits);
  small.set_up();
  for (int i = 0; i < 5; ++i) small.sell(1, 100, 1);
  EXPECT_EQ(small.put(small.market(2, Side::buy, 4)).status, OrderStatus::rejected);
  EXPECT_EQ(small.put(with(limit(2, Side::buy, 100, 4), TimeInForce::fok)).executed, Lots{0});
  const OrderView order = small.buy(2, 100, 4);
  EXPECT_EQ(order.executed, Lots{3});
  EXPECT_EQ(order.reason, Reason::fills_limit);
  EXPECT_EQ(order.status, OrderStatus::canceled_partially_filled);
  EXPECT_EQ(small.book(Side::sell), "100:2");
  EXPECT_EQ(small.put(small.market(2, Side::buy, 2)).status, OrderStatus::fully_filled);
}

TEST_F(Orders, APlanMayHaveExactlyAsManyTradesAsAllowed) {
  CoreLimits limits;
  limits.fills_per_order_max = 3;
  Scene small(limits);
  small.set_up();
  for (int i = 0; i < 3; ++i) small.sell(1, 100, 1);
  EXPECT_EQ(small.put(small.market(2, Side::buy, 3)).status, OrderStatus::fully_filled);
}

TEST_F(Orders, AMarketOrderStaysWithinItsAllowance) {
  MarketSpec spec = plain_market();
  spec.name = "narrow";
  spec.market_allowance_ppm = 100'000;
  must(AddMarket{spec});
  const auto elsewhere = [](PlaceOrder order) {
    order.market = MarketId{1};
    return order;
  };
  put(elsewhere(limit(1, Side::sell, 101, 5)));
  put(elsewhere(limit(1, Side::sell, 111, 5)));  // down(101 * 1.1)
  put(elsewhere(limit(1, Side::sell, 112, 5)));
  EXPECT_EQ(put(elsewhere(market(2, Side::buy, 11))).status, OrderStatus::rejected);
  EXPECT_EQ(put(elsewhere(market(2, Side::buy, 10))).status, OrderStatus::fully_filled);
  put(elsewhere(limit(1, Side::buy, 99, 5)));
  put(elsewhere(limit(1, Side::buy, 90, 5)));  // up(99 * 0.9)
  put(elsewhere(limit(1, Side::buy, 89, 5)));
  EXPECT_EQ(put(elsewhere(market(2, Side::sell, 11))).status, OrderStatus::rejected);
  EXPECT_EQ(put(elsewhere(market(2, Side::sell, 10))).status, OrderStatus::fully_filled);
}

// --- Idempotency.
TEST_F(Orders, AClientOrderIdIsUsedOnce) {
  PlaceOrder order = limit(1, Side::sell, 100, 5);
  order.client_order_id = "mine.A_1:-z";
  const OrderView first = put(order);
  EXPECT_EQ(first.client_order_id, order.client_order_id);
  Reply again = (*this)(order);
  EXPECT_EQ(again.refusal, Refusal::client_order_id_used);
  ASSERT_EQ(again.rows.size(), 1u);
  EXPECT_EQ(again.rows[0].order, first);
  order.account = AccountId{2};
  EXPECT_EQ(refusal(order), Refusal::ok) << "of another account";
  must(cancel(first));
  order.account = AccountId{1};
  again = (*this)(order);
  EXPECT_EQ(again.refusal, Refusal::client_order_id_used);
  OrderView only_id;
  only_id.id = first.id;
  EXPECT_EQ(again.rows[0].order, only_id);
}

TEST_F(Orders, TheOldestClientOrderIdsAreForgotten) {
  CoreLimits limits;
  limits.client_order_ids_max = 2;
  Scene small(limits);
  small.set_up();
  const auto place = [&](const char* id) {
    PlaceOrder order = limit(1, Side::sell, 100, 5);
    order.client_order_id = id;
    return small.refusal(order);
  };
  for (const char* id : {"a", "b", "c"}) EXPECT_EQ(place(id), Refusal::ok);
  EXPECT_EQ(place("c"), Refusal::client_order_id_used);
  EXPECT_EQ(place("b"), Refusal::client_order_id_used);
  EXPECT_EQ(place("a"), Refusal::ok);
}

TEST_F(Orders, ARefusedOrderDoesNotUseItsClientOrderIdUp) {
  PlaceOrder order = limit(1, Side::buy, 100'000'000, 10'000'000);
  order.client_order_id = "x";
  EXPECT_EQ(refusal(order), Refusal::insufficient_amount);
  order.amount = Lots{1};
  EXPECT_EQ(refusal(order), Refusal::ok);
}

}  // namespace
}  // namespace oki::core
