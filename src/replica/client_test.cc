#include "replica/client.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "replica/testing/scripted_node.h"

namespace oki::replica {
namespace {

using oki::testing::MemoryNet;
using oki::testing::MemoryNetwork;
using oki::testing::StepClock;
using oki::testing::StepTimers;
using testing::ScriptedNode;

constexpr std::uint64_t cluster = 7;

struct Zeros : Random {
  Bytes bytes(std::size_t count) override { return Bytes(count, '\0'); }
};

struct Reader : EventFollower {
  Result<void> on_snapshot(LogIndex index, std::uint64_t hash, ByteView bytes) override {
    if (refuse) return error(Errc::invalid, "not this one");
    log += "snapshot " + std::to_string(index.value) + " " + Bytes(bytes.substr(0, 20)) + ";";
    EXPECT_NE(hash, 0u);
    snapshot_bytes = bytes.size();
    return {};
  }
  void on_block(const EventBlock& block) override {
    log += "block " + std::to_string(block.index.value) + " " + block.events + ";";
  }
  bool has_copy() const override { return !lose; }
  void on_up_to(LogIndex index) override { log += "up to " + std::to_string(index.value) + ";"; }
  std::optional<FollowedUpTo> stands_at() const override { return own; }
  bool ready() const override { return !full; }

  bool refuse = false;
  bool lose = false;
  bool full = false;
  std::optional<FollowedUpTo> own;
  std::string log;
  std::size_t snapshot_bytes = 0;
};

struct ClientTest : ::testing::Test {
  ClientTest() {
    for (std::uint32_t seat = 1; seat <= 3; ++seat) {
      nets.push_back(&network.host());
      nodes.emplace_back(*nets.back(), cluster, seat);
      options.nodes.push_back(nodes.back().listen());
      nodes.back().opens_sessions_as = {100};
    }
    options.cluster = cluster;
    options.in_flight_max = 20;
  }
  ~ClientTest() override { client.reset(); }

  void start() {
    client = std::make_unique<Client>(
        Client::Parts{clock, timers, client_net, random, log, metrics}, options);
    settle();
  }
  void settle() { network.run(); }
  void pass_ms(std::int64_t ms) {
    timers.advance_ms(ms, [this] { settle(); });
    settle();
  }
  // Time passes while these nodes go on telling who leads, as living ones do.
  void pass_with_status_ms(std::int64_t ms, std::vector<std::size_t> alive, std::uint32_t leader,
                           std::uint64_t term) {
    for (std::int64_t passed = 0; passed < ms; passed += 50) {
      for (const std::size_t i : alive) nodes[i].say_status(leader, term, 10);
      settle();
      pass_ms(std::min<std::int64_t>(50, ms - passed));
    }
  }
  void lead(std::uint32_t seat, std::uint64_t term) {
    for (ScriptedNode& node : nodes) node.say_status(seat, term, 10);
    settle();
  }
  void submit(const Bytes& body) {
    client->submit(body, [this, body](const Answer& answer) {
      answers += body + " ";
      answers += answer.outcome == Outcome::answered    ? "answered " + answer.reply
                 : answer.outcome == Outcome::not_taken ? "not taken"
                                                        : "unknown";
      answers += ";";
    });
    settle();
  }
  void answer(ScriptedNode& node, const Submit& submit, SubmitResult result, ByteView reply = {}) {
    node.say(Submitted{submit.session, submit.number, result, {50}, 0, reply});
    settle();
  }
  Block block(std::uint64_t index, std::uint64_t before, ByteView events) {
    return {{index}, {5}, before, event_hash(before, {index}, {5}, events), events};
  }

