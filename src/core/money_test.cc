// Rounding, and the limits of the types: no order that a valid market allows can overflow.
#include "core/money.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace oki::core {
namespace {

constexpr std::uint64_t u64_max = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t worth_max = u64_max >> 1;

MarketSpec market(std::uint8_t price_digits, std::uint8_t amount_digits) {
  MarketSpec spec;
  spec.name = "a_b";
  spec.base = AssetId{1};
  spec.quote = AssetId{0};
  spec.price_digits = price_digits;
  spec.amount_digits = amount_digits;
  spec.price_max = Price{1};
  spec.limit_amount_max = Lots{1};
  spec.market_amount_max = Lots{1};
  return spec;
}

Scale scale(std::uint8_t quote, std::uint8_t price_digits, std::uint8_t amount_digits) {
  return scale_of(market(price_digits, amount_digits), {"b", amount_digits}, {"q", quote});
}

TEST(Money, QuoteAmountsAreExactOrRoundedAsAsked) {
  EXPECT_EQ(quote_down(scale(4, 0, 4), Price{5'000'000}, Lots{7}), Amount{35'000'000});
  EXPECT_EQ(quote_down(scale(8, 0, 4), Price{3}, Lots{7}), Amount{210'000});
  EXPECT_EQ(quote_down(scale(2, 0, 4), Price{3}, Lots{33}), Amount{0});
  EXPECT_EQ(quote_up(scale(2, 0, 4), Price{3}, Lots{33}), Amount{1});
  EXPECT_EQ(quote_down(scale(2, 0, 4), Price{3}, Lots{100}), Amount{3});
  EXPECT_EQ(quote_up(scale(2, 0, 4), Price{3}, Lots{100}), Amount{3});
}

TEST(Money, TheSmallestScaleDividesByTenToTheTwentyFour) {
  const Scale smallest = scale(0, 12, 12);
  EXPECT_TRUE(smallest.quote_down == Wide{1'000'000'000'000} * 1'000'000'000'000);
  EXPECT_EQ(quote_down(smallest, Price{u64_max}, Lots{u64_max}), Amount{340'282'366'920'938});
  EXPECT_EQ(quote_up(smallest, Price{1}, Lots{1}), Amount{1});
}

TEST(Money, FeesAreRoundedUpAndRebatesTowardZero) {
  EXPECT_EQ(fee_of(Amount{1'000'000}, 1200), 1200);
  EXPECT_EQ(fee_of(Amount{1'000'001}, 1200), 1201);
  EXPECT_EQ(fee_of(Amount{1}, 1), 1);
  EXPECT_EQ(fee_of(Amount{0}, 1200), 0);
  EXPECT_EQ(fee_of(Amount{u64_max}, 0), 0);
  EXPECT_EQ(fee_of(Amount{1'000'001}, -200), -200);
  EXPECT_EQ(fee_of(Amount{4'999}, -200), 0);
  EXPECT_EQ(fee_of(Amount{worth_max}, fee_ppm_max), 922'337'203'685'477'581);
  EXPECT_EQ(fee_of(Amount{worth_max}, -fee_ppm_max), -922'337'203'685'477'580);
}

TEST(Money, AMarketWhoseLargestOrderPassesSixtyThreeBitsIsNotValid) {
  const AssetSpec base{"b", 0};
  const AssetSpec quote{"q", 0};
  MarketSpec spec = market(0, 0);
  // 8,384,883,669,867,978,006 and a tenth of it, rounded up, is 2^63 - 1.
  const std::uint64_t largest = 8'384'883'669'867'978'006;
  spec.price_max = Price{largest};
  EXPECT_TRUE(valid(spec, base, quote));
  spec.price_max = Price{largest + 1};
  EXPECT_FALSE(valid(spec, base, quote));
  spec.price_max = Price{u64_max};
  spec.limit_amount_max = Lots{u64_max};
  EXPECT_FALSE(valid(spec, base, quote));
  EXPECT_FALSE(valid(spec, {"b", 12}, {"q", 12}));
  spec.price_max = Price{1};
  spec.limit_amount_max = Lots{largest};
  EXPECT_TRUE(valid(spec, base, quote));
  EXPECT_FALSE(valid(spec, {"b", 1}, quote)) << "the base amount passes 63 bits";
  spec.market_amount_max = Lots{u64_max};
  EXPECT_FALSE(valid(spec, base, quote));
}

TEST(Money, EveryRuleOfAMarketIsChecked) {
  const AssetSpec base{"b", 4};
  const AssetSpec quote{"q", 4};
  const MarketSpec good = market(0, 4);
  ASSERT_TRUE(valid(good, base, quote));
  const auto broken = [&](auto change) {
    MarketSpec spec = good;
    change(spec);
    return !valid(spec, base, quote);
  };
  EXPECT_TRUE(broken([](MarketSpec& s) { s.name = ""; }));
  EXPECT_TRUE(broken([](MarketSpec& s) { s.name = "a-b"; }));
  EXPECT_TRUE(broken([](MarketSpec& s) { s.name = std::string(market_name_bytes_max + 1, 'a'); }));
  EXPECT_TRUE(broken([](MarketSpec& s) { s.base = s.quote; }));
  EXPECT_TRUE(broken([](MarketSpec& s) { s.price_digits = decimals_max + 1; }));
  EXPECT_TRUE(broken([](MarketSpec& s) { s.amount_digits = 5; }));
  EXPECT_TRUE(broken([](MarketSpec& s) { s.taker_fee_ppm = -1; }));
  EXPECT_TRUE(broken([](MarketSpec& s) { s.taker_fee_ppm = fee_ppm_max + 1; }));
  EXPECT_TRUE(broken([](MarketSpec& s) { s.maker_fee_ppm = fee_ppm_max + 1; }));
  EXPECT_TRUE(broken([](MarketSpec& s) { s.maker_fee_ppm = -1; }));
  EXPECT_TRUE(
      broken([](MarketSpec& s) { s.maker_fee_ppm = std::numeric_limits<std::int32_t>::min(); }));
  EXPECT_TRUE(broken([](MarketSpec& s) { s.price_min = Price{0}; }));
  EXPECT_TRUE(broken([](MarketSpec& s) { s.price_max = Price{0}; }));
  EXPECT_TRUE(broken([](MarketSpec& s) { s.amount_min = Lots{0}; }));
  EXPECT_TRUE(broken([](MarketSpec& s) { s.limit_amount_max = Lots{0}; }));
  EXPECT_TRUE(broken([](MarketSpec& s) { s.market_amount_max = Lots{0}; }));
}

TEST(Money, BandsAndBusyLevelsOfAMarketAreChecked) {
  const auto is_valid = [](auto change) {
    MarketSpec spec = market(0, 4);
    spec.band_max_ppm = 999'999;
    change(spec);
    return valid(spec, {"b", 4}, {"q", 4});
  };
  for (std::uint32_t MarketSpec::* width :
       {&MarketSpec::band_ppm, &MarketSpec::band_step_ppm, &MarketSpec::band_max_ppm,
        &MarketSpec::collar_ppm, &MarketSpec::market_allowance_ppm}) {
    EXPECT_TRUE(is_valid([&](MarketSpec& s) { s.*width = 999'999; }));
    EXPECT_FALSE(is_valid([&](MarketSpec& s) { s.*width = 1'000'000; }));
  }
  EXPECT_FALSE(is_valid([](MarketSpec& s) { s.band_ppm = (s.band_max_ppm = 5) + 1; }));
  EXPECT_TRUE(is_valid([](MarketSpec& s) { s.band_ppm = s.band_max_ppm = 5; }));
  EXPECT_FALSE(is_valid([](MarketSpec& s) { s.break_ms = 999; }));
  EXPECT_TRUE(is_valid([](MarketSpec& s) { s.break_ms = 1'000; }));
  EXPECT_FALSE(is_valid([](MarketSpec& s) { s.busy_per_second = 1; }));
  EXPECT_TRUE(is_valid([](MarketSpec& s) { s.busy_per_second = s.very_busy_per_second = 1; }));
}

TEST(Money, MarginTermsOfAMarketAreChecked) {
  const auto is_valid = [](auto change) {
    MarketSpec spec = market(0, 4);
    change(spec);
    return valid(spec, {"b", 4}, {"q", 4});
  };
  for (std::int32_t MarginSpec::* fee :
       {&MarginSpec::open_maker_fee_ppm, &MarginSpec::open_taker_fee_ppm,
        &MarginSpec::close_maker_fee_ppm, &MarginSpec::close_taker_fee_ppm}) {
    EXPECT_FALSE(is_valid([&](MarketSpec& s) { s.margin.*fee = -1; }));
    EXPECT_TRUE(is_valid([&](MarketSpec& s) { s.margin.*fee = fee_ppm_max; }));
    EXPECT_FALSE(is_valid([&](MarketSpec& s) { s.margin.*fee = fee_ppm_max + 1; }));
  }
  for (std::uint32_t MarginSpec::* rate :
       {&MarginSpec::long_interest_ppm, &MarginSpec::short_interest_ppm}) {
    EXPECT_TRUE(is_valid([&](MarketSpec& s) { s.margin.*rate = fee_ppm_max; }));
    EXPECT_FALSE(is_valid([&](MarketSpec& s) { s.margin.*rate = fee_ppm_max + 1; }));
  }
  EXPECT_FALSE(is_valid([](MarketSpec& s) { s.margin.ratio_ppm = 0; }));
  EXPECT_TRUE(is_valid([](MarketSpec& s) { s.margin.ratio_ppm = 1; }));
  EXPECT_TRUE(is_valid([](MarketSpec& s) { s.margin.ratio_ppm = 1'000'000; }));
  EXPECT_FALSE(is_valid([](MarketSpec& s) { s.margin.ratio_ppm = 1'000'001; }));
  // A rebate comes out of what any taker pays.
  const auto rebate = [&](bool enabled, std::int32_t open, std::int32_t close) {
    return is_valid([&](MarketSpec& s) {
      s.maker_fee_ppm = -(s.taker_fee_ppm = 100);
      s.margin.enabled = enabled;
      s.margin.open_taker_fee_ppm = open;
      s.margin.close_taker_fee_ppm = close;
    });
  };
  EXPECT_TRUE(rebate(false, 0, 0));
  EXPECT_TRUE(rebate(true, 100, 100));
  EXPECT_FALSE(rebate(true, 99, 100));
  EXPECT_FALSE(rebate(true, 100, 99));
}

}  // namespace
}  // namespace oki::core
