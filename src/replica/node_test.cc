// A node of one seat with the fake engine, seen through its port.
#include "replica/node.h"

#include <gtest/gtest.h>

#include "replica/testing/node_world.h"

namespace oki::replica {
namespace {

using testing::ListReader;
using testing::NodeWorld;

// Says bytes to a node and keeps what it answers.
struct Stranger : StreamHandler {
  explicit Stranger(NodeWorld& node_world) : world(node_world), net(world.network.host()) {}
  void on_open(ConnectionId, const Address&) override {}
  void on_bytes(ConnectionId, ByteView bytes) override {
    const auto fed = reader.feed(bytes, [&](const Frame& frame) -> Result<void> {
      if (const auto* goodbye = std::get_if<Goodbye>(&frame)) farewell = goodbye->why;
      if (std::holds_alternative<Hello>(frame)) greeted = true;
      if (std::holds_alternative<Pong>(frame)) ++pongs;
      return {};
    });
    ASSERT_TRUE(fed.has_value());
  }
  void on_closed(ConnectionId, CloseReason) override { closed = true; }

  void say(const Bytes& bytes) {
    farewell.clear();
    closed = greeted = false;
    reader = FrameReader();
    connection = net.connect(world.addresses()[0], *this, {.backlog_bytes_max = 64u << 20});
    net.send(connection, bytes);
    world.run();
  }

  NodeWorld& world;
  oki::testing::MemoryNet& net;
  ConnectionId connection;
  FrameReader reader;
  std::string farewell;
  bool greeted = false;
  bool closed = false;
  int pongs = 0;
};

struct NodeTest : ::testing::Test {
  void add(Client& client, const Bytes& command) {
    client.submit(command, [this](const Answer& answer) {
      EXPECT_EQ(answer.outcome, Outcome::answered) << answer.why;
      answers.push_back(answer.reply);
      last_index = answer.index;
    });
  }
  bool added(Client& client, std::size_t count, const Bytes& command) {
    const std::size_t before = answers.size();
    for (std::size_t i = 0; i < count; ++i) add(client, command + std::to_string(before + i));
    return world.run_until([&] { return answers.size() == before + count; });
  }

