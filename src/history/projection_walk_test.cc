// Random walks of the core seen through its events: the projection equals the core's own state and
// what lists of all trades and orders say, and a restored copy goes on exactly as the original.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/calendar.h"
#include "history/candles.h"
#include "history/projection.h"
#include "history/testing/event_mix.h"

namespace oki::history {
namespace {

using core::MarketId;
using core::RandomCommands;
using core::Side;

// Everything that ever happened, searched from end to end.
struct Everything {
  struct Trade {
    core::Traded event;
    WallTimeMs time;
  };
  std::vector<Trade> trades;
  std::map<core::OrderId, core::OrderView> orders;
  std::vector<core::OrderId> closed;
  std::map<MarketId, WallTimeMs> book_changed_at;
  std::map<core::KeyId, std::uint64_t> nonces;

  void add(const replica::EventBlock& block) {
    for (const core::Event& event : core::all_events(block.events)) {
      if (const auto* x = std::get_if<core::Traded>(&event)) trades.push_back({*x, block.time});
      if (const auto* x = std::get_if<core::LevelChanged>(&event)) {
        book_changed_at[x->market] = block.time;
      }
      if (const auto* x = std::get_if<core::NonceUsed>(&event)) nonces[x->key] = x->nonce;
      if (const auto* x = std::get_if<core::OrderAccepted>(&event)) orders[x->order.id] = x->order;
      if (const auto* x = std::get_if<core::OrderChanged>(&event)) {
        core::update(orders[x->id], *x);
        if (is_final(x->status)) closed.push_back(x->id);
      }
    }
  }

