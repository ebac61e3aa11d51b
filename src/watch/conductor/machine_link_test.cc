// What waits on its way into the log: bounded, newest word of each key, nothing of value lost.
#include "watch/conductor/machine_link.h"

#include <gtest/gtest.h>

#include "base/testing/stepped.h"

namespace oki::watch {
namespace {

using response::Alive;
using response::Check;
using response::CheckKind;
using response::Command;
using response::Observe;
using response::RecordChange;
using response::Trust;

Observe word(const std::string& key, bool firing, Trust trust = Trust::proof) {
  Observe observe;
  observe.speaker = "prober 1";
  observe.signal.source = response::Source::test_trade;
  observe.signal.key = key;
  observe.signal.firing = firing;
  observe.signal.trust = trust;
  return observe;
}

struct MachineLinkTest : ::testing::Test {
  struct Sent {
    Command command;
    std::function<void(const replica::Answer&)> done;
  };

  MachineLink make(MachineLinkOptions options) {
    return {clock, timers, metrics,
            [this](Bytes bytes, auto done) {
              EXPECT_EQ(bytes.front(), 1);
              const auto command = response::decode_command(ByteView(bytes).substr(1));
              ASSERT_TRUE(command.has_value());
              sent.push_back({*command, std::move(done)});
            },
            options};
  }
  void answer(std::size_t place, replica::Outcome outcome) {
    Bytes reply;
    response::append(reply, response::Reply{});
    const auto done = sent[place].done;
    done({outcome, {1}, reply, ""});
  }
  // Answers what is sent, and what is sent then, and gives all commands in order.
  std::vector<Command> drain() {
    std::vector<Command> commands;
    for (std::size_t i = 0; i < sent.size(); ++i) {
      commands.push_back(sent[i].command);
      answer(i, replica::Outcome::answered);
    }
    sent.clear();
    return commands;
  }

  testing::StepClock clock;
  testing::StepTimers timers{clock};
  Metrics metrics;
  std::vector<Sent> sent;
};

TEST_F(MachineLinkTest, ANewerWordOfTheSameKeyReplacesOneThatWaits) {
  MachineLink link = make({.in_flight_max = 1});
  link.tell(Alive{"first"});
  link.tell(word("a", true));
  Observe newer = word("a", true);
  newer.signal.words = "Newer.";
  link.tell(newer);
  link.tell(word("b", true));
  EXPECT_EQ(link.waiting(), 2u);
  EXPECT_EQ(drain(), (std::vector<Command>{Alive{"first"}, newer, word("b", true)}));
}

TEST_F(MachineLinkTest, BeginningAndEndOfASignalAreBothTold) {
  MachineLink link = make({.in_flight_max = 1});
  link.tell(Alive{"first"});
  link.tell(word("a", true));
  link.tell(word("a", false));
  link.tell(word("a", true));
  const Check bad{"checker", CheckKind::ledger, false, {}};
  const Check good{"checker", CheckKind::ledger, true, {}};
  link.tell(good);
  link.tell(bad);
  link.tell(good);
  EXPECT_EQ(drain(), (std::vector<Command>{Alive{"first"}, word("a", true), word("a", false),
                                           word("a", true), good, bad, good}));
}

TEST_F(MachineLinkTest, FullDropsTheOldestHintAndCountsIt) {
  MachineLink link = make({.waiting_max = 3, .in_flight_max = 1});
  link.tell(Alive{"first"});
  link.tell(word("a", true));
  link.tell(word("h", true, Trust::hint));
  link.tell(word("i", true, Trust::hint));
  link.tell(word("b", true));
  EXPECT_EQ(link.dropped(), 1u);
  link.tell(RecordChange{});
  link.tell(word("c", true));
  EXPECT_EQ(link.dropped(), 3u);  // Without hints, what can be said again.
  EXPECT_EQ(link.waiting(), 3u);
  EXPECT_EQ(drain(), (std::vector<Command>{Alive{"first"}, word("b", true), RecordChange{},
                                           word("c", true)}));
}

TEST_F(MachineLinkTest, WhatWasNotTakenIsSentAgainInItsOldOrder) {
  MachineLink link = make({.in_flight_max = 2});
  link.tell(word("a", true));
  link.tell(RecordChange{});
  answer(0, replica::Outcome::not_taken);
  answer(1, replica::Outcome::not_taken);
  EXPECT_EQ(link.waiting(), 2u);
  sent.clear();
  timers.advance_ms(100);
  EXPECT_EQ(drain(), (std::vector<Command>{word("a", true), RecordChange{}}));
}

TEST_F(MachineLinkTest, AnOldWordDoesNotComeBackOverANewerOne) {
  MachineLink link = make({.in_flight_max = 1});
  link.tell(word("a", true));
  Observe newer = word("a", true);
  newer.signal.words = "Newer.";
  link.tell(newer);
  answer(0, replica::Outcome::unknown);
  sent.clear();
  timers.advance_ms(100);
  EXPECT_EQ(drain(), std::vector<Command>{newer});
}

// Twice the same signal is one signal; twice the same change would be two.
TEST_F(MachineLinkTest, WhatMayHaveBeenTakenIsRepeatedUnlessItIsARecord) {
  MachineLink link = make({.in_flight_max = 2});
  link.tell(word("a", true));
  link.tell(RecordChange{});
  answer(0, replica::Outcome::unknown);
  answer(1, replica::Outcome::unknown);
  sent.clear();
  timers.advance_ms(100);
  EXPECT_EQ(drain(), std::vector<Command>{word("a", true)});
}

TEST_F(MachineLinkTest, WhatIsTooOldIsGivenUp) {
  MachineLink link = make({.give_up_ms = 1'000});
  link.tell(word("a", true));
  timers.advance_ms(1'001);
  answer(0, replica::Outcome::not_taken);
  EXPECT_EQ(link.waiting(), 0u);
}

}  // namespace
}  // namespace oki::watch