  StepClock clock;
  StepTimers timers{clock};
  MemoryNetwork network;
  MemoryNet& client_net = network.host();
  std::vector<MemoryNet*> nets;
  std::deque<ScriptedNode> nodes;
  Zeros random;
  Log log{clock, "test", {}};
  Metrics metrics;
  ClientOptions options;
  std::string answers;
  Reader reader;
  std::unique_ptr<Client> client;
};

TEST_F(ClientTest, ConnectsToEveryNodeAndKnowsTheLeader) {
  start();
  EXPECT_EQ(client->view().connected, (std::vector<bool>{true, true, true}));
  EXPECT_FALSE(client->view().leader_known);
  lead(2, 5);
  EXPECT_TRUE(client->view().leader_known);
  EXPECT_EQ(client->view().leader_seat, 2u);
  EXPECT_EQ(client->view().term, Term{5});
}

TEST_F(ClientTest, SubmitsInOrderWithNumbersAndTheFloorFollowsTheAnswers) {
  start();
  lead(1, 1);
  for (const char* body : {"a", "b", "c"}) submit(body);
  const auto first = nodes[0].heard_of<Submit>();
  ASSERT_EQ(first.size(), 3u);
  EXPECT_EQ(first[0], (Submit{{100}, 1, 1, "a"}));
  EXPECT_EQ(first[2], (Submit{{100}, 3, 1, "c"}));
  answer(nodes[0], first[1], SubmitResult::applied, "B");
  EXPECT_EQ(answers, "b answered B;");
  answer(nodes[0], first[0], SubmitResult::applied, "A");
  answer(nodes[0], first[0], SubmitResult::applied, "again");
  EXPECT_EQ(answers, "b answered B;a answered A;");
  submit("d");
  EXPECT_EQ(nodes[0].heard_of<Submit>().at(0), (Submit{{100}, 4, 3, "d"}));
}

TEST_F(ClientTest, WaitsForALeaderAndWithoutOneTheCommandIsSurelyNotTaken) {
  start();
  submit("early");
  submit("late");
  pass_with_status_ms(2400, {0, 1, 2}, 0, 1);
  EXPECT_EQ(answers, "");
  pass_with_status_ms(200, {0, 1, 2}, 0, 1);
  EXPECT_EQ(answers, "early not taken;late not taken;");
}

TEST_F(ClientTest, WithoutAnAnswerTheOutcomeIsUnknownAtTheDeadline) {
  start();
  lead(1, 1);
  submit("a");
  pass_with_status_ms(2600, {0, 1, 2}, 1, 1);
  EXPECT_EQ(answers, "a unknown;");
  submit("b");
  const auto sent = nodes[0].heard_of<Submit>();
  EXPECT_EQ(sent.back().floor, 2u);
  answer(nodes[0], sent.front(), SubmitResult::applied, "too late");
  EXPECT_EQ(answers, "a unknown;");
}

TEST_F(ClientTest, ANewLeaderGetsEverythingUnansweredWithTheSameNumbers) {
  start();
  lead(1, 1);
  for (const char* body : {"a", "b", "c"}) submit(body);
  answer(nodes[0], nodes[0].heard_of<Submit>().at(1), SubmitResult::applied, "B");
  network.crash(*nets[0]);
  settle();
  EXPECT_FALSE(client->view().leader_known);
  nodes[1].say_status(2, 2, 10);
  settle();
  const auto again = nodes[1].heard_of<Submit>();
  ASSERT_EQ(again.size(), 2u);
  EXPECT_EQ(again[0], (Submit{{100}, 1, 1, "a"}));
  EXPECT_EQ(again[1], (Submit{{100}, 3, 1, "c"}));
  answer(nodes[1], again[1], SubmitResult::applied, "C");
  answer(nodes[1], again[0], SubmitResult::applied, "A");
  EXPECT_EQ(answers, "b answered B;c answered C;a answered A;");
}

TEST_F(ClientTest, AStoppedLeaderHoldsNothingOnceAnotherLeads) {
  start();
  lead(1, 1);
  network.pause(*nets[0], true);
  submit("a");
  pass_with_status_ms(300, {1, 2}, 0, 1);
  EXPECT_EQ(client->view().leader_seat, 1u);
  lead(3, 2);
  const auto sent = nodes[2].heard_of<Submit>();
  ASSERT_EQ(sent.size(), 1u);
  network.pause(*nets[0], false);
  settle();
  // The old leader wakes up and refuses: that says nothing about the attempt at the new one.
  answer(nodes[0], sent[0], SubmitResult::not_leader);
  pass_with_status_ms(50, {1, 2}, 3, 2);
  EXPECT_TRUE(nodes[2].heard_of<Submit>().empty());
  answer(nodes[2], sent[0], SubmitResult::applied, "A");
  EXPECT_EQ(answers, "a answered A;");
}

TEST_F(ClientTest, ASilentLeaderGetsNoNewCommands) {
  start();
  lead(1, 1);
  pass_with_status_ms(500, {1, 2}, 0, 1);
  EXPECT_FALSE(client->view().leader_known);
  EXPECT_EQ(client->view().connected, (std::vector<bool>{false, true, true}));
  submit("a");
  EXPECT_TRUE(nodes[0].heard_of<Submit>().empty());
  nodes[0].say_status(1, 1, 10);
  settle();
  EXPECT_EQ(nodes[0].heard_of<Submit>().size(), 1u);
}

TEST_F(ClientTest, ADeadConnectionIsMadeAnew) {
  start();
  network.cut(client_net, *nets[0], true);
  pass_with_status_ms(3000, {1, 2}, 2, 1);
  network.cut(client_net, *nets[0], false);
  pass_with_status_ms(500, {0, 1, 2}, 2, 1);
  EXPECT_EQ(client->view().connected, (std::vector<bool>{true, true, true}));
  EXPECT_EQ(nodes[0].connections(), 1u);
}

TEST_F(ClientTest, RefusalsThatPassAreTriedAgainAndUnknownStaysUnknown) {
  start();
  lead(1, 1);
  submit("a");
  answer(nodes[0], nodes[0].heard_of<Submit>().at(0), SubmitResult::not_leader);
  pass_with_status_ms(50, {0, 1, 2}, 1, 1);
  auto again = nodes[0].heard_of<Submit>();
  ASSERT_EQ(again.size(), 1u);
  answer(nodes[0], again[0], SubmitResult::unknown);
  pass_with_status_ms(50, {0, 1, 2}, 1, 1);
  again = nodes[0].heard_of<Submit>();
  ASSERT_EQ(again.size(), 1u);
  // It may have been taken before: a limit now does not make it surely not taken.
  answer(nodes[0], again[0], SubmitResult::busy);
  EXPECT_EQ(answers, "");
  pass_with_status_ms(50, {0, 1, 2}, 1, 1);
  again = nodes[0].heard_of<Submit>();
  ASSERT_EQ(again.size(), 1u);
  answer(nodes[0], again[0], SubmitResult::applied, "A");
  EXPECT_EQ(answers, "a answered A;");
}

TEST_F(ClientTest, WhatWasOnlyRefusedIsNotTakenAtTheDeadline) {
  start();
  lead(1, 1);
  submit("a");
  answer(nodes[0], nodes[0].heard_of<Submit>().at(0), SubmitResult::not_leader);
  lead(0, 1);
  pass_with_status_ms(2600, {0, 1, 2}, 0, 1);
  EXPECT_EQ(answers, "a not taken;");
}

TEST_F(ClientTest, LimitsOfTheNodeAreToldAtOnce) {
  start();
  lead(1, 1);
  for (const auto result : {SubmitResult::busy, SubmitResult::too_large}) {
    answers.clear();
    submit("a");
    answer(nodes[0], nodes[0].heard_of<Submit>().at(0), result);
    EXPECT_EQ(answers, "a not taken;") << static_cast<int>(result);
  }
  answers.clear();
  submit("a");
  answer(nodes[0], nodes[0].heard_of<Submit>().at(0), SubmitResult::too_old);
  EXPECT_EQ(answers, "a unknown;");
}

TEST_F(ClientTest, AFullWindowIsWaitedForUntilAnswersLetTheFloorRise) {
  start();
  lead(1, 1);
  submit("a");
  submit("b");
  const auto sent = nodes[0].heard_of<Submit>();
  answer(nodes[0], sent.at(1), SubmitResult::window_full);
  answer(nodes[0], sent.at(0), SubmitResult::applied, "A");
  pass_with_status_ms(50, {0, 1, 2}, 1, 1);
  const auto again = nodes[0].heard_of<Submit>();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0], (Submit{{100}, 2, 2, "b"}));
  answer(nodes[0], again[0], SubmitResult::applied, "B");
  EXPECT_EQ(answers, "a answered A;b answered B;");
}

