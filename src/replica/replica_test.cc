// One voter on the fake engine: what does not need a cluster.
#include "replica/replica.h"

#include <gtest/gtest.h>

#include "replica/testing/cluster.h"

namespace oki::replica {
namespace {

TEST(Replica, ASoleVoterLeadsAndAnswers) {
  Cluster cluster(1, make_fake_engine);
  ASSERT_EQ(cluster.wait_for_leader(), 1u);
  const SessionId session = cluster.open_session(1);
  EXPECT_EQ(cluster.add(1, session, 1, "a").reply, "1");
  EXPECT_EQ(cluster.add(1, session, 1, "a").reply, "1");
  EXPECT_EQ(cluster.add(1, session, 2, "b").reply, "2");
  cluster.crash(1);
  cluster.start(1);
  cluster.wait_for_leader();
  EXPECT_EQ(cluster.machine(1).commands, (std::vector<Bytes>{"a", "b"}));
  EXPECT_EQ(cluster.add(1, session, 2, "b").reply, "2");
  cluster[1].verify();
}

TEST(Replica, AnswersOnlyWhatIsOnTheDisk) {
  Cluster cluster(1, make_fake_engine);
  cluster.wait_for_leader();
  const SessionId session = cluster.open_session(1);
  cluster.disk(1).hold();
  bool answered = false;
  cluster[1].submit({session, 1, 0, "a"}, [&](const SubmitAnswer&) { answered = true; });
  cluster.run_ms(500);
  EXPECT_FALSE(answered);
  EXPECT_TRUE(cluster.machine(1).commands.empty());
  cluster.disk(1).finish_all();
  EXPECT_TRUE(answered);
}

TEST(Replica, CountsAnAppendWhenItBeginsSoThatADiskThatHangsIsSeen) {
  Cluster cluster(1, make_fake_engine);
  cluster.wait_for_leader();
  const SessionId session = cluster.open_session(1);
  const auto under_way = [&cluster] {
    Metrics& metrics = cluster.metrics(1);
    return metrics.counter("okiagari_replica_fsyncs_begun_total", "").value() -
           metrics.histogram("okiagari_replica_fsync_seconds", "").count();
  };
  EXPECT_EQ(under_way(), 0u);
  cluster.disk(1).hold();
  cluster[1].submit({session, 1, 0, "a"}, [](const SubmitAnswer&) {});
  cluster.run_ms(500);
  EXPECT_EQ(under_way(), 1u);
  cluster.disk(1).finish_all();
  EXPECT_EQ(under_way(), 0u);
}

TEST(Replica, RefusesByName) {
  ReplicaOptions options = Cluster::small_options();
  options.pending_commands_max = 3;
  options.session_window_max = 4;
  options.pending_reads_max = 1;
  Cluster cluster(1, make_fake_engine, 1, options);
  cluster.wait_for_leader();
  const SessionId session = cluster.open_session(1);
  EXPECT_EQ(cluster.submit(1, {session, 1, 0, Bytes(options.command_bytes_max + 1, 'x')}).result,
            SubmitResult::too_large);
  EXPECT_EQ(cluster.add(1, {999}, 1, "x").result, SubmitResult::session_unknown);
  EXPECT_EQ(cluster.add(1, session, 5, "x").result, SubmitResult::window_full);
  EXPECT_EQ(cluster.add(1, session, 0, "x").result, SubmitResult::too_old);
  EXPECT_EQ(cluster.submit(1, {session, 3, 3, "x"}).result, SubmitResult::applied);
  EXPECT_EQ(cluster.add(1, session, 2, "x").result, SubmitResult::too_old);

  cluster.disk(1).hold();
  std::vector<SubmitResult> results;
  for (std::uint64_t number = 4; number <= 8; ++number) {
    cluster[1].submit({session, number, number, "x"},
                      [&](const SubmitAnswer& answer) { results.push_back(answer.result); });
  }
  EXPECT_EQ(results, std::vector<SubmitResult>{SubmitResult::busy});
  std::vector<SubmitResult> reads;
  for (int i = 0; i < 2; ++i) {
    cluster[1].read_barrier([&](SubmitResult result, LogIndex) { reads.push_back(result); });
  }
  EXPECT_EQ(reads, std::vector<SubmitResult>{SubmitResult::busy});
}

TEST(Replica, AStrangersCommandIsAnsweredNotRefused) {
  Cluster cluster(1, make_fake_engine);
  cluster.wait_for_leader();
  const SessionId session = cluster.open_session(1);
  EXPECT_EQ(cluster.add(1, session, 1, Bytes(3, '\0')).result, SubmitResult::applied);
}

TEST(Replica, SnapshotsKeepTheSessionsOverARestart) {
  ReplicaOptions options = Cluster::small_options();
  options.snapshot_every_entries = 20;
  Cluster cluster(1, make_fake_engine, 1, options);
  cluster.wait_for_leader();
  const SessionId session = cluster.open_session(1);
  for (std::uint64_t number = 1; number <= 50; ++number) {
    cluster.submit(1, {session, number, number, "x"});
  }
  EXPECT_GT(cluster[1].status().snapshot, LogIndex{20});
  const std::uint64_t hash = cluster[1].status().event_hash;
  cluster.crash(1);
  cluster.start(1);
  cluster.wait_for_leader();
  EXPECT_EQ(cluster[1].status().event_hash, hash);
  EXPECT_EQ(cluster.add(1, session, 50, "x").reply, "50");
  EXPECT_EQ(cluster.machine(1).commands.size(), 50u);
}

TEST(Replica, BlocksAreChainedAndKept) {
  Cluster cluster(1, make_fake_engine);
  cluster.wait_for_leader();
  const SessionId session = cluster.open_session(1);
  for (std::uint64_t number = 1; number <= 5; ++number) cluster.add(1, session, number, "x");
  std::uint64_t hash = 0;
  int blocks = 0;
  LogIndex next = cluster[1].oldest_block();
  while (const EventBlock* block = cluster[1].block_from(next)) {
    EXPECT_EQ(block->hash_before, hash);
    hash = event_hash(hash, block->index, block->time, block->events);
    EXPECT_EQ(block->hash, hash);
    next = {block->index.value + 1};
    ++blocks;
  }
  EXPECT_EQ(blocks, 6);  // The session and five commands.
  EXPECT_EQ(hash, cluster[1].status().event_hash);
}

TEST(Replica, RefusesADirectoryThatIsNotItsOwn) {
  Cluster cluster(1, make_fake_engine);
  cluster.crash(1);
  testing::StepTimers timers(cluster.clock);
  struct Nobody : ReplicaHost {
    void send_to_node(NodeId, std::uint32_t, Bytes) override {}
    void stop(const Error&) override {}
    void on_events(const EventBlock*) override {}
    void on_status(const ReplicaStatus&) override {}
  } host;
  Log log(cluster.clock, "test", {});
  Metrics metrics;
  ListMachine machine;
  const ReplicaParts parts{cluster.clock, timers, cluster.disk(1), log, metrics, host, machine};
  ReplicaOptions options = cluster.options();
  options.cluster += 1;
  EXPECT_EQ(Replica::start(parts, options, make_fake_engine).error().code, Errc::mismatch);
  options = cluster.options();
  options.self = {2};
  EXPECT_EQ(Replica::start(parts, options, make_fake_engine).error().code, Errc::mismatch);
  options.self = {};
  options.hash_every_entries = hash_every_entries_min - 1;
  EXPECT_EQ(Replica::start(parts, options, make_fake_engine).error().code, Errc::invalid);
  const auto again = [&](auto make) {
    std::optional<Errc> code;
    make([&](Result<void> result) { code = result.error().code; });
    return code;
  };
  EXPECT_EQ(again([&](auto done) { Replica::bootstrap(cluster.disk(1), 77, 1, 1, done); }),
            Errc::exists);
  EXPECT_EQ(again([&](auto done) { Replica::join(cluster.disk(1), 77, 1, {9}, done); }),
            Errc::exists);
}

TEST(Replica, IgnoresEverythingAfterItStopped) {
  Cluster cluster(1, make_fake_engine);
  cluster.wait_for_leader();
  cluster.disk(1).fail_operation(0, Errc::io);
  cluster.submit(1, {});
  ASSERT_TRUE(cluster.stopped(1));
  cluster[1].submit({}, [](const SubmitAnswer&) { FAIL(); });
  cluster[1].read_barrier([](SubmitResult, LogIndex) { FAIL(); });
  cluster[1].admit(2, [](const SubmitAnswer&) { FAIL(); });
  cluster[1].on_peer_message({2}, "x");
  cluster[1].transfer_leadership({2});
  cluster.run_ms(1'000);
}

TEST(Replica, OneFlushOfTheHostMakesOneBatch) {
  ReplicaOptions options = Cluster::small_options();
  options.flushed_by_host = true;
  Cluster cluster(1, make_fake_engine, 1, options);
  cluster.wait_for_leader();
  std::vector<LogIndex> indexes;
  for (int i = 0; i < 3; ++i) {
    cluster[1].submit({{1}, 1, 0, "x"},
                      [&](const SubmitAnswer& answer) { indexes.push_back(answer.index); });
  }
  EXPECT_TRUE(indexes.empty());
  cluster[1].flush();
  ASSERT_EQ(indexes.size(), 3u);
  EXPECT_EQ(indexes[0], indexes[2]);
}

}  // namespace
}  // namespace oki::replica
