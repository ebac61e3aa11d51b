#include "node/exchange_machine.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/testing/random_commands.h"

namespace oki::node {
namespace {

// A machine driven as a replica drives it: some commands, then the end of their log entry.
struct Driven {
  core::Reply operator()(const core::Command& command) {
    Bytes reply;
    machine.apply(now, encode(command), reply, events);
    return core::decode_reply(reply).value_or(core::Reply{core::Refusal::malformed, {}});
  }

  void end_block() {
    replica::EventBlock block;
    block.index = LogIndex{++index};
    block.time = now;
    block.hash_before = hash;
    block.events = std::move(events);
    block.hash = hash = replica::event_hash(hash, block.index, now, block.events);
    machine.end_block(block);
    events.clear();
  }

  void random_block(core::RandomCommands& random) {
    now.value += random.prng().between(0, 5'000);
    const std::uint64_t commands = random.prng().below(20);
    for (std::uint64_t i = 0; i < commands; ++i) random.saw((*this)(random.next()));
    end_block();
  }

  ExchangeMachine machine{core::CoreLimits{}, history::ProjectionLimits{}};
  WallTimeMs now{1'700'000'000'000};
  std::uint64_t index = 0;
  std::uint64_t hash = 0;
  Bytes events;
};

TEST(ExchangeMachine, CoreAndProjectionAgreeAfterEveryBlock) {
  Driven driven;
  core::RandomCommands random(1);
  for (const core::Command& command : random.set_up()) (void)driven(command);
  driven.end_block();
  for (int step = 0; step < 300; ++step) {
    driven.random_block(random);
    driven.machine.verify();
  }
  EXPECT_FALSE(driven.machine.projection().newest_trades({0}, 10).empty());
  EXPECT_EQ(driven.machine.projection().index(), LogIndex{driven.index});
}

TEST(ExchangeMachine, ARestoredMachineGoesOnExactlyAsTheOriginal) {
  Driven original;
  Driven copy;
  core::RandomCommands random(2);
  core::RandomCommands same(2);
  for (const core::Command& command : random.set_up()) (void)original(command);
  for (const core::Command& command : same.set_up()) (void)copy(command);
  original.end_block();
  copy.end_block();
  for (int step = 0; step < 200; ++step) {
    original.random_block(random);
    copy.random_block(same);
    ASSERT_EQ(copy.hash, original.hash) << "the events differ at step " << step;
    ASSERT_EQ(copy.machine.hash(), original.machine.hash());
    if (step % 10 != 0) continue;
    const Bytes snapshot = original.machine.snapshot();
    ASSERT_EQ(copy.machine.snapshot(), snapshot);
    copy.machine = ExchangeMachine(core::CoreLimits{}, history::ProjectionLimits{});
    const auto restored = copy.machine.restore(snapshot);
    ASSERT_TRUE(restored) << restored.error().message;
    copy.machine.verify();
    ASSERT_EQ(copy.machine.snapshot(), snapshot);
    ASSERT_EQ(copy.machine.hash(), original.machine.hash());
  }
}

struct UnknownRelease : ::testing::Test {
  // As nodes of a newer program report it and an operator switches it on.
  void switch_on() {
    for (std::uint32_t release = 2; release <= core::known_release() + 1; ++release) {
      (void)driven(core::ReportRelease{1, release});
      (void)driven(core::ActivateRelease{release, {1}});
    }
  }
  Driven driven;
};

TEST_F(UnknownRelease, EndsTheProcessWithItsNumber) {
  std::uint32_t told = 0;
  driven.machine.on_unknown_release([&](std::uint32_t release) {
    told = release;
    std::fprintf(stderr, "release %u\n", release);
    std::_Exit(7);
  });
  const std::string words = "release " + std::to_string(core::known_release() + 1);
  EXPECT_EXIT(switch_on(), ::testing::ExitedWithCode(7), words);
}

TEST_F(UnknownRelease, WithoutAnActionAnAssertionEndsIt) {
  EXPECT_DEATH(switch_on(), "known_release");
}

TEST(ExchangeMachine, AReaderStartsFromItsSnapshotOfTheProjection) {
  Driven driven;
  core::RandomCommands random(3);
  for (const core::Command& command : random.set_up()) (void)driven(command);
  driven.end_block();
  const auto reader = history::Projection::restore(driven.machine.reader_snapshot(), {});
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->event_hash(), driven.hash);
  EXPECT_EQ(reader->index(), LogIndex{1});
  EXPECT_EQ(reader->markets(), driven.machine.projection().markets());
}

TEST(ExchangeMachine, TheHashChangesWithEveryCommandAndEveryBlock) {
  Driven driven;
  const std::uint64_t empty = driven.machine.hash();
  (void)driven(core::AddAsset{{"jpy", 4}});
  const std::uint64_t added = driven.machine.hash();
  EXPECT_NE(added, empty);
  driven.end_block();
  EXPECT_NE(driven.machine.hash(), added);
}

TEST(ExchangeMachine, ADamagedSnapshotIsRefusedAndChangesNothing) {
  Driven driven;
  (void)driven(core::AddAsset{{"jpy", 4}});
  (void)driven(core::AddAccount{{1}, 0, 0});
  (void)driven(core::Deposit{{1}, {0}, {5}, "d"});
  driven.end_block();
  const Bytes snapshot = driven.machine.snapshot();
  const std::uint64_t hash = driven.machine.hash();
  for (std::size_t bit = 0; bit < snapshot.size() * 8; ++bit) {
    Bytes damaged = snapshot;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_FALSE(driven.machine.restore(damaged)) << "bit " << bit;
  }
  for (std::size_t size = 0; size < snapshot.size(); ++size) {
    ASSERT_FALSE(driven.machine.restore(ByteView(snapshot).substr(0, size))) << size;
  }
  EXPECT_FALSE(driven.machine.restore(snapshot + '\0'));
  EXPECT_EQ(driven.machine.hash(), hash);
  EXPECT_EQ(driven.machine.snapshot(), snapshot);
  EXPECT_TRUE(driven.machine.restore(snapshot));
}

TEST(ExchangeMachine, ASnapshotWhosePartsDisagreeIsRefused) {
  Driven a;
  Driven b;
  for (Driven* driven : {&a, &b}) {
    (void)(*driven)(core::AddAsset{{"jpy", 4}});
    (void)(*driven)(core::AddAccount{{1}, 0, 0});
    (void)(*driven)(core::Deposit{{1}, {0}, {driven == &a ? 5u : 6u}, "d"});
    driven->end_block();
  }
  Bytes mixed = "OKIEXCH2";
  Writer writer(mixed);
  const Bytes core = a.machine.core().snapshot();
  writer.raw(core);
  writer.raw(b.machine.projection().snapshot());
  writer.u64(core.size());
  const auto restored = a.machine.restore(mixed);
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, Errc::mismatch);
}

TEST(ExchangeMachine, TellsOfEveryQuarantinedStepWithItsPlaceInTheLog) {
  Driven driven;
  std::vector<history::QuarantinedStep> told;
  driven.machine.on_quarantined(
      [&](const history::QuarantinedStep& step) { told.push_back(step); });
  (void)driven(core::AddAsset{{"jpy", 4}});
  driven.end_block();
  EXPECT_TRUE(told.empty());
  const core::Quarantined poison{core::StepKind::timer, 7, 9, "a balance is negative"};
  (void)driven(core::AddAsset{{"btc", 8}});
  core::append(driven.events, core::Event(poison));
  (void)driven(core::AddAccount{{1}, 0, 0});
  driven.end_block();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].index, LogIndex{2});
  EXPECT_EQ(told[0].step, poison);
}

TEST(ExchangeMachine, AnswersBytesThatAreNoCommand) {
  Driven driven;
  Bytes reply;
  driven.machine.apply(driven.now, "nonsense", reply, driven.events);
  EXPECT_EQ(core::decode_reply(reply)->refusal, core::Refusal::malformed);
  EXPECT_TRUE(driven.events.empty());
  driven.end_block();
  driven.machine.verify();
}

}  // namespace
}  // namespace oki::node