TEST_F(ClientTest, OneCommandTooManyIsNotTakenAndNotInsideTheCall) {
  start();
  lead(1, 1);
  for (int i = 0; i < 20; ++i) submit("x");
  bool inside = true;
  client->submit("y", [&](const Answer& refused) {
    EXPECT_FALSE(inside);
    EXPECT_EQ(refused.outcome, Outcome::not_taken);
    answers += "refused;";
  });
  inside = false;
  EXPECT_EQ(answers, "");
  pass_ms(0);
  EXPECT_EQ(answers, "refused;");
}

TEST_F(ClientTest, ALostSessionIsReplacedAndOnlyDoubtfulCommandsEndUnknown) {
  start();
  lead(1, 1);
  submit("doubtful");
  submit("sure");
  submit("applied");
  auto sent = nodes[0].heard_of<Submit>();
  answer(nodes[0], sent.at(0), SubmitResult::unknown);
  nodes[0].opens_sessions_as = {200};
  answer(nodes[0], sent.at(1), SubmitResult::session_unknown);
  EXPECT_EQ(answers, "doubtful unknown;");
  answer(nodes[0], sent.at(2), SubmitResult::applied, "first");
  EXPECT_EQ(answers, "doubtful unknown;applied answered first;");
  pass_with_status_ms(50, {0, 1, 2}, 1, 1);
  const auto again = nodes[0].heard_of<Submit>();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0], (Submit{{200}, 1, 1, "sure"}));
  answer(nodes[0], again[0], SubmitResult::applied, "second");
  EXPECT_EQ(answers, "doubtful unknown;applied answered first;sure answered second;");
}

