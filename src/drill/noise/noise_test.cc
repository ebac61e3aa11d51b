#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "drill/noise/blips.h"
#include "drill/noise/campaign.h"
#include "drill/noise/model.h"
#include "drill/noise/shapes.h"
#include "drill/noise/world.h"

namespace oki::drill::noise {
namespace {

using testing::HasSubstr;

TEST(Shapes, PowersAndRootsAreRightToATenthOfAPercent) {
  EXPECT_EQ(power_of_two(0), one);
  EXPECT_EQ(power_of_two(3 * one), 8 * one);
  EXPECT_EQ(power_of_two(-one), one / 2);
  EXPECT_NEAR(static_cast<double>(power_of_two(one * 7 / 10)), 1.6245 * one, one / 1000.0);
  EXPECT_EQ(power_of_two(INT64_MAX), power_of_two(30 * one));
  EXPECT_EQ(square_root(0), 0);
  EXPECT_EQ(square_root(1'000'000), 1'000);
  EXPECT_EQ(square_root(999'999), 999);
}

TEST(Shapes, MeansAreWhatWasAskedFor) {
  Shapes shapes(3);
  constexpr int draws = 200'000;
  std::int64_t exponential = 0, few = 0, many = 0, normal = 0, square = 0;
  for (int i = 0; i < draws; ++i) {
    exponential += shapes.exponential(1'000);
    few += shapes.poisson(2'500);
    many += shapes.poisson(100'000);
    const std::int64_t drawn = shapes.normal(1'000);
    normal += drawn;
    square += drawn * drawn;
  }
  EXPECT_NEAR(static_cast<double>(exponential) / draws, 1'000, 10);
  EXPECT_NEAR(static_cast<double>(few) / draws, 2.5, 0.02);
  EXPECT_NEAR(static_cast<double>(many) / draws, 100, 0.5);
  EXPECT_NEAR(static_cast<double>(normal) / draws, 0, 10);
  EXPECT_NEAR(static_cast<double>(square) / draws, 1'000'000, 20'000);
}

TEST(Shapes, AHazardGivesAsManyEventsAsItsExposure) {
  Shapes shapes(4);
  Hazard rare, frequent;
  std::uint64_t few = 0, many = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    few += rare.take(5'000'000, shapes);
    many += i % 100 == 0 ? frequent.take(10'000'000'000, shapes) : 0;
  }
  EXPECT_NEAR(static_cast<double>(few), 5'000, 300);
  EXPECT_NEAR(static_cast<double>(many), 100'000, 1'500);
}

TEST(Shapes, AParetoHasItsTailAndItsLimits) {
  Shapes shapes(5);
  int above_ten = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::int64_t drawn = shapes.pareto(1'000, 50'000, 1'000);
    EXPECT_GE(drawn, 999);
    EXPECT_LE(drawn, 50'000);
    above_ten += drawn > 10'000 ? 1 : 0;
  }
  EXPECT_NEAR(above_ten, 10'000, 500);
}

TEST(NoiseModels, AreAliveAndStayWithinReason) {
  for (const char* name : {"tuning", "self_exciting", "regimes", "crowd"}) {
    auto model = make_model(name, 11, 0);
    ASSERT_TRUE(model);
    Conditions conditions;
    std::uint64_t requests = 0;
    std::uint32_t most = 0;
    bool blipped = false;
    constexpr std::int64_t day_ticks = 864'000;
    for (std::int64_t i = 0; i < day_ticks; ++i) {
      (*model)->step(conditions);
      for (const EdgeConditions& edge : conditions.edge) {
        requests += edge.requests;
        most = std::max(most, edge.requests);
        ASSERT_GE(edge.error_ppb, 0) << name;
        ASSERT_GT(edge.latency_us, 0) << name;
        blipped |= edge.error_ppb >= blip_error_ppm_min * 1000;
      }
      ASSERT_GE(conditions.inquiries_per_hour, 0) << name;
    }
    EXPECT_GT(requests / (day_ticks / 10), 100u) << name << ": too few a second";
    EXPECT_LT(requests / (day_ticks / 10), 10'000u) << name << ": too many a second";
    EXPECT_LT(most, 100'000u) << name;
    EXPECT_TRUE(blipped) << name << ": a day without a leader change";
  }
  EXPECT_EQ(make_model("calm", 1, 0).error().code, Errc::not_found);
}

// A sample of the campaign of docs/detection.md.
TEST(NoiseCampaign, ASampleHasNoFalseNoticeAndFindsAndTellsEveryFault) {
  NoiseOptions options;
  options.hours = 25;
  options.faults = 10;
  options.seed = 20'260;
  const auto results = run_noise(options);
  ASSERT_TRUE(results);
  ASSERT_EQ(results->size(), 4u);
  EXPECT_EQ(false_notices(*results).hours, 25u);
  for (const ModelResult& result : *results) {
    EXPECT_EQ(result.held_out, result.model == held_out_model());
    EXPECT_EQ(result.noise.notices, 0u) << text({result});
    for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
      const FaultGoal& wanted = goal(static_cast<FaultKind>(kind));
      const FaultResult& fault = result.faults[kind];
      EXPECT_EQ(fault.missed, 0u) << result.model << " " << wanted.name;
      if (wanted.told) {
        EXPECT_EQ(fault.told, fault.runs) << result.model << " " << wanted.name;
        EXPECT_LE(fault.told_p99_ms, notice_p99_goal_ms) << result.model << " " << wanted.name;
      }
    }
  }
}

TEST(NoiseCampaign, TheSameSeedGivesTheSameFiguresWhateverTheWorkers) {
  NoiseOptions options;
  options.hours = 3;
  options.faults = 2;
  options.model = "regimes";
  options.workers = 1;
  const auto alone = run_noise(options);
  options.workers = 3;
  const auto together = run_noise(options);
  ASSERT_TRUE(alone && together);
  EXPECT_EQ(json(*alone, 1), json(*together, 1));
  options.seed = 2;
  EXPECT_NE(json(*alone, 1), json(*run_noise(options), 1));
}

TEST(NoiseCampaign, DetectorsThatAreTooEagerAreCaught) {
  NoiseOptions options;
  options.hours = 20;
  options.faults = 0;
  options.model = "tuning";
  for (auto& target : options.settings.errors) target.target.burst_milli = 19'999;
  const auto results = run_noise(options);
  ASSERT_TRUE(results);
  EXPECT_GT(results->front().noise.combined, 0u);
  EXPECT_GT(results->front().noise.notices, 0u);
}

TEST(Desk, EvidenceOfOneSourceTellsNobodyAndASecondSourceDoes) {
  Desk desk;
  WallTimeMs now{1'700'000'000'000};
  response::Signal signal;
  signal.key = "rate/orders";
  signal.source = response::Source::metric;
  signal.kind = response::SignalKind::rate_drop;
  signal.trust = response::Trust::evidence;
  signal.since = signal.seen = now;
  signal.words = "Far less comes in than a moment ago.";
  desk.observe(signal, now);
  signal.key = "errors/all";
  desk.observe(signal, now);
  EXPECT_EQ(desk.opened(), 1u);
  EXPECT_EQ(desk.notices(), 0u);
  signal.key = "fsync_us/node 1";
  signal.source = response::Source::host;
  desk.observe(signal, now);
  EXPECT_EQ(desk.notices(), 1u);
  EXPECT_THAT(desk.last_reason(), HasSubstr("rate/orders"));
}

TEST(Desk, ASuspicionIsDismissedBehindTheGateAndNotBefore) {
  Desk desk;
  WallTimeMs now{1'700'000'000'000};
  response::Signal signal;
  signal.key = "rate/orders";
  signal.source = response::Source::metric;
  signal.trust = response::Trust::evidence;
  signal.since = signal.seen = now;
  signal.words = "Far less comes in than a moment ago.";
  desk.observe(signal, now);
  signal.firing = false;
  signal.state = notify::State::operational;
  desk.observe(signal, now);
  Second good;
  good.trades.fill({5, 0});
  for (int i = 0; i < 90; ++i) {
    now.value += 1'000;
    desk.second(good, now);
  }
  // Nothing is left for a second source to confirm.
  signal.key = "fsync_us/node 1";
  signal.source = response::Source::host;
  signal.firing = true;
  signal.state = notify::State::degraded_performance;
  signal.since = signal.seen = now;
  desk.observe(signal, now);
  EXPECT_EQ(desk.opened(), 2u);
  EXPECT_EQ(desk.notices(), 0u);
}

TEST(NoiseCampaign, DetectorsThatAreTooDullMissTheirGoals) {
  NoiseOptions options;
  options.hours = 0;
  options.faults = 3;
  options.model = "self_exciting";
  options.settings.test_trades.failures = 100;
  const auto results = run_noise(options);
  ASSERT_TRUE(results);
  const FaultResult& dead =
      results->front().faults[static_cast<std::size_t>(FaultKind::market_dead)];
  EXPECT_FALSE(meets(dead, goal(FaultKind::market_dead)));
  EXPECT_FALSE(meets(results->front()));
  EXPECT_THAT(text(*results), HasSubstr("MISSED"));
}

TEST(NoiseCampaign, NumbersBeyondTheLimitsAreRefused) {
  NoiseOptions options;
  options.hours = hours_max + 1;
  EXPECT_EQ(run_noise(options).error().code, Errc::invalid);
  options.hours = 1;
  options.model = "calm";
  EXPECT_EQ(run_noise(options).error().code, Errc::not_found);
}

}  // namespace
}  // namespace oki::drill::noise
