#include "app/operator_words.h"

#include <gtest/gtest.h>

#include "base/calendar.h"

namespace oki::app {
namespace {

constexpr WallTimeMs now{1'763'749'560'000};  // 2025-11-21T18:26:00Z

TEST(OperatorWords, ReadsTimesFromNowAndTimesOfTheirOwn) {
  const struct {
    const char* text;
    const char* expected;
  } rows[] = {
      {"+30s", "2025-11-21T18:26:30.000Z"},
      {"+10m", "2025-11-21T18:36:00.000Z"},
      {"2026-11-21T18:26:05Z", "2026-11-21T18:26:05.000Z"},
      {"2026-11-21T18:26Z", "2026-11-21T18:26:00.000Z"},
      {"2026-11-22T03:26+09:00", "2026-11-21T18:26:00.000Z"},
      {"2026-11-21T13:26:00-05:00", "2026-11-21T18:26:00.000Z"},
  };
  for (const auto& row : rows) {
    const auto time = parse_time(row.text, now);
    ASSERT_TRUE(time) << row.text;
    EXPECT_EQ(rfc3339_utc(*time), row.expected);
  }
  for (const char* bad :
       {"", "+", "+x", "30s", "2026-11-21", "2026-11-21T18:26", "2026-13-21T18:26Z",
        "2026-11-21T24:00Z", "2026-11-21T18:60Z", "2026-11-21T18:26:00Zx", "2026-1-21T18:26Z",
        "2026-11-21T18:26:00+9", "2026-11--1T18:26Z"}) {
    EXPECT_FALSE(parse_time(bad, now)) << bad;
  }
}

TEST(OperatorWords, ReadsAndWritesEveryStop) {
  EXPECT_EQ(parse_stops("order,market_order"), 0b101);
  EXPECT_EQ(parse_stops("all"), core::stops_mask);
  for (std::uint16_t bit = 0; bit < 11; ++bit) {
    const auto one = static_cast<std::uint16_t>(1u << bit);
    EXPECT_EQ(parse_stops(stops_text(one)), one);
  }
  EXPECT_EQ(stops_text(0), "none");
  EXPECT_EQ(stops_text(core::stops_mask).find("none"), std::string::npos);
  for (const char* bad : {"", "orders", "order,", "order,x", "none"}) {
    EXPECT_EQ(parse_stops(bad).has_value(), std::string_view(bad) == "order,") << bad;
  }
}

TEST(OperatorWords, ReadsModesAmountsAndRatios) {
  EXPECT_EQ(parse_mode("listing"), core::MarketMode::listing);
  EXPECT_FALSE(parse_mode("none"));
  EXPECT_FALSE(parse_mode("circuit_break"));
  EXPECT_EQ(parse_units("1.5", 8, "the amount"), 150'000'000u);
  EXPECT_NE(parse_units("1.55", 1, "the amount").error().message.find("the amount"),
            std::string::npos);
  EXPECT_FALSE(parse_units("0", 8, "the amount"));
  EXPECT_FALSE(parse_units("-1", 8, "the amount"));
  EXPECT_EQ(parse_ratio_ppm("0.5"), 500'000u);
  EXPECT_EQ(parse_ratio_ppm("1"), 1'000'000u);
  EXPECT_FALSE(parse_ratio_ppm("1.000001"));
  EXPECT_FALSE(parse_ratio_ppm("0.0000001"));
}

}  // namespace
}  // namespace oki::app
