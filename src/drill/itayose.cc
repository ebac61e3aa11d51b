#include "drill/itayose.h"

#include <algorithm>
#include <tuple>

namespace oki::drill {

AuctionEnd itayose(const std::vector<BookLevel>& buys, const std::vector<BookLevel>& sells,
                   std::uint64_t reference) {
  std::vector<std::uint64_t> prices;
  for (const BookLevel& level : buys) prices.push_back(level.price);
  for (const BookLevel& level : sells) prices.push_back(level.price);
  if (reference != 0) prices.push_back(reference);

  // The best end has the smallest of these: less volume, more left over, further away, higher.
  using Rank = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>;
  AuctionEnd best;
  Rank best_rank{};
  for (const std::uint64_t price : prices) {
    std::uint64_t bought = 0;
    std::uint64_t sold = 0;
    for (const BookLevel& level : buys) bought += level.price >= price ? level.lots : 0;
    for (const BookLevel& level : sells) sold += level.price <= price ? level.lots : 0;
    const std::uint64_t volume = std::min(bought, sold);
    const std::uint64_t left = std::max(bought, sold) - volume;
    const std::uint64_t away =
        reference == 0 ? 0 : std::max(price, reference) - std::min(price, reference);
    const Rank rank{~volume, left, away, price};
    if (volume == 0 || (best.lots != 0 && rank >= best_rank)) continue;
    best = {price, volume};
    best_rank = rank;
  }
  return best;
}

}  // namespace oki::drill
