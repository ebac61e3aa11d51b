// Where amounts come from: the one place that rounds. Docs: docs/formats/rounding.md.
//
//   quote amount of a fill     ticks * lots, scaled to the quote's smallest unit, rounded down
//   worth of an open buy       the same, rounded up
//   fee paid                   rounded up: taker fees, and maker fees of zero or more
//   fee received (rebate)      rounded toward zero
//   hold of an open buy        its worth and the higher of both fees on it, rounded up
//   hold of an open sell       its open lots in the base asset's smallest unit, exact
//
// A fill releases hold(open before) - hold(open after) of the buyer's hold; the quote amount always
// fits, and the fee fits when it is rounded down. Where the fee rounded up does not, the buyer pays
// what is left, so that an order filled in many parts never costs more than it holds.
#pragma once

#include <cstdint>

#include "core/types.h"

namespace oki::core {

__extension__ using Wide = unsigned __int128;

// The scales of a market: what one tick times one lot and one lot alone are worth.
struct Scale {
  std::uint64_t quote_up = 1;  // Quote units = ticks * lots * quote_up / quote_down; one of both
  Wide quote_down = 1;         // is 1.
  std::uint64_t lot = 1;       // Base units of one lot.
};

constexpr std::uint64_t power_of_ten(unsigned exponent) {
  std::uint64_t value = 1;
  for (unsigned i = 0; i < exponent; ++i) value *= 10;
  return value;
}

bool valid(const AssetSpec& spec);

// Whether `spec` keeps every limit of its comment; its assets are `base` and `quote`.
bool valid(const MarketSpec& spec, const AssetSpec& base, const AssetSpec& quote);

// REQUIRES for all below: a valid market, and price and lots within its limits.
Scale scale_of(const MarketSpec& spec, const AssetSpec& base, const AssetSpec& quote);
Amount quote_down(const Scale& scale, Price price, Lots lots);
Amount quote_up(const Scale& scale, Price price, Lots lots);
Amount base_of(const Scale& scale, Lots lots);

// Positive when paid, negative when received.
std::int64_t fee_of(Amount quote, std::int32_t ppm);

}  // namespace oki::core
