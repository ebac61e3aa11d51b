// A small exchange and its projection, and blocks of events that no core writes.
#pragma once

#include <string>
#include <vector>

#include "base/assert.h"
#include "history/projection.h"
#include "history/testing/feed.h"

namespace oki::history {

constexpr core::MarketId market_0{0};

// Two accounts, a book around 100 and one trade of 5 lots at 100.
inline void trade_a_little(Feed& feed) {
  (void)feed(core::AddAsset{{"jpy", 4}});
  (void)feed(core::AddAsset{{"btc", 8}});
  (void)feed(core::AddMarket{core::World::btc_jpy()});
  for (const std::uint64_t account : {1, 2}) {
    (void)feed(core::AddAccount{core::AccountId{account}, 0, 10});
    const std::string reference = std::to_string(account);
    (void)feed(
        core::Deposit{core::AccountId{account}, core::World::jpy, {1'000'000}, "j" + reference});
    (void)feed(
        core::Deposit{core::AccountId{account}, core::World::btc, {1'000'000}, "b" + reference});
  }
  (void)feed(core::AddApiKey{core::AccountId{1}, "key", "sealed"});
  (void)feed(core::World::limit(1, core::Side::sell, 100, 10));
  (void)feed(core::World::limit(1, core::Side::sell, 101, 10));
  (void)feed(core::World::limit(2, core::Side::buy, 100, 5));
  (void)feed(core::World::limit(2, core::Side::buy, 98, 7));
}

struct Small {
  Small() {
    trade_a_little(feed);
    const auto applied = projection.apply(feed.block());
    ASSERT(applied.has_value());
  }
  Feed feed;
  Projection projection{ProjectionLimits{}};
};

// Whether a projection of the small exchange takes a block of these events.
inline bool follows(const std::vector<core::Event>& events) {
  Small small;
  replica::EventBlock block;
  block.time = small.feed.now;
  for (const core::Event& event : events) append(block.events, event);
  return small.projection.apply(block).has_value();
}

// The same, one event after the other, as one block.
inline Result<void> take(Small& small, const std::vector<core::Event>& events) {
  replica::EventBlock block;
  block.index = {small.projection.index().value + 1};
  block.time = small.feed.now;
  for (const core::Event& event : events) append(block.events, event);
  return small.projection.apply(block);
}

}  // namespace oki::history
