// The call auction (itayose): docs/rules.md 7.
#pragma once

#include "core/plain/state.h"

namespace oki::core::plain {

struct AuctionPrice {
  Price price;  // 0: nothing would trade.
  Lots lots;
};
AuctionPrice auction_price(const State& state, MarketId id);

// The time of the auction has come: nothing, full range, or execution.
void reopen(State& state, MarketId id);

// The next chunk of an execution under way.
void uncross(State& state, MarketId id);

// Tells where the auction would end, when that has changed.
void estimate(State& state, MarketId id);

}  // namespace oki::core::plain
