#include "watch/feed.h"

#include <gtest/gtest.h>

#include "response/response_machine.h"
#include "watch/speakers.h"
#include "watch/testing/feed_world.h"

namespace oki::watch {
namespace {

class FeedTest : public ::testing::Test, protected FeedWorld {};

TEST_F(FeedTest, ProvesEachSecondAndChecksWhatIsFine) {
  make();
  run_ms(10'000);
  EXPECT_TRUE(all<Observe>().empty());
  const auto proofs = all<Prove>();
  EXPECT_GE(proofs.size(), 4u * 9);
  std::map<std::string, Prove> last;
  for (const Prove& proof : proofs) {
    EXPECT_EQ(proof.failed, 0u);
    EXPECT_GE(proof.succeeded, 8u);
    const auto before = last.find(proof.speaker);
    if (before != last.end()) {
      EXPECT_EQ(before->second.to, proof.from);
    }
    last[proof.speaker] = proof;
  }
  EXPECT_EQ(last.size(), 4u);
  EXPECT_TRUE(last.contains(prober_speaker(1, 3)));
  EXPECT_EQ(fine(CheckKind::ledger), true);
  EXPECT_EQ(fine(CheckKind::invariants), true);
  EXPECT_EQ(fine(CheckKind::error_rate), true);
  EXPECT_EQ(fine(CheckKind::inquiries), std::nullopt);
}

TEST_F(FeedTest, InquiriesAreQuietWhileTheDeskSaysSoAndNobodyKnowsWithoutIt) {
  make();
  for (int second = 0; second < 10; ++second) {
    feed_->on_inquiries(0, 0);
    run_ms(1'000);
  }
  EXPECT_EQ(fine(CheckKind::inquiries), true);
  for (int second = 0; second < 60; ++second) {
    feed_->on_inquiries(20, 15);
    run_ms(1'000);
  }
  EXPECT_EQ(fine(CheckKind::inquiries), false);
  EXPECT_NE(signal(response::SignalKind::inquiry_surge), nullptr);
  run_ms(inquiries_fresh_ms);
  told_.clear();
  run_ms(2'000);
  EXPECT_EQ(fine(CheckKind::inquiries), std::nullopt);
}

TEST_F(FeedTest, TwoPercentErrorsAreProvenWithinFiveSeconds) {
  make();
  run_ms(20'000);
  error_ppm_ = 20'000;
  const std::int64_t took = ms_until(response::SignalKind::errors);
  EXPECT_GT(took, 0);
  EXPECT_LE(took, 4'000);
  EXPECT_EQ(signal(response::SignalKind::errors)->trust, response::Trust::proof);
  run_ms(1'000);
  EXPECT_EQ(fine(CheckKind::error_rate), false);
  run_ms(60'000);
  error_ppm_ = 0;
  run_ms(16'000);
  EXPECT_EQ(signal(response::SignalKind::errors), nullptr);
  EXPECT_EQ(fine(CheckKind::error_rate), true);
}

TEST_F(FeedTest, RequestsThatBreakOnTheWayAreEvidenceOfThisWatchWithinFourSeconds) {
  make();
  run_ms(10'000);
  pulses_[0].break_each = 50;
  const std::int64_t took = ms_until(response::SignalKind::errors);
  EXPECT_GT(took, 0);
  EXPECT_LE(took, 4'000);
  const response::Signal found = *signal(response::SignalKind::errors);
  EXPECT_EQ(found.trust, response::Trust::evidence);
  EXPECT_EQ(found.source, response::Source::test_trade);
  EXPECT_EQ(found.key, "watch 1/errors/pulse of edge 1");
  pulses_[0].break_each = 1'000;
  run_ms(60'000);
  EXPECT_EQ(signal(response::SignalKind::errors), nullptr);
}

TEST_F(FeedTest, ReadsThatAreRefusedForLoadAreErrorsAsCustomersFeelThem) {
  for (const auto status : {std::uint16_t{429}, std::uint16_t{503}}) {
    make();
    run_ms(10'000);
    pulses_[0].broken_status = status;
    pulses_[0].break_each = 20;
    const std::int64_t took = ms_until(response::SignalKind::errors);
    EXPECT_GT(took, 0) << status;
    EXPECT_LE(took, 4'000);
    pulses_[0].break_each = 0;
    told_.clear();
  }
}

TEST_F(FeedTest, FirstTriesOfTestTradesThatAreTurnedAwayAreErrorsThoughTheTradesSucceed) {
  make();
  run_ms(10'000);
  EXPECT_EQ(signal(response::SignalKind::errors), nullptr);
  orders_turned_away_ = 1;
  const std::int64_t took = ms_until(response::SignalKind::errors);
  EXPECT_GT(took, 0);
  EXPECT_LE(took, 5'000);
  EXPECT_EQ(signal(response::SignalKind::errors)->trust, response::Trust::evidence);
}

TEST_F(FeedTest, OrdersThatFailAreSeenAmongManyReadsThatDoNot) {
  more_reads_ = 5'000;
  make();
  run_ms(20'000);
  error_ppm_ = 30'000;
  const std::int64_t took = ms_until(response::SignalKind::errors);
  EXPECT_GT(took, 0);
  EXPECT_LE(took, 4'000);
  const response::Signal found = *signal(response::SignalKind::errors);
  EXPECT_EQ(found.trust, response::Trust::proof);
  EXPECT_NE(found.key.find("/updates at edge "), std::string::npos) << found.key;
}

TEST_F(FeedTest, AnEdgeThatIsTakenOutIsNoNewsWhileTheOtherServes) {
  make();
  run_ms(10'000);
  feed_->on_drained(0, true);
  drained_ = 0;
  pulses_[0].mode = FakePage::Mode::fails;
  told_.clear();
  run_ms(60'000);
  EXPECT_TRUE(all<Observe>().empty()) << all<Observe>().front().signal.key;
  for (const Prove& proof : all<Prove>()) EXPECT_EQ(proof.failed, 0u);
  EXPECT_EQ(fine(CheckKind::error_rate), true);
}

TEST_F(FeedTest, WhatWasFoundAtAnEdgeEndsWhenItIsTakenOut) {
  make();
  run_ms(10'000);
  drained_ = 0;
  pulses_[0].mode = FakePage::Mode::fails;
  errors_per_step_ = 20;
  run_ms(5'000);
  EXPECT_NE(signal(response::SignalKind::down), nullptr);
  EXPECT_NE(signal(response::SignalKind::errors), nullptr);
  errors_per_step_ = 0;
  feed_->on_drained(0, true);
  run_ms(16'000);
  std::map<std::string, bool> firing;
  for (const Observe& observe : all<Observe>()) {
    firing[observe.signal.key] = observe.signal.firing;
  }
  for (const auto& [key, fires] : firing) EXPECT_FALSE(fires) << key;
}

TEST_F(FeedTest, WhenBothEdgesSayTheyAreTakenOutThatIsAnOutage) {
  make();
  run_ms(10'000);
  feed_->on_drained(0, true);
  feed_->on_drained(1, true);
  probes_ = ProbeReason::unavailable;
  EXPECT_GT(ms_until(response::SignalKind::down), 0);
}

TEST_F(FeedTest, AnEdgeThatHangsIsAskedNoMoreThanItMay) {
  make();
  run_ms(5'000);
  pulses_[1].mode = FakePage::Mode::hangs;
  run_ms(5'000);
  EXPECT_EQ(pulses_[1].hanging.size(), pulse_in_flight_max);
}

TEST_F(FeedTest, ADeadEdgePageIsAHintAndKeepsTheErrorsFromBeingFine) {
  make();
  run_ms(10'000);
  edges_[1].mode = FakePage::Mode::hangs;
  run_ms(10'000);
  ASSERT_NE(signal(response::SignalKind::source_silent), nullptr);
  EXPECT_EQ(signal(response::SignalKind::source_silent)->trust, response::Trust::hint);
  EXPECT_EQ(edges_[1].hanging.size(), 1u);  // Never two questions at once.
  EXPECT_EQ(fine(CheckKind::error_rate), false);
  for (const Observe& observe : all<Observe>()) {
    EXPECT_EQ(observe.signal.trust, response::Trust::hint) << observe.signal.key;
  }
}

TEST_F(FeedTest, WhatItSaysIsTakenByTheIncidentMachine) {
  make();
  response::ResponseMachine machine;
  const auto give = [&] {
    for (const response::Command& command : std::exchange(told_, {})) {
      Bytes reply, events;
      machine.apply(clock_.wall_now(), response::encode(command), reply, events);
      const auto read = response::decode_reply(reply);
      ASSERT_TRUE(read);
      EXPECT_EQ(read->refusal, response::Refusal::none) << response::name(read->refusal);
    }
  };
  for (int i = 0; i < 100; ++i) {
    step();
    give();
  }
  EXPECT_TRUE(machine.state().incidents.empty());
  probes_ = ProbeReason::refused;
  for (int i = 0; i < 20; ++i) {
    step();
    give();
  }
  ASSERT_EQ(machine.state().incidents.size(), 1u);
  EXPECT_EQ(machine.state().incidents.begin()->second.phase, response::Phase::investigating);
}

TEST(Speakers, OnlyWatchesMustSpeakAndNamesAreNames) {
  const auto all = speakers(3, 2);
  EXPECT_EQ(all.size(), 3u * 5);
  std::size_t must = 0;
  for (const response::PutSpeaker& one : all) must += one.speaker.silent_ms > 0 ? 1 : 0;
  EXPECT_EQ(must, 3u);
  EXPECT_EQ(all[0].name, "watch 1");
  EXPECT_EQ(all[1].name, "watch 1 prober 1");
}

}  // namespace
}  // namespace oki::watch
