#include "history/projection.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/calendar.h"
#include "base/hash64.h"
#include "core/testing/golden.h"
#include "history/testing/small.h"

namespace oki::history {
namespace {

using core::Side;
using core::World;

TEST(Projection, ShowsWhatTheEventsTold) {
  const Small small;
  const Projection& projection = small.projection;
  EXPECT_EQ(projection.market("btc_jpy"), market_0);
  EXPECT_EQ(projection.asset("btc"), core::AssetId{1});
  EXPECT_EQ(projection.api_key("key")->account, core::AccountId{1});
  EXPECT_EQ(projection.api_key("key")->sealed_secret, "sealed");
  EXPECT_EQ(projection.account({1})->queries_per_second, 10u);
  EXPECT_EQ(projection.levels(market_0, Side::sell, 10),
            (std::vector<Level>{{{100}, {5}}, {{101}, {10}}}));
  EXPECT_EQ(projection.lots_beyond(market_0, Side::sell, 1), core::Lots{10});
  EXPECT_EQ(projection.lots_beyond(market_0, Side::sell, 5), core::Lots{0});
  const Ticker ticker = projection.ticker(market_0, small.feed.now);
  EXPECT_EQ(ticker.sell, core::Price{100});
  EXPECT_EQ(ticker.buy, core::Price{98});
  EXPECT_EQ(ticker.last, core::Price{100});
  EXPECT_EQ(ticker.volume, core::Lots{5});
  EXPECT_EQ(projection.order({3})->status, core::OrderStatus::fully_filled);
  EXPECT_EQ(projection.active_orders({1}).size(), 2u);
  EXPECT_TRUE(projection.account_trades({1})[0].maker);
  EXPECT_FALSE(projection.account_trades({2})[0].maker);
}

TEST(Projection, FindsNothingWhereNothingIs) {
  const Small small;
  const Projection& projection = small.projection;
  const core::MarketId nowhere{9};
  EXPECT_FALSE(projection.market("eth_jpy"));
  EXPECT_FALSE(projection.asset(""));
  EXPECT_EQ(projection.api_key("other"), nullptr);
  EXPECT_EQ(projection.account({9}), nullptr);
  EXPECT_TRUE(projection.levels(nowhere, Side::buy, 10).empty());
  EXPECT_EQ(projection.lots_beyond(nowhere, Side::buy, 0), core::Lots{0});
  EXPECT_EQ(projection.sequence(nowhere), core::Sequence{0});
  EXPECT_EQ(projection.ticker(nowhere, {0}), Ticker{});
  EXPECT_TRUE(projection.newest_trades(nowhere, 10).empty());
  EXPECT_TRUE(projection.trades_between(nowhere, {0}, {1}).empty());
  EXPECT_TRUE(projection.candles(nowhere, CandleType::min1, {0}, {1}).empty());
  EXPECT_EQ(projection.balance({9}, {0}), Balance{});
  EXPECT_EQ(projection.balance({1}, {9}), Balance{});
  EXPECT_EQ(projection.order({99}), nullptr);
  EXPECT_TRUE(projection.active_orders({9}).empty());
  EXPECT_TRUE(projection.account_trades({9}).empty());
}

TEST(Projection, TheTickerForgetsADayAfterTheTradeButNotTheLastPrice) {
  const Small small;
  const WallTimeMs now = small.feed.now;
  EXPECT_EQ(small.projection.ticker(market_0, {now.value + ms_per_day}).volume, core::Lots{5});
  const Ticker later = small.projection.ticker(market_0, {now.value + ms_per_day + 60'000});
  EXPECT_EQ(later.volume, core::Lots{0});
  EXPECT_EQ(later.last, core::Price{100});
  EXPECT_EQ(later.open, core::Price{100});
  constexpr WallTimeMs never{std::numeric_limits<std::int64_t>::max()};
  EXPECT_EQ(small.projection.ticker(market_0, never), later);
  constexpr WallTimeMs long_ago{std::numeric_limits<std::int64_t>::min()};
  EXPECT_EQ(small.projection.ticker(market_0, long_ago), small.projection.ticker(market_0, now));
}

TEST(Projection, TradesOfATimeAreFoundByTheirMilliseconds) {
  Small small;
  const WallTimeMs first = small.feed.now;
  small.feed.now.value += 10;
  (void)small.feed(World::market(2, Side::buy, 3));
  ASSERT_TRUE(small.projection.apply(small.feed.block()));
  const auto lots_between = [&](std::int64_t from, std::int64_t to) {
    std::vector<std::uint64_t> lots;
    for (const PublicTrade& trade :
         small.projection.trades_between(market_0, {first.value + from}, {first.value + to})) {
      lots.push_back(trade.amount.value);
    }
    return lots;
  };
  EXPECT_EQ(lots_between(0, 11), (std::vector<std::uint64_t>{5, 3})) << "oldest first";
  EXPECT_EQ(lots_between(0, 10), (std::vector<std::uint64_t>{5}));
  EXPECT_EQ(lots_between(1, 11), (std::vector<std::uint64_t>{3}));
  EXPECT_TRUE(lots_between(11, 0).empty());
}

TEST(Projection, AClockBeyondTheCalendarIsCutOffNotFollowed) {
  Small small;
  small.feed.now = WallTimeMs{std::numeric_limits<std::int64_t>::max()};
  (void)small.feed(World::market(2, Side::buy, 3));
  ASSERT_TRUE(small.projection.apply(small.feed.block()));
  EXPECT_EQ(small.projection.time(), WallTimeMs{253'402'300'799'999});
  small.projection.verify();
  EXPECT_TRUE(Projection::restore(small.projection.snapshot(), {}));
}

// --- Events that no core writes.
TEST(Projection, RefusesEventsThatContradictWhatCameBefore) {
  core::OrderView order;
  order.id = {50};
  order.account = {1};
  order.price = {90};
  order.amount = {5};
  core::Traded trade;
  trade.id = {50};
  trade.amount = {1};
  trade.maker_order = {1};
  trade.maker_account = {1};
  trade.taker_order = {4};
  trade.taker_account = {2};
  EXPECT_TRUE(follows({}));
  EXPECT_TRUE(follows({core::OrderAccepted{order}, changed(order)}));
  EXPECT_TRUE(follows({trade}));
  EXPECT_FALSE(follows({core::AssetAdded{{7}, {"eth", 8}}}));
  EXPECT_FALSE(follows({core::MarketAdded{{7}, World::btc_jpy()}}));
  core::MarketSpec spec = World::btc_jpy();
  spec.base = {9};
  EXPECT_FALSE(follows({core::MarketAdded{{1}, spec}}));
  EXPECT_FALSE(follows({core::AccountAdded{{1}, 0, 0}}));
  EXPECT_FALSE(follows({core::ApiKeyAdded{{1}, {1}, "other", "s"}}));
  EXPECT_FALSE(follows({core::ApiKeyAdded{{2}, {1}, "key", "s"}}));
  EXPECT_FALSE(follows({core::ApiKeyAdded{{2}, {9}, "other", "s"}}));
  EXPECT_FALSE(follows({core::NonceUsed{{0}, 1}}));
  EXPECT_FALSE(follows({core::NonceUsed{{2}, 1}}));
  EXPECT_FALSE(follows({core::NonceUsed{{1}, 0}}));
  EXPECT_FALSE(follows({core::BalanceChanged{{1}, {9}, {1}, {1}, {1}}}));
  EXPECT_FALSE(follows({core::LevelChanged{{9}, Side::buy, {1}, {1}, {99}}}));
  EXPECT_FALSE(follows({core::LevelChanged{{0}, Side::buy, {1}, {1}, {1}}}));
  EXPECT_FALSE(follows({core::LevelChanged{{0}, Side::buy, {1}, {~std::uint64_t{0}}, {99}}}));
  EXPECT_FALSE(follows({changed(order)}));
  EXPECT_FALSE(follows({core::OrderAccepted{order}, core::OrderAccepted{order}}));
  core::OrderView other = order;
  other.market = {9};
  EXPECT_FALSE(follows({core::OrderAccepted{other}}));
  other = order;
  other.account = {2};
  EXPECT_FALSE(follows({core::OrderAccepted{order}, changed(other)}));
  core::Traded bad = trade;
  bad.market = {9};
  EXPECT_FALSE(follows({bad}));
  bad = trade;
  bad.maker_order = {3};
  EXPECT_FALSE(follows({bad})) << "closed";
  bad = trade;
  bad.amount = {0};
  EXPECT_FALSE(follows({bad}));
  bad = trade;
  bad.id = {1};
  EXPECT_FALSE(follows({bad}));
}

TEST(Projection, RefusesEventsThatDoNotDecode) {
  Small small;
  replica::EventBlock block;
  block.time = small.feed.now;
  append(block.events, core::NonceUsed{{1}, 5});
  block.events.pop_back();
  const auto applied = small.projection.apply(block);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, Errc::invalid);
}

// --- Snapshots.
TEST(Projection, TheSnapshotsBytesAreThoseWrittenDown) {
  const Small small;
  EXPECT_EQ(core::golden("projection_snapshot.txt")["snapshot"],
            core::hex(small.projection.snapshot()));
}

TEST(Projection, ASnapshotWithAnyFlippedBitOrMissingByteIsRefused) {
  const Small small;
  const Bytes snapshot = small.projection.snapshot();
  ASSERT_TRUE(Projection::restore(snapshot, {}));
  for (std::size_t bit = 0; bit < snapshot.size() * 8; ++bit) {
    Bytes damaged = snapshot;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_FALSE(Projection::restore(damaged, {})) << "bit " << bit;
  }
  for (std::size_t size = 0; size < snapshot.size(); ++size) {
    ASSERT_FALSE(Projection::restore(ByteView(snapshot).substr(0, size), {})) << size;
  }
  EXPECT_FALSE(Projection::restore(snapshot + '\0', {}));
}

TEST(Projection, AForgedSnapshotWithAMatchingHashIsRefusedOrSound) {
  core::RandomCommands random(5);
  Feed feed;
  Projection projection{ProjectionLimits{}};
  for (const core::Command& command : random.set_up()) (void)feed(command);
  for (int i = 0; i < 60; ++i) {
    feed.now.value += 60'000;
    random.saw(feed(random.next()));
  }
  ASSERT_TRUE(projection.apply(feed.block()));
  const Bytes snapshot = projection.snapshot();
  for (int i = 0; i < 20; ++i) (void)feed(random.next());
  const replica::EventBlock next = feed.block();
  const ByteView body = ByteView(snapshot).substr(0, snapshot.size() - 8);
  std::size_t sound = 0;
  for (std::size_t byte = 0; byte < body.size(); ++byte) {
    for (const int change : {0x01, 0x80, 0xff}) {
      Bytes forged(body);
      forged[byte] = static_cast<char>(forged[byte] ^ change);
      if (random.prng().chance(1, 10)) forged.resize(random.prng().below(forged.size()));
      Writer(forged).u64(hash64(forged));
      auto restored = Projection::restore(forged, {});
      if (!restored) continue;
      ++sound;
      restored->verify();
      ASSERT_EQ(restored->snapshot(), forged) << "byte " << byte;
      (void)restored->ticker(market_0, restored->time());
      (void)restored->candles(market_0, CandleType::hour4, {0}, restored->time());
      if (restored->apply(next)) restored->verify();
    }
  }
  EXPECT_GT(sound, 100u);
}

TEST(Projection, ASnapshotBeyondTheLimitsIsRefused) {
  const Small small;
  const Bytes snapshot = small.projection.snapshot();
  EXPECT_FALSE(Projection::restore(snapshot, {.public_trades_max = 0}));
  EXPECT_FALSE(Projection::restore(snapshot, {.account_trades_max = 0}));
  EXPECT_FALSE(Projection::restore(snapshot, {.closed_orders_per_account_max = 0}));
  EXPECT_FALSE(Projection::restore(snapshot, {.closed_orders_max = 0}));
}

}  // namespace
}  // namespace oki::history
