// Orders, trades, cancels and fees, told as small scenes.
#include <gtest/gtest.h>

#include "core/testing/world.h"

namespace oki::core {
namespace {

constexpr MarketId market_0{0};

OrderView placed(World& world, const PlaceOrder& command) {
  const Reply reply = world(command);
  EXPECT_EQ(reply.refusal, Refusal::ok) << name(reply.refusal);
  world.core.verify();
  return reply.rows.empty() ? OrderView{} : reply.rows[0].order;
}

std::uint64_t free_of(const World& world, std::uint64_t account, AssetId asset) {
  return world.core.balance(AccountId{account}, asset).free.value;
}

std::uint64_t held_of(const World& world, std::uint64_t account, AssetId asset) {
  return world.core.balance(AccountId{account}, asset).held.value;
}

TEST(Trading, RestsAnOrderThatDoesNotCrossAndHoldsItsWorstCase) {
  World world;
  world.set_up();
  const OrderView order = placed(world, World::limit(1, Side::buy, 5'000'000, 1000));
  EXPECT_EQ(order.id, OrderId{1});
  EXPECT_EQ(order.status, OrderStatus::unfilled);
  EXPECT_EQ(order.ordered_at, world.now);
  // 0.1 btc at 5,000,000 is 500,000 jpy and 0.12 % of it.
  EXPECT_EQ(held_of(world, 1, World::jpy), 5'006'000'000u);
  EXPECT_EQ(free_of(world, 1, World::jpy), 10'000'000'000u - 5'006'000'000u);
  ASSERT_EQ(world.core.levels(market_0, Side::buy).size(), 1u);
  EXPECT_EQ(world.core.levels(market_0, Side::buy)[0].lots, Lots{1000});
}

TEST(Trading, FillsTheBestPriceFirstAndTheOldestOrderFirstAtTheMakersPrice) {
  World world;
  world.set_up();
  const OrderView high = placed(world, World::limit(1, Side::sell, 101, 10));
  const OrderView old = placed(world, World::limit(1, Side::sell, 100, 10));
  const OrderView young = placed(world, World::limit(2, Side::sell, 100, 10));
  const OrderView taker = placed(world, World::limit(3, Side::buy, 105, 25));

  const auto trades = events_of<Traded>(world.events);
  ASSERT_EQ(trades.size(), 3u);
  EXPECT_EQ(trades[0].maker_order, old.id);
  EXPECT_EQ(trades[0].price, Price{100});
  EXPECT_EQ(trades[1].maker_order, young.id);
  EXPECT_EQ(trades[2].maker_order, high.id);
  EXPECT_EQ(trades[2].price, Price{101});
  EXPECT_EQ(trades[2].amount, Lots{5});
  EXPECT_EQ(taker.status, OrderStatus::fully_filled);
  EXPECT_EQ(taker.executed_quote, Amount{100 * 20 + 101 * 5});
  EXPECT_EQ(world.core.open_orders().size(), 1u);
  EXPECT_EQ(world.core.open_orders()[0].status, OrderStatus::partially_filled);
  EXPECT_EQ(held_of(world, 3, World::jpy), 0u);
}

TEST(Trading, ChargesTheTakerAndPaysTheMakersRebateInTheQuoteAsset) {
  World world;
  world.set_up();
  placed(world, World::limit(1, Side::sell, 1'000'000, 10'000));
  placed(world, World::limit(2, Side::buy, 1'000'000, 5'000));
  const std::uint64_t quote = 5'000'000'000;  // 500,000 jpy
  const auto trades = events_of<Traded>(world.events);
  ASSERT_EQ(trades.size(), 1u);
  EXPECT_EQ(trades[0].quote, Amount{quote});
  EXPECT_EQ(trades[0].maker_fee, -1'000'000);
  EXPECT_EQ(trades[0].taker_fee, 6'000'000);
  EXPECT_EQ(free_of(world, 1, World::jpy), 10'000'000'000u + quote + 1'000'000);
  EXPECT_EQ(free_of(world, 2, World::jpy), 10'000'000'000u - quote - 6'000'000);
  EXPECT_EQ(free_of(world, 2, World::btc), 1'000'000'000u + 50'000'000);
  EXPECT_EQ(world.core.balance(fee_account, World::jpy).free, Amount{5'000'000});
}

TEST(Trading, GivesBackWhatABetterPriceLeavesOfTheHold) {
  World world;
  world.set_up();
  placed(world, World::limit(1, Side::sell, 100, 10));
  const OrderView buy = placed(world, World::limit(2, Side::buy, 200, 20));
  EXPECT_EQ(buy.status, OrderStatus::partially_filled);
  EXPECT_EQ(held_of(world, 2, World::jpy), 2'000u + 3);  // 10 lots at 200 and the fee, rounded up.
  EXPECT_EQ(free_of(world, 2, World::jpy), 10'000'000'000u - 1'000 - 2 - 2'003);
}

TEST(Trading, ReportsOneCommandInTheOrderOfTheEventKinds) {
  World world;
  world.set_up();
  placed(world, World::limit(1, Side::sell, 100, 10));
  placed(world, World::limit(1, Side::sell, 101, 10));
  placed(world, World::limit(2, Side::buy, 101, 30));
  std::vector<std::size_t> kinds;
  for (const Event& event : world.events) kinds.push_back(event.index() + 1);
  EXPECT_EQ(kinds,
            (std::vector<std::size_t>{7, 8, 8, 9, 9, 9, 12, 10, 10, 10, 11, 11, 11, 11, 11}));
  const auto orders = events_of<OrderChanged>(world.events);
  EXPECT_EQ(orders[2].account, AccountId{2}) << "by id";
  const auto levels = events_of<LevelChanged>(world.events);
  EXPECT_EQ(levels[0].lots, Lots{10});
  EXPECT_EQ(levels[0].side, Side::buy);
  EXPECT_EQ(levels[1].lots, Lots{0});
  EXPECT_EQ(levels[1].price, Price{100});
  EXPECT_EQ(levels[2].lots, Lots{0});
  EXPECT_EQ(levels[0].sequence, Sequence{3});
  EXPECT_EQ(levels[2].sequence, Sequence{5});
}

TEST(Trading, AMarketOrderFillsCompletely) {
  World world;
  world.set_up();
  placed(world, World::limit(1, Side::sell, 100, 10));
  placed(world, World::limit(1, Side::sell, 300, 10));
  const OrderView order = placed(world, World::market(2, Side::buy, 15));
  EXPECT_EQ(order.status, OrderStatus::fully_filled);
  EXPECT_EQ(order.executed_quote, Amount{1'000 + 1'500});
  EXPECT_EQ(free_of(world, 2, World::jpy), 10'000'000'000u - 2'500 - 2 - 2);
  EXPECT_EQ(held_of(world, 2, World::jpy), 0u);
}

TEST(Trading, AMarketOrderThatTheBookCannotFillIsCreatedAndRejected) {
  World world;
  world.set_up();
  placed(world, World::limit(1, Side::sell, 100, 10));
  const OrderView order = placed(world, World::market(2, Side::buy, 11));
  EXPECT_EQ(order.status, OrderStatus::rejected);
  EXPECT_EQ(order.executed, Lots{0});
  EXPECT_EQ(order.canceled_at, WallTimeMs{0});
  EXPECT_EQ(events_of<OrderAccepted>(world.events).size(), 1u);
  EXPECT_EQ(events_of<OrderChanged>(world.events)[0], changed(order));
  EXPECT_EQ(world.events.size(), 2u) << "no trade, no level, no balance";
  EXPECT_EQ(world.core.open_orders().size(), 1u);
}

TEST(Trading, APostOnlyOrderThatWouldTradeIsCreatedAndCanceled) {
  World world;
  world.set_up();
  placed(world, World::limit(1, Side::sell, 100, 10));
  const OrderView order = placed(world, World::post_only(2, Side::buy, 100, 10));
  EXPECT_EQ(order.status, OrderStatus::canceled_unfilled);
  EXPECT_EQ(order.canceled_at, world.now);
  EXPECT_EQ(world.events.size(), 2u);
  EXPECT_EQ(placed(world, World::post_only(2, Side::buy, 99, 10)).status, OrderStatus::unfilled);
}

TEST(Trading, CancelsEachOrderWithItsOwnAnswer) {
  World world;
  world.set_up();
  const OrderView mine = placed(world, World::limit(1, Side::sell, 100, 10));
  const OrderView partly = placed(world, World::limit(1, Side::sell, 99, 10));
  const OrderView other = placed(world, World::limit(2, Side::sell, 100, 7));
  placed(world, World::limit(3, Side::buy, 99, 4));
  world.now.value += 5;
  const Reply reply = world(CancelOrders{
      AccountId{1}, {}, market_0, {mine.id, other.id, partly.id, mine.id, OrderId{99}}});
  world.core.verify();
  ASSERT_EQ(reply.refusal, Refusal::ok);
  ASSERT_EQ(reply.rows.size(), 5u);
  EXPECT_EQ(reply.rows[0].order.status, OrderStatus::canceled_unfilled);
  EXPECT_EQ(reply.rows[0].order.canceled_at, world.now);
  EXPECT_EQ(reply.rows[1].refusal, Refusal::order_not_found) << "another account's";
  EXPECT_EQ(reply.rows[2].order.status, OrderStatus::canceled_partially_filled);
  EXPECT_EQ(reply.rows[2].order.executed, Lots{4});
  EXPECT_EQ(reply.rows[3].refusal, Refusal::order_not_found) << "already canceled";
  EXPECT_EQ(reply.rows[4].refusal, Refusal::order_not_found);
  EXPECT_EQ(held_of(world, 1, World::btc), 0u);
  EXPECT_EQ(events_of<LevelChanged>(world.events).size(), 2u);
}

TEST(Trading, OneLevelIsReportedOnceAlsoWhenManyOfItsOrdersAreCanceled) {
  World world;
  world.set_up();
  const OrderView a = placed(world, World::limit(1, Side::sell, 100, 10));
  const OrderView b = placed(world, World::limit(1, Side::sell, 101, 10));
  const OrderView c = placed(world, World::limit(1, Side::sell, 100, 10));
  (void)world(CancelOrders{AccountId{1}, {}, market_0, {a.id, b.id, c.id}});
  const auto levels = events_of<LevelChanged>(world.events);
  ASSERT_EQ(levels.size(), 2u);
  EXPECT_EQ(levels[0].price, Price{100});
  EXPECT_EQ(levels[0].lots, Lots{0});
}

TEST(Trading, OwnOrdersTradeWithEachOtherAndTheMoneyStays) {
  World world;
  world.set_up(1);
  placed(world, World::limit(1, Side::sell, 100, 10));
  const OrderView buy = placed(world, World::limit(1, Side::buy, 100, 10));
  EXPECT_EQ(buy.status, OrderStatus::fully_filled);
  EXPECT_EQ(free_of(world, 1, World::btc), 1'000'000'000u);
  EXPECT_EQ(free_of(world, 1, World::jpy), 10'000'000'000u - 2) << "the fee is paid all the same";
}

TEST(Trading, ABuyFilledInManyPartsNeverPaysMoreThanItHeld) {
  World world;
  world.set_up();
  const OrderView buy = placed(world, World::limit(1, Side::buy, 1, 100));
  EXPECT_EQ(held_of(world, 1, World::jpy), 101u);
  MarketSpec dear = World::btc_jpy();
  dear.name = "dear_jpy";
  dear.maker_fee_ppm = 1;
  ASSERT_EQ(world(AddMarket{dear}).refusal, Refusal::ok);
  PlaceOrder maker = World::limit(1, Side::buy, 1, 100);
  maker.market = MarketId{1};
  placed(world, maker);
  // Each part's fee is rounded up to one unit, but the hold has only one unit for all of them.
  std::int64_t fees = 0;
  for (int i = 0; i < 100; ++i) {
    PlaceOrder taker = World::limit(2, Side::sell, 1, 1);
    taker.market = MarketId{1};
    placed(world, taker);
    fees += events_of<Traded>(world.events)[0].maker_fee;
  }
  EXPECT_EQ(fees, 1);
  EXPECT_EQ(held_of(world, 1, World::jpy), 101u) << "of the order in the other market";
  EXPECT_EQ(free_of(world, 1, World::jpy), 10'000'000'000u - 101 - 101);
  EXPECT_EQ(buy.status, OrderStatus::unfilled);
}

TEST(Trading, MarketsHaveTheirOwnBooksAndSequencesAndShareTheIds) {
  World world;
  world.set_up();
  MarketSpec second = World::btc_jpy();
  second.name = "probe_jpy";
  (void)world(AddMarket{second});
  PlaceOrder elsewhere = World::limit(1, Side::sell, 100, 10);
  elsewhere.market = MarketId{1};
  placed(world, elsewhere);
  const OrderView here = placed(world, World::limit(2, Side::buy, 100, 10));
  EXPECT_EQ(here.status, OrderStatus::unfilled);
  EXPECT_EQ(here.id, OrderId{2});
  EXPECT_EQ(world.core.sequence(MarketId{0}), Sequence{1});
  EXPECT_EQ(world.core.sequence(MarketId{1}), Sequence{1});
}

}  // namespace
}  // namespace oki::core
