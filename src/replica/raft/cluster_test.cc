#include "replica/testing/cluster.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "replica/peer_message.h"

namespace oki::replica {
namespace {

std::uint32_t other_than(std::uint32_t seat) { return seat % 3 + 1; }

class ClusterTest : public ::testing::Test {
 protected:
  void SetUp() override { seed_raft_engine(1); }

  // Commands 1 to `count` of a new session, on the leader.
  SessionId fill(Cluster& cluster, std::uint64_t count) {
    const SessionId session = cluster.open_session(cluster.wait_for_leader());
    for (std::uint64_t number = 1; number <= count; ++number) {
      const SubmitAnswer answer =
          cluster.submit(cluster.wait_for_leader(),
                         {session, number, number, "command " + std::to_string(number)});
      EXPECT_EQ(answer.result, SubmitResult::applied);
    }
    return session;
  }

  void expect_equal(Cluster& cluster) {
    ASSERT_TRUE(cluster.settle());
    const std::uint32_t leader = *cluster.leader();
    for (std::uint32_t seat = 1; seat <= 3; ++seat) {
      if (!cluster.running(seat)) continue;
      EXPECT_EQ(cluster.machine(seat).commands, cluster.machine(leader).commands) << seat;
      EXPECT_EQ(cluster[seat].status().event_hash, cluster[leader].status().event_hash) << seat;
      cluster[seat].verify();
    }
  }
};

TEST_F(ClusterTest, ElectsCommitsAndAnswers) {
  Cluster cluster(3, make_raft_engine);
  const std::uint32_t leader = cluster.wait_for_leader();
  const SessionId session = cluster.open_session(leader);
  const SubmitAnswer first = cluster.add(leader, session, 1, "buy");
  EXPECT_EQ(first.result, SubmitResult::applied);
  EXPECT_EQ(first.reply, "1");
  EXPECT_EQ(cluster.add(leader, session, 2, "sell").reply, "2");
  expect_equal(cluster);
  EXPECT_EQ(cluster.machine(1).commands, (std::vector<Bytes>{"buy", "sell"}));
}

TEST_F(ClusterTest, AFollowerRefusesAndNamesTheLeader) {
  Cluster cluster(3, make_raft_engine);
  const std::uint32_t leader = cluster.wait_for_leader();
  cluster.run_ms(100);
  const SubmitAnswer answer = cluster.submit(other_than(leader), {});
  EXPECT_EQ(answer.result, SubmitResult::not_leader);
  EXPECT_EQ(answer.leader, NodeId{leader});
}

TEST_F(ClusterTest, ARetryOnTheNextLeaderGetsTheFirstAnswer) {
  Cluster cluster(3, make_raft_engine);
  const std::uint32_t first = cluster.wait_for_leader();
  const SessionId session = cluster.open_session(first);
  const SubmitAnswer answer = cluster.add(first, session, 1, "once");
  ASSERT_TRUE(cluster.settle());
  cluster.crash(first);
  const std::uint32_t second = cluster.wait_for_leader();
  ASSERT_NE(second, first);
  const SubmitAnswer again = cluster.add(second, session, 1, "once");
  EXPECT_EQ(again.result, SubmitResult::applied);
  EXPECT_EQ(again.index, answer.index);
  EXPECT_EQ(again.reply, answer.reply);
  cluster.start(first);
  expect_equal(cluster);
  EXPECT_EQ(cluster.machine(first).commands, std::vector<Bytes>{"once"});
}

TEST_F(ClusterTest, ACommandInFlightWhenLeadershipIsLostIsUnknown) {
  Cluster cluster(3, make_raft_engine);
  const std::uint32_t leader = cluster.wait_for_leader();
  const SessionId session = cluster.open_session(leader);
  cluster.cut(leader);
  std::vector<SubmitResult> results;
  for (std::uint64_t number = 1; number <= 4; ++number) {
    cluster[leader].submit({session, number, 0, "lost"},
                           [&](const SubmitAnswer& answer) { results.push_back(answer.result); });
  }
  ASSERT_TRUE(cluster.run_until([&] { return results.size() == 4; }));
  // Two batches may be in flight; the others never left the queue.
  EXPECT_EQ(results,
            (std::vector<SubmitResult>{SubmitResult::unknown, SubmitResult::unknown,
                                       SubmitResult::not_leader, SubmitResult::not_leader}));
  cluster.heal();
  expect_equal(cluster);
}

TEST_F(ClusterTest, WhatArrivesDuringABatchIsTheNextBatch) {
  Cluster cluster(3, make_raft_engine);
  const std::uint32_t leader = cluster.wait_for_leader();
  const SessionId session = cluster.open_session(leader);
  std::map<std::uint64_t, int> by_index;
  int answered = 0;
  for (std::uint64_t number = 1; number <= 1000; ++number) {
    cluster[leader].submit({session, number, 0, "x"}, [&](const SubmitAnswer& answer) {
      ++by_index[answer.index.value];
      ++answered;
    });
  }
  ASSERT_TRUE(cluster.run_until([&] { return answered == 1000; }));
  EXPECT_EQ(by_index.size(), 3u);  // The first two alone, 998 together.
}

TEST_F(ClusterTest, ARestartedClusterStandsWhereItStood) {
  Cluster cluster(3, make_raft_engine);
  const SessionId session = fill(cluster, 20);
  ASSERT_TRUE(cluster.settle());
  const std::uint64_t hash = cluster[1].status().event_hash;
  for (std::uint32_t seat = 1; seat <= 3; ++seat) cluster.crash(seat);
  for (std::uint32_t seat = 1; seat <= 3; ++seat) cluster.start(seat);
  const std::uint32_t leader = cluster.wait_for_leader();
  expect_equal(cluster);
  EXPECT_EQ(cluster[leader].status().event_hash, hash);
  EXPECT_EQ(cluster.machine(leader).commands.size(), 20u);
  EXPECT_EQ(cluster.add(leader, session, 20, "command 20").reply, "20");
}

ReplicaOptions frequent_snapshots() {
  ReplicaOptions options = Cluster::small_options();
  options.snapshot_every_entries = 50;
  return options;
}

TEST_F(ClusterTest, SnapshotsAreTakenOnFollowersFirst) {
  Cluster cluster(3, make_raft_engine, 1, frequent_snapshots());
  fill(cluster, 60);
  ASSERT_TRUE(cluster.settle());
  const std::uint32_t leader = *cluster.leader();
  EXPECT_EQ(cluster[leader].status().snapshot, LogIndex{1});
  EXPECT_EQ(cluster[other_than(leader)].status().snapshot, LogIndex{50});
  fill(cluster, 60);
  EXPECT_GE(cluster[leader].status().snapshot, LogIndex{100});
}

TEST_F(ClusterTest, ANodeTooFarBehindTakesOverTheLeadersSnapshot) {
  ReplicaOptions options = frequent_snapshots();
  Cluster cluster(3, make_raft_engine, 1, options);
  const std::uint32_t leader = cluster.wait_for_leader();
  const std::uint32_t behind = other_than(leader);
  cluster.crash(behind);
  SessionId session = fill(cluster, 300);
  cluster.start(behind);
  expect_equal(cluster);
  EXPECT_GT(cluster[behind].oldest_block(), LogIndex{100});
  // The sessions came with it.
  cluster.crash(leader);
  const std::uint32_t next = cluster.wait_for_leader();
  EXPECT_EQ(cluster.add(next, session, 300, "command 300").reply, "300");
  EXPECT_EQ(cluster.machine(next).commands.size(), 300u);
  // And it is durable.
  cluster.crash(behind);
  cluster.start(behind);
  cluster.start(leader);
  expect_equal(cluster);
}

TEST_F(ClusterTest, ALargeSnapshotArrivesInChunksOverALossyNetwork) {
  ReplicaOptions options = frequent_snapshots();
  Cluster cluster(3, make_raft_engine, 1, options);
  const std::uint32_t leader = cluster.wait_for_leader();
  const std::uint32_t behind = other_than(leader);
  cluster.crash(behind);
  const SessionId session = cluster.open_session(leader);
  for (std::uint64_t number = 1; number <= 200; ++number) {
    cluster.submit(leader, {session, number, number, Bytes(12'000, 'x')});
  }
  cluster.lose(50);
  cluster.start(behind);
  ASSERT_TRUE(cluster.run_until(
      [&] { return cluster[behind].status().applied == cluster[leader].status().applied; },
      60'000));
  EXPECT_EQ(cluster.machine(behind).commands.size(), 200u);
}

TEST_F(ClusterTest, ANodeFarBehindCatchesUpInMessagesThatALinkCarries) {
  ReplicaOptions options = Cluster::small_options();
  options.batch_bytes_max = 1u << 20;
  options.pending_bytes_max = 64u << 20;
  options.session_reply_bytes_max = 64u << 20;
  options.journal.segment_bytes = 16u << 20;
  options.journal.entry_bytes_max = 2u << 20;
  options.journal.frame_bytes_max = 4u << 20;
  Cluster cluster(3, make_raft_engine, 1, options);
  const std::uint32_t leader = cluster.wait_for_leader();
  const std::uint32_t behind = other_than(leader);
  const SessionId session = cluster.open_session(leader);
  cluster.crash(behind);
  constexpr std::uint64_t count = 1500;  // Of 16 KiB: more than a frame of a link can hold.
  std::uint64_t answered = 0;
  for (std::uint64_t number = 1; number <= count; ++number) {
    cluster[leader].submit({session, number, 0, Bytes(16u << 10, 'x')},
                           [&](const SubmitAnswer&) { ++answered; });
  }
  ASSERT_TRUE(cluster.run_until([&] { return answered == count; }));
  cluster.start(behind);
  ASSERT_TRUE(cluster.settle());
  EXPECT_EQ(cluster.machine(behind).commands.size(), count);
  EXPECT_GT(cluster.longest_message(), options.batch_bytes_max);
  EXPECT_LE(cluster.longest_message(), peer_message_bytes + (1u << 10));
}

TEST_F(ClusterTest, AWipedSeatComesBackUnderANewId) {
  Cluster cluster(3, make_raft_engine, 1, frequent_snapshots());
  fill(cluster, 100);
  const std::uint32_t leader = *cluster.leader();
  const std::uint32_t lost = other_than(leader);
  cluster.crash(lost);
  cluster.wipe(lost);
  EXPECT_EQ(cluster.try_start(lost).error().code, Errc::not_found);

  SubmitAnswer admitted;
  cluster[leader].admit(lost, [&](const SubmitAnswer& answer) { admitted = answer; });
  ASSERT_TRUE(cluster.run_until([&] { return admitted.result == SubmitResult::applied; }));
  Reader reader(admitted.reply);
  const NodeId id{reader.u64()};
  EXPECT_EQ(id, NodeId{4});
  EXPECT_TRUE(decode_members(reader.blob(1000)));
  cluster.join(lost, id);
  cluster.start(lost);
  ASSERT_TRUE(cluster.run_until([&] {
    const Members& members = cluster[leader].status().members;
    const Members::Member* member = find_member(members, id);
    return member && !member->learner && !find_member(members, NodeId{lost});
  }));
  fill(cluster, 10);
  expect_equal(cluster);
  EXPECT_EQ(cluster.machine(lost).commands.size(), 110u);
  // It counts: with another node down there still is a majority.
  cluster.crash(leader);
  fill(cluster, 10);
  cluster.start(leader);
  expect_equal(cluster);
}

TEST_F(ClusterTest, AnAdmissionGoesOnUnderTheNextLeader) {
  Cluster cluster(3, make_raft_engine, 1, frequent_snapshots());
  fill(cluster, 100);
  const std::uint32_t leader = *cluster.leader();
  const std::uint32_t lost = other_than(leader);
  cluster.crash(lost);
  cluster.wipe(lost);
  SubmitAnswer admitted;
  cluster[leader].admit(lost, [&](const SubmitAnswer& answer) { admitted = answer; });
  ASSERT_TRUE(cluster.run_until([&] { return admitted.result == SubmitResult::applied; }));
  ASSERT_TRUE(cluster.settle());
  const std::uint32_t other = 6 - leader - lost;
  cluster[leader].transfer_leadership(NodeId{other});
  ASSERT_TRUE(cluster.run_until([&] { return cluster.leader() == other; }));
  cluster.join(lost, NodeId{4});
  cluster.start(lost);
  ASSERT_TRUE(cluster.run_until([&] {
    const Members::Member* member = find_member(cluster[other].status().members, NodeId{4});
    return member && !member->learner && cluster[other].status().members.all.size() == 3;
  }));
  expect_equal(cluster);
}

TEST_F(ClusterTest, OnlyTheLeaderAdmitsAndOneSeatAtATime) {
  Cluster cluster(3, make_raft_engine);
  const std::uint32_t leader = cluster.wait_for_leader();
  const std::uint32_t follower = other_than(leader);
  std::vector<SubmitResult> results;
  const auto note = [&](const SubmitAnswer& answer) { results.push_back(answer.result); };
  cluster.run_ms(50);
  cluster[follower].admit(follower, note);
  cluster[leader].admit(leader, note);  // The leader's own seat has its disk.
  cluster[leader].admit(0, note);
  EXPECT_EQ(results, (std::vector<SubmitResult>{SubmitResult::not_leader, SubmitResult::busy,
                                                SubmitResult::busy}));
  results.clear();
  cluster[leader].admit(4, note);
  cluster[leader].admit(5, note);
  ASSERT_TRUE(cluster.run_until([&] { return results.size() == 2; }));
  EXPECT_EQ(results, (std::vector<SubmitResult>{SubmitResult::busy, SubmitResult::applied}));
}

TEST_F(ClusterTest, ANodeOutvotedOnItsStateStopsItself) {
  Cluster cluster(3, make_raft_engine);
  fill(cluster, 10);
  ASSERT_TRUE(cluster.settle());
  const std::uint32_t odd = other_than(*cluster.leader());
  cluster.machine(odd).commands[3] = "a flipped bit";
  fill(cluster, 100);
  ASSERT_TRUE(cluster.run_until([&] { return cluster.stopped(odd).has_value(); }));
  EXPECT_EQ(cluster.stopped(odd)->code, Errc::mismatch);
  EXPECT_NE(cluster.stopped(odd)->message.find("log index 100"), Bytes::npos);
  for (std::uint32_t seat = 1; seat <= 3; ++seat) EXPECT_EQ(cluster.running(seat), seat != odd);
}

TEST_F(ClusterTest, AnOddLeaderStopsAndTheOthersGoOn) {
  Cluster cluster(3, make_raft_engine);
  fill(cluster, 10);
  ASSERT_TRUE(cluster.settle());
  const std::uint32_t odd = *cluster.leader();
  cluster.machine(odd).commands[3] = "a flipped bit";
  const SessionId session = cluster.open_session(odd);
  for (std::uint64_t number = 1; number <= 150 && cluster.running(odd); ++number) {
    cluster.add(odd, session, number, "x");
  }
  EXPECT_FALSE(cluster.running(odd));
  fill(cluster, 5);
}

TEST_F(ClusterTest, NobodyStopsWithoutAMajority) {
  Cluster cluster(3, make_raft_engine);
  fill(cluster, 10);
  ASSERT_TRUE(cluster.settle());
  cluster.machine(1).commands[3] = "one way";
  cluster.machine(2).commands[3] = "another way";
  fill(cluster, 120);
  cluster.run_ms(2'000);
  for (std::uint32_t seat = 1; seat <= 3; ++seat) EXPECT_TRUE(cluster.running(seat));
}

TEST_F(ClusterTest, LeadershipIsHandedOverWithoutAFailedCommand) {
  Cluster cluster(3, make_raft_engine);
  const std::uint32_t leader = cluster.wait_for_leader();
  const std::uint32_t next = other_than(leader);
  const SessionId session = cluster.open_session(leader);
  ASSERT_TRUE(cluster.settle());
  std::vector<SubmitAnswer> answers;
  cluster[leader].transfer_leadership(NodeId{next});
  cluster[leader].submit({session, 1, 0, "x"},
                         [&](const SubmitAnswer& answer) { answers.push_back(answer); });
  ASSERT_TRUE(cluster.run_until([&] { return cluster.leader() == next; }, 100));
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].result, SubmitResult::not_leader);
  EXPECT_EQ(answers[0].leader, NodeId{next});
  EXPECT_EQ(cluster.add(next, session, 1, "x").result, SubmitResult::applied);
}

TEST_F(ClusterTest, AReadBarrierOnAnyNodeSeesWhatWasAnswered) {
  Cluster cluster(3, make_raft_engine);
  fill(cluster, 5);
  const std::uint32_t leader = *cluster.leader();
  for (std::uint32_t seat = 1; seat <= 3; ++seat) {
    std::optional<SubmitResult> result;
    cluster[seat].read_barrier([&](SubmitResult given, LogIndex index) {
      result = given;
      EXPECT_GE(cluster[seat].status().applied, index);
      EXPECT_EQ(cluster.machine(seat).commands.size(), 5u);
    });
    ASSERT_TRUE(cluster.run_until([&] { return result.has_value(); }));
    EXPECT_EQ(*result, SubmitResult::applied) << seat;
  }
  cluster.cut(leader);
  std::optional<SubmitResult> result;
  cluster[leader].read_barrier([&](SubmitResult given, LogIndex) { result = given; });
  ASSERT_TRUE(cluster.run_until([&] { return result.has_value(); }));
  EXPECT_EQ(*result, SubmitResult::unknown);
}

TEST_F(ClusterTest, TimeNeverGoesBackWhateverTheLeadersClocksSay) {
  Cluster cluster(3, make_raft_engine);
  fill(cluster, 3);
  cluster.clock.jump_wall_ms(-3'600'000);
  fill(cluster, 3);  // ListMachine asserts the order.
  cluster.crash(*cluster.leader());
  fill(cluster, 3);
}

TEST_F(ClusterTest, ADiskErrorStopsTheNodeAndLosesNothing) {
  Cluster cluster(3, make_raft_engine);
  fill(cluster, 10);
  const std::uint32_t leader = *cluster.leader();
  cluster.disk(leader).fail_operation(0, Errc::full);
  const SubmitAnswer answer = cluster.submit(leader, {});
  EXPECT_EQ(answer.result, SubmitResult::unknown);
  ASSERT_TRUE(cluster.stopped(leader));
  EXPECT_EQ(cluster.stopped(leader)->code, Errc::full);
  fill(cluster, 10);
  cluster.crash(leader);
  cluster.start(leader);
  expect_equal(cluster);
  EXPECT_EQ(cluster.machine(leader).commands.size(), 20u);
}

TEST_F(ClusterTest, MessagesOfStrangersAreDropped) {
  Cluster cluster(3, make_raft_engine);
  fill(cluster, 3);
  const ReplicaStatus before = cluster[1].status();
  cluster[1].on_peer_message({2}, "");
  cluster[1].on_peer_message({2}, Bytes(40, '\1'));
  cluster[1].on_peer_message({1}, Bytes(40, '\1'));
  cluster[1].on_peer_unreachable({99});
  EXPECT_EQ(cluster[1].status().applied, before.applied);
  fill(cluster, 3);
  expect_equal(cluster);
}

}  // namespace
}  // namespace oki::replica
