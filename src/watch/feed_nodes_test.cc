// What the feed makes of nodes, of pages that lie, and of a watch that hears nothing.
#include <gtest/gtest.h>

#include <set>

#include "watch/feed.h"
#include "watch/page_feed.h"
#include "watch/testing/feed_world.h"

namespace oki::watch {
namespace {

class FeedNodesTest : public ::testing::Test, protected FeedWorld {};

TEST_F(FeedNodesTest, ASlowDiskAndTheReplicaThatFallsBehindForItAreOneVoice) {
  make();
  run_ms(10'000);
  sync_stuck_[1] = syncs_;
  stuck_[1] = true;
  run_ms(10'000);
  ASSERT_NE(signal(response::SignalKind::resource), nullptr);
  ASSERT_NE(signal(response::SignalKind::lag), nullptr);
  EXPECT_EQ(signal(response::SignalKind::lag)->source,
            signal(response::SignalKind::resource)->source);
}

TEST_F(FeedNodesTest, AJournalWhoseDiskDoesNotAnswerIsASignOfItsNode) {
  make();
  run_ms(10'000);
  EXPECT_EQ(signal(response::SignalKind::resource), nullptr);
  sync_stuck_[1] = syncs_;
  const std::int64_t took = ms_until(response::SignalKind::resource);
  EXPECT_GT(took, 1'400);
  EXPECT_LE(took, 2'600);
  const response::Signal found = *signal(response::SignalKind::resource);
  EXPECT_EQ(found.key, "watch 1/fsync_stuck_ms/node 2");
  EXPECT_EQ(found.trust, response::Trust::evidence);
  ASSERT_EQ(found.components.size(), 1u);
  EXPECT_EQ(found.components.front(), (notify::ComponentId{notify::ComponentKind::node, "2"}));
  sync_stuck_[1] = UINT64_MAX;
  run_ms(12'000);
  EXPECT_EQ(signal(response::SignalKind::resource), nullptr);
}

TEST_F(FeedNodesTest, ANodeWithoutALeaderIsNotSilentAndOneThatDoesNotAnswerIs) {
  make();
  run_ms(10'000);
  leaderless_ = true;
  nodes_[1].mode = FakePage::Mode::hangs;
  run_ms(3'000);
  std::set<std::string> silent;
  for (const Observe& observe : all<Observe>()) {
    if (observe.signal.kind != response::SignalKind::source_silent) continue;
    for (const auto& component : observe.signal.components) silent.insert(component.name);
  }
  EXPECT_EQ(silent, std::set<std::string>{"2"});
  // What it says of the ledger is not believed meanwhile.
  run_ms(page_fresh_ms);
  told_.clear();
  run_ms(2'000);
  EXPECT_EQ(fine(CheckKind::invariants), std::nullopt);
}

TEST_F(FeedNodesTest, PagesThatLieOpenNothing) {
  make();
  run_ms(10'000);
  const std::string lies[] = {"", std::string(2 * 256 * 1024, 'x'),
                              "okiagari_edge_requests_total 18446744073709551615\n",
                              "{\"applied\":-1}", std::string(1000, '\0')};
  std::uint64_t round = 0;
  for (FakePage& page : edges_) {
    page.body = [&](const std::string&) { return lies[round++ % 5]; };
  }
  nodes_[1].body = [&](const std::string& target) {
    if (target == "/metrics") return lies[round++ % 5];
    return std::string("{\"leader_seat\":1,\"applied\":7,\"event_hash\":\"x\",\"quarantined\":") +
           std::to_string(round++ % 1'000'000) + "}";
  };
  run_ms(60'000);
  for (const Observe& observe : all<Observe>()) {
    EXPECT_TRUE(observe.signal.trust == response::Trust::hint ||
                observe.signal.kind == response::SignalKind::lag)
        << observe.signal.key;
    EXPECT_TRUE(response::check(observe.signal)) << observe.signal.key;
  }
}

TEST_F(FeedNodesTest, ANewQuarantineIsAProofAndAnOldOneIsNone) {
  make();
  run_ms(10'000);
  EXPECT_EQ(signal(response::SignalKind::wrong), nullptr);
  ++quarantined_;
  EXPECT_LE(ms_until(response::SignalKind::wrong), 1'500);
  ASSERT_NE(signal(response::SignalKind::wrong), nullptr);
  EXPECT_EQ(signal(response::SignalKind::wrong)->trust, response::Trust::proof);
  run_ms(2'000);
  EXPECT_EQ(fine(CheckKind::invariants), false);
  run_ms(wrong_holds_ms + 20'000);
  EXPECT_EQ(signal(response::SignalKind::wrong), nullptr);
  EXPECT_EQ(fine(CheckKind::invariants), true);
}

TEST_F(FeedNodesTest, ANodeThatFallsBehindAndADiskThatIsSlowAreEvidence) {
  make();
  run_ms(10'000);
  stuck_[1] = true;
  EXPECT_LE(ms_until(response::SignalKind::lag), 8'000);
  ASSERT_NE(signal(response::SignalKind::lag), nullptr);
  EXPECT_EQ(signal(response::SignalKind::lag)->components.front().name, "2");
  for (int i = 0; i < 100 && signal(response::SignalKind::resource) == nullptr; ++i) {
    sync_s_ += 2;
    step();
  }
  ASSERT_NE(signal(response::SignalKind::resource), nullptr);
  EXPECT_EQ(signal(response::SignalKind::resource)->trust, response::Trust::evidence);
}

TEST_F(FeedNodesTest, ANodeThatIsAwayIsEvidenceAfterAWhile) {
  make();
  feed_->on_nodes({true, false});
  run_ms(node_missing_ms - 100);
  feed_->on_nodes({true, false});
  EXPECT_EQ(signal(response::SignalKind::down), nullptr);
  run_ms(200);
  feed_->on_nodes({true, false});
  ASSERT_NE(signal(response::SignalKind::down), nullptr);
  EXPECT_EQ(signal(response::SignalKind::down)->trust, response::Trust::evidence);
}

TEST_F(FeedNodesTest, ALonelyWatchClaimsAnOutage) {
  make(1);
  run_ms(5'000);
  probes_ = ProbeReason::timeout;
  for (FakePage& page : edges_) page.mode = FakePage::Mode::hangs;
  for (FakePage& page : nodes_) page.mode = FakePage::Mode::hangs;
  EXPECT_GT(ms_until(response::SignalKind::down), 0);
  EXPECT_EQ(signal(response::SignalKind::down)->trust, response::Trust::proof);
}

TEST_F(FeedNodesTest, OneOfThreeThatHearsNothingClaimsNoOutageUntilItHearsSomething) {
  make(3);
  run_ms(5'000);
  probes_ = ProbeReason::timeout;
  for (FakePage& page : edges_) page.mode = FakePage::Mode::hangs;
  for (FakePage& page : nodes_) page.mode = FakePage::Mode::fails;
  run_ms(1'500);
  EXPECT_TRUE(hears_nothing());
  run_ms(30'000);
  EXPECT_TRUE(hears_nothing());
  EXPECT_FALSE(claims_down());
  nodes_[0].mode = FakePage::Mode::answers;
  run_ms(seen_again_ms - 500);
  EXPECT_FALSE(claims_down());
  run_ms(2'000);
  EXPECT_TRUE(claims_down());
  EXPECT_FALSE(hears_nothing());
}

TEST_F(FeedNodesTest, ALineThatComesBackIsNeverToldAsAnOutage) {
  make(3);
  for (const std::int64_t broken_ms : {700, 1'100, 1'500, 5'000, 21'000}) {
    run_ms(20'000);
    probes_ = ProbeReason::timeout;
    for (FakePage& page : edges_) page.mode = FakePage::Mode::fails;
    for (FakePage& page : nodes_) page.mode = FakePage::Mode::fails;
    run_ms(broken_ms);
    probes_ = ProbeReason::none;
    for (FakePage& page : edges_) page.mode = FakePage::Mode::answers;
    for (FakePage& page : nodes_) page.mode = FakePage::Mode::answers;
    run_ms(20'000);
  }
  EXPECT_FALSE(claims_down());
  EXPECT_FALSE(hears_nothing());
}

TEST_F(FeedNodesTest, DeadEdgesAreClaimedAtOnceWhileNodesAnswer) {
  make(3);
  run_ms(5'000);
  probes_ = ProbeReason::timeout;
  for (FakePage& page : edges_) page.mode = FakePage::Mode::hangs;
  EXPECT_GT(ms_until(response::SignalKind::down), 0);
  EXPECT_EQ(signal(response::SignalKind::down)->trust, response::Trust::proof);
  EXPECT_FALSE(hears_nothing());
}

}  // namespace
}  // namespace oki::watch
