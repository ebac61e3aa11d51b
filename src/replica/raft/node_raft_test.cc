// Three nodes with the shipped engine, their ports and clients, on a stepped clock.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>

#include "replica/testing/node_world.h"

namespace oki::replica {
namespace {

using testing::ListReader;
using testing::NodeWorld;

struct ThreeNodes : ::testing::Test {
  ThreeNodes() { seed_raft_engine(1); }

  void submit(Client& client) {
    const Bytes command = "c" + std::to_string(submitted++);
    client.submit(command, [this, command](const Answer& answer) {
      ++finished;
      if (answer.outcome == Outcome::answered) acknowledged.push_back(command);
      if (answer.outcome == Outcome::unknown) ++unknown;
    });
  }
  // A command every millisecond.
  void load_ms(Client& client, std::int64_t ms) {
    for (std::int64_t i = 0; i < ms; ++i) {
      submit(client);
      world.run_ms(1);
    }
  }
  bool all_finished() {
    return world.run_until([this] { return finished == submitted; });
  }
  // Every node that runs has the same list, each command at most once, acknowledged ones surely.
  void expect_nothing_lost_or_doubled() {
    ASSERT_TRUE(all_finished());
    const std::vector<Bytes>& list = world.machine(world.leader()).commands;
    std::map<Bytes, int> times;
    for (const Bytes& command : list) ++times[command];
    for (const auto& [command, count] : times) EXPECT_EQ(count, 1) << command;
    for (const Bytes& command : acknowledged) EXPECT_EQ(times.count(command), 1u) << command;
    for (std::uint32_t seat = 1; seat <= 3; ++seat) {
      if (!world.serves(seat)) continue;
      EXPECT_TRUE(world.run_until([&] { return world.machine(seat).commands == list; })) << seat;
    }
  }

