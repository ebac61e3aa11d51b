// Every refusal, asked for in the order of checking: each row breaks one rule more from the end, so
// that it also breaks all rules after its own, and still the first in order is named.
#include <gtest/gtest.h>

#include <limits>

#include "core/testing/world.h"

namespace oki::core {
namespace {

constexpr std::uint64_t u64_max = std::numeric_limits<std::uint64_t>::max();

// A full little exchange: account 1 has used up its rate limit and its open orders in market 0,
// key 1 is its key with nonce 100 used, key 2 is account 2's.
World crowded_world() {
  CoreLimits limits;
  limits.assets_max = 2;
  limits.markets_max = 1;
  limits.accounts_max = 2;
  limits.api_keys_max = 2;
  limits.open_orders_max = 3;
  limits.open_orders_per_account_and_market_max = 2;
  World world(limits);
  world.set_up(0);
  (void)world(AddAccount{AccountId{1}, 2, 0});
  (void)world(AddAccount{AccountId{2}, 0, 0});
  (void)world(AddApiKey{AccountId{1}, "key1", "s"});
  (void)world(AddApiKey{AccountId{2}, "key2", "s"});
  (void)world(Deposit{AccountId{1}, World::jpy, Amount{1'000'000}, "d1"});
  (void)world(Deposit{AccountId{2}, World::jpy, Amount{1'000'000}, "d2"});
  PlaceOrder order = World::limit(1, Side::buy, 100, 10);
  EXPECT_EQ(world(order).refusal, Refusal::ok);
  order.auth = {KeyId{1}, 100};
  EXPECT_EQ(world(order).refusal, Refusal::ok);
  return world;
}

TEST(Refusals, OfOrdersComeInTheOrderOfChecking) {
  World world = crowded_world();
  EXPECT_EQ(world(World::limit(2, Side::buy, 100, 10)).refusal, Refusal::ok);

  PlaceOrder order = World::market(7, Side::buy, 0);
  order.market = MarketId{5};
  order.auth = {KeyId{2}, 100};
  order.price = Price{1};
  order.post_only = true;
  const auto refusal = [&] { return world(order).refusal; };
  EXPECT_EQ(refusal(), Refusal::unknown_account);
  order.account = fee_account;
  EXPECT_EQ(refusal(), Refusal::unknown_account) << "the core's own accounts do not trade";
  order.account = AccountId{1};
  EXPECT_EQ(refusal(), Refusal::unknown_market);
  order.market = MarketId{0};
  EXPECT_EQ(refusal(), Refusal::unknown_key);
  order.auth.key = KeyId{3};
  EXPECT_EQ(refusal(), Refusal::unknown_key);
  order.auth.key = KeyId{1};
  EXPECT_EQ(refusal(), Refusal::nonce_not_increased);
  EXPECT_TRUE(world.events.empty());
  order.auth.nonce = 101;
  EXPECT_EQ(refusal(), Refusal::too_many_updates);
  EXPECT_EQ(events_of<NonceUsed>(world.events).size(), 1u) << "used up all the same";
  world.now.value += 1'000'000;
  order.auth.nonce = 0;
  EXPECT_EQ(refusal(), Refusal::invalid_amount);
  order.amount = Lots{u64_max};
  EXPECT_EQ(refusal(), Refusal::invalid_price);
  world.now.value += 1'000'000;
  order.price = Price{0};
  EXPECT_EQ(refusal(), Refusal::post_only_with_market);
  order.post_only = false;
  EXPECT_EQ(refusal(), Refusal::amount_above_max);
}

TEST(Refusals, OfLimitOrdersComeInTheOrderOfChecking) {
  MarketSpec spec = World::btc_jpy();
  spec.name = "small";
  spec.amount_min = Lots{5};
  spec.price_min = Price{10};
  CoreLimits limits;
  limits.open_orders_max = 1;
  limits.open_orders_per_account_and_market_max = 1;
  World small(limits);
  (void)small(AddAsset{{"jpy", 4}});
  (void)small(AddAsset{{"btc", 8}});
  EXPECT_EQ(small(AddMarket{spec}).refusal, Refusal::ok);
  (void)small(AddAccount{AccountId{1}, 0, 0});
  (void)small(AddAccount{AccountId{2}, 0, 0});
  (void)small(Deposit{AccountId{1}, World::jpy, Amount{1000}, "d"});

  PlaceOrder order = World::limit(1, Side::buy, 1, 4);
  const auto refusal = [&] { return small(order).refusal; };
  EXPECT_EQ(refusal(), Refusal::amount_below_min);
  order.amount = Lots{spec.limit_amount_max.value + 1};
  EXPECT_EQ(refusal(), Refusal::amount_above_max);
  order.amount = Lots{5};
  EXPECT_EQ(refusal(), Refusal::price_below_min);
  order.price = Price{spec.price_max.value + 1};
  EXPECT_EQ(refusal(), Refusal::price_above_max);
  order.price = Price{10};
  EXPECT_EQ(refusal(), Refusal::ok);
  order.amount = Lots{1'000'000};
  EXPECT_EQ(refusal(), Refusal::too_many_open_orders);
  order.account = AccountId{2};
  EXPECT_EQ(refusal(), Refusal::limit_reached);
  (void)small(CancelOrders{AccountId{1}, {}, MarketId{0}, {OrderId{1}}});
  EXPECT_EQ(refusal(), Refusal::insufficient_amount);
  EXPECT_EQ(small(World::market(2, Side::sell, 5)).rows[0].order.status, OrderStatus::rejected)
      << "an empty book rejects before the money is counted";
}

// Lots are tiny here, so that the lots of one side can pass 64 bits while the money does not.
TEST(Refusals, ASideOfABookNeverPassesSixtyFourBits) {
  World world;
  (void)world(AddAsset{{"jpy", 0}});
  (void)world(AddAsset{{"btc", 0}});
  MarketSpec spec = World::btc_jpy();
  spec.price_digits = 12;
  spec.amount_digits = 0;
  spec.price_max = Price{1};
  spec.limit_amount_max = Lots{u64_max >> 1};
  ASSERT_EQ(world(AddMarket{spec}).refusal, Refusal::ok);
  (void)world(AddAccount{AccountId{1}, 0, 0});
  (void)world(Deposit{AccountId{1}, World::jpy, Amount{u64_max}, "d"});
  const PlaceOrder order = World::limit(1, Side::buy, 1, u64_max >> 1);
  EXPECT_EQ(world(order).refusal, Refusal::ok);
  EXPECT_EQ(world(order).refusal, Refusal::ok);
  EXPECT_EQ(world(order).refusal, Refusal::overflow);
  EXPECT_EQ(world(World::limit(1, Side::buy, 1, 1)).refusal, Refusal::ok);
  EXPECT_EQ(world(World::limit(1, Side::buy, 1, 1)).refusal, Refusal::overflow);
  EXPECT_TRUE(world.events.empty());
  world.core.verify();
}

TEST(Refusals, OfCancelsComeInTheOrderOfChecking) {
  World world = crowded_world();
  CancelOrders cancel{AccountId{7}, {KeyId{2}, 100}, MarketId{5}, {OrderId{1}}};
  const auto refusal = [&] { return world(cancel).refusal; };
  EXPECT_EQ(refusal(), Refusal::unknown_account);
  cancel.account = AccountId{1};
  EXPECT_EQ(refusal(), Refusal::unknown_market);
  cancel.market = MarketId{0};
  EXPECT_EQ(refusal(), Refusal::unknown_key);
  cancel.auth.key = KeyId{1};
  EXPECT_EQ(refusal(), Refusal::nonce_not_increased);
  cancel.auth.nonce = 102;
  EXPECT_EQ(refusal(), Refusal::too_many_updates);
  world.now.value += 500;
  cancel.auth.nonce = 103;
  EXPECT_EQ(refusal(), Refusal::ok);
}

TEST(Refusals, OfSetUpCommandsComeInTheOrderOfChecking) {
  World world = crowded_world();
  EXPECT_EQ(world(AddAsset{{"jpy", 4}}).refusal, Refusal::exists);
  EXPECT_EQ(world(AddAsset{{"jpy", 5}}).refusal, Refusal::conflict);
  EXPECT_EQ(world(AddAsset{{"Jpy", 5}}).refusal, Refusal::invalid_spec);
  EXPECT_EQ(world(AddAsset{{"", 5}}).refusal, Refusal::invalid_spec);
  EXPECT_EQ(world(AddAsset{{"eth", 13}}).refusal, Refusal::invalid_spec);
  EXPECT_EQ(world(AddAsset{{"eth", 12}}).refusal, Refusal::limit_reached);

  MarketSpec spec = World::btc_jpy();
  EXPECT_EQ(world(AddMarket{spec}).refusal, Refusal::exists);
  spec.base = AssetId{9};
  EXPECT_EQ(world(AddMarket{spec}).refusal, Refusal::conflict);
  spec.name = "eth_jpy";
  spec.taker_fee_ppm = -1;
  EXPECT_EQ(world(AddMarket{spec}).refusal, Refusal::unknown_asset);
  spec.base = World::btc;
  EXPECT_EQ(world(AddMarket{spec}).refusal, Refusal::invalid_spec);
  spec.taker_fee_ppm = 200;
  EXPECT_EQ(world(AddMarket{spec}).refusal, Refusal::limit_reached);

  EXPECT_EQ(world(AddAccount{AccountId{1}, 2, 0}).refusal, Refusal::exists);
  EXPECT_EQ(world(AddAccount{AccountId{1}, 3, 0}).refusal, Refusal::conflict);
  EXPECT_EQ(world(AddAccount{AccountId{0}, 3, 0}).refusal, Refusal::invalid_spec);
  EXPECT_EQ(world(AddAccount{fee_account, 3, 0}).refusal, Refusal::invalid_spec);
  EXPECT_EQ(world(AddAccount{customer_account_max, 3, 0}).refusal, Refusal::limit_reached);

  EXPECT_EQ(world(AddApiKey{AccountId{1}, "key1", "s"}).refusal, Refusal::exists);
  EXPECT_EQ(world(AddApiKey{AccountId{2}, "key1", "s"}).refusal, Refusal::conflict);
  EXPECT_EQ(world(AddApiKey{AccountId{7}, "", "s"}).refusal, Refusal::unknown_account);
  EXPECT_EQ(world(AddApiKey{AccountId{1}, "", "s"}).refusal, Refusal::invalid_spec);
  EXPECT_EQ(world(AddApiKey{AccountId{1}, "key3", "s"}).refusal, Refusal::limit_reached);

  Deposit deposit{AccountId{1}, World::jpy, Amount{1'000'000}, "d1"};
  EXPECT_EQ(world(deposit).refusal, Refusal::exists);
  deposit.amount = Amount{0};
  EXPECT_EQ(world(deposit).refusal, Refusal::conflict);
  deposit = {AccountId{7}, AssetId{7}, Amount{0}, ""};
  EXPECT_EQ(world(deposit).refusal, Refusal::unknown_account);
  deposit.account = AccountId{1};
  EXPECT_EQ(world(deposit).refusal, Refusal::unknown_asset);
  deposit.asset = World::jpy;
  EXPECT_EQ(world(deposit).refusal, Refusal::invalid_spec);
  deposit.reference = "new";
  EXPECT_EQ(world(deposit).refusal, Refusal::invalid_amount);
  deposit.amount = Amount{u64_max - 2'000'000 + 1};
  EXPECT_EQ(world(deposit).refusal, Refusal::overflow);
  EXPECT_TRUE(world.events.empty());
  deposit.amount = Amount{u64_max - 2'000'000};
  EXPECT_EQ(world(deposit).refusal, Refusal::ok);
  world.core.verify();
}

TEST(Refusals, ARefusedOrderUsesUpItsNonceAndItsUpdate) {
  World world = crowded_world();
  world.now.value += 500;  // One update of two a second.
  PlaceOrder order = World::limit(1, Side::sell, 100, 10);
  order.auth = {KeyId{1}, 101};
  EXPECT_EQ(world(order).refusal, Refusal::too_many_open_orders);
  EXPECT_EQ(events_of<NonceUsed>(world.events).size(), 1u);
  EXPECT_EQ(world(order).refusal, Refusal::nonce_not_increased);
  order.auth.nonce = 102;
  EXPECT_EQ(world(order).refusal, Refusal::too_many_updates);
}

TEST(Refusals, ARateLimitAllowsABurstOfOneSecondAndRefillsEvenly) {
  World world;
  world.set_up(0);
  (void)world(AddAccount{AccountId{1}, 4, 0});
  const CancelOrders cancel{AccountId{1}, {}, MarketId{0}, {OrderId{1}}};
  const auto allowed = [&] { return world(cancel).refusal == Refusal::ok; };
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(allowed());
  EXPECT_FALSE(allowed());
  world.now.value += 249;
  EXPECT_FALSE(allowed());
  world.now.value += 1;
  EXPECT_TRUE(allowed());
  EXPECT_FALSE(allowed());
  world.now.value = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(allowed());
  EXPECT_FALSE(allowed());
}

TEST(Refusals, AnUpdateNeedsItsLastThousandth) {
  World world;
  world.set_up(0);
  (void)world(AddAccount{AccountId{1}, 3, 0});
  const CancelOrders cancel{AccountId{1}, {}, MarketId{0}, {OrderId{1}}};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(world(cancel).refusal, Refusal::ok);
  world.now.value += 333;
  EXPECT_EQ(world(cancel).refusal, Refusal::too_many_updates) << "999 thousandths";
  world.now.value += 1;
  EXPECT_EQ(world(cancel).refusal, Refusal::ok);
}

TEST(Refusals, OldDepositReferencesAreForgottenFirst) {
  CoreLimits limits;
  limits.deposit_references_max = 2;
  World world(limits);
  (void)world(AddAsset{{"jpy", 4}});
  (void)world(AddAccount{AccountId{1}, 0, 0});
  const auto deposit = [&](const char* reference) {
    return world(Deposit{AccountId{1}, World::jpy, Amount{1}, reference}).refusal;
  };
  for (const char* reference : {"a", "b", "c"}) EXPECT_EQ(deposit(reference), Refusal::ok);
  EXPECT_EQ(deposit("b"), Refusal::exists);
  EXPECT_EQ(deposit("c"), Refusal::exists);
  EXPECT_EQ(deposit("a"), Refusal::ok) << "its first time is forgotten";
}

}  // namespace
}  // namespace oki::core
