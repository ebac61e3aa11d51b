// Drafts of postmortems on their disk, and subscribers in the watches' log.
#include "watch/conductor/drafts.h"

#include <gtest/gtest.h>

#include "crypto/crypto.h"
#include "response/testing/response_world.h"
#include "store/testing/memory_disk.h"
#include "watch/conductor/subscriber_machine.h"

namespace oki::watch {
namespace {

using notify::Language;

struct DraftsTest : ::testing::Test {
  DraftsTest() {
    world.furnish();
    world.resolve_one();
  }
  Result<std::string> write(Drafts& drafts) {
    Result<std::string> digest = error(Errc::io, "nothing was called back");
    drafts.write({1}, [&digest](Result<std::string> done) { digest = std::move(done); });
    return digest;
  }
  std::function<const response::State&()> state() {
    return [this]() -> const response::State& { return world.state(); };
  }

  response::World world;
  store::MemoryDisk disk{1};
};

TEST_F(DraftsTest, BothLanguagesAreWrittenUnderOneDigest) {
  Drafts drafts(disk, state(), {});
  EXPECT_FALSE(drafts.read({1}, Language::en));
  const auto digest = write(drafts);
  ASSERT_TRUE(digest) << digest.error().message;
  const auto ja = drafts.read({1}, Language::ja);
  const auto en = drafts.read({1}, Language::en);
  ASSERT_TRUE(ja && en);
  EXPECT_EQ(*digest, crypto::hex(crypto::sha256(*ja + '\n' + *en)));
  EXPECT_NE(en->find("inc1"), std::string::npos);
}

TEST_F(DraftsTest, TheScopeIsReadFirst) {
  Drafts drafts(disk, state(), [](const response::State&, response::IncidentId, auto done) {
    response::ScopeReport scope;
    scope.complete = true;
    scope.accounts = 1'234;
    done(scope);
  });
  ASSERT_TRUE(write(drafts));
  EXPECT_NE(drafts.read({1}, Language::en)->find("1234"), std::string::npos)
      << *drafts.read({1}, Language::en);
}

TEST_F(DraftsTest, AnUnreadableScopeOrDiskIsSaid) {
  Drafts drafts(disk, state(), [](const response::State&, response::IncidentId, auto done) {
    done(error(Errc::unavailable, "no edge answers"));
  });
  EXPECT_EQ(write(drafts).error().message, "no edge answers");
  Drafts others(disk, state(), {});
  bool called = false;
  others.write({9}, [&called](const Result<std::string>& digest) {
    called = true;
    EXPECT_EQ(digest.error().code, Errc::not_found);
  });
  EXPECT_TRUE(called);
}

TEST(SubscriberMachineTest, ACommandIsAnsweredAndTimeLapsesWhatNobodyConfirms) {
  SubscriberMachine machine;
  const notify::SubscriberCommand ask =
      notify::Subscribe{"aki@example.jp", "10.0.0", Language::ja, {}};
  Bytes reply, events;
  machine.apply({1'000'000}, notify::encode(ask), reply, events);
  EXPECT_EQ(reply, Bytes(1, static_cast<char>(notify::SubscriberResult::done)));
  EXPECT_EQ(machine.book().pending(), 1u);
  const auto due = machine.next_timer();
  ASSERT_TRUE(due);
  reply.clear();
  machine.apply(*due, machine.tick_command(), reply, events);
  EXPECT_EQ(reply, Bytes(1, static_cast<char>(notify::SubscriberResult::malformed)));
  EXPECT_EQ(machine.book().pending(), 0u);
  EXPECT_NE(machine.next_timer(), due);
  SubscriberMachine copy;
  ASSERT_TRUE(copy.restore(machine.snapshot()));
  EXPECT_EQ(copy.hash(), machine.hash());
  EXPECT_TRUE(events.empty());
}

}  // namespace
}  // namespace oki::watch
