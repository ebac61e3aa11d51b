// Several machines behind one log.
#include "watch/conductor/watch_machine.h"

#include <gtest/gtest.h>

namespace oki::watch {
namespace {

// A list with a time at which a tick adds "tick".
class Alarm final : public replica::StateMachine {
 public:
  void apply(WallTimeMs, ByteView command, Bytes& reply, Bytes& events) override {
    commands.emplace_back(command);
    if (command == "tick") due.reset();
    reply = "of the alarm";
    if (command != "silent") events += "!";
  }
  void end_block(const replica::EventBlock& block) override { last = block.index; }
  std::optional<WallTimeMs> next_timer() const override { return due; }
  Bytes tick_command() const override { return "tick"; }
  Bytes snapshot() const override {
    Bytes out;
    for (const Bytes& command : commands) out += command + ',';
    return out;
  }
  Result<void> restore(ByteView snapshot) override {
    if (snapshot == "bad") return error(Errc::invalid, "It is bad.");
    commands.clear();
    while (!snapshot.empty()) {
      const std::size_t end = snapshot.find(',');
      commands.emplace_back(snapshot.substr(0, end));
      snapshot.remove_prefix(end + 1);
    }
    return {};
  }
  std::uint64_t hash() const override { return hash64(snapshot()); }
  std::uint64_t running_hash() const override { return commands.size(); }
  Bytes reader_snapshot() const override { return snapshot(); }
  void verify() const override {}

  std::vector<Bytes> commands;
  std::optional<WallTimeMs> due;
  LogIndex last;
};

struct WatchMachineTest : ::testing::Test {
  Bytes apply(ByteView command, WallTimeMs time = {1'000}) {
    Bytes reply;
    machine.apply(time, command, reply, events);
    return reply;
  }

  Alarm first, second;
  WatchMachine machine{{{Part::incidents, first}, {Part::subscribers, second}}};
  Bytes events;
};

TEST_F(WatchMachineTest, ACommandReachesItsPartAlone) {
  EXPECT_EQ(apply(to_part(Part::subscribers, "hello")), "of the alarm");
  EXPECT_TRUE(first.commands.empty());
  EXPECT_EQ(second.commands, std::vector<Bytes>{"hello"});
  EXPECT_EQ(events, Bytes("\2\1\0\0\0!", 6));
  events.clear();
  apply(to_part(Part::incidents, "silent"));
  EXPECT_TRUE(events.empty());
}

TEST_F(WatchMachineTest, BytesForNobodyChangeNothing) {
  for (const Bytes& bytes : {Bytes(), Bytes("\7hello"), Bytes("\0hello", 6), Bytes("\xff")}) {
    EXPECT_TRUE(apply(bytes).empty());
  }
  EXPECT_TRUE(first.commands.empty() && second.commands.empty() && events.empty());
}

TEST_F(WatchMachineTest, ATickReachesThoseWhoAreDue) {
  EXPECT_FALSE(machine.next_timer());
  first.due = WallTimeMs{2'000};
  second.due = WallTimeMs{1'000};
  EXPECT_EQ(machine.next_timer(), WallTimeMs{1'000});
  EXPECT_TRUE(apply(machine.tick_command()).empty());
  EXPECT_TRUE(first.commands.empty());
  EXPECT_EQ(second.commands, std::vector<Bytes>{"tick"});
  EXPECT_EQ(machine.next_timer(), WallTimeMs{2'000});
}

TEST_F(WatchMachineTest, EveryPartHearsOfTheEndOfAnEntry) {
  int changes = 0;
  machine.on_change([&changes] { ++changes; });
  machine.end_block({{7}, {1'000}, 0, 0, {}});
  EXPECT_EQ(first.last, LogIndex{7});
  EXPECT_EQ(second.last, LogIndex{7});
  EXPECT_EQ(changes, 1);
}

TEST_F(WatchMachineTest, ASnapshotBringsEveryPartBack) {
  apply(to_part(Part::incidents, "a"));
  apply(to_part(Part::subscribers, "b"));
  Alarm one, two;
  WatchMachine other({{Part::incidents, one}, {Part::subscribers, two}});
  ASSERT_TRUE(other.restore(machine.snapshot()));
  EXPECT_EQ(one.commands, std::vector<Bytes>{"a"});
  EXPECT_EQ(two.commands, std::vector<Bytes>{"b"});
  EXPECT_EQ(other.hash(), machine.hash());
  EXPECT_EQ(other.running_hash(), machine.running_hash());
}

TEST_F(WatchMachineTest, APartThatASnapshotDoesNotKnowStartsEmpty) {
  Alarm alone;
  WatchMachine older({{Part::incidents, alone}});
  Bytes reply;
  older.apply({1'000}, to_part(Part::incidents, "a"), reply, events);
  apply(to_part(Part::subscribers, "b"));
  ASSERT_TRUE(machine.restore(older.snapshot()));
  EXPECT_EQ(first.commands, std::vector<Bytes>{"a"});
  EXPECT_TRUE(second.commands.empty());
  EXPECT_FALSE(older.restore(machine.snapshot()));  // It does not know what that part holds.
}

TEST_F(WatchMachineTest, ARefusedSnapshotChangesNothing) {
  apply(to_part(Part::incidents, "a"));
  const Bytes good = machine.snapshot();
  Bytes bad("OKIWTCH1");
  Writer out(bad);
  out.u8(1);
  out.blob("x,");
  out.u8(2);
  out.blob("bad");
  EXPECT_FALSE(machine.restore(bad));
  EXPECT_EQ(machine.snapshot(), good);
  for (std::size_t size = 0; size < good.size(); ++size) {
    if (size == 8 || size == 8 + 1 + 4 + 2) continue;  // Whole parts: the others start empty.
    EXPECT_FALSE(machine.restore(ByteView(good).substr(0, size))) << size;
  }
  EXPECT_EQ(machine.snapshot(), good);
}

}  // namespace
}  // namespace oki::watch