TEST_F(ClientTest, InFlightCommandsOfALostSessionEndUnknownWithTheConnection) {
  start();
  lead(1, 1);
  submit("a");
  submit("b");
  nodes[0].opens_sessions_as = {200};
  answer(nodes[0], nodes[0].heard_of<Submit>().at(1), SubmitResult::session_unknown);
  network.crash(*nets[0]);
  settle();
  EXPECT_EQ(answers, "a unknown;");
}

TEST_F(ClientTest, ASessionThatIsNotOpenedIsAskedForAgain) {
  for (ScriptedNode& node : nodes) node.opens_sessions_as = {};
  start();
  lead(1, 1);
  const auto first = nodes[0].heard_of<OpenSession>();
  ASSERT_EQ(first.size(), 1u);
  nodes[0].say(SessionOpened{first[0].request, SubmitResult::not_leader, {}, 0});
  settle();
  pass_with_status_ms(50, {0, 1, 2}, 1, 1);
  const auto second = nodes[0].heard_of<OpenSession>();
  ASSERT_EQ(second.size(), 1u);
  submit("a");
  nodes[0].say(SessionOpened{first[0].request, SubmitResult::applied, {9}, 0});
  settle();
  EXPECT_TRUE(nodes[0].heard_of<Submit>().empty());
  nodes[0].say(SessionOpened{second[0].request, SubmitResult::applied, {10}, 0});
  settle();
  EXPECT_EQ(nodes[0].heard_of<Submit>().at(0).session, SessionId{10});
}

TEST_F(ClientTest, AnAnswersReceiverMaySubmitTheNextCommand) {
  start();
  lead(1, 1);
  client->submit("a", [&](const Answer&) { submit("b"); });
  settle();
  answer(nodes[0], nodes[0].heard_of<Submit>().at(0), SubmitResult::applied);
  EXPECT_EQ(nodes[0].heard_of<Submit>().at(0).body, "b");
}

TEST_F(ClientTest, FollowsFromASnapshotInChunksThenBlocks) {
  start();
  client->follow(reader);
  lead(1, 1);
  // With these dice the first node that does not lead.
  const auto asked = nodes[1].heard_of<Follow>();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_FALSE(asked[0].has_copy);
  const Block first = block(11, 77, "x");
  nodes[1].say(SnapshotBegin{{10}, 77, 8});
  nodes[1].say(SnapshotChunk{"sta"});
  nodes[1].say(SnapshotChunk{"te..."});
  nodes[1].say(first);
  nodes[1].say(UpTo{{13}});
  nodes[1].say(UpTo{{12}});
  settle();
  EXPECT_EQ(reader.log, "snapshot 10 state...;block 11 x;up to 13;");
  EXPECT_EQ(client->view().followed, LogIndex{13});
}

TEST_F(ClientTest, ResumesAtAnotherNodeWhereItStopped) {
  start();
  client->follow(reader);
  lead(1, 1);
  nodes[1].say(SnapshotBegin{{10}, 77, 0});
  nodes[1].say(block(11, 77, "x"));
  settle();
  network.crash(*nets[1]);
  settle();
  const auto asked = nodes[2].heard_of<Follow>();
  ASSERT_EQ(asked.size(), 1u);
  const std::uint64_t hash = event_hash(77, {11}, {5}, "x");
  EXPECT_EQ(asked[0], (Follow{true, {11}, hash}));
  nodes[2].say(block(12, hash, "y"));
  settle();
  EXPECT_EQ(reader.log, "snapshot 10 ;block 11 x;block 12 y;");
}

