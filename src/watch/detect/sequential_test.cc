#include <gtest/gtest.h>

#include "base/prng.h"
#include "watch/detect/error_cusum.h"
#include "watch/detect/integer_log.h"
#include "watch/detect/latency_shift.h"
#include "watch/detect/level.h"
#include "watch/detect/rate_drop.h"
#include "watch/detect/settings.h"

namespace oki::watch::detect {
namespace {

// Feeds 100 requests each 100 ms until it alarms; milliseconds, or -1 after `patience_ms`.
std::int64_t time_to_alarm(const ErrorTarget& target, std::uint64_t error_ppm,
                           std::int64_t patience_ms, std::uint64_t seed) {
  ErrorCusum test(target);
  Prng prng(seed);
  for (MonoMs now = 100; now <= patience_ms; now += 100) {
    std::uint32_t errors = 0;
    for (int i = 0; i < 100; ++i) errors += prng.chance(error_ppm, 1'000'000) ? 1 : 0;
    if (test.add(100, errors, 100, now)) return now;
  }
  return -1;
}

TEST(IntegerLog, AgreesWithKnownLogarithms) {
  EXPECT_EQ(log2_q16(1), 0);
  EXPECT_EQ(log2_q16(1024), 10 << 16);
  EXPECT_NEAR(static_cast<double>(log2_q16(3)), 1.5849625 * 65536, 1.5);
  EXPECT_NEAR(static_cast<double>(log2_q16(UINT64_MAX)), 64.0 * 65536, 1.5);
  EXPECT_NEAR(static_cast<double>(ln_micro(10, 1)), 2'302'585, 40);
  EXPECT_NEAR(static_cast<double>(minus_ln_rest_micro(20'000)), 20'203, 2);
  EXPECT_NEAR(static_cast<double>(minus_ln_rest_micro(500'000)), 693'147, 30'000);
}

TEST(ErrorCusum, FindsTwoPercentWithinFiveSecondsAndATenthOfThatWithinAMinute) {
  const Settings settings;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto fast = time_to_alarm(settings.errors[0].target, 20'000, 5'000, seed);
    EXPECT_GT(fast, 0);
    const auto faint = time_to_alarm(settings.errors[1].target, 2'000, 60'000, seed);
    EXPECT_GT(faint, 0);
  }
}

TEST(ErrorCusum, StaysSilentAtTheUsualRateForADay) {
  const Settings settings;
  for (const NamedTarget& target : settings.errors) {
    EXPECT_EQ(time_to_alarm(target.target, 50, 7'200'000, 7), -1);
  }
}

TEST(ErrorCusum, NoBlipShorterThanTheBucketAllowsAlarmsHoweverBad) {
  std::vector<NamedTarget> all = Settings().errors;
  all.push_back(Settings().line);
  for (const NamedTarget& named : all) {
    ErrorCusum test(named.target);
    const ErrorTarget& target = named.target;
    const std::int64_t samples = (target.alarm_milli - target.burst_milli) / target.cap_milli;
    ASSERT_GT(samples * sample_unit_ms, 1'000) << "longer than a leader change";
    for (std::int64_t i = 1; i < samples; ++i) EXPECT_FALSE(test.add(100, 100, 100, i * 100));
    EXPECT_EQ(test.began(), 0);
  }
}

TEST(ErrorCusum, AFloodOfGoodRequestsTakesNoMoreBackThanOneBurst) {
  ErrorCusum test({1'000, 20'000, 1'000, 2'000, 10'000});
  for (MonoMs now = 100; now <= 600; now += 100) EXPECT_FALSE(test.add(100, 50, 100, now));
  EXPECT_EQ(test.score_milli(), 8'000);
  EXPECT_FALSE(test.add(1'000'000, 0, 100, 700));
  EXPECT_EQ(test.score_milli(), 6'000);
}

TEST(ErrorCusum, ASampleOfASecondMayBringWhatTenOfItsTenthsMay) {
  const ErrorTarget target{1'000, 20'000, 300, 3'000, 20'000};
  ErrorCusum whole(target);
  ErrorCusum tenths(target);
  for (MonoMs now = 1'000; now <= 3'000; now += 1'000) {
    for (MonoMs part = now - 900; part <= now; part += 100) tenths.add(100, 90, 100, part);
    whole.add(1'000, 900, 1'000, now);
    EXPECT_LE(whole.score_milli(), tenths.score_milli());
    EXPECT_GE(whole.score_milli(), tenths.score_milli() - 3'000);
  }
}

TEST(ErrorCusum, DatesTheBeginningBackAndEndsWhenItIsQuiet) {
  ErrorCusum test({1'000, 20'000, 900, 9'000, 20'000});
  MonoMs now = 0;
  while (now < 60'000) test.add(100, 0, 100, now += 100);
  while (!test.add(100, 10, 100, now += 100)) {
  }
  EXPECT_EQ(test.began(), 60'000);
  while (test.add(100, 0, 100, now += 100)) {
  }
  EXPECT_LT(now, 80'000);
  EXPECT_FALSE(test.bad());
}

// Feeds 20 requests each 100 ms; milliseconds until it is quiet, or -1.
std::int64_t time_to_quiet(ErrorCusum& test, std::uint64_t error_ppm, std::int64_t patience_ms,
                           MonoMs& now, Prng& prng) {
  for (std::int64_t took = 100; took <= patience_ms; took += 100) {
    std::uint32_t errors = 0;
    for (int i = 0; i < 20; ++i) errors += prng.chance(error_ppm, 1'000'000) ? 1 : 0;
    if (!test.add(20, errors, 100, now += 100)) return took;
  }
  return -1;
}

TEST(ErrorCusum, IsQuietWithinSecondsOfTheEndHoweverBadAndLongItWas) {
  const auto targets = Settings().errors;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Prng prng(seed);
    MonoMs now = 0;
    ErrorCusum fast(targets[0].target), faint(targets[1].target);
    while (now < 600'000) {
      fast.add(20, 10, 100, now += 100);
      faint.add(20, 10, 100, now);
    }
    const MonoMs over = now;
    const std::int64_t fast_ms = time_to_quiet(fast, 50, 60'000, now, prng);
    EXPECT_GT(fast_ms, 1'000) << "a moment without errors is no end";
    EXPECT_LE(fast_ms, 3'000);
    EXPECT_LE(fast.quiet_since(), over + 1'000);
    now = over;
    const std::int64_t faint_ms = time_to_quiet(faint, 50, 60'000, now, prng);
    EXPECT_GT(faint_ms, 10'000);
    EXPECT_LE(faint_ms, 25'000);
  }
}

TEST(ErrorCusum, AFaultThatGoesOnForHoursIsOneSignal) {
  for (const NamedTarget& named : Settings().errors) {
    Prng prng(11);
    const auto error_ppm = static_cast<std::uint64_t>(named.target.bad_ppm * 3 / 2);
    ErrorCusum test(named.target);
    Level level;
    int rises = 0;
    for (MonoMs now = 100; now <= 4 * 3'600'000; now += 100) {
      std::uint32_t errors = 0;
      for (int i = 0; i < 100; ++i) {
        errors += prng.chance(error_ppm, 1'000'000) ? 1 : 0;
      }
      const bool bad = test.add(100, errors, 100, now);
      rises += level.update({}, bad, now, test.quiet_since()) == LevelChange::rose ? 1 : 0;
    }
    EXPECT_EQ(rises, 1) << named.name;
    EXPECT_TRUE(level.firing());
  }
}

TEST(ErrorCusum, FindsTheSameFaultAgainAsSoonAfterOneThatIsOver) {
  const ErrorTarget target = Settings().errors[0].target;
  ErrorCusum test(target), fresh(target);
  MonoMs now = 0;
  while (now < 60'000) test.add(100, 50, 100, now += 100);
  while (now < 60'000 + 2 * quiet_proven_ms) test.add(100, 0, 100, now += 100);
  for (int i = 0; i < 20; ++i) {
    now += 100;
    EXPECT_EQ(test.add(100, 3, 100, now), fresh.add(100, 3, 100, now));
  }
}

TEST(ErrorCusum, SilenceIsNoQuiet) {
  ErrorCusum test(Settings().errors[0].target);
  MonoMs now = 0;
  while (now < 10'000) test.add(100, 50, 100, now += 100);
  for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(test.add(0, 0, 100, now += 100));
}

TEST(ErrorCusum, MoreErrorsThanRequestsCountAsAllOfThem) {
  ErrorCusum all({1'000, 20'000, 900, 9'000, 20'000});
  ErrorCusum more({1'000, 20'000, 900, 9'000, 20'000});
  all.add(1, 1, 100, 100);
  more.add(1, UINT32_MAX, 100, 100);
  EXPECT_EQ(all.score_milli(), more.score_milli());
}

class RateDropTest : public testing::Test {
 protected:
  // Returns whether it alarmed at any time.
  bool feed(std::uint32_t per_sample, std::int64_t samples) {
    bool alarmed = false;
    for (std::int64_t i = 0; i < samples; ++i) alarmed |= test_.add(per_sample, 100, now_ += 100);
    return alarmed;
  }

  RateDrop test_{RateDropSettings{}};
  MonoMs now_ = 0;
};

TEST_F(RateDropTest, FindsAStallWithinThreeSecondsAndDatesIt) {
  feed(100, 600);
  const MonoMs stalled = now_;
  while (!test_.add(2, 100, now_ += 100)) ASSERT_LT(now_, stalled + 3'000);
  EXPECT_GE(test_.began(), stalled - 100);
  EXPECT_LE(test_.began(), stalled + 100);
}

TEST_F(RateDropTest, IsSilentWhenASpikeOfFiveTimesEndsAtOnce) {
  feed(100, 600);
  for (std::uint32_t rate = 100; rate <= 500; ++rate) feed(rate, 6);
  EXPECT_FALSE(feed(500, 2'400));
  EXPECT_FALSE(feed(100, 600));
}

TEST_F(RateDropTest, IsSilentWhenAFloodOfMinutesEndsAndStillFindsAStall) {
  feed(20, 3'000);
  feed(2'000, 2'400);
  EXPECT_FALSE(feed(20, 3'000));
  EXPECT_TRUE(feed(0, 50));
}

TEST_F(RateDropTest, IsSilentWhenTheRateFallsSlowlyToNearlyNothing) {
  feed(200, 600);
  bool alarmed = false;
  for (std::uint32_t rate = 200; rate > 3; --rate) alarmed |= feed(rate, 10);
  EXPECT_FALSE(alarmed);
}

TEST_F(RateDropTest, APauseOfALeaderChangeIsNoDrop) {
  feed(100, 600);
  EXPECT_FALSE(feed(0, 10));
  EXPECT_FALSE(feed(100, 100));
}

TEST_F(RateDropTest, SaysNothingWhereSilenceIsUsual) {
  feed(1, 600);
  EXPECT_FALSE(feed(0, 600));
}

TEST_F(RateDropTest, EndsWhenHalfIsBackAndAdoptsWhatStaysLow) {
  feed(100, 600);
  EXPECT_TRUE(feed(2, 100));
  feed(60, 100);
  EXPECT_FALSE(test_.bad());
  EXPECT_TRUE(feed(2, 100));
  feed(2, 18'100);
  EXPECT_FALSE(test_.bad());
  EXPECT_LE(test_.usual_per_second(), 600);
}

TEST(LatencyShift, FindsTenTimesSlowerWithinTenSecondsAndLearnsWhatIsUsual) {
  LatencyShift test{LatencySettings{}};
  MonoMs now = 0;
  for (int i = 0; i < 600; ++i) EXPECT_FALSE(test.add(100, 4'000 + i % 7 * 300, now += 1'000));
  EXPECT_NEAR(static_cast<double>(test.usual_us()), 4'900, 500);
  const MonoMs slowed = now;
  while (!test.add(100, 49'000, now += 1'000)) ASSERT_LT(now, slowed + 10'000);
  EXPECT_EQ(test.began(), slowed);
}

TEST(LatencyShift, IsSilentAtThreeTimesSlowerAndAtPausesOfThreeSeconds) {
  LatencyShift test{LatencySettings{}};
  MonoMs now = 0;
  for (int i = 0; i < 120; ++i) test.add(100, 4'000, now += 1'000);
  for (int i = 0; i < 120; ++i) EXPECT_FALSE(test.add(100, 12'000, now += 1'000));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(test.add(100, 400'000, now += 1'000));
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(test.add(100, 4'000, now += 1'000));
}

TEST(LatencyShift, ASecondWithFewRequestsSaysNothing) {
  LatencyShift test{LatencySettings{}};
  MonoMs now = 0;
  for (int i = 0; i < 120; ++i) test.add(100, 4'000, now += 1'000);
  for (int i = 0; i < 120; ++i) EXPECT_FALSE(test.add(4, 4'000'000, now += 1'000));
}

TEST(LatencyShift, AdoptsASpeedThatStays) {
  LatencyShift test{LatencySettings{}};
  MonoMs now = 0;
  for (int i = 0; i < 120; ++i) test.add(100, 4'000, now += 1'000);
  bool alarmed = false;
  for (int i = 0; i < 1'900; ++i) alarmed |= test.add(100, 40'000, now += 1'000);
  EXPECT_TRUE(alarmed);
  EXPECT_FALSE(test.bad());
  EXPECT_FALSE(test.add(100, 40'000, now += 1'000));
}

TEST(LatencyShift, NoTimeIsTooShortOrTooLong) {
  LatencyShift test{LatencySettings{}};
  MonoMs now = 0;
  for (int i = 0; i < 100; ++i) test.add(100, i % 2 == 0 ? -5 : INT64_MAX, now += 1'000);
  EXPECT_GT(test.usual_us(), 0);
}

}  // namespace
}  // namespace oki::watch::detect
