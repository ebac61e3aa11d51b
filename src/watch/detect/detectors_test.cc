#include "watch/detect/detectors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oki::watch::detect {
namespace {

using response::Signal;
using response::SignalKind;
using response::Source;
using response::Trust;
using testing::IsEmpty;
using testing::SizeIs;

constexpr WallTimeMs begin{1'700'000'000'000};

class DetectorsTest : public testing::Test {
 protected:
  Moment now() const { return {mono_, WallTimeMs{begin.value + mono_ + wall_step_}}; }

  std::vector<Signal> take() {
    std::vector<Signal> signals = detectors_.take();
    for (const Signal& signal : signals) EXPECT_TRUE(response::check(signal)) << signal.key;
    return signals;
  }

  // All probers test all checks well, once.
  void good_round() {
    for (std::size_t prober = 0; prober < 4; ++prober) {
      for (std::size_t check = 0; check < 3; ++check) {
        detectors_.on_probe(prober, check, Outcome::ok, mono_ - 10, now());
      }
    }
  }

  MonoMs mono_ = 5'000;
  std::int64_t wall_step_ = 0;
  Detectors detectors_{Settings{}, {2, 2, {"btc_jpy", "eth_jpy"}}, Moment{5'000, begin}};
};

TEST_F(DetectorsTest, ADeadMarketIsOneProofAndEndsTenGoodSecondsLater) {
  for (int i = 0; i < 2; ++i) {
    detectors_.on_probe(0, 1, Outcome::refused, mono_ - 10, now());
    detectors_.on_probe(2, 1, Outcome::refused, mono_ - 10, now());
    mono_ += 250;
  }
  const auto signals = take();
  ASSERT_THAT(signals, SizeIs(1));
  EXPECT_EQ(signals[0].key, "trades/eth_jpy");
  EXPECT_EQ(signals[0].source, Source::test_trade);
  EXPECT_EQ(signals[0].trust, Trust::proof);
  EXPECT_EQ(signals[0].state, notify::State::partial_outage);
  EXPECT_EQ(signals[0].since.value, begin.value + 4'990);
  EXPECT_EQ(signals[0].seen.value, begin.value + 5'250);
  for (int i = 0; i < 9; ++i) {
    good_round();
    mono_ += 1'000;
  }
  EXPECT_THAT(take(), IsEmpty());
  good_round();
  mono_ += 1'000;
  good_round();
  const auto ended = take();
  ASSERT_THAT(ended, SizeIs(1));
  EXPECT_FALSE(ended[0].firing);
  EXPECT_EQ(ended[0].state, notify::State::operational);
}

TEST_F(DetectorsTest, ErrorsAreSentOnceThenWhenWorseThenByRefresh) {
  const auto series = detectors_.watch_errors("edge 1", {}, now());
  ASSERT_TRUE(series);
  for (int i = 0; i < 600; ++i) {
    detectors_.on_requests(*series, 1'000, 2, now());
    mono_ += 100;
  }
  auto signals = take();
  ASSERT_THAT(signals, SizeIs(1));
  EXPECT_EQ(signals[0].key, "errors/edge 1");
  EXPECT_EQ(signals[0].state, notify::State::degraded_performance);
  EXPECT_EQ(signals[0].facts[0].value, "errors.faint");
  EXPECT_LE(signals[0].since.value, begin.value + 5'200);
  for (int i = 0; i < 50; ++i) {
    detectors_.on_requests(*series, 1'000, 100, now());
    mono_ += 100;
  }
  signals = take();
  ASSERT_THAT(signals, SizeIs(1));
  EXPECT_EQ(signals[0].state, notify::State::partial_outage);
  EXPECT_EQ(signals[0].facts[0].value, "errors.fast");
  mono_ += 10'000;
  detectors_.tick(now());
  signals = take();
  EXPECT_TRUE(std::any_of(signals.begin(), signals.end(), [](const Signal& signal) {
    return signal.key == "errors/edge 1" && signal.firing;
  }));
}

// 200 requests a second, as small reads through one edge alone are.
TEST_F(DetectorsTest, ErrorsEndFifteenSecondsAfterTheyAreOverAtTheLatestAndSaySince) {
  const auto series = detectors_.watch_errors("edge 1", {}, now());
  for (int i = 0; i < 1'200; ++i) {
    detectors_.on_requests(*series, 40, i % 5 == 0 ? 4 : 0, now());
    mono_ += 200;
  }
  take();
  const MonoMs over = mono_;
  std::vector<Signal> ended;
  while (ended.empty() && mono_ < over + 60'000) {
    detectors_.on_requests(*series, 40, 0, now());
    mono_ += 200;
    for (const Signal& signal : take()) {
      if (!signal.firing) ended.push_back(signal);
    }
  }
  ASSERT_THAT(ended, SizeIs(1));
  EXPECT_GE(mono_ - over, 10'000);
  EXPECT_LE(mono_ - over, 15'200);
  EXPECT_NEAR(static_cast<double>(ended[0].since.value), static_cast<double>(begin.value + over),
              1'000);
}

TEST_F(DetectorsTest, SilenceIsAHintAndNeverEndsAnything) {
  const auto series = detectors_.watch_errors("edge 1", {}, now());
  for (int i = 0; i < 100; ++i) {
    detectors_.on_requests(*series, 1'000, 100, now());
    mono_ += 100;
  }
  ASSERT_THAT(take(), SizeIs(1));
  bool silent = false;
  for (int i = 0; i < 600; ++i) {
    mono_ += 1'000;
    detectors_.tick(now());
    for (const Signal& signal : take()) {
      EXPECT_TRUE(signal.firing) << signal.key;
      if (signal.key == "silent/errors/edge 1") {
        silent = true;
        EXPECT_EQ(signal.trust, Trust::hint);
        EXPECT_EQ(signal.kind, SignalKind::source_silent);
      }
    }
  }
  EXPECT_TRUE(silent);
}

TEST_F(DetectorsTest, AClockThatIsSetMovesNoDetectorOnlyTheTimesSaid) {
  const auto series = detectors_.watch_rate("orders", {}, now());
  for (int i = 0; i < 600; ++i) {
    wall_step_ = i % 100 == 0 ? -3'600'000 : 3'600'000;
    detectors_.on_rate(*series, 100, now());
    mono_ += 100;
  }
  EXPECT_THAT(take(), IsEmpty());
  for (int i = 0; i < 30; ++i) {
    detectors_.on_rate(*series, 0, now());
    mono_ += 100;
  }
  const auto signals = take();
  ASSERT_THAT(signals, SizeIs(1));
  EXPECT_EQ(signals[0].kind, SignalKind::rate_drop);
  EXPECT_NEAR(static_cast<double>(signals[0].seen.value - signals[0].since.value), 2'000, 500);
}

TEST_F(DetectorsTest, TheLedgerIsAProofAtOnce) {
  detectors_.on_ledger(true, now());
  EXPECT_THAT(take(), IsEmpty());
  detectors_.on_ledger(false, now());
  const auto signals = take();
  ASSERT_THAT(signals, SizeIs(1));
  EXPECT_EQ(signals[0].source, Source::ledger);
  EXPECT_EQ(signals[0].state, notify::State::major_outage);
}

TEST_F(DetectorsTest, GaugesLatencyInquiriesAndObjectivesSpeakTheirOwnKinds) {
  const auto disk = detectors_.watch_gauge(GaugeKind::fsync_us, "node 1", {}, now());
  const auto processor = detectors_.watch_gauge(GaugeKind::cpu_ppm, "node 1", {}, now());
  const auto lag = detectors_.watch_gauge(GaugeKind::replica_lag_ms, "node 2", {}, now());
  const auto latency = detectors_.watch_latency("edge 1", {}, now());
  const auto slo = detectors_.watch_slo({"orders", "", "", 999'000, usual_burn_alerts()}, {});
  ASSERT_TRUE(disk && processor && lag && latency && slo);
  for (int i = 0; i < 200; ++i) {
    const bool bad = i >= 100;
    detectors_.on_gauge(*disk, bad ? 200'000 : 2'000, now());
    detectors_.on_gauge(*processor, bad ? 990'000 : 200'000, now());
    detectors_.on_gauge(*lag, bad ? 60'000 : 0, now());
    detectors_.on_latency(*latency, 100, bad ? 50'000 : 4'000, now());
    detectors_.on_slo(*slo, 1'000, bad ? 900 : 0, now());
    detectors_.on_inquiries(1, bad ? 1 : 0, now());
    mono_ += 1'000;
  }
  std::map<std::string, Signal> by_key;
  for (const Signal& signal : take()) by_key.emplace(signal.key, signal);
  EXPECT_EQ(by_key.at("fsync_us/node 1").kind, SignalKind::resource);
  EXPECT_EQ(by_key.at("fsync_us/node 1").trust, Trust::evidence);
  EXPECT_EQ(by_key.at("cpu_ppm/node 1").trust, Trust::hint);
  EXPECT_EQ(by_key.at("replica_lag_ms/node 2").kind, SignalKind::lag);
  EXPECT_EQ(by_key.at("latency/edge 1").kind, SignalKind::slow);
  EXPECT_EQ(by_key.at("slo/orders").kind, SignalKind::errors);
  EXPECT_EQ(by_key.at("inquiries").kind, SignalKind::inquiry_surge);
  EXPECT_THAT(by_key, SizeIs(6));
}

TEST_F(DetectorsTest, ASourceThatFlapsOpensNoStorm) {
  const auto lag = detectors_.watch_gauge(GaugeKind::replica_lag_ms, "node 2", {}, now());
  std::size_t rises = 0;
  bool firing = false;
  for (int i = 0; i < 3'600; ++i) {
    detectors_.on_gauge(*lag, i % 30 < 6 ? 60'000 : 0, now());
    for (const Signal& signal : take()) {
      rises += signal.firing && !firing ? 1u : 0u;
      firing = signal.firing;
    }
    mono_ += 1'000;
  }
  EXPECT_EQ(rises, 3u);
}

TEST_F(DetectorsTest, MoreThanTheLimitsIsRefusedByName) {
  Result<std::size_t> added = 0;
  for (std::size_t i = 0; i <= series_max && added; ++i) {
    added = detectors_.watch_rate("market " + std::to_string(i), {}, now());
    ASSERT_EQ(static_cast<bool>(added), i < series_max);
  }
  EXPECT_EQ(added.error().code, Errc::full);
  EXPECT_FALSE(detectors_.watch_errors(std::string(300, 'x'), {}, now()));
  for (std::size_t i = 0; i < slos_max; ++i) {
    ASSERT_TRUE(detectors_.watch_slo({"slo " + std::to_string(i), "", "", 999'000, {}}, {}));
  }
  EXPECT_EQ(detectors_.watch_slo({}, {}).error().code, Errc::full);
}

TEST_F(DetectorsTest, WhatNobodyTakesIsDroppedAndCountedNotKept) {
  const auto series = detectors_.watch_rate("orders", {}, now());
  ASSERT_TRUE(series);
  for (std::size_t i = 0; i < 3 * signals_pending_max; ++i) {
    mono_ += 10'000;
    detectors_.tick(now());
  }
  EXPECT_GT(detectors_.alarms().dropped(), 0u);
  EXPECT_THAT(detectors_.take(), SizeIs(signals_pending_max));
}

}  // namespace
}  // namespace oki::watch::detect
