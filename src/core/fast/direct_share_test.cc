// How far the direct way reaches: what it gives up is only slower, so no comparison would show it.
#include <gtest/gtest.h>

#include "core/core.h"
#include "core/fast/direct.h"
#include "core/fast/step.h"

namespace oki::core::fast {
namespace {

constexpr AccountId alice{1}, bob{2}, limited{3};
constexpr MarketId btc{0}, strict{1}, busy{2};
constexpr std::size_t orders_max = 14, orders_of_account_max = 12;

CoreLimits limits() {
  CoreLimits limits;
  limits.assets_max = 4;
  limits.markets_max = 3;
  limits.accounts_max = 8;
  limits.api_keys_max = 8;
  limits.open_orders_max = 40;
  limits.open_orders_per_account_and_market_max = 20;
  limits.deposit_references_max = 100;
  return limits;
}

CoreLimits few_orders() {
  CoreLimits few = limits();
  few.open_orders_max = orders_max;
  few.open_orders_per_account_and_market_max = orders_of_account_max;
  return few;
}

MarketSpec spec_of(MarketId market) {
  MarketSpec spec;
  spec.name = market == btc ? "btc_jpy" : market == strict ? "eth_jpy" : "xrp_jpy";
  spec.base = AssetId{1};
  spec.quote = AssetId{0};
  spec.amount_digits = 4;
  spec.maker_fee_ppm = -200;
  spec.taker_fee_ppm = 1'200;
  spec.price_max = Price{100'000};
  spec.limit_amount_max = spec.market_amount_max = Lots{100'000};
  if (market == strict) {
    spec.amount_min = Lots{3};
    spec.price_min = Price{50};
    spec.band_ppm = spec.band_step_ppm = spec.band_max_ppm = 100'000;
    spec.break_ms = 2'000;
  }
  if (market == busy) {
    spec.busy_per_second = 10;
    spec.very_busy_per_second = 60;
    spec.busy_amount_min = spec.very_busy_amount_min = Lots{1};
  }
  return spec;
}

struct DirectShare : testing::Test {
  explicit DirectShare(const CoreLimits& given = limits()) : state(given) {
    apply(AddAsset{{"jpy", 4}});
    apply(AddAsset{{"btc", 4}});
    for (const MarketId market : {btc, strict, busy}) apply(AddMarket{spec_of(market)});
    for (const AccountId id : {alice, bob, limited}) {
      apply(AddAccount{id, id == limited ? 5u : 0u, 0});
      apply(AddApiKey{id, "key" + std::to_string(id.value), "secret"});
      for (std::uint16_t asset = 0; asset < 2; ++asset) {
        apply(Deposit{id, AssetId{asset}, Amount{100'000'000'000},
                      std::to_string(id.value) + "/" + std::to_string(asset)});
      }
      // The first order of an account in a market takes a seat there.
      for (const MarketId market : {btc, strict, busy}) {
        place(id, market, Side::buy, 60, 5);
        cancel(id, market);
        time.value += 5'000;
      }
    }
  }

  // True when it went the direct way.
  bool apply(const Command& command) {
    Bytes replied, events;
    state.triggers_left = 0;  // The general way sets it.
    fast::apply(state, time, encode(command), replied, events);
    reply = *decode_reply(replied);
    return state.triggers_left == 0;
  }
  PlaceOrder order(AccountId account, MarketId market, Side side, std::uint64_t price,
                   std::uint64_t amount) {
    PlaceOrder order;
    order.account = account;
    order.market = market;
    order.side = side;
    order.price = Price{price};
    order.amount = Lots{amount};
    return order;
  }
  bool applied(const PlaceOrder& order) {
    const bool direct = apply(order);
    EXPECT_EQ(reply.refusal, Refusal::ok);
    if (!reply.rows.empty()) last = reply.rows[0].order.id;
    return direct;
  }
  bool place(AccountId account, MarketId market, Side side, std::uint64_t price,
             std::uint64_t amount) {
    return applied(order(account, market, side, price, amount));
  }
  bool cancel(AccountId account, MarketId market) {
    CancelOrders cancel;
    cancel.account = account;
    cancel.market = market;
    cancel.orders = {last};
    return apply(cancel);
  }
  // The first trade of a market sets its reference.
  void trade_first(MarketId market, std::uint64_t price) {
    place(alice, market, Side::sell, price, 10);
    place(bob, market, Side::buy, price, 10);
  }

  State state;
  WallTimeMs time{1'700'000'000'000};
  Reply reply;
  OrderId last;
};

TEST_F(DirectShare, AnOrderThatRestsAndItsCancel) {
  for (const Side side : {Side::buy, Side::sell}) {
    EXPECT_TRUE(place(alice, btc, side, 1'000, 7));
    EXPECT_TRUE(cancel(alice, btc));
    EXPECT_EQ(reply.rows[0].refusal, Refusal::ok);
    EXPECT_TRUE(cancel(alice, btc));
    EXPECT_EQ(reply.rows[0].refusal, Refusal::order_not_found);
  }
}

TEST_F(DirectShare, EveryMarketAnAccountHasASeatInNotOnlyTheNewest) {
  for (const MarketId market : {btc, strict, busy}) {
    EXPECT_TRUE(place(bob, market, Side::sell, 70, 5));
    EXPECT_TRUE(cancel(bob, market));
  }
}

TEST_F(DirectShare, SignedOrdersWithAndWithoutNonces) {
  PlaceOrder x = order(bob, btc, Side::buy, 100, 1);
  x.auth = {KeyId{2}, 0};
  EXPECT_TRUE(applied(x));
  for (const std::uint64_t nonce : {1, 2, 7}) {
    x.auth.nonce = nonce;
    EXPECT_TRUE(applied(x)) << nonce;
  }
  CancelOrders undo;
  undo.account = bob;
  undo.auth = {KeyId{2}, 8};
  undo.market = btc;
  undo.orders = {last};
  EXPECT_TRUE(apply(undo));
}

TEST_F(DirectShare, AllThatARateLimitLetsThrough) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(place(limited, btc, Side::buy, 100, 1)) << i;
  EXPECT_FALSE(apply(order(limited, btc, Side::buy, 100, 1)));
  EXPECT_EQ(reply.refusal, Refusal::too_many_updates);
  time.value += 200;
  EXPECT_TRUE(place(limited, btc, Side::buy, 100, 1));
}

TEST_F(DirectShare, SizesAndPricesAtTheirLimits) {
  for (const std::uint64_t amount : {1, 100'000}) {
    EXPECT_TRUE(place(alice, btc, Side::sell, 2'000, amount)) << amount;
  }
  for (const std::uint64_t price : {1, 2}) EXPECT_TRUE(place(alice, btc, Side::buy, price, 1));
  for (const std::uint64_t price : {99'999, 100'000}) {
    EXPECT_TRUE(place(alice, btc, Side::sell, price, 1));
  }
  EXPECT_TRUE(place(alice, strict, Side::buy, 50, 3));
}

TEST_F(DirectShare, AnOrderOverAllMoneyOfTheAccount) {
  AddAccount poor{AccountId{4}, 0, 0};
  apply(poor);
  apply(Deposit{AccountId{4}, AssetId{1}, Amount{50}, "poor"});
  place(AccountId{4}, btc, Side::sell, 3'000, 1);
  EXPECT_TRUE(cancel(AccountId{4}, btc));
  EXPECT_TRUE(place(AccountId{4}, btc, Side::sell, 3'000, 50));
}

TEST_F(DirectShare, SixteenTradesAndNotOneMore) {
  trade_first(btc, 1'000);
  for (const Side side : {Side::sell, Side::buy}) {
    for (const std::uint64_t makers : {15, 16, 17}) {
      for (std::uint64_t i = 0; i < makers; ++i) EXPECT_TRUE(place(alice, btc, side, 1'000, 3));
      EXPECT_EQ(place(bob, btc, opposite(side), 1'000, 3 * makers), makers < 17) << makers;
      EXPECT_EQ(reply.rows[0].order.status, OrderStatus::fully_filled);
    }
  }
}

TEST_F(DirectShare, WhatTradesInPartRestsOrIsGivenBack) {
  trade_first(btc, 1'000);
  for (const Side side : {Side::sell, Side::buy}) {
    EXPECT_TRUE(place(alice, btc, side, 1'000, 3));
    EXPECT_TRUE(place(bob, btc, opposite(side), 1'000, 5));
    EXPECT_EQ(reply.rows[0].order.status, OrderStatus::partially_filled);
    EXPECT_TRUE(cancel(bob, btc));
    PlaceOrder ioc = order(bob, btc, opposite(side), 1'000, 5);
    ioc.time_in_force = TimeInForce::ioc;
    EXPECT_TRUE(applied(ioc));
    EXPECT_EQ(reply.rows[0].order.status, OrderStatus::canceled_unfilled);
    EXPECT_TRUE(place(alice, btc, side, 1'000, 3));
    EXPECT_TRUE(applied(ioc));
    EXPECT_EQ(reply.rows[0].order.status, OrderStatus::canceled_partially_filled);
  }
}

TEST_F(DirectShare, EveryModeForSelfTradeAndPostOnlyWhereNothingIsMet) {
  for (const SelfTrade mode : {SelfTrade::allow, SelfTrade::cancel_newest, SelfTrade::cancel_oldest,
                               SelfTrade::cancel_both, SelfTrade::decrement}) {
    PlaceOrder x = order(alice, btc, Side::buy, 500, 2);
    x.self_trade = mode;
    EXPECT_TRUE(applied(x));
    x.post_only = true;
    EXPECT_TRUE(applied(x));
  }
}

TEST_F(DirectShare, TradesAtTheEdgesOfTheBand) {
  trade_first(strict, 1'000);
  for (const std::uint64_t price : {1'100, 900}) {
    const Side side = price > 1'000 ? Side::sell : Side::buy;
    EXPECT_TRUE(place(alice, strict, side, price, 5));
    EXPECT_TRUE(place(bob, strict, opposite(side), price, 5)) << price;
    EXPECT_EQ(reply.rows[0].order.status, OrderStatus::fully_filled);
  }
  time.value += 59'999;  // The reference is not old before its minute is over.
  EXPECT_TRUE(place(bob, strict, Side::buy, 900, 5));
  ++time.value;
  EXPECT_FALSE(place(bob, strict, Side::buy, 900, 5));
}

TEST_F(DirectShare, EveryOrderThatMakesNoMarketBusy) {
  time.value += 1'000 - time.value % 1'000;
  for (int second = 0; second < 3; ++second) {
    int direct = 0;
    while (place(alice, busy, Side::buy, 100, 1) && direct < 20) ++direct;
    EXPECT_EQ(direct, 9);
    time.value += 60'000;
    apply(Tick{});
    for (int i = 0; i < 10; ++i) {
      cancel(alice, busy);
      --last.value;
    }
  }
}

TEST_F(DirectShare, UntilTheVeryMomentThatATimerIsDue) {
  apply(CancelAllAfter{bob, {}, 10'000});
  time.value += 9'999;
  EXPECT_TRUE(place(alice, btc, Side::buy, 100, 1));
  ++time.value;
  EXPECT_FALSE(place(alice, btc, Side::buy, 100, 1));
  EXPECT_TRUE(place(alice, btc, Side::buy, 100, 1));
}

struct FewOrders : DirectShare {
  FewOrders() : DirectShare(few_orders()) {}
};

TEST_F(FewOrders, TheLastOrdersThatThereIsRoomFor) {
  for (std::size_t i = 0; i < orders_of_account_max; ++i) {
    EXPECT_TRUE(place(alice, btc, Side::buy, 100, 1)) << i;
  }
  EXPECT_FALSE(apply(order(alice, btc, Side::buy, 100, 1)));
  for (std::size_t i = orders_of_account_max; i < orders_max; ++i) {
    EXPECT_TRUE(place(bob, btc, Side::buy, 100, 1)) << i;
  }
  EXPECT_FALSE(apply(order(bob, btc, Side::buy, 100, 1)));
}

}  // namespace
}  // namespace oki::core::fast
