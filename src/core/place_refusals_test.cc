// The refusals of new orders in the order of checking: each order breaks all the rules that it can
// still break, and the first in order is named; then that one is mended.
#include <gtest/gtest.h>

#include "core/testing/margin_scene.h"

namespace oki::core {
namespace {

constexpr std::uint16_t bit(Stop stop) { return static_cast<std::uint16_t>(stop); }

// Market 1 has every limit there is, and a reference and last price of 100.
struct PlaceRefusals : ::testing::Test, MarginScene {
  static CoreLimits few() {
    CoreLimits limits;
    limits.open_orders_per_account_and_market_max = 2;
    limits.open_orders_max = 4;
    return limits;
  }
  PlaceRefusals() : MarginScene(few()) {
    MarketSpec spec = margin_market();
    spec.name = "strict";
    spec.amount_min = Lots{5};
    spec.price_min = Price{10};
    spec.price_max = Price{1'000};
    spec.limit_amount_max = Lots{2'000'000};
    spec.market_amount_max = Lots{1'000'000};
    spec.collar_ppm = 500'000;
    spec.busy_per_second = 1;
    spec.very_busy_per_second = 1'000;
    spec.busy_amount_min = Lots{7};
    must(AddMarket{spec});
    in_strict(limit(3, Side::sell, 100, 10));
    in_strict(limit(4, Side::buy, 100, 10));
  }
  OrderView in_strict(PlaceOrder order) {
    order.market = MarketId{1};
    return put(order);
  }
  void stops(std::uint16_t bits) { must(SetMarketStops{MarketId{1}, bits}); }
};

TEST_F(PlaceRefusals, OfLimitOrdersComeInTheOrderOfChecking) {
  PlaceOrder used = limit(21, Side::buy, 20, 10);
  used.market = MarketId{1};
  used.client_order_id = "used";
  put(used);
  PlaceOrder x = limit(21, Side::buy, 9, 4);
  x.market = MarketId{1};
  x.client_order_id = "used";
  x.type = OrderType::losscut;
  x.amount = Lots{0};
  x.trigger = Price{5};
  x.post_only = true;
  x.time_in_force = TimeInForce::ioc;
  x.display = Lots{4};
  const auto refused = [&] { return refusal(x); };
  EXPECT_EQ(refused(), Refusal::client_order_id_used);
  x.client_order_id = "a b";
  EXPECT_EQ(refused(), Refusal::invalid_client_order_id);
  x.client_order_id = "ab";
  EXPECT_EQ(refused(), Refusal::invalid_type);
  x.type = OrderType::limit;
  EXPECT_EQ(refused(), Refusal::invalid_amount);
  x.amount = Lots{4};
  x.price = Price{0};
  EXPECT_EQ(refused(), Refusal::invalid_price);
  x.price = Price{9};
  EXPECT_EQ(refused(), Refusal::invalid_trigger);
  x.trigger = Price{0};
  EXPECT_EQ(refused(), Refusal::invalid_time_in_force) << "post-only and at once";
  x.post_only = false;
  EXPECT_EQ(refused(), Refusal::invalid_display);
  x.display = Lots{0};
  x.time_in_force = TimeInForce::gtc;
  EXPECT_EQ(refused(), Refusal::amount_below_min);
}

TEST_F(PlaceRefusals, OfTheMarketComeNextThenThoseOfNumbersAndMoney) {
  PlaceOrder x = limit(21, Side::buy, 9, 4);
  x.market = MarketId{1};
  x.time_in_force = TimeInForce::ioc;
  const auto refused = [&] { return refusal(x); };
  must(SetMarketHalt{MarketId{1}, true});
  stops(stops_mask);
  EXPECT_EQ(refused(), Refusal::market_halted);
  must(SetMarketHalt{MarketId{1}, false});
  EXPECT_EQ(refused(), Refusal::orders_and_cancels_stopped);
  stops(stops_mask & ~bit(Stop::order_and_cancel));
  EXPECT_EQ(refused(), Refusal::orders_stopped);
  stops(stops_mask & ~bit(Stop::order_and_cancel) & ~bit(Stop::order));
  EXPECT_EQ(refused(), Refusal::orders_stopped) << "disabled";
  stops(bit(Stop::buy_order) | bit(Stop::not_post_only));
  must(StartAuction{MarketId{1}, MarketMode::listing, {}, {now.value + 1'000}});
  EXPECT_EQ(refused(), Refusal::no_market_orders_in_auction);
  x.time_in_force = TimeInForce::gtc;
  EXPECT_EQ(refused(), Refusal::buy_orders_stopped);
  stops(bit(Stop::not_post_only));
  EXPECT_EQ(refused(), Refusal::only_post_only);
  stops(0);
  EXPECT_EQ(refused(), Refusal::amount_below_min);
  x.amount = Lots{6};
  EXPECT_EQ(refused(), Refusal::amount_below_busy_min);
  x.amount = Lots{2'000'001};
  EXPECT_EQ(refused(), Refusal::amount_above_max);
  x.amount = Lots{2'000'000};
  EXPECT_EQ(refused(), Refusal::price_below_min);
  x.price = Price{1'001};
  EXPECT_EQ(refused(), Refusal::price_above_max);
  x.price = Price{151};
  EXPECT_EQ(refused(), Refusal::price_beyond_collar);
  x.price = Price{150};
  for (int i = 0; i < 2; ++i) in_strict(limit(21, Side::buy, 20, 10));
  EXPECT_EQ(refused(), Refusal::too_many_open_orders);
  x.account = AccountId{22};
  buy(3, 5, 1);
  buy(3, 5, 1);
  EXPECT_EQ(refused(), Refusal::limit_reached);
  must(CancelAll{AccountId{3}, {}, true, {}});
  EXPECT_EQ(refused(), Refusal::insufficient_amount);
  x.amount = Lots{600};
  EXPECT_EQ(refused(), Refusal::ok);
}

TEST_F(PlaceRefusals, OfWaitingOrdersComeInTheOrderOfChecking) {
  PlaceOrder x = stop(21, Side::buy, 0, 4);
  x.market = MarketId{1};
  x.post_only = true;
  x.time_in_force = TimeInForce::gtd;
  x.position = PositionSide::long_side;
  const auto refused = [&] { return refusal(x); };
  x.price = Price{1};
  EXPECT_EQ(refused(), Refusal::invalid_price);
  x.price = Price{0};
  EXPECT_EQ(refused(), Refusal::invalid_trigger);
  x.trigger = Price{9};
  EXPECT_EQ(refused(), Refusal::post_only_with_market);
  x.post_only = false;
  EXPECT_EQ(refused(), Refusal::invalid_time_in_force);
  x.time_in_force = TimeInForce::gtc;
  x.display = Lots{4};
  EXPECT_EQ(refused(), Refusal::invalid_display) << "it never rests";
  x.display = Lots{0};
  EXPECT_EQ(refused(), Refusal::stop_opens_position);
  x.position = PositionSide::none;
  must(SetMarketStops{MarketId{1}, bit(Stop::stop_order)});
  EXPECT_EQ(refused(), Refusal::stop_orders_stopped);
  stops(0);
  EXPECT_EQ(refused(), Refusal::amount_below_min);
  x.amount = Lots{1'000'001};
  EXPECT_EQ(refused(), Refusal::amount_above_max) << "like a market order";
  x.amount = Lots{1'000'000};
  EXPECT_EQ(refused(), Refusal::trigger_below_min);
  x.trigger = Price{1'001};
  EXPECT_EQ(refused(), Refusal::trigger_above_max);
  x.trigger = Price{100};
  EXPECT_EQ(refused(), Refusal::triggers_at_once);
  x.trigger = Price{101};
  for (int i = 0; i < 2; ++i) in_strict(limit(21, Side::buy, 20, 10));
  EXPECT_EQ(refused(), Refusal::too_many_open_orders) << "it counts as one";
  must(CancelAll{AccountId{21}, {}, true, {}});
  EXPECT_EQ(refused(), Refusal::ok) << "money is asked for when it is triggered";
}

TEST_F(PlaceRefusals, OfMarginOrdersComeInTheOrderOfChecking) {
  PlaceOrder x = with(limit(1, Side::buy, 100, 1'000'000), PositionSide::long_side);
  x.market = MarketId{1};
  const auto refused = [&] { return refusal(x); };
  for (int i = 0; i < 2; ++i) in_strict(limit(1, Side::buy, 20, 10));
  stops(bit(Stop::margin_long_order));
  EXPECT_EQ(refused(), Refusal::long_orders_stopped);
  stops(0);
  EXPECT_EQ(refused(), Refusal::too_many_open_orders);
  must(CancelAll{AccountId{1}, {}, true, {}});
  EXPECT_EQ(refused(), Refusal::margin_not_allowed);
  x.account = AccountId{21};
  EXPECT_EQ(refused(), Refusal::insufficient_margin);
  give(AccountId{21}, jpy, 9'900'000'000);
  x.price = Price{150};
  x.amount = Lots{2'000'000};
  EXPECT_EQ(refused(), Refusal::ok) << "the lender can";
  x.side = Side::sell;
  EXPECT_EQ(refused(), Refusal::exceeds_position);
  x.position = PositionSide::short_side;
  EXPECT_EQ(refused(), Refusal::lender_exhausted);
}

TEST_F(PlaceRefusals, TheDatesAndSlicesOfOrdersAreChecked) {
  PlaceOrder x = limit(21, Side::buy, 50, 1'000);
  x.expire_at = WallTimeMs{now.value + 5};
  const auto refused = [&] { return refusal(x); };
  EXPECT_EQ(refused(), Refusal::invalid_time_in_force) << "a date without gtd";
  x.expire_at = {};
  PlaceOrder at_once = market(21, Side::buy, 10);
  for (const TimeInForce force : {TimeInForce::ioc, TimeInForce::fok, TimeInForce::gtd}) {
    at_once.time_in_force = force;
    EXPECT_EQ(refusal(at_once), Refusal::invalid_time_in_force);
  }
  PlaceOrder waits = stop_limit(21, Side::buy, 200, 200, 10);
  for (const TimeInForce force : {TimeInForce::ioc, TimeInForce::fok}) {
    waits.time_in_force = force;
    EXPECT_EQ(refusal(waits), Refusal::invalid_time_in_force);
  }
  waits.time_in_force = TimeInForce::gtd;
  waits.expire_at = WallTimeMs{now.value + 5};
  EXPECT_EQ(refusal(waits), Refusal::ok);
  x.display = Lots{1'001};
  EXPECT_EQ(refused(), Refusal::invalid_display);
  x.display = Lots{9};
  EXPECT_EQ(refused(), Refusal::invalid_display) << "more than a hundred slices";
  x.time_in_force = TimeInForce::fok;
  x.display = Lots{10};
  EXPECT_EQ(refused(), Refusal::invalid_display);
  x.time_in_force = TimeInForce::ioc;
  EXPECT_EQ(refused(), Refusal::invalid_display);
  x.time_in_force = TimeInForce::gtc;
  EXPECT_EQ(refused(), Refusal::ok);
  must(CancelAll{AccountId{21}, {}, true, {}});
  x.display = Lots{1'000};
  EXPECT_EQ(refused(), Refusal::ok) << "all of it is a display, too";
  PlaceOrder small = limit(21, Side::buy, 50, 10);
  small.market = MarketId{1};
  small.display = Lots{4};
  EXPECT_EQ(refusal(small), Refusal::invalid_display) << "below the smallest amount";
}

TEST_F(PlaceRefusals, ACharacterOfAClientOrderIdIsPlain) {
  PlaceOrder x = limit(21, Side::buy, 0, 10);
  for (int c = 1; c < 256; ++c) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       c == '.' || c == '_' || c == ':' || c == '-';
    x.client_order_id = std::string(1, static_cast<char>(c));
    EXPECT_EQ(refusal(x), plain ? Refusal::invalid_price : Refusal::invalid_client_order_id) << c;
  }
}

}  // namespace
}  // namespace oki::core