  std::vector<Trade> of(MarketId market) const {
    std::vector<Trade> found;
    std::ranges::copy_if(trades, std::back_inserter(found),
                         [&](const Trade& trade) { return trade.event.market == market; });
    return found;
  }
};

void expect_equals_core(const Projection& projection, const core::Core& core) {
  std::vector<core::OrderView> active;
  for (std::uint64_t account = 0; account <= RandomCommands::accounts; ++account) {
    const core::AccountId id = account == 0 ? core::fee_account : core::AccountId{account};
    for (std::uint16_t asset = 0; asset < RandomCommands::assets; ++asset) {
      const auto own = core.balance(id, {asset});
      EXPECT_EQ(projection.balance(id, {asset}), (Balance{own.free, own.held, own.withdrawing}));
    }
    for (const core::OrderView* order : projection.active_orders(id)) active.push_back(*order);
  }
  std::ranges::sort(active, {}, &core::OrderView::id);
  EXPECT_EQ(active, core.open_orders());
  for (std::uint16_t market = 0; market < RandomCommands::markets; ++market) {
    EXPECT_EQ(projection.sequence({market}), core.sequence({market}));
    for (const Side side : {Side::buy, Side::sell}) {
      std::vector<Level> levels;
      std::uint64_t beyond = 0;
      for (const auto& level : core.levels({market}, side)) {
        if (levels.size() >= 3) beyond += level.lots.value;
        levels.push_back({level.price, level.lots});
      }
      EXPECT_EQ(projection.levels({market}, side, 1'000), levels);
      EXPECT_EQ(projection.lots_beyond({market}, side, 3).value, beyond);
    }
  }
}

std::vector<Candle> naive_candles(const std::vector<Everything::Trade>& trades, CandleType type,
                                  WallTimeMs now) {
  std::vector<Candle> candles;
  for (const auto& [event, time] : trades) {
    const WallTimeMs start = candle_start(type, time);
    while (!candles.empty() && candles.back().start < start) {
      const core::Price close = candles.back().close;
      candles.push_back({candle_end(type, candles.back().start), close, close, close, close, {}});
    }
    if (candles.empty() || candles.back().volume.value == 0) {
      const WallTimeMs from = candles.empty() ? start : candles.back().start;
      if (!candles.empty()) candles.pop_back();
      candles.push_back({from, event.price, event.price, event.price, event.price, {}});
    }
    Candle& candle = candles.back();
    candle.high = std::max(candle.high, event.price);
    candle.low = std::min(candle.low, event.price);
    candle.close = event.price;
    candle.volume.value += event.amount.value;
  }
  while (!candles.empty() && candle_end(type, candles.back().start) <= now) {
    const core::Price close = candles.back().close;
    candles.push_back({candle_end(type, candles.back().start), close, close, close, close, {}});
  }
  return candles;
}

Ticker naive_ticker(const std::vector<Everything::Trade>& trades, WallTimeMs now) {
  Ticker ticker;
  if (trades.empty()) return ticker;
  ticker.last = ticker.open = ticker.high = ticker.low = trades.back().event.price;
  const WallTimeMs end = std::max(now, trades.back().time);
  const WallTimeMs start = candle_start(CandleType::min1, {end.value - ms_per_day});
  bool is_first = true;
  for (const auto& [event, time] : trades) {
    if (time < start) continue;
    if (is_first) ticker.open = ticker.high = ticker.low = event.price;
    is_first = false;
    ticker.high = std::max(*ticker.high, event.price);
    ticker.low = std::min(*ticker.low, event.price);
    ticker.volume.value += event.amount.value;
  }
  return ticker;
}

void expect_public_data(const Projection& projection, const Everything& all, WallTimeMs now) {
  for (std::uint16_t id = 0; id < RandomCommands::markets; ++id) {
    const MarketId market{id};
    const auto trades = all.of(market);
    for (std::size_t i = 0; i < candle_types; ++i) {
      const auto type = static_cast<CandleType>(i);
      EXPECT_EQ(projection.candles(market, type, {0}, {now.value + 1}),
                naive_candles(trades, type, now))
          << name(type);
    }
    for (const std::int64_t later : {std::int64_t{0}, ms_per_day / 2, 3 * ms_per_day}) {
      const Ticker ticker = projection.ticker(market, {now.value + later});
      Ticker expected = naive_ticker(trades, {now.value + later});
      const auto sells = projection.levels(market, Side::sell, 1);
      const auto buys = projection.levels(market, Side::buy, 1);
      if (!sells.empty()) expected.sell = sells[0].price;
      if (!buys.empty()) expected.buy = buys[0].price;
      expected.timestamp = projection.book_changed_at(market);
      if (!trades.empty()) expected.timestamp = std::max(expected.timestamp, trades.back().time);
      EXPECT_EQ(ticker, expected);
    }
    const auto newest = projection.newest_trades(market, 10);
    ASSERT_EQ(newest.size(), std::min<std::size_t>(10, trades.size()));
    for (std::size_t i = 0; i < newest.size(); ++i) {
      const auto& [event, time] = trades[trades.size() - 1 - i];
      EXPECT_EQ(newest[i],
                (PublicTrade{event.id, event.taker_side, event.price, event.amount, time}));
    }
  }
}

void expect_private_data(const Projection& projection, const Everything& all,
                         const ProjectionLimits& limits) {
  std::map<core::AccountId, std::vector<AccountTrade>> trades;
  for (const auto& [event, time] : all.trades) {
    for (const bool maker : {true, false}) {
      const core::OrderView& order = all.orders.at(maker ? event.maker_order : event.taker_order);
      const std::int64_t fee = maker ? event.maker_fee : event.taker_fee;
      trades[order.account].push_back({event.id,
                                       event.market,
                                       order.id,
                                       order.side,
                                       order.type,
                                       order.position,
                                       maker,
                                       event.price,
                                       event.amount,
                                       fee,
                                       fee,
                                       {},
                                       0,
                                       time});
    }
  }
  for (auto& [account, rows] : trades) {
    const std::size_t extra = rows.size() - std::min(rows.size(), limits.account_trades_max);
    rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(extra));
    EXPECT_EQ(projection.account_trades(account), rows);
  }
  // The newest of each account, and of those the newest of all.
  std::map<core::AccountId, std::size_t> of_account;
  std::size_t of_all = 0;
  for (auto id = all.closed.rbegin(); id != all.closed.rend(); ++id) {
    const core::OrderView& closed = all.orders.at(*id);
    const bool kept = ++of_account[closed.account] <= limits.closed_orders_per_account_max &&
                      ++of_all <= limits.closed_orders_max;
    const core::OrderView* order = projection.order(*id);
    ASSERT_EQ(order != nullptr, kept);
    if (kept) {
      EXPECT_EQ(*order, closed);
    }
  }
  for (const auto& [key, nonce] : all.nonces) {
    EXPECT_EQ(projection.api_key("key" + std::to_string(key.value))->nonce, nonce);
  }
}

struct Walk {
  explicit Walk(std::uint64_t seed) : random(seed) {
    for (const core::Command& command : random.set_up()) (void)feed(command);
  }

  // Some commands at one time, as one log entry holds them.
  replica::EventBlock next_block(std::int64_t pause_max_ms) {
    feed.now.value += random.prng().between(0, pause_max_ms);
    const std::uint64_t commands = random.prng().below(12);
    for (std::uint64_t i = 0; i < commands; ++i) random.saw(feed(random.next()));
    return feed.block();
  }

  Feed feed;
  RandomCommands random;
};

TEST(ProjectionWalk, EqualsTheCoreAndTheListOfEverything) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const ProjectionLimits limits;
    Walk walk(seed);
    Projection projection(limits);
    Everything all;
    for (int step = 0; step < 400; ++step) {
      const auto block = walk.next_block(10 * 60'000);
      all.add(block);
      const auto applied = projection.apply(block);
      ASSERT_TRUE(applied) << applied.error().message;
      projection.verify();
      expect_equals_core(projection, walk.feed.core);
      EXPECT_EQ(projection.index(), block.index);
      EXPECT_EQ(projection.time(), block.time);
      EXPECT_EQ(projection.event_hash(), block.hash);
      if (step % 40 == 39) {
        expect_public_data(projection, all, walk.feed.now);
        expect_private_data(projection, all, limits);
      }
      if (HasFatalFailure() || HasFailure()) FAIL() << "seed " << seed << " step " << step;
    }
    EXPECT_GT(all.trades.size(), 300u);
  }
}

TEST(ProjectionWalk, KeepsNoMoreThanItsLimitsAndTheNewestOfIt) {
  ProjectionLimits limits;
  limits.public_trades_max = 15;
  limits.account_trades_max = 7;
  limits.closed_orders_per_account_max = 9;
  limits.closed_orders_max = 20;
  Walk walk(11);
  Projection projection(limits);
  Everything all;
  for (int step = 0; step < 300; ++step) {
    const auto block = walk.next_block(1'000);
    all.add(block);
    ASSERT_TRUE(projection.apply(block));
    projection.verify();
    expect_private_data(projection, all, limits);
    if (HasFailure()) FAIL() << "step " << step;
  }
  EXPECT_EQ(projection.newest_trades({0}, 1'000).size(), 15u);
  EXPECT_EQ(projection.trades_between({0}, {0}, {walk.feed.now.value + 1}).size(), 15u);
  EXPECT_EQ(projection.account_trades({2}).size(), 7u);
}

TEST(ProjectionWalk, ARestoredCopyGoesOnExactlyAsTheOriginal) {
  for (const std::size_t rows_max : {std::size_t{10}, std::size_t{10'000}}) {
    ProjectionLimits limits;
    limits.public_trades_max = limits.account_trades_max = limits.closed_orders_max = rows_max;
    Walk walk(21 + rows_max);
    Projection original(limits);
    Projection copy(limits);
    for (int step = 0; step < 300; ++step) {
      const auto block = walk.next_block(3 * 60'000);
      ASSERT_TRUE(original.apply(block));
      ASSERT_TRUE(copy.apply(block));
      if (!walk.random.prng().chance(1, 8)) continue;
      const Bytes snapshot = original.snapshot();
      ASSERT_EQ(copy.snapshot(), snapshot) << "step " << step;
      auto restored = Projection::restore(snapshot, limits);
      ASSERT_TRUE(restored) << restored.error().message;
      restored->verify();
      ASSERT_EQ(restored->snapshot(), snapshot);
      expect_equals_core(*restored, walk.feed.core);
      ASSERT_FALSE(HasFailure()) << "step " << step;
      copy = std::move(*restored);
    }
  }
}

TEST(ProjectionWalk, EventsOfEveryKindSurviveASnapshot) {
  ProjectionLimits small;
  small.deposits_per_account_max = small.closed_withdrawals_per_account_max = 4;
  small.quarantines_max = small.closed_orders_max = 6;
  for (const ProjectionLimits& limits : {ProjectionLimits{}, small}) {
    EventMix mix(77);
    Projection original(limits);
    Projection copy(limits);
    for (int step = 0; step < 300; ++step) {
      const auto block = mix.next_block(1'000);
      const auto applied = original.apply(block);
      ASSERT_TRUE(applied) << applied.error().message;
      ASSERT_TRUE(copy.apply(block));
      original.verify();
      if (step % 9 != 0) continue;
      const Bytes snapshot = original.snapshot();
      ASSERT_EQ(copy.snapshot(), snapshot) << "step " << step;
      auto restored = Projection::restore(snapshot, limits);
      ASSERT_TRUE(restored) << restored.error().message;
      ASSERT_EQ(restored->snapshot(), snapshot);
      copy = std::move(*restored);
    }
    EXPECT_FALSE(original.all_positions().empty());
    EXPECT_FALSE(original.quarantines().empty());
    EXPECT_FALSE(original.open_withdrawals().empty());
  }
}

}  // namespace
}  // namespace oki::history
