#include "history/candles.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/calendar.h"
#include "base/prng.h"

namespace oki::history {
namespace {

constexpr std::int64_t minute = 60'000;

WallTimeMs at(std::int32_t year, std::int32_t month, std::int32_t day, std::int64_t ms = 0) {
  return {start_of_day({year, month, day}).value + ms};
}

std::vector<CandleType> all_types() {
  std::vector<CandleType> types;
  for (std::size_t i = 0; i < candle_types; ++i) types.push_back(static_cast<CandleType>(i));
  return types;
}

TEST(Candles, HaveTheNamesOfThePublicInterface) {
  for (const CandleType type : all_types()) EXPECT_EQ(candle_type(name(type)), type);
  EXPECT_STREQ(name(CandleType::min1), "1min");
  EXPECT_STREQ(name(CandleType::hour12), "12hour");
  EXPECT_STREQ(name(CandleType::month1), "1month");
  EXPECT_FALSE(candle_type("1Min"));
  EXPECT_FALSE(candle_type(""));
}

TEST(Candles, StartOnTheGridOfUtc) {
  const WallTimeMs time = at(2024, 2, 29, 23 * 60 * minute + 59 * minute + 59'999);  // A Thursday.
  EXPECT_EQ(candle_start(CandleType::min1, time), at(2024, 2, 29, 1439 * minute));
  EXPECT_EQ(candle_start(CandleType::min5, time), at(2024, 2, 29, 1435 * minute));
  EXPECT_EQ(candle_start(CandleType::min15, time), at(2024, 2, 29, 1425 * minute));
  EXPECT_EQ(candle_start(CandleType::min30, time), at(2024, 2, 29, 1410 * minute));
  EXPECT_EQ(candle_start(CandleType::hour1, time), at(2024, 2, 29, 23 * 60 * minute));
  EXPECT_EQ(candle_start(CandleType::hour4, time), at(2024, 2, 29, 20 * 60 * minute));
  EXPECT_EQ(candle_start(CandleType::hour8, time), at(2024, 2, 29, 16 * 60 * minute));
  EXPECT_EQ(candle_start(CandleType::hour12, time), at(2024, 2, 29, 12 * 60 * minute));
  EXPECT_EQ(candle_start(CandleType::day1, time), at(2024, 2, 29));
  EXPECT_EQ(candle_start(CandleType::week1, time), at(2024, 2, 26)) << "a Monday";
  EXPECT_EQ(candle_start(CandleType::month1, time), at(2024, 2, 1));
}

TEST(Candles, EachIntervalEndsWhereTheNextStarts) {
  Prng prng(1);
  for (int round = 0; round < 20'000; ++round) {
    const WallTimeMs time{prng.between(0, 253'402'300'799'999)};
    for (const CandleType type : all_types()) {
      const WallTimeMs start = candle_start(type, time);
      const WallTimeMs end = candle_end(type, start);
      ASSERT_LE(start, time);
      ASSERT_GT(end, time);
      ASSERT_EQ(candle_start(type, start), start);
      ASSERT_EQ(candle_start(type, end), end);
      ASSERT_EQ(candle_start(type, {end.value - 1}), start);
    }
  }
}

TEST(Candles, HoldOpenHighLowCloseAndVolume) {
  Candles candles(CandleType::min1);
  const WallTimeMs start = at(2024, 5, 1);
  for (const std::uint64_t price : {100, 130, 90, 110}) {
    candles.add({start.value + 59'999}, {price}, {2}, 10);
  }
  ASSERT_EQ(candles.kept().size(), 1u);
  EXPECT_EQ(candles.kept()[0], (Candle{start, {100}, {130}, {90}, {110}, {8}}));
  EXPECT_EQ(candles.fault(), nullptr);
}

TEST(Candles, MinutesWithoutATradeStandAtTheLastClose) {
  Candles candles(CandleType::min1);
  const WallTimeMs start = at(2024, 5, 1);
  candles.add(start, {100}, {1}, 10);
  candles.add({start.value + 3 * minute}, {120}, {1}, 10);
  const WallTimeMs until{start.value + 5 * minute + 1};
  const auto all = candles.between({start.value - minute}, at(2024, 5, 2), until, 100);
  ASSERT_EQ(all.size(), 6u) << "from the first trade up to now";
  EXPECT_EQ(all[0].start, start);
  EXPECT_EQ(all[2], (Candle{{start.value + 2 * minute}, {100}, {100}, {100}, {100}, {0}}));
  EXPECT_EQ(all[3].close, core::Price{120});
  EXPECT_EQ(all[5], (Candle{{start.value + 5 * minute}, {120}, {120}, {120}, {120}, {0}}));

  const auto inner = candles.between({start.value + 1}, {start.value + 3 * minute}, until, 100);
  ASSERT_EQ(inner.size(), 2u) << "[from, to) by the start of the candle";
  EXPECT_EQ(inner[0].start.value, start.value + minute);
  EXPECT_EQ(inner[0].open, core::Price{100});
  EXPECT_EQ(candles.between({start.value - minute}, at(2024, 5, 2), until, 4).size(), 4u);
}

TEST(Candles, AnswerEveryRangeHoweverWild) {
  Candles candles(CandleType::month1);
  constexpr WallTimeMs first{std::numeric_limits<std::int64_t>::min()};
  constexpr WallTimeMs last{std::numeric_limits<std::int64_t>::max()};
  EXPECT_TRUE(candles.between(first, last, at(2024, 5, 1), 100).empty()) << "nothing was traded";
  candles.add(at(2024, 1, 31), {1}, {1}, 10);
  EXPECT_EQ(candles.between(first, last, at(2024, 5, 1), 100).size(), 5u);
  EXPECT_TRUE(candles.between(last, first, at(2024, 5, 1), 100).empty());
  EXPECT_TRUE(candles.between(last, last, at(2024, 5, 1), 100).empty());
  EXPECT_TRUE(candles.between(first, first, at(2024, 5, 1), 100).empty());
  EXPECT_TRUE(candles.between(first, at(2024, 1, 1), at(2024, 5, 1), 100).empty());
}

TEST(Candles, TheOldestFallOutFirst) {
  Candles candles(CandleType::min1);
  const WallTimeMs start = at(2024, 5, 1);
  for (std::int64_t i = 0; i < 5; ++i) candles.add({start.value + i * minute}, {1}, {1}, 3);
  ASSERT_EQ(candles.kept().size(), 3u);
  EXPECT_EQ(candles.kept().front().start.value, start.value + 2 * minute);
  const WallTimeMs until{start.value + 4 * minute};
  EXPECT_EQ(candles.between(start, at(2024, 5, 2), until, 100).size(), 3u);
}

TEST(Candles, AVolumePastSixtyFourBitsStaysAtTheLargestNumber) {
  Candles candles(CandleType::min1);
  const core::Lots most{std::numeric_limits<std::uint64_t>::max()};
  candles.add(at(2024, 5, 1), {1}, most, 3);
  candles.add(at(2024, 5, 1), {1}, {7}, 3);
  EXPECT_EQ(candles.kept()[0].volume, most);
}

}  // namespace
}  // namespace oki::history
