#include <gtest/gtest.h>

#include <map>

#include "base/hash64.h"
#include "replica/engine.h"

namespace oki::replica {
namespace {

EngineStart genesis(std::uint32_t count) {
  EngineStart start;
  for (std::uint32_t seat = 1; seat <= count; ++seat) {
    start.members.all.push_back({NodeId{seat}, seat, false});
  }
  start.members.id_max = {count};
  start.applied = start.log.compacted = {1};
  start.applied_term = start.log.compacted_term = {1};
  start.log.hard_state = {{1}, {}, {1}};
  return start;
}

struct Node {
  std::unique_ptr<Engine> engine;
  EngineInput input;
  Ready last;
  std::vector<store::Entry> applied;
  std::vector<ReadState> reads;
  std::vector<EngineMessage> early;
  std::uint32_t refused = 0;
  std::uint32_t dropped = 0;
  bool outstanding = false;
};

// Engines of one cluster, with disks that answer at once and a network that spares `cut`.
class Engines {
 public:
  explicit Engines(std::uint32_t count) {
    for (std::uint32_t id = 1; id <= count; ++id) add({id}, genesis(count));
  }

  void add(NodeId id, const EngineStart& start) {
    EngineOptions options;
    options.self = id;
    auto engine = make_raft_engine(options, start);
    ASSERT_TRUE(engine) << engine.error().message;
    nodes_[id.value].engine = std::move(*engine);
  }

  Node& operator[](NodeId id) { return nodes_[id.value]; }

  void turn(NodeId id) {
    Node& node = nodes_[id.value];
    node.input.advance = node.outstanding;
    EngineInput input;
    std::swap(input, node.input);
    auto ready = node.engine->turn(input);
    ASSERT_TRUE(ready) << ready.error().message;
    node.outstanding = ready->any;
    node.last = std::move(*ready);
    keep(node);
    for (const EngineMessage& message : node.last.messages) send(id, message);
  }

  void settle() {
    for (bool busy = true; busy;) {
      busy = false;
      for (auto& [id, node] : nodes_) {
        if (node.input.messages.empty() && !node.outstanding) continue;
        turn({id});
        busy = true;
      }
    }
  }

  void tick(int count) {
    for (int i = 0; i < count; ++i) {
      for (auto& [id, node] : nodes_) {
        node.input.ticks = 1;
        turn({id});
      }
      settle();
    }
  }

  NodeId leader() const {
    for (const auto& [id, node] : nodes_) {
      if (node.last.is_leader && NodeId{id} != cut) return {id};
    }
    return {};
  }

  NodeId cut;   // Neither hears nor is heard.
  Hash64 hash;  // Over what every Ready held.

 private:
  void keep(Node& node) {
    const Ready& ready = node.last;
    node.refused += ready.messages_refused;
    node.dropped += ready.proposals_dropped;
    hash.add(ready.leader.value);
    hash.add(ready.term.value);
    for (const store::Entry& entry : ready.entries) hash.add(entry.data);
    for (const EngineMessage& message : ready.messages) {
      hash.add(message.bytes);
      if (message.may_send_before_sync) node.early.push_back(message);
    }
    for (const ReadState& read : ready.read_states) node.reads.push_back(read);
    for (const store::Entry& entry : ready.committed) {
      hash.add(entry.index.value);
      node.applied.push_back(entry);
      if (entry.type != entry_members) continue;
      node.input.apply_member_changes.push_back(decode_member_change(entry.data).value());
    }
  }

  void send(NodeId from, const EngineMessage& message) {
    if (from == cut || message.to == cut || !nodes_.contains(message.to.value)) return;
    nodes_[message.to.value].input.messages.push_back({from, message.bytes});
  }

