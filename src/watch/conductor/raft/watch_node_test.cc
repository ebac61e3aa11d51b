// Three watches with the shipped engine: what one has seen all of them know, also when one dies.
#include <gtest/gtest.h>

#include <algorithm>

#include "watch/conductor/house_plan.h"
#include "watch/speakers.h"
#include "watch/testing/watch_world.h"

namespace oki::watch {
namespace {

using testing::WatchWorld;

response::Observe failing_trade(WallTimeMs now) {
  response::Observe observe;
  observe.speaker = "prober 1";
  response::Signal& signal = observe.signal;
  signal.key = "cross/btc_jpy";
  signal.source = response::Source::test_trade;
  signal.kind = response::SignalKind::down;
  signal.trust = response::Trust::proof;
  signal.state = notify::State::major_outage;
  signal.components = {{notify::ComponentKind::market, "btc_jpy"}};
  signal.since = signal.seen = now;
  signal.expires_ms = 600'000;
  signal.words = "Two test trades failed.";
  return observe;
}

struct WatchNodeTest : ::testing::Test {
  WatchNodeTest() { replica::seed_raft_engine(1); }

  bool all_have(std::size_t incidents) {
    return world.run_until([&] {
      for (std::uint32_t seat = 1; seat <= 3; ++seat) {
        if (world.running(seat) && world.node(seat).state().incidents.size() != incidents) {
          return false;
        }
      }
      return true;
    });
  }

  WatchWorld world{3, replica::make_raft_engine, plan_house({2, 3, 3, {"btc_jpy"}})};
};

TEST_F(WatchNodeTest, WhatAnyWatchTellsAllOfThemKnow) {
  world.start_all();
  ASSERT_TRUE(world.run_until([&] { return world.node(1).state().house.revision == 16; }));
  const std::uint32_t follower = world.leader() % 3 + 1;
  world.node(follower).tell()(failing_trade(world.clock.wall_now()));
  ASSERT_TRUE(all_have(1));
  const auto& incident = world.node(1).state().incidents.at({1});
  EXPECT_EQ(incident.phase, response::Phase::investigating);
  EXPECT_EQ(incident.severity, response::Severity::sev1);
}

TEST_F(WatchNodeTest, AWatchThatTellsWhileTheLeaderDiesIsHeard) {
  world.start_all();
  world.run_ms(2'000);
  const std::uint32_t leader = world.leader();
  const std::uint32_t other = leader % 3 + 1;
  world.crash(leader);
  world.node(other).tell()(failing_trade(world.clock.wall_now()));
  EXPECT_TRUE(all_have(1));
  world.start(leader);
  EXPECT_TRUE(all_have(1));
}

// Silence of one watch is a doubt and nothing more; it ends when the watch speaks again.
TEST_F(WatchNodeTest, AWatchThatIsGoneIsMissed) {
  world.start_all();
  world.run_ms(2'000);
  const std::uint32_t gone = world.leader() % 3 + 1;
  world.crash(gone);
  world.run_ms(15'000);
  const response::State& state = world.node(world.leader()).state();
  ASSERT_EQ(state.incidents.size(), 1u);
  EXPECT_EQ(state.incidents.at({1}).phase, response::Phase::suspected);
  const response::SignalKey key{response::Source::watch, "silent/" + watch_speaker(gone)};
  EXPECT_TRUE(state.signals.at(key).signal.firing);
  world.start(gone);
  EXPECT_TRUE(world.run_until(
      [&] { return !world.node(world.leader()).state().signals.at(key).signal.firing; }));
}

// Nobody was there to hear anybody: that is no silence of anyone's.
TEST_F(WatchNodeTest, WatchesThatWereAllStoppedDoNotAccuseEachOther) {
  world.start_all();
  world.run_ms(2'000);
  for (std::uint32_t seat = 1; seat <= 3; ++seat) world.crash(seat);
  world.run_ms(3'600'000);
  for (std::uint32_t seat = 1; seat <= 3; ++seat) world.start(seat);
  world.run_ms(15'000);
  EXPECT_TRUE(world.node(1).state().incidents.empty());
}

}  // namespace
}  // namespace oki::watch
