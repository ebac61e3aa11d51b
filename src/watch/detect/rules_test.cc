#include <gtest/gtest.h>

#include "base/prng.h"
#include "watch/detect/burn_rate.h"
#include "watch/detect/inquiry_surge.h"
#include "watch/detect/level.h"
#include "watch/detect/silence.h"
#include "watch/detect/test_trades.h"
#include "watch/detect/threshold.h"

namespace oki::watch::detect {
namespace {

class TestTradesTest : public testing::Test {
 protected:
  void add(std::size_t prober, std::size_t check, Outcome outcome) {
    trades_.add(prober, check, outcome, now_ - 10, now_);
    now_ += 50;
  }

  TestTrades trades_{TestTradeSettings{}, 2, 2, 3};
  MonoMs now_ = 1'000;
};

TEST_F(TestTradesTest, OneProberAloneNeverAlarms) {
  for (int i = 0; i < 50; ++i) {
    add(0, 0, Outcome::transport);
    add(1, 0, Outcome::ok);
    add(2, 0, Outcome::refused);
    add(2, 0, Outcome::ok);
  }
  EXPECT_FALSE(trades_.market_bad(0));
  EXPECT_FALSE(trades_.edge_bad(0));
}

TEST_F(TestTradesTest, TwoProbersWithTwoFailuresInARowEachBreakTheirMarketOnly) {
  add(0, 1, Outcome::refused);
  add(3, 1, Outcome::refused);
  add(0, 1, Outcome::refused);
  EXPECT_FALSE(trades_.market_bad(1));
  add(3, 1, Outcome::refused);
  EXPECT_TRUE(trades_.market_bad(1));
  EXPECT_EQ(trades_.market_began(1), 990);
  EXPECT_FALSE(trades_.market_bad(0));
  EXPECT_FALSE(trades_.edge_bad(0)) << "a market that says no is no dead edge";
  add(0, 1, Outcome::ok);
  EXPECT_FALSE(trades_.market_bad(1));
}

TEST_F(TestTradesTest, TransportFailuresInAnyMarketsBreakTheEdge) {
  add(2, 0, Outcome::transport);
  add(3, 1, Outcome::transport);
  add(2, 2, Outcome::transport);
  EXPECT_FALSE(trades_.edge_bad(1));
  add(3, 0, Outcome::transport);
  EXPECT_TRUE(trades_.edge_bad(1));
  EXPECT_FALSE(trades_.edge_bad(0));
}

TEST_F(TestTradesTest, WhenAllIsGoneOneProberOfEachEdgeIsEnough) {
  for (int i = 0; i < 2; ++i) {
    add(0, 0, Outcome::transport);
    add(2, 0, Outcome::transport);
  }
  add(0, 0, Outcome::transport);
  EXPECT_TRUE(trades_.edge_bad(0));
  EXPECT_TRUE(trades_.edge_bad(1));
}

TEST_F(TestTradesTest, AProberThatDiedWhileFailingHealsNothing) {
  for (int i = 0; i < 2; ++i) {
    add(0, 0, Outcome::refused);
    add(1, 0, Outcome::refused);
  }
  ASSERT_TRUE(trades_.market_bad(0));
  now_ += 60'000;
  add(2, 0, Outcome::ok);
  EXPECT_TRUE(trades_.market_bad(0));
}

TEST_F(TestTradesTest, OldFailuresOfOneProberAreNoSecondWitness) {
  add(0, 0, Outcome::refused);
  add(0, 0, Outcome::refused);
  now_ += 60'000;
  add(1, 0, Outcome::refused);
  add(1, 0, Outcome::refused);
  EXPECT_FALSE(trades_.market_bad(0));
}

TEST_F(TestTradesTest, TwoWrongAnswersWithinTwoSecondsAreAnAlarmOneIsNot) {
  add(0, 2, Outcome::wrong);
  EXPECT_FALSE(trades_.wrong());
  now_ += 5'000;
  add(1, 2, Outcome::wrong);
  EXPECT_FALSE(trades_.wrong());
  add(2, 2, Outcome::wrong);
  EXPECT_TRUE(trades_.wrong());
  for (int i = 0; i < 7; ++i) add(0, 2, Outcome::ok);
  EXPECT_TRUE(trades_.wrong());
  add(0, 2, Outcome::ok);
  EXPECT_FALSE(trades_.wrong());
}

TEST(Level, RisesAtOnceAndFallsAfterGoodTimeOnly) {
  Level level;
  const LevelSettings settings;
  EXPECT_EQ(level.update(settings, false, 0), LevelChange::none);
  EXPECT_EQ(level.update(settings, true, 100), LevelChange::rose);
  EXPECT_EQ(level.update(settings, false, 200), LevelChange::none);
  EXPECT_EQ(level.update(settings, true, 9'000), LevelChange::none);
  EXPECT_EQ(level.update(settings, false, 9'100), LevelChange::none);
  EXPECT_EQ(level.update(settings, false, 19'000), LevelChange::none);
  EXPECT_EQ(level.update(settings, false, 19'100), LevelChange::fell);
  EXPECT_EQ(level.good_since(), 9'100);
}

TEST(Level, CountsGoodTimeFromWhenItBecameGoodAndNotFromWhenThatWasSure) {
  Level level;
  const LevelSettings settings;
  level.update(settings, true, 1'000);
  EXPECT_EQ(level.update(settings, false, 9'000, 5'000), LevelChange::none);
  EXPECT_EQ(level.update(settings, false, 14'900), LevelChange::none);
  EXPECT_EQ(level.update(settings, false, 15'000), LevelChange::fell);
  EXPECT_EQ(level.good_since(), 5'000);
}

TEST(Level, AnInputThatFlapsForAnHourRisesThreeTimesNotAHundred) {
  Level level;
  const LevelSettings settings;
  int rises = 0;
  for (MonoMs now = 0; now < 3'600'000; now += 100) {
    const bool bad = now % 30'000 < 5'000;
    rises += level.update(settings, bad, now) == LevelChange::rose ? 1 : 0;
  }
  EXPECT_EQ(rises, 3);
  EXPECT_TRUE(level.flapping());
}

TEST(Threshold, NeedsTimeToRiseAndTheLowerThresholdToFall) {
  Threshold test({900, 800, 5'000});
  EXPECT_FALSE(test.add(950, 0));
  EXPECT_FALSE(test.add(950, 4'999));
  EXPECT_FALSE(test.add(799, 5'000));
  EXPECT_FALSE(test.add(950, 6'000));
  EXPECT_TRUE(test.add(950, 11'000));
  EXPECT_EQ(test.began(), 6'000);
  EXPECT_TRUE(test.add(850, 12'000));
  EXPECT_TRUE(test.add(800, 13'000));
  EXPECT_FALSE(test.add(799, 14'000));
}

TEST(Threshold, ASampleInBetweenNeitherRaisesItNorBeginsTheTimeAnew) {
  Threshold test({900, 800, 5'000});
  EXPECT_FALSE(test.add(950, 0));
  EXPECT_FALSE(test.add(850, 3'000));
  EXPECT_FALSE(test.add(850, 6'000));
  EXPECT_TRUE(test.add(950, 7'000));
  EXPECT_EQ(test.began(), 0);
}

TEST(Threshold, MayLookForTooLittle) {
  Threshold test({100, 200, 0});
  EXPECT_FALSE(test.add(150, 0));
  EXPECT_TRUE(test.add(100, 1));
  EXPECT_TRUE(test.add(150, 2));
  EXPECT_FALSE(test.add(201, 3));
}

TEST(Silence, BeginsAfterItsTimeAndEndsWithAWord) {
  Silence source(3'000, 0);
  EXPECT_FALSE(source.silent(2'999));
  EXPECT_TRUE(source.silent(3'000));
  source.heard(4'000);
  EXPECT_FALSE(source.silent(4'000));
}

// Runs `seconds` with on average `per_hour` inquiries, `share_ppm` of them with a failure.
bool surge(InquirySurge& test, Prng& prng, MonoMs& now, std::uint64_t per_hour,
           std::uint64_t share_ppm, int seconds, int* alarm_after = nullptr) {
  for (int i = 1; i <= seconds; ++i) {
    std::uint32_t all = 0;
    std::uint32_t joined = 0;
    for (int part = 0; part < 10; ++part) {
      if (!prng.chance(per_hour, 36'000)) continue;
      ++all;
      joined += prng.chance(share_ppm, 1'000'000) ? 1 : 0;
    }
    if (test.add(all, joined, now += 1'000)) {
      if (alarm_after != nullptr) *alarm_after = i;
      return true;
    }
  }
  return false;
}

TEST(InquirySurge, FindsTenTimesTheInquiriesWithFailuresWithinThirtySeconds) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    InquirySurge test{InquirySettings{}};
    Prng prng(seed);
    MonoMs now = 0;
    EXPECT_FALSE(surge(test, prng, now, 720, 40'000, 86'400));
    int after = 0;
    EXPECT_TRUE(surge(test, prng, now, 7'200, 600'000, 30, &after));
    EXPECT_LE(after, 30);
  }
}

TEST(InquirySurge, IsSilentWhenNewsMakesTenTimesAsManyWrite) {
  InquirySurge test{InquirySettings{}};
  Prng prng(5);
  MonoMs now = 0;
  for (int day = 0; day < 5; ++day) {
    EXPECT_FALSE(surge(test, prng, now, 720, 40'000, 40'000));
    EXPECT_FALSE(surge(test, prng, now, 7'200, 40'000, 3'600));
  }
}

TEST(InquirySurge, NumbersThatCannotBeAreHarmless) {
  InquirySurge test{InquirySettings{}};
  for (MonoMs now = 0; now < 100'000; now += 1'000) {
    test.add(UINT32_MAX, UINT32_MAX, now);
    test.add(0, 5, now);
  }
  EXPECT_GE(test.usual_share_ppm(), 0);
  EXPECT_LE(test.usual_share_ppm(), 1'000'000);
}

class BurnRateTest : public testing::Test {
 protected:
  // Seconds until it burns, or -1.
  std::int64_t feed(std::uint32_t errors, std::int64_t seconds) {
    for (std::int64_t i = 1; i <= seconds; ++i) {
      if (test_.add(1'000, errors, now_ += 1'000)) return i;
    }
    return -1;
  }

  BurnRate test_{{"orders", "trading", "errors/edge 1", 999'000, usual_burn_alerts()}};
  MonoMs now_ = 0;
};

TEST_F(BurnRateTest, AFullOutageOfAnHourlyBudgetTakesUnderTwoMinutes) {
  EXPECT_EQ(feed(0, 7'200), -1);
  const std::int64_t seconds = feed(1'000, 600);
  EXPECT_GE(seconds, 30);
  EXPECT_LE(seconds, 90);
}

TEST_F(BurnRateTest, APercentBurnsOverHoursWhatASecondDoesNotShow) {
  feed(0, 86'400);
  EXPECT_EQ(feed(1, 3'600), -1) << "at the sustainable rate";
  const std::int64_t seconds = feed(10, 6 * 3'600);
  EXPECT_GT(seconds, 3'600);
}

TEST_F(BurnRateTest, AYoungWatchDoesNotTakeABadMinuteForABadHour) { EXPECT_EQ(feed(20, 60), -1); }

TEST_F(BurnRateTest, EndsWithTheShortWindow) {
  feed(0, 7'200);
  ASSERT_GT(feed(1'000, 600), 0);
  feed(0, 300);
  std::int64_t seconds = 0;
  while (test_.add(1'000, 0, now_ += 1'000)) ASSERT_LT(++seconds, 7 * 3'600);
  EXPECT_FALSE(test_.bad());
}

TEST_F(BurnRateTest, EndsWithinSecondsOfTheTroubleWhateverTheWindowsRemember) {
  feed(0, 7'200);
  ASSERT_GT(feed(1'000, 600), 0);
  for (int i = 0; i < 300; ++i) EXPECT_TRUE(test_.add(1'000, 1'000, now_ += 1'000));
  const MonoMs over = now_;
  std::int64_t seconds = 0;
  while (test_.add(1'000, 0, now_ += 1'000)) ASSERT_LT(++seconds, 20);
  EXPECT_NEAR(static_cast<double>(test_.good_since()), static_cast<double>(over), 1'000);
  EXPECT_LE(feed(1'000, 60), 5) << "the budget is still spent when it goes on";
}

TEST_F(BurnRateTest, ASourceThatWasAwayForAYearCostsNothing) {
  feed(0, 3'600);
  now_ += std::int64_t{365} * 86'400'000;
  EXPECT_FALSE(test_.add(1'000, 0, now_));
}

}  // namespace
}  // namespace oki::watch::detect
