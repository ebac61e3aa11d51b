// What is due by time happens on every node, with and without clients. ListMachine: "alarm 250"
// puts "alarm" into the list 250 ms later, at most two of them in one command.
#include <gtest/gtest.h>

#include <algorithm>

#include "replica/testing/cluster.h"

namespace oki::replica {
namespace {

class TicksTest : public ::testing::Test {
 protected:
  void SetUp() override { seed_raft_engine(1); }

  static std::size_t alarms(Cluster& cluster, std::uint32_t seat) {
    const std::vector<Bytes>& commands = cluster.machine(seat).commands;
    return static_cast<std::size_t>(std::count(commands.begin(), commands.end(), "alarm"));
  }

  static void expect_equal(Cluster& cluster) {
    ASSERT_TRUE(cluster.settle());
    for (std::uint32_t seat = 1; seat <= 3; ++seat) {
      if (!cluster.running(seat)) continue;
      EXPECT_EQ(cluster.machine(seat).snapshot(), cluster.machine(*cluster.leader()).snapshot());
      EXPECT_EQ(cluster[seat].status().event_hash, cluster[*cluster.leader()].status().event_hash);
    }
  }
};

TEST_F(TicksTest, WhatIsDueHappensWithoutClientsAndInTime) {
  Cluster cluster(3, make_raft_engine);
  const std::uint32_t leader = cluster.wait_for_leader();
  const SessionId session = cluster.open_session(leader);
  cluster.add(leader, session, 1, "alarm 250");
  cluster.add(leader, session, 2, "alarm 4000");
  cluster.run_ms(240);
  EXPECT_EQ(alarms(cluster, leader), 0u);
  cluster.run_ms(20);
  for (std::uint32_t seat = 1; seat <= 3; ++seat) EXPECT_EQ(alarms(cluster, seat), 1u) << seat;
  cluster.run_ms(4'000);
  for (std::uint32_t seat = 1; seat <= 3; ++seat) EXPECT_EQ(alarms(cluster, seat), 2u) << seat;
  const LogIndex quiet = cluster[leader].status().applied;
  cluster.run_ms(2'000);
  EXPECT_EQ(cluster[leader].status().applied, quiet);  // Nothing due, nothing proposed.
  expect_equal(cluster);
}

TEST_F(TicksTest, TheNextLeaderDoesWhatTheLastOneCouldNot) {
  Cluster cluster(3, make_raft_engine);
  const std::uint32_t leader = cluster.wait_for_leader();
  const SessionId session = cluster.open_session(leader);
  for (std::uint64_t number = 1; number <= 5; ++number) {
    cluster.add(leader, session, number, "alarm 500");
  }
  ASSERT_TRUE(cluster.settle());
  cluster.crash(leader);
  cluster.run_ms(3'000);
  for (std::uint32_t seat = 1; seat <= 3; ++seat) {
    if (seat == leader) continue;
    EXPECT_EQ(alarms(cluster, seat), 5u) << seat;
  }
  cluster.start(leader);
  cluster.run_ms(1'000);
  EXPECT_EQ(alarms(cluster, leader), 5u);
  expect_equal(cluster);
}

TEST_F(TicksTest, ALeaderThatIsCutOffStopsProposing) {
  Cluster cluster(3, make_raft_engine);
  const std::uint32_t leader = cluster.wait_for_leader();
  const SessionId session = cluster.open_session(leader);
  cluster.add(leader, session, 1, "alarm 100");
  cluster.cut(leader);
  cluster.run_ms(3'000);
  cluster.heal();
  cluster.run_ms(3'000);
  for (std::uint32_t seat = 1; seat <= 3; ++seat) EXPECT_EQ(alarms(cluster, seat), 1u) << seat;
  expect_equal(cluster);
}

TEST_F(TicksTest, ABurstIsWorkedOffAtOnceAndClientsAreServedMeanwhile) {
  ReplicaOptions options = Cluster::small_options();
  options.ticks_in_a_row_max = 8;
  Cluster cluster(3, make_raft_engine, 1, options);
  const std::uint32_t leader = cluster.wait_for_leader();
  const SessionId session = cluster.open_session(leader);
  constexpr std::size_t burst = 400;
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < burst; ++i) {
    cluster[leader].submit({session, ++number, 0, "alarm 3000"}, [](const SubmitAnswer&) {});
  }
  cluster.run_ms(2'900);
  ASSERT_EQ(alarms(cluster, leader), 0u);
  ASSERT_TRUE(cluster.run_until([&] { return alarms(cluster, leader) > 0; }, 200));
  ASSERT_LT(alarms(cluster, leader), burst / 2);
  const std::int64_t asked_ms = cluster.clock.mono_now().value / ns_per_ms;
  EXPECT_EQ(cluster.add(leader, session, ++number, "x").result, SubmitResult::applied);
  EXPECT_LE(cluster.clock.mono_now().value / ns_per_ms - asked_ms, 10);
  EXPECT_LT(alarms(cluster, leader), burst);
  ASSERT_TRUE(cluster.run_until([&] { return alarms(cluster, leader) == burst; }, 2'000));
  expect_equal(cluster);
}

TEST_F(TicksTest, AClockThatJumpsForwardIsNoticed) {
  Cluster cluster(3, make_raft_engine);
  const std::uint32_t leader = cluster.wait_for_leader();
  cluster.add(leader, cluster.open_session(leader), 1, "alarm 3600000");
  cluster.clock.jump_wall_ms(3'600'000);
  cluster.run_ms(50);
  for (std::uint32_t seat = 1; seat <= 3; ++seat) EXPECT_EQ(alarms(cluster, seat), 1u) << seat;
}

TEST_F(TicksTest, NoClientMayUseTheSessionOfTicks) {
  Cluster cluster(3, make_raft_engine);
  const std::uint32_t leader = cluster.wait_for_leader();
  EXPECT_EQ(cluster.add(leader, tick_session, 1, "x").result, SubmitResult::session_unknown);
  EXPECT_TRUE(cluster.machine(leader).commands.empty());
}

}  // namespace
}  // namespace oki::replica
