#include "base/decimal.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/prng.h"

namespace oki {
namespace {

constexpr std::uint64_t units_max = std::numeric_limits<std::uint64_t>::max();

struct Row {
  const char* text;
  unsigned digits;
  std::optional<std::uint64_t> units;
};

constexpr auto refused = std::nullopt;

const Row rows[] = {
    {"0", 0, 0},
    {"0", 18, 0},
    {"0.0000", 2, 0},
    {"1", 0, 1},
    {"12", 4, 120000},
    {"0.0001", 4, 1},
    {"00.1", 1, 1},
    {"12.5", 4, 125000},
    {"100", 0, 100},
    {"1000.0500", 2, 100005},
    // Trailing zeros beyond the digits are worth nothing, other digits are refused.
    {"0.00010000", 4, 1},
    {"0.00011", 4, refused},
    {"1.5", 0, refused},
    {"10.0", 0, 10},
    // Exponents.
    {"1e-3", 3, 1},
    {"1e-3", 2, refused},
    {"1.5E2", 0, 150},
    {"1.5e+2", 1, 1500},
    {"1500e-2", 0, 15},
    {"1501e-2", 1, refused},
    {"0e0", 0, 0},
    {"0.000e-40", 0, 0},
    {"1e40", 0, refused},
    {"1e-40", 18, refused},
    {"0e41", 0, refused},
    {"1e99999999999", 0, refused},
    // Limits.
    {"18446744073709551615", 0, units_max},
    {"18446744073709551616", 0, refused},
    {"1844674407370955161.5", 1, units_max},
    {"1844674407370955161.6", 1, refused},
    {"18.446744073709551615", 18, units_max},
    {"19", 18, refused},
    {"1e19", 0, 10'000'000'000'000'000'000u},
    {"1e20", 0, refused},
    {"20000000000000000000", 0, refused},
    // Malformed.
    {"", 4, refused},
    {".", 4, refused},
    {".5", 4, refused},
    {"5.", 4, refused},
    {"1..5", 4, refused},
    {"1.5.5", 4, refused},
    {"+1", 4, refused},
    {"-1", 4, refused},
    {"-0", 4, refused},
    {" 1", 4, refused},
    {"1 ", 4, refused},
    {"1\n", 4, refused},
    {"1_000", 4, refused},
    {"1,000", 4, refused},
    {"0x10", 4, refused},
    {"e5", 4, refused},
    {"1e", 4, refused},
    {"1e+", 4, refused},
    {"1e-", 4, refused},
    {"1e+-5", 4, refused},
    {"1e--5", 4, refused},
    {"1e5.0", 4, refused},
    {"1e5e5", 4, refused},
    {"1.e5", 4, refused},
    {"NaN", 4, refused},
    {"inf", 4, refused},
    {"\xEF\xBC\x91", 4, refused},
};

TEST(ParseDecimal, FollowsItsTable) {
  for (const Row& row : rows) {
    EXPECT_EQ(parse_decimal(row.text, row.digits), row.units) << row.text << " at " << row.digits;
  }
  EXPECT_EQ(parse_decimal(ByteView("1\0", 2), 0), std::nullopt);
}

TEST(ParseDecimal, LongTextsAreReadOrRefusedButNeverMisread) {
  EXPECT_EQ(parse_decimal("0." + std::string(100'000, '0'), 2), 0u);
  EXPECT_EQ(parse_decimal(std::string(100'000, '0') + "7", 0), 7u);
  EXPECT_EQ(parse_decimal("7" + std::string(100'000, '0'), 0), std::nullopt);
  EXPECT_EQ(parse_decimal("0." + std::string(100'000, '0') + "7", 18), std::nullopt);
}

TEST(Decimal, HasAlwaysAllItsDigits) {
  EXPECT_EQ(decimal(std::uint64_t{1}, 4), "0.0001");
  EXPECT_EQ(decimal(std::uint64_t{5}, 0), "5");
  EXPECT_EQ(decimal(std::uint64_t{0}, 3), "0.000");
  EXPECT_EQ(decimal(std::uint64_t{12345}, 4), "1.2345");
  EXPECT_EQ(decimal(std::uint64_t{12345}, 5), "0.12345");
  EXPECT_EQ(decimal(units_max, 0), "18446744073709551615");
  EXPECT_EQ(decimal(units_max, 19), "1.8446744073709551615");
  EXPECT_EQ(decimal(std::uint64_t{1}, 19), "0.0000000000000000001");
}

TEST(Decimal, OfASignedNumberMayBeNegative) {
  EXPECT_EQ(decimal(std::int64_t{-1}, 2), "-0.01");
  EXPECT_EQ(decimal(std::int64_t{0}, 2), "0.00");
  EXPECT_EQ(decimal(std::numeric_limits<std::int64_t>::min(), 0), "-9223372036854775808");
  EXPECT_EQ(decimal(std::numeric_limits<std::int64_t>::max(), 18), "9.223372036854775807");
}

TEST(Decimal, IsReadBackAsTheSameUnits) {
  Prng prng(1);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t units = prng.next() >> prng.below(64);
    const auto digits = static_cast<unsigned>(prng.below(19));
    const std::string text = decimal(units, digits);
    ASSERT_EQ(parse_decimal(text, digits), units) << text;
    // The same number with an exponent.
    const auto shift = static_cast<int>(prng.below(10));
    const std::string scaled = decimal(units, 0) + "e-" + std::to_string(shift);
    ASSERT_EQ(parse_decimal(scaled, static_cast<unsigned>(shift)), units) << scaled;
  }
}

}  // namespace
}  // namespace oki