  NodeWorld world{3, make_raft_engine};
  int submitted = 0;
  int finished = 0;
  int unknown = 0;
  std::vector<Bytes> acknowledged;
};

TEST_F(ThreeNodes, CommitThroughAMajority) {
  world.start_all();
  const auto client = world.client(world.network.host());
  load_ms(*client, 300);
  expect_nothing_lost_or_doubled();
  EXPECT_EQ(acknowledged.size(), 300u);
}

TEST_F(ThreeNodes, AKilledLeaderLosesAndDoublesNothing) {
  world.start_all();
  const auto client = world.client(world.network.host());
  ListReader reader;
  client->follow(reader);
  load_ms(*client, 200);
  world.crash(world.leader());
  load_ms(*client, 1500);
  expect_nothing_lost_or_doubled();
  // Each was taken up by the next leader within its deadline.
  EXPECT_EQ(acknowledged.size(), 1700u);
  for (std::uint32_t seat = 1; seat <= 3; ++seat) {
    if (!world.running(seat)) world.start(seat);
  }
  load_ms(*client, 100);
  expect_nothing_lost_or_doubled();
  EXPECT_TRUE(
      world.run_until([&] { return reader.commands == world.machine(world.leader()).commands; }));
  EXPECT_EQ(reader.snapshots, 1);
}

TEST_F(ThreeNodes, LeadGoesWhereAnOperatorWantsItAndNoCommandFails) {
  world.start_all();
  const auto client = world.client(world.network.host());
  load_ms(*client, 100);
  const std::uint32_t old = world.leader();
  const std::uint32_t next = old % 3 + 1;
  std::vector<TransferResult> results;
  client->transfer_leadership(next, [&](TransferResult result) { results.push_back(result); });
  EXPECT_TRUE(results.empty());
  load_ms(*client, 500);
  EXPECT_EQ(results, std::vector<TransferResult>{TransferResult::begun});
  EXPECT_EQ(world.leader(), next);
  EXPECT_EQ(client->view().leader_seat, next);
  expect_nothing_lost_or_doubled();
  EXPECT_EQ(acknowledged.size(), 600u);
}

TEST_F(ThreeNodes, ALeaderHandsOverToNobodyWhoCannotLead) {
  world.start_all();
  const auto client = world.client(world.network.host());
  load_ms(*client, 100);
  const std::uint32_t old = world.leader();
  const auto asked = [&](std::uint32_t seat) {
    std::optional<TransferResult> result;
    client->transfer_leadership(seat, [&](TransferResult told) { result = told; });
    EXPECT_TRUE(world.run_until([&] { return result.has_value(); }));
    return *result;
  };
  EXPECT_EQ(asked(old), TransferResult::leads_already);
  EXPECT_EQ(asked(4), TransferResult::no_such_voter);
  EXPECT_EQ(asked(0), TransferResult::no_such_voter);
  world.crash(old % 3 + 1);
  world.run_ms(1'000);
  EXPECT_EQ(asked(old % 3 + 1), TransferResult::not_connected);
  load_ms(*client, 100);
  EXPECT_EQ(world.leader(), old);
  expect_nothing_lost_or_doubled();
}

TEST_F(ThreeNodes, WithoutALeaderNothingIsHandedOver) {
  world.start_all();
  const auto client = world.client(world.network.host());
  load_ms(*client, 100);
  for (std::uint32_t seat = 1; seat <= 3; ++seat) world.crash(seat);
  std::optional<TransferResult> first, second;
  client->transfer_leadership(1, [&](TransferResult told) { first = told; });
  client->transfer_leadership(2, [&](TransferResult told) { second = told; });
  ASSERT_TRUE(world.run_until([&] { return first && second; }));
  EXPECT_EQ(*first, TransferResult::not_leader);
  EXPECT_EQ(*second, TransferResult::not_leader);
}

TEST_F(ThreeNodes, AStoppedLeaderHoldsNoCommandBeyondTheFailover) {
  world.start_all();
  const auto client = world.client(world.network.host());
  load_ms(*client, 100);
  const std::uint32_t old = world.leader();
  world.network.pause(world.net(old), true);
  load_ms(*client, 1000);
  EXPECT_GT(acknowledged.size(), 600u);
  world.network.pause(world.net(old), false);
  load_ms(*client, 300);
  expect_nothing_lost_or_doubled();
  EXPECT_EQ(unknown, 0);
}

TEST_F(ThreeNodes, ALeaderCutOffFromItsPeersButNotFromTheClientIsLeft) {
  world.start_all();
  const auto client = world.client(world.network.host());
  load_ms(*client, 100);
  const std::uint32_t old = world.leader();
  for (std::uint32_t seat = 1; seat <= 3; ++seat) {
    if (seat != old) world.network.cut(world.net(old), world.net(seat), true);
  }
  load_ms(*client, 1500);
  EXPECT_NE(world.leader(), old);
  for (std::uint32_t seat = 1; seat <= 3; ++seat) {
    if (seat != old) world.network.cut(world.net(old), world.net(seat), false);
  }
  load_ms(*client, 100);
  world.run_ms(3000);
  expect_nothing_lost_or_doubled();
  EXPECT_EQ(unknown, 0);
}

TEST_F(ThreeNodes, AHandedOverLeadershipFailsNoCommand) {
  world.start_all();
  const auto client = world.client(world.network.host());
  load_ms(*client, 100);
  const std::uint32_t old = world.leader();
  bool done = false;
  world.node(old).hand_over(1000, [&] { done = true; });
  load_ms(*client, 200);
  EXPECT_TRUE(done);
  EXPECT_NE(world.leader(), old);
  expect_nothing_lost_or_doubled();
  EXPECT_EQ(acknowledged.size(), 300u);
}

TEST_F(ThreeNodes, AWipedSeatJoinsUnderANewIdAndVotesAgain) {
  world.start_all();
  const auto client = world.client(world.network.host());
  load_ms(*client, 100);
  const std::uint32_t lost = world.leader() % 3 + 1;
  world.crash(lost);
  world.wipe(lost);
  load_ms(*client, 100);
  world.start(lost);
  ASSERT_TRUE(world.run_until([&] { return world.serves(lost); }));
  EXPECT_EQ(world.replica(lost).status().self, NodeId{4});
  ASSERT_TRUE(world.run_until([&] {
    const Members& members = world.replica(lost).status().members;
    return members.all.size() == 3 && members.all.back().id == NodeId{4} &&
           !members.all.back().learner;
  }));
  load_ms(*client, 100);
  const std::uint32_t leader = world.leader();
  ASSERT_NE(leader, lost);
  // The two that are left are a majority only if the newcomer counts.
  world.crash(6 - leader - lost);
  load_ms(*client, 200);
  expect_nothing_lost_or_doubled();
  EXPECT_EQ(acknowledged.size(), 500u);
}

TEST_F(ThreeNodes, ANodeFarBehindCatchesUpThroughTheLog) {
  world.start_all();
  const auto client = world.client(world.network.host());
  load_ms(*client, 10);
  const std::uint32_t away = world.leader() % 3 + 1;
  world.crash(away);
  for (int i = 0; i < 20; ++i) {
    for (int j = 0; j < 20; ++j) {
      client->submit(Bytes(50'000, static_cast<char>('a' + i % 26)) + std::to_string(i * 100 + j),
                     [this](const Answer&) { ++finished; });
      ++submitted;
    }
    ASSERT_TRUE(all_finished());
  }
  world.start(away);
  EXPECT_TRUE(world.run_until([&] {
    return world.machine(away).commands.size() == world.machine(world.leader()).commands.size();
  }));
  expect_nothing_lost_or_doubled();
  // Paced by what the connection takes, not by losses.
  const Bytes text = world.node(world.leader()).metrics_text();
  EXPECT_NE(text.find("okiagari_replica_peer_dropped_total 0"), Bytes::npos) << text;
}

}  // namespace
}  // namespace oki::replica
