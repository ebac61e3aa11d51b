// The amounts with their shortcuts against the plain ones of core/money.h, where both are defined,
// and what is beyond 63 bits.
#include "core/fast/math.h"

#include <gtest/gtest.h>

#include "base/prng.h"
#include "core/fast/holds.h"
#include "core/money.h"

namespace oki::core::fast {
namespace {

constexpr std::uint64_t u64_max = ~std::uint64_t{0};
constexpr std::uint64_t worth_max = u64_max >> 1;

// Of all magnitudes, and often at an end.
std::uint64_t any(Prng& prng, unsigned bits) {
  const std::uint64_t most = bits == 64 ? u64_max : (std::uint64_t{1} << bits) - 1;
  if (prng.chance(1, 8)) return most - prng.below(3);
  return prng.next() >> (64 - bits) >> prng.below(bits);
}

template <typename Compute>
bool is_broken(Compute&& compute) {
  try {
    compute();
    return false;
  } catch (const Broken&) {
    return true;
  }
}

TEST(FastMath, QuotesAreThoseOfThePlainWay) {
  Prng prng(1);
  std::uint64_t compared = 0;
  for (int i = 0; i < 200'000; ++i) {
    Scale scale;
    if (prng.chance(1, 3)) {
      scale.quote_up = power_of_ten(static_cast<unsigned>(prng.below(19)));
    } else {
      for (std::uint64_t tens = prng.below(25); tens > 0; --tens) scale.quote_down *= 10;
    }
    const Price price{any(prng, 1 + static_cast<unsigned>(prng.below(64)))};
    const Lots lots{any(prng, 1 + static_cast<unsigned>(prng.below(63)))};
    const Wide product = Wide{price.value} * lots.value;
    if (product >> 100 != 0 || product * scale.quote_up / scale.quote_down >= worth_max) continue;
    if (scale.quote_up > 1 && product > worth_max) continue;
    ++compared;
    ASSERT_EQ(quote_of(scale, price, lots, false), quote_down(scale, price, lots).value);
    ASSERT_EQ(quote_of(scale, price, lots, true), quote_up(scale, price, lots).value);
  }
  EXPECT_GT(compared, 50'000u);
}

// What every fill of a limit buy relies on.
TEST(FastMath, WhatAFillReleasesCoversTheQuoteAmountAndTheFeeRoundedDown) {
  Prng prng(7);
  for (int round = 0; round < 300'000; ++round) {
    Scale scale;
    const std::uint64_t digits = prng.below(8);  // Of a price in ticks and an amount in lots.
    const std::uint64_t quote_digits = prng.below(5);
    scale.quote_up =
        power_of_ten(quote_digits > digits ? static_cast<unsigned>(quote_digits - digits) : 0);
    scale.quote_down =
        power_of_ten(digits > quote_digits ? static_cast<unsigned>(digits - quote_digits) : 0);
    const auto ppm = static_cast<std::int32_t>(prng.below(fee_ppm_max + 1));
    const Price limit{1 + prng.below(prng.chance(1, 2) ? 20 : 1'000'000)};
    const Price price{prng.chance(1, 2) ? limit.value : 1 + prng.below(limit.value)};
    const Lots open{1 + prng.below(prng.chance(1, 2) ? 20 : 1'000'000)};
    const Lots filled{1 + prng.below(open.value)};
    const std::uint64_t released =
        worth_and_fee(scale, limit, open, ppm) -
        worth_and_fee(scale, limit, Lots{open.value - filled.value}, ppm);
    const std::uint64_t quote = quote_of(scale, price, filled, false);
    ASSERT_GE(released, quote + quote * static_cast<std::uint64_t>(ppm) / million);
  }
}

TEST(FastMath, DivisionsAreExactAcrossTheBorderOfSixtyFourBits) {
  for (const Wide by : {Wide{2}, Wide{7}, Wide{10}, Wide{1} << 63, (Wide{1} << 64) - 1,
                        Wide{1} << 64, (Wide{1} << 64) + 10}) {
    for (const Wide middle : {Wide{0}, by, Wide{1} << 63, Wide{1} << 64, Wide{1} << 65}) {
      const Wide first = middle < 3 ? 0 : middle - 3;
      for (Wide value = first; value <= middle + 3; ++value) {
        ASSERT_TRUE(divided(value, by, false) == value / by);
        ASSERT_TRUE(divided(value, by, true) == value / by + (value % by != 0 ? 1 : 0));
      }
    }
  }
}

TEST(FastMath, FeesAreThoseOfThePlainWay) {
  Prng prng(2);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t quote = any(prng, 63);
    const auto ppm =
        static_cast<std::int32_t>(prng.below(2 * million + 1)) - static_cast<std::int32_t>(million);
    ASSERT_EQ(fee_for(quote, ppm), fee_of(Amount{quote}, ppm)) << quote << " " << ppm;
  }
  for (const std::int32_t ppm : {-1'000'000, -1, 0, 1, 1'000'000}) {
    for (const std::uint64_t quote : {std::uint64_t{0}, std::uint64_t{1}, worth_max}) {
      ASSERT_EQ(fee_for(quote, ppm), fee_of(Amount{quote}, ppm)) << quote << " " << ppm;
    }
  }
}

TEST(FastMath, WhatPassesItsBitsBreaksTheStep) {
  EXPECT_EQ(narrow_worth(worth_max), worth_max);
  EXPECT_TRUE(is_broken([] { narrow_worth(Wide{worth_max} + 1); }));
  Scale scale;
  EXPECT_EQ(quote_of(scale, Price{worth_max}, Lots{1}, true), worth_max);
  EXPECT_TRUE(is_broken([&] { quote_of(scale, Price{worth_max + 1}, Lots{1}, true); }));
  scale.quote_down = Wide{1} << 37;
  const Price price{(std::uint64_t{1} << 50) - 1};
  EXPECT_EQ(quote_of(scale, price, Lots{std::uint64_t{1} << 50}, false), worth_max - 8'191);
  EXPECT_TRUE(is_broken(
      [&] { quote_of(scale, Price{price.value + 1}, Lots{std::uint64_t{1} << 50}, false); }));
  scale.lot = 1'000;
  EXPECT_EQ(base_amount(scale, Lots{u64_max / 1'000}), u64_max / 1'000 * 1'000);
  EXPECT_TRUE(is_broken([&] { base_amount(scale, Lots{u64_max / 1'000 + 1}); }));
}

TEST(FastMath, BandsAreRoundedTowardTheirPriceAndStayInSixtyFourBits) {
  EXPECT_EQ(price_above(Price{1'000}, 100'000), Price{1'100});
  EXPECT_EQ(price_above(Price{1'001}, 100'000), Price{1'101});
  EXPECT_EQ(price_above(Price{u64_max}, 0), Price{u64_max});
  EXPECT_EQ(price_above(Price{u64_max}, 1), Price{u64_max});
  EXPECT_EQ(price_below(Price{1'000}, 100'000), Price{900});
  EXPECT_EQ(price_below(Price{1'001}, 100'000), Price{901});
  EXPECT_EQ(price_below(Price{1'001}, 0), Price{1'001});
  EXPECT_EQ(price_below(Price{u64_max}, 999'999), Price{u64_max / million + 1});
  EXPECT_EQ(price_below(Price{u64_max}, 1'000'000), Price{});
  EXPECT_EQ(price_below(Price{1'000}, 1'000'001), Price{});
}

}  // namespace
}  // namespace oki::core::fast
