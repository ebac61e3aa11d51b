// Who may act: docs/rules.md 3.
//
// The rate limit is a token bucket in command time: it holds at most `updates_per_second` updates
// and gains that many per second, so a burst may be as large as one second's share. Tokens are
// counted in thousandths, which makes a millisecond's gain a whole number.
#pragma once

#include <optional>

#include "core/plain/state.h"

namespace oki::core::plain {

// Up to the rate limit. Uses up the nonce and the update. Without `market`: it is not asked for.
Refusal admit(State& state, AccountId account, std::optional<MarketId> market, const Signed& auth);

// The same and account_restricted: for placing and amending.
Refusal admit_order(State& state, AccountId account, MarketId market, const Signed& auth);

constexpr std::uint64_t full_bucket(std::uint32_t per_second) {
  return std::uint64_t{per_second} * 1000;
}

}  // namespace oki::core::plain