  NodeWorld world{1, make_fake_engine};
  std::vector<Bytes> answers;
  LogIndex last_index;
};

TEST_F(NodeTest, AnEmptyDirectoryIsBootstrappedAndServed) {
  world.start_all();
  EXPECT_EQ(**world.ready(1), world.addresses()[0]);
  const auto client = world.client(world.network.host());
  ASSERT_TRUE(added(*client, 1000, "c"));
  EXPECT_EQ(answers.front(), "1");
  EXPECT_EQ(answers.back(), "1000");
  EXPECT_EQ(world.machine(1).commands.at(999), "c999");
  EXPECT_TRUE(client->view().leader_known);
  const Bytes text = world.node(1).metrics_text();
  EXPECT_NE(text.find("okiagari_replica_submitted_total 1000"), Bytes::npos);
}

TEST_F(NodeTest, ARestartedNodeGoesOnAndAnswersRetriesOnce) {
  world.start_all();
  const auto client = world.client(world.network.host());
  ASSERT_TRUE(added(*client, 10, "before "));
  for (int i = 0; i < 10; ++i) add(*client, "during");
  world.crash(1);
  world.run_ms(100);
  world.start(1);
  ASSERT_TRUE(world.run_until([&] { return answers.size() == 20; }));
  EXPECT_EQ(world.machine(1).commands.size(), 20u);
}

TEST_F(NodeTest, AReaderGetsTheStateAndThenEveryEvent) {
  world.start_all();
  const auto client = world.client(world.network.host());
  ASSERT_TRUE(added(*client, 10, "a"));
  ListReader reader;
  const auto follower = world.client(world.network.host());
  follower->follow(reader);
  ASSERT_TRUE(world.run_until([&] { return reader.snapshots == 1; }));
  ASSERT_TRUE(added(*client, 10, "b"));
  world.run();
  EXPECT_EQ(reader.commands, world.machine(1).commands);
  EXPECT_GE(follower->view().followed, last_index);
}

TEST_F(NodeTest, AReaderIsToldOfEntriesWithoutEvents) {
  world.start_all();
  ListReader reader;
  const auto follower = world.client(world.network.host());
  follower->follow(reader);
  ASSERT_TRUE(world.run_until([&] { return reader.snapshots == 1; }));
  world.crash(1);
  world.start(1);
  LogIndex index;
  ASSERT_TRUE(world.run_until([&] { return world.leader() == 1; }));
  world.run_ms(200);
  follower->read_index([&](LogIndex at) { index = at; });
  ASSERT_TRUE(world.run_until([&] { return index.value > 0; }));
  EXPECT_TRUE(world.run_until([&] { return follower->view().followed >= index; }, 300));
}

TEST_F(NodeTest, AReaderThatWasAwayResumesWithoutASnapshot) {
  world.start_all();
  auto& far = world.network.host();
  const auto client = world.client(world.network.host());
  ListReader reader;
  const auto follower = world.client(far);
  follower->follow(reader);
  ASSERT_TRUE(added(*client, 10, "a"));
  world.network.cut(far, world.net(1), true);
  ASSERT_TRUE(added(*client, 10, "b"));
  world.run_ms(3000);
  world.network.cut(far, world.net(1), false);
  ASSERT_TRUE(world.run_until([&] { return reader.commands == world.machine(1).commands; }));
  EXPECT_EQ(reader.snapshots, 1);
}

TEST_F(NodeTest, ASlowReaderGetsTheRestFromTheRing) {
  world.start_all();
  auto& slow = world.network.host();
  const auto client = world.client(world.network.host());
  ListReader reader;
  const auto follower = world.client(slow, {.node_silent_ms = 1'000'000});
  follower->follow(reader);
  ASSERT_TRUE(added(*client, 1, "a"));
  world.network.pause(slow, true);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(added(*client, 20, Bytes(50'000, 'x')));
  world.network.pause(slow, false);
  ASSERT_TRUE(world.run_until([&] { return reader.commands == world.machine(1).commands; }));
  EXPECT_EQ(reader.snapshots, 1);
}

TEST_F(NodeTest, AReaderThatTheRingHasPassedStartsFromASnapshotInChunks) {
  world.replica_options.event_blocks_bytes_max = 1u << 20;
  world.start_all();
  auto& slow = world.network.host();
  const auto client = world.client(world.network.host());
  ListReader reader;
  const auto follower = world.client(slow, {.node_silent_ms = 1'000'000});
  follower->follow(reader);
  ASSERT_TRUE(added(*client, 1, "a"));
  world.network.pause(slow, true);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(added(*client, 20, Bytes(50'000, 'x')));
  world.network.pause(slow, false);
  ASSERT_TRUE(world.run_until([&] { return reader.commands == world.machine(1).commands; }));
  EXPECT_EQ(reader.snapshots, 2);
  ASSERT_TRUE(added(*client, 10, "after"));
  world.run();
  EXPECT_EQ(reader.commands, world.machine(1).commands);
}

TEST_F(NodeTest, ManyReadersThatStartTogetherShareOneSnapshot) {
  world.start_all();
  const auto client = world.client(world.network.host());
  ASSERT_TRUE(added(*client, 10, "a"));
  std::vector<std::unique_ptr<Client>> followers;
  std::vector<ListReader> readers(20);
  for (ListReader& reader : readers) {
    followers.push_back(world.client(world.network.host()));
    followers.back()->follow(reader);
  }
  ASSERT_TRUE(added(*client, 10, "b"));
  for (const ListReader& reader : readers) {
    EXPECT_EQ(reader.commands, world.machine(1).commands);
    EXPECT_EQ(reader.snapshots, 1);
  }
}

TEST_F(NodeTest, StrangersAreSentAwayWithAReason) {
  world.start_all();
  Stranger stranger(world);
  struct Row {
    Hello hello;
    const char* reason;
  };
  const std::uint64_t ours = NodeWorld::cluster;
  for (const Row& row : {
           Row{{.magic = 1, .cluster = ours}, "this is the port of an okiagari node"},
           Row{{.version = 2, .cluster = ours}, "this node speaks version 1"},
           Row{{.cluster = 8}, "this node belongs to cluster 9"},
           Row{{.cluster = ours, .role = Role::node}, "another node cannot have this node's id"},
           Row{{.cluster = ours, .role = Role::node, .node = {1}},
               "another node cannot have this node's id"},
           Row{{.cluster = ours, .role = Role::node, .node = {2}, .seat = 2, .to = {5}},
               "this seat is now held by node 1"},
       }) {
    stranger.say(encode_frame(row.hello));
    EXPECT_EQ(stranger.farewell, row.reason);
    EXPECT_TRUE(stranger.closed) << row.reason;
    EXPECT_FALSE(stranger.greeted) << row.reason;
  }
  stranger.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(stranger.closed);
  EXPECT_EQ(world.net(1).open_connections(), 0u);
}

TEST_F(NodeTest, EachRoleMaySayOnlyWhatIsItsOwn) {
  world.start_all();
  Stranger stranger(world);
  Hello client;
  client.cluster = NodeWorld::cluster;
  Hello peer = client;
  peer.role = Role::node;
  peer.node = {2};
  peer.seat = 2;
  for (const Frame& wrong : std::initializer_list<Frame>{PeerBytes{"x"}, Status{}, client, Block{},
                                                         Submit{{}, 1, 1, "no session"}}) {
    stranger.say(encode_frame(client) + encode_frame(wrong));
    EXPECT_TRUE(stranger.greeted && stranger.closed) << wrong.index();
    EXPECT_NE(stranger.farewell, "") << wrong.index();
  }
  for (const Frame& wrong : std::initializer_list<Frame>{Submit{{1}, 1, 1, "x"}, Follow{},
                                                         Admit{1, 2}, OpenSession{1}}) {
    stranger.say(encode_frame(peer) + encode_frame(wrong));
    EXPECT_EQ(stranger.farewell, "a node may not ask that") << wrong.index();
  }
  stranger.say(encode_frame(peer) + encode_frame(PeerBytes{"nonsense"}) + encode_frame(Ping{3}));
  EXPECT_EQ(stranger.pongs, 1);
  EXPECT_FALSE(stranger.closed);
}

TEST_F(NodeTest, ACommandThatIsTooLargeIsNotTaken) {
  world.start_all();
  const auto client = world.client(world.network.host());
  std::string outcome;
  client->submit(Bytes(world.replica_options.command_bytes_max + 1, 'x'),
                 [&](const Answer& answer) { outcome = answer.why; });
  EXPECT_TRUE(world.run_until([&] { return outcome == "the command is too large"; }));
}

TEST_F(NodeTest, ADiskThatFailsStopsTheNodeWithASentence) {
  world.start_all();
  const auto client = world.client(world.network.host());
  ASSERT_TRUE(added(*client, 1, "a"));
  for (std::uint64_t i = 0; i < 4; ++i) world.disk(1).fail_operation(i, Errc::full);
  std::string outcome;
  client->submit("b", [&](const Answer& answer) {
    outcome = answer.outcome == Outcome::unknown ? "unknown" : "wrong";
  });
  ASSERT_TRUE(world.run_until([&] { return world.stopped(1).has_value(); }));
  EXPECT_NE(world.stopped(1)->message.find("the journal cannot be written"), std::string::npos);
  EXPECT_TRUE(world.run_until([&] { return outcome == "unknown"; }));
}

TEST_F(NodeTest, WhatKeepsANodeFromStartingIsSaid) {
  world.start_all();
  world.crash(1);
  for (const auto& [name, bytes] : store::MemoryDisk::Files(world.disk(1).files())) {
    for (std::uint64_t at = 0; at < bytes.size() && at < 4096; at += 7) {
      world.disk(1).flip(name, at, 1);
    }
  }
  world.start(1);
  ASSERT_TRUE(world.run_until([&] { return world.ready(1).has_value(); }));
  ASSERT_FALSE(world.ready(1)->has_value());
  EXPECT_EQ(world.ready(1)->error().code, Errc::corrupt);
  EXPECT_NE(world.ready(1)->error().message, "");
}

}  // namespace
}  // namespace oki::replica
