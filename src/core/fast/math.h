// The amounts of core/money.h with the divisions that are rarely needed kept out of the way. The
// results are the same (math_test.cc); what cannot be is Broken instead of the end of the process.
#pragma once

#include <algorithm>

#include "core/fast/broken.h"
#include "core/fast/state.h"

namespace oki::core::fast {

inline std::uint64_t narrow_worth(Wide value) {
  INVARIANT(value >> 63 == 0, "an amount passes 63 bits");
  return static_cast<std::uint64_t>(value);
}

inline Wide divided(Wide value, Wide by, bool up) {
  if (by == 1) [[likely]]
    return value;
  const Wide plus = up ? by - 1 : 0;
  if ((value + plus) >> 64 == 0 && by >> 64 == 0) {
    return (static_cast<std::uint64_t>(value) + static_cast<std::uint64_t>(plus)) /
           static_cast<std::uint64_t>(by);
  }
  return value / by + (up && value % by != 0 ? 1 : 0);
}

inline std::uint64_t quote_of(const Scale& scale, Price price, Lots lots, bool up) {
  const Wide product = Wide{price.value} * lots.value;
  INVARIANT(product >> 100 == 0, "an amount passes 63 bits");
  return narrow_worth(divided(product * scale.quote_up, scale.quote_down, up));
}

inline std::uint64_t base_amount(const Scale& scale, Lots lots) {
  const Wide units = Wide{lots.value} * scale.lot;
  INVARIANT(units >> 64 == 0, "an amount passes 64 bits");
  return static_cast<std::uint64_t>(units);
}

// value * ppm / a million.
inline std::uint64_t ppm_of(std::uint64_t value, std::uint32_t ppm, bool up) {
  const Wide product = Wide{value} * ppm + (up ? million - 1 : 0);
  if (product >> 64 == 0) [[likely]]
    return static_cast<std::uint64_t>(product) / million;
  return narrow_worth(product / million);
}

// Positive when paid, negative when received.
inline std::int64_t fee_for(std::uint64_t quote, std::int32_t ppm) {
  if (ppm >= 0) {
    return static_cast<std::int64_t>(ppm_of(quote, static_cast<std::uint32_t>(ppm), true));
  }
  return -static_cast<std::int64_t>(ppm_of(quote, static_cast<std::uint32_t>(-ppm), false));
}

// price * (1 +- ppm), rounded toward the price's own side of the band; at most 64 bits.
inline Price price_above(Price price, std::uint32_t ppm) {
  const Wide wide = Wide{price.value} * (Wide{million} + ppm) / million;
  return Price{wide >> 64 != 0 ? ~std::uint64_t{0} : static_cast<std::uint64_t>(wide)};
}
inline Price price_below(Price price, std::uint32_t ppm) {
  if (ppm >= million) return Price{};
  return Price{
      static_cast<std::uint64_t>((Wide{price.value} * (million - ppm) + million - 1) / million)};
}

}  // namespace oki::core::fast
