// Where a call auction must end, computed from a public book by the rule alone (docs/rules.md,
// section The auction), without a line of the core: what drills compare the exchange with.
#pragma once

#include <cstdint>
#include <vector>

namespace oki::drill {

struct BookLevel {
  std::uint64_t price = 0;  // In ticks.
  std::uint64_t lots = 0;
};

struct AuctionEnd {
  std::uint64_t price = 0;  // 0: nothing would be executed.
  std::uint64_t lots = 0;
  friend bool operator==(const AuctionEnd&, const AuctionEnd&) = default;
};

// `reference` 0: there is none.
AuctionEnd itayose(const std::vector<BookLevel>& buys, const std::vector<BookLevel>& sells,
                   std::uint64_t reference);

}  // namespace oki::drill
