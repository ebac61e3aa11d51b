// Call auctions (itayose): rules 7.
#pragma once

#include "core/fast/state.h"

namespace oki::core::fast {

struct AuctionPrice {
  Price price;  // 0: nothing to execute.
  Lots lots;
};
AuctionPrice auction_price(const State& state, MarketId market);

// At reopen_at, and each further chunk of an uncrossing.
void end_auction(State& state, MarketId market);
void run_chunk(State& state, MarketId market);

void run_estimate(State& state, MarketId market);
void await_estimate(State& state, MarketId market);  // The next one.

}  // namespace oki::core::fast