TEST_F(ClientTest, LeavesASilentNodeAndOneThatStandsStill) {
  start();
  client->follow(reader);
  lead(1, 1);
  nodes[1].say(SnapshotBegin{{10}, 77, 0});
  settle();
  pass_with_status_ms(600, {0, 2}, 1, 1);
  EXPECT_EQ(nodes[2].heard_of<Follow>().size(), 1u);
  for (int i = 0; i < 20; ++i) {
    nodes[0].say_status(1, 1, 20);
    nodes[2].say_status(1, 1, 10);
    settle();
    pass_ms(50);
  }
  EXPECT_EQ(nodes[0].heard_of<Follow>().size(), 1u);
}

TEST_F(ClientTest, DropsItsCopyAndSaysSoWhenTheChainDoesNotHold) {
  Block wrong_hash = block(11, 77, "x");
  wrong_hash.hash ^= 1;
  const std::vector<Frame> wrongs{block(11, 78, "x"), wrong_hash, block(10, 77, "x"),
                                  SnapshotChunk{"x"}};
  for (const Frame& wrong : wrongs) {
    SCOPED_TRACE(wrong.index());
    reader.log.clear();
    start();
    client->follow(reader);
    lead(1, 1);
    nodes[1].say(SnapshotBegin{{10}, 77, 0});
    nodes[1].say(wrong);
    nodes[1].say(block(11, 77, "not even looked at"));
    nodes[2].heard();
    settle();
    EXPECT_EQ(reader.log, "snapshot 10 ;");
    const auto asked = nodes[2].heard_of<Follow>();
    ASSERT_EQ(asked.size(), 1u);
    EXPECT_FALSE(asked[0].has_copy);
    client.reset();
    network.crash(client_net);
    settle();
  }
}

TEST_F(ClientTest, AFollowerThatLostItsCopyIsStartedAgainFromAnotherNode) {
  start();
  client->follow(reader);
  lead(1, 1);
  nodes[1].say(SnapshotBegin{{10}, 77, 0});
  settle();
  reader.lose = true;
  nodes[1].say(block(11, 77, "x"));
  nodes[1].say(UpTo{{12}});
  settle();
  EXPECT_EQ(reader.log, "snapshot 10 ;block 11 x;");
  const auto asked = nodes[2].heard_of<Follow>();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_FALSE(asked[0].has_copy);
}

TEST_F(ClientTest, AFollowerThatKeepsWhatItWasGivenGoesOnFromThere) {
  start();
  reader.own = FollowedUpTo{{10}, 77};
  client->follow(reader);
  lead(1, 1);
  EXPECT_EQ(nodes[1].heard_of<Follow>(), (std::vector<Follow>{{true, {10}, 77}}));
  nodes[1].say(block(11, 77, "x"));
  nodes[1].say(block(11, 77, "goes back"));
  settle();
  EXPECT_EQ(reader.log, "block 11 x;");
  EXPECT_EQ(nodes[2].heard_of<Follow>(), (std::vector<Follow>{{true, {10}, 77}}))
      << "also after a node that cannot be trusted";
}

