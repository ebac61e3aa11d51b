// Changing an open order: who keeps his place, what it costs, what is refused in which order.
#include <gtest/gtest.h>

#include "core/testing/scene.h"

namespace oki::core {
namespace {

struct Amend : ::testing::Test, Scene {
  Amend() { set_up(); }
};

TEST_F(Amend, ASmallerAmountKeepsItsPlaceAndFreesItsHold) {
  const OrderView order = sell(1, 100, 10);
  sell(2, 100, 10);
  const OrderView smaller = put(amend(order, 0, 4));
  EXPECT_EQ(smaller.amount, Lots{4});
  EXPECT_EQ(smaller.id, order.id);
  EXPECT_EQ(book(Side::sell), "100:14");
  EXPECT_EQ(held(1, btc), 40'000u);
  buy(3, 100, 1);
  EXPECT_EQ(events_of<Traded>(events)[0].maker_order, order.id);
}

TEST_F(Amend, ALargerAmountGoesToTheEnd) {
  const OrderView order = buy(1, 100, 10);
  const OrderView other = buy(2, 100, 10);
  put(amend(order, 0, 11));
  EXPECT_EQ(held(1, jpy), 1'100u);
  sell(3, 100, 1);
  EXPECT_EQ(events_of<Traded>(events)[0].maker_order, other.id);
}

TEST_F(Amend, AnotherPriceGoesToTheEndOfThatPriceAndMayTrade) {
  const OrderView order = buy(1, 100, 10);
  sell(2, 105, 4);
  const OrderView moved = put(amend(order, 105, 0));
  EXPECT_EQ(moved.status, OrderStatus::partially_filled);
  EXPECT_EQ(moved.price, Price{105});
  EXPECT_EQ(book(Side::buy), "105:6");
  EXPECT_EQ(trades(), "105:4");
  EXPECT_EQ(events_of<OrderAccepted>(events).size(), 0u);
  EXPECT_EQ(free(1, jpy) + held(1, jpy), rich_jpy - 420);
}

TEST_F(Amend, TheAmountIsTheWholeAmount) {
  const OrderView order = sell(1, 100, 10);
  buy(2, 100, 4);
  EXPECT_EQ(refusal(amend(order, 0, 4)), Refusal::invalid_amount);
  EXPECT_EQ(put(amend(order, 0, 5)).executed, Lots{4});
  EXPECT_EQ(book(Side::sell), "100:1");
  buy(2, 100, 1);
  EXPECT_EQ(change_of(order.id).status, OrderStatus::fully_filled);
}

TEST_F(Amend, AnIcebergShrinksFromBehindAndShowsWhatIsLeft) {
  const OrderView order = put(iceberg(1, Side::sell, 100, 10, 4));
  put(amend(order, 0, 6));
  EXPECT_EQ(book(Side::sell), "100:4");
  put(amend(order, 0, 3));
  EXPECT_EQ(book(Side::sell), "100:3");
  put(amend(order, 0, 1'000));
  EXPECT_EQ(book(Side::sell), "100:4") << "more than a hundred slices are no reason to refuse";
}

TEST_F(Amend, APostOnlyOrderMayNotMoveAcross) {
  const OrderView order = put(post_only(1, Side::buy, 100, 10));
  sell(2, 105, 4);
  EXPECT_EQ(refusal(amend(order, 105, 0)), Refusal::would_cross);
  EXPECT_EQ(put(amend(order, 104, 0)).price, Price{104});
}

TEST_F(Amend, AnAmendedOrderMeetsItsOwnByItsOwnChoice) {
  const OrderView order = put(with(limit(1, Side::buy, 100, 10), SelfTrade::cancel_newest));
  sell(3, 100, 3);
  sell(1, 105, 4);
  const OrderView moved = put(amend(order, 105, 0));
  EXPECT_EQ(moved.status, OrderStatus::canceled_partially_filled) << "it had traded before";
  EXPECT_EQ(moved.reason, Reason::self_trade);
}

TEST_F(Amend, RefusalsComeInTheOrderOfChecking) {
  MarketSpec spec = plain_market();
  spec.name = "strict";
  spec.amount_min = Lots{5};
  spec.price_min = Price{10};
  spec.price_max = Price{1'000};
  spec.limit_amount_max = Lots{100'000'000};
  spec.collar_ppm = 500'000;
  must(AddMarket{spec});
  PlaceOrder place = limit(1, Side::buy, 100, 10);
  place.market = MarketId{1};
  const OrderView order = put(place);
  must(StartAuction{MarketId{1}, MarketMode::resumption, Price{100}, {now.value + 1}});
  wait(1);
  AmendOrder x = amend(order, 0, 0, 5);
  const auto refused = [&] { return refusal(x); };
  x.account = AccountId{2};
  EXPECT_EQ(refused(), Refusal::order_not_found);
  x.account = AccountId{1};
  x.market = market_0;
  EXPECT_EQ(refused(), Refusal::order_not_found);
  x.market = MarketId{1};
  EXPECT_EQ(refused(), Refusal::not_amendable) << "it does not wait for a trigger";
  x.trigger = Price{0};
  EXPECT_EQ(refused(), Refusal::not_amendable) << "nothing is given";
  x.price = Price{100};
  x.amount = Lots{10};
  EXPECT_EQ(refused(), Refusal::not_amendable) << "nothing differs";
  x.amount = Lots{4};
  must(SetMarketStops{MarketId{1}, static_cast<std::uint16_t>(Stop::buy_order)});
  EXPECT_EQ(refused(), Refusal::buy_orders_stopped);
  must(SetMarketStops{MarketId{1}, 0});
  x.price = Price{9};
  EXPECT_EQ(refused(), Refusal::amount_below_min);
  x.amount = Lots{100'000'001};
  EXPECT_EQ(refused(), Refusal::amount_above_max);
  x.amount = Lots{100'000'000};
  EXPECT_EQ(refused(), Refusal::price_below_min);
  x.price = Price{1'001};
  EXPECT_EQ(refused(), Refusal::price_above_max);
  x.price = Price{151};
  EXPECT_EQ(refused(), Refusal::price_beyond_collar);
  x.price = Price{150};
  EXPECT_EQ(refused(), Refusal::insufficient_amount);
  EXPECT_EQ(open(order.id), order);
  x.amount = Lots{5};
  EXPECT_EQ(refused(), Refusal::ok);
}

TEST_F(Amend, NeedsNoMoreThanTheDifference) {
  const OrderView order = buy(1, 1'000, 9'999'999);
  EXPECT_EQ(free(1, jpy), 1'000u);
  EXPECT_EQ(refusal(amend(order, 0, 10'000'000)), Refusal::ok);
  EXPECT_EQ(free(1, jpy), 0u);
  EXPECT_EQ(refusal(amend(order, 1'001, 0)), Refusal::insufficient_amount);
  EXPECT_EQ(refusal(amend(order, 999, 0)), Refusal::ok);
}

TEST_F(Amend, ARestrictedAccountAmendsNothing) {
  const OrderView order = buy(1, 100, 10);
  must(RestrictAccount{anna, AccountId{1}, true, false});
  EXPECT_EQ(refusal(amend(order, 0, 5)), Refusal::account_restricted);
  EXPECT_EQ(refusal(limit(1, Side::buy, 100, 1)), Refusal::account_restricted);
  EXPECT_EQ(refusal(cancel(order)), Refusal::ok);
}

}  // namespace
}  // namespace oki::core