  std::map<std::uint64_t, Node> nodes_;
};

std::vector<Bytes> payloads(const Node& node) {
  std::vector<Bytes> data;
  for (const store::Entry& entry : node.applied) {
    if (entry.type == entry_normal && !entry.data.empty()) data.push_back(entry.data);
  }
  return data;
}

TEST(RaftEngine, ElectsOneLeaderAndCommitsOnEveryNode) {
  seed_raft_engine(1);
  Engines engines(3);
  engines.tick(40);
  const NodeId leader = engines.leader();
  ASSERT_NE(leader, NodeId{});
  engines[leader].input.proposals = {"first", "second"};
  engines.turn(leader);
  EXPECT_EQ(engines[leader].last.entries.size(), 2u);
  engines.settle();
  engines.tick(2);  // A heartbeat carries the commit to the followers.
  for (std::uint64_t id = 1; id <= 3; ++id) {
    EXPECT_EQ(payloads(engines[{id}]), (std::vector<Bytes>{"first", "second"}));
  }
}

std::uint64_t hash_of_run(std::uint64_t seed, NodeId* leader = nullptr) {
  seed_raft_engine(seed);
  Engines engines(3);
  engines.tick(60);
  const NodeId first = engines.leader();
  if (leader) *leader = first;
  engines[first].input.proposals = {"x"};
  engines.turn(first);
  engines.settle();
  engines.cut = first;
  engines.tick(60);
  return engines.hash.value();
}

TEST(RaftEngine, OneSeedGivesOneHashOverEveryReady) {
  EXPECT_EQ(hash_of_run(7), hash_of_run(7));
  std::map<std::uint64_t, int> leaders;
  std::map<std::uint64_t, int> hashes;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    NodeId leader;
    ++hashes[hash_of_run(seed, &leader)];
    ++leaders[leader.value];
  }
  EXPECT_GT(hashes.size(), 1u);
  EXPECT_GT(leaders.size(), 1u);
}

TEST(RaftEngine, AnotherNodeLeadsWhenTheLeaderIsCutOff) {
  seed_raft_engine(3);
  Engines engines(3);
  engines.tick(40);
  const NodeId first = engines.leader();
  engines.cut = first;
  engines.tick(40);
  const NodeId second = engines.leader();
  EXPECT_NE(second, NodeId{});
  EXPECT_NE(second, first);
  EXPECT_FALSE(engines[first].last.is_leader);  // A leader without a majority steps down.
}

TEST(RaftEngine, DropsProposalsThatReachAFollower) {
  seed_raft_engine(1);
  Engines engines(3);
  engines.tick(40);
  const NodeId follower{engines.leader().value % 3 + 1};
  engines[follower].input.proposals = {"a", "b"};
  engines[follower].input.member_change = MemberChange{MemberChange::Kind::add_learner, {4}, 4};
  engines.turn(follower);
  EXPECT_EQ(engines[follower].dropped, 2u);
  EXPECT_TRUE(engines[follower].last.member_change_dropped);
  EXPECT_TRUE(engines[follower].last.entries.empty());
}

TEST(RaftEngine, LetsOnlyUncommittedEntriesLeaveBeforeTheDiskHasThem) {
  seed_raft_engine(1);
  Engines engines(3);
  engines.tick(40);
  const NodeId leader = engines.leader();
  engines[leader].early.clear();
  engines[leader].input.proposals = {"early"};
  engines.turn(leader);
  EXPECT_EQ(engines[leader].early.size(), 2u);

  // A sole voter commits what no disk has yet: its learner must not hear of it too soon.
  Engines sole(1);
  sole.tick(30);
  sole[{1}].input.member_change = MemberChange{MemberChange::Kind::add_learner, {2}, 2};
  sole.turn({1});
  sole.settle();
  EngineStart fresh;
  sole.add({2}, fresh);
  sole[{1}].early.clear();
  sole[{1}].input.proposals = {"late"};
  sole.turn({1});
  EXPECT_TRUE(sole[{1}].early.empty());
}

TEST(RaftEngine, ReadsAreOrderedAfterEverythingCommitted) {
  seed_raft_engine(1);
  Engines engines(3);
  engines.tick(40);
  const NodeId leader = engines.leader();
  engines[leader].input.proposals = {"x"};
  engines.turn(leader);
  engines.settle();
  const LogIndex last = engines[leader].applied.back().index;
  const NodeId follower{leader.value % 3 + 1};
  for (NodeId reader : {leader, follower}) {
    engines[reader].input.read_requests = {"context-" + std::to_string(reader.value)};
    engines.turn(reader);
    engines.settle();
    ASSERT_EQ(engines[reader].reads.size(), 1u);
    EXPECT_EQ(engines[reader].reads[0].index, last);
    EXPECT_EQ(engines[reader].reads[0].context, "context-" + std::to_string(reader.value));
  }
  engines.cut = leader;
  engines[leader].reads.clear();
  engines[leader].input.read_requests = {"alone"};
  engines.turn(leader);
  engines.settle();
  EXPECT_TRUE(engines[leader].reads.empty());  // Nobody confirmed that it still leads.
}

TEST(RaftEngine, HandsLeadershipOver) {
  seed_raft_engine(1);
  Engines engines(3);
  engines.tick(40);
  const NodeId leader = engines.leader();
  const NodeId next{leader.value % 3 + 1};
  engines[leader].input.transfer_to = next;
  engines.turn(leader);
  engines.settle();
  EXPECT_EQ(engines.leader(), next);
}

TEST(RaftEngine, RefusesWhatNoPeerOfOursWouldSend) {
  seed_raft_engine(1);
  Engines engines(3);
  engines.tick(40);
  const NodeId leader = engines.leader();
  const NodeId other{leader.value % 3 + 1};
  engines[leader].input.proposals = {"x"};
  engines.turn(leader);
  const Bytes append = engines[leader].last.messages.at(0).bytes;
  const NodeId receiver = engines[leader].last.messages.at(0).to;
  engines.settle();
  const std::uint32_t before = engines[receiver].refused;
  const std::vector<Bytes> bad = {"", "\xff\xff\xff", append.substr(0, append.size() / 2),
                                  Bytes("\x08\x00\x10\x01", 4), Bytes("\x08\x02\x10\x01", 4)};
  for (const Bytes& bytes : bad) {
    engines[receiver].input.messages.push_back({leader, bytes});
    engines.turn(receiver);
  }
  engines[receiver].input.messages.push_back({NodeId{9}, append});  // Not who it says it is.
  engines.turn(receiver);
  EXPECT_EQ(engines[receiver].refused, before + bad.size() + 1);
  engines.settle();
  EXPECT_EQ(engines.leader(), leader);
  EXPECT_NE(other, leader);
}

TEST(RaftEngine, ReportsAPanicOfTheLibraryAsAnError) {
  Engines engines(3);
  EngineOptions options;
  options.self = {1};
  EngineStart start = genesis(3);
  start.log.hard_state.commit = {9};  // Beyond the log: some of it was lost.
  const auto engine = make_raft_engine(options, start);
  ASSERT_FALSE(engine);
  EXPECT_NE(engine.error().message.find("out of range"), Bytes::npos) << engine.error().message;
}

TEST(RaftEngine, SendsTheSnapshotToAPeerThatNeedsWhatIsCompacted) {
  seed_raft_engine(1);
  Engines engines(3);
  engines.tick(40);
  const NodeId leader = engines.leader();
  const NodeId behind{leader.value % 3 + 1};
  engines.cut = behind;
  for (int i = 0; i < 5; ++i) {
    engines[leader].input.proposals = {"x" + std::to_string(i)};
    engines.turn(leader);
    engines.settle();
  }
  const store::Entry last = engines[leader].applied.back();
  const auto kept =
      engines[leader].engine->compact(last.index, last.term, genesis(3).members, last.index);
  ASSERT_TRUE(kept);
  EXPECT_EQ(*kept, last.term);
  engines.cut = {};
  bool announced = false;
  for (int i = 0; i < 20 && !announced; ++i) {
    engines[leader].input.ticks = 1;
    engines.turn(leader);
    for (const EngineMessage& message : engines[leader].last.messages) {
      if (!message.is_snapshot) continue;
      announced = true;
      EXPECT_EQ(message.to, behind);
      EXPECT_EQ(message.snapshot_index, last.index);
    }
    engines.settle();
  }
  for (int i = 0; i < 20 && engines[leader].engine->peers().size() == 2; ++i) {
    bool caught_up = true;
    for (const Engine::Peer& peer : engines[leader].engine->peers()) {
      caught_up = caught_up && peer.match >= last.index;
    }
    if (caught_up) break;
    engines[leader].input.snapshots_sent = {{behind, true}};
    engines.tick(1);
  }
  for (const Engine::Peer& peer : engines[leader].engine->peers()) {
    EXPECT_GE(peer.match, last.index);
  }
}

}  // namespace
}  // namespace oki::replica