TEST_F(ClientTest, AFullFollowerIsGivenNothingUntilItIsReadyAndNothingIsLost) {
  start();
  client->follow(reader);
  lead(1, 1);
  nodes[1].say(SnapshotBegin{{10}, 77, 0});
  settle();
  const std::uint64_t hash = event_hash(77, {11}, {5}, "x");
  reader.full = true;
  nodes[1].say(block(11, 77, "x"));
  nodes[1].say(block(12, hash, "too much"));
  settle();
  EXPECT_EQ(reader.log, "snapshot 10 ;block 11 x;");
  for (ScriptedNode& node : nodes) node.heard();
  pass_with_status_ms(1'000, {0, 1, 2}, 1, 1);
  for (ScriptedNode& node : nodes) EXPECT_TRUE(node.heard_of<Follow>().empty());
  reader.full = false;
  pass_with_status_ms(100, {0, 1, 2}, 1, 1);
  std::vector<Follow> asked = nodes[1].heard_of<Follow>();
  const std::vector<Follow> other = nodes[2].heard_of<Follow>();
  asked.insert(asked.end(), other.begin(), other.end());
  EXPECT_EQ(asked, (std::vector<Follow>{{true, {11}, hash}}));
}

TEST_F(ClientTest, ASnapshotLongerThanAnnouncedOrRefusedIsNotUsed) {
  start();
  client->follow(reader);
  lead(1, 1);
  nodes[1].say(SnapshotBegin{{10}, 77, 2});
  nodes[1].say(SnapshotChunk{"abc"});
  settle();
  EXPECT_EQ(reader.log, "");
  ASSERT_EQ(nodes[2].heard_of<Follow>().size(), 1u);
  reader.refuse = true;
  nodes[2].say(SnapshotBegin{{10}, 77, 1});
  nodes[2].say(SnapshotChunk{"a"});
  settle();
  EXPECT_EQ(reader.log, "");
  reader.refuse = false;
  pass_ms(50);
  EXPECT_EQ(nodes[0].heard_of<Follow>().size(), 1u);
  nodes[0].say(SnapshotBegin{{12}, 77, 1});
  nodes[0].say(SnapshotChunk{"b"});
  settle();
  EXPECT_EQ(reader.log, "snapshot 12 b;");
}

TEST_F(ClientTest, ANodeMayStartTheFollowerAgainFromASnapshot) {
  start();
  client->follow(reader);
  lead(1, 1);
  nodes[1].say(SnapshotBegin{{10}, 77, 0});
  nodes[1].say(SnapshotBegin{{30}, 99, 1});
  nodes[1].say(SnapshotChunk{"s"});
  nodes[1].say(block(31, 99, "z"));
  settle();
  EXPECT_EQ(reader.log, "snapshot 10 ;snapshot 30 s;block 31 z;");
}

TEST_F(ClientTest, AReadIndexIsAskedUntilALeaderAnswersOrTheDeadline) {
  start();
  std::string reads;
  const auto note = [&](LogIndex index) { reads += std::to_string(index.value) + ";"; };
  client->read_index(note);
  client->read_index(note);
  lead(1, 1);
  const auto asked = nodes[0].heard_of<ReadIndex>();
  pass_ms(10);
  const auto later = nodes[0].heard_of<ReadIndex>();
  ASSERT_EQ(asked.size() + later.size(), 2u);
  const ReadIndex first = asked.empty() ? later[0] : asked[0];
  nodes[0].say(ReadIndexIs{first.request, SubmitResult::unknown, {}});
  settle();
  pass_ms(10);
  ASSERT_EQ(nodes[0].heard_of<ReadIndex>().size(), 1u);
  nodes[0].say(ReadIndexIs{first.request, SubmitResult::applied, {42}});
  settle();
  EXPECT_EQ(reads, "42;");
  pass_with_status_ms(2600, {0, 1, 2}, 1, 1);
  EXPECT_EQ(reads, "42;0;");
}

TEST_F(ClientTest, AnotherClustersNodeOrNonsenseIsNeverUsed) {
  Hello stranger;
  stranger.cluster = cluster + 1;
  stranger.role = Role::node;
  nodes[0].greeting = encode_frame(stranger);
  nodes[1].greeting = encode_frame(Goodbye{Errc::mismatch, "not you"});
  nodes[2].greeting = "HTTP/1.1 400 Bad Request\r\n\r\n";
  start();
  pass_ms(200);
  EXPECT_EQ(client->view().connected, (std::vector<bool>{false, false, false}));
}

TEST_F(ClientTest, DamagedFramesEndTheConnectionAndTheCommandsGoOnElsewhere) {
  start();
  lead(1, 1);
  submit("a");
  nodes[0].say(Submitted{{100}, 1, SubmitResult::applied, {5}, 0, Bytes(100, 'r')});
  Bytes damaged = encode_frame(Ping{1});
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  settle();
  EXPECT_EQ(answers, "a answered " + Bytes(100, 'r') + ";");
  submit("b");
  nodes[0].greeting = damaged;
  network.crash(*nets[0]);
  nodes[0].listen();
  pass_ms(200);
  nodes[1].say_status(2, 2, 10);
  settle();
  EXPECT_EQ(nodes[1].heard_of<Submit>().at(0).body, "b");
}

}  // namespace
}  // namespace oki::replica
