#include "edge/sessions.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/testing/stepped.h"

namespace oki::edge {
namespace {

// Keeps what was submitted until the test answers it.
class HeldCluster : public Cluster {
 public:
  void submit(Bytes command, std::function<void(const replica::Answer&)> done) override {
    commands.push_back(core::decode_command(command).value());
    waiting.push_back(std::move(done));
  }
  const replica::ClusterView& view() const override { return view_; }

  void answer(replica::Outcome outcome) {
    ASSERT_FALSE(waiting.empty());
    const auto done = std::move(waiting.front());
    waiting.pop_front();
    replica::Answer given;
    given.outcome = outcome;
    done(given);
  }
  std::size_t closes() const {
    std::size_t count = 0;
    for (const core::Command& command : commands) {
      count += std::holds_alternative<core::CloseSession>(command) ? 1 : 0;
    }
    return count;
  }

  std::vector<core::Command> commands;
  std::deque<std::function<void(const replica::Answer&)>> waiting;
  replica::ClusterView view_;
};

struct SessionsTest : ::testing::Test {
  static Sessions::Options options() {
    Sessions::Options made;
    made.edge = 7;
    made.sessions_max = 3;
    return made;
  }
  // The first session and its first sign of life, answered.
  core::SessionId open(std::uint64_t connection) {
    const auto session = sessions->of(connection);
    EXPECT_TRUE(session.has_value());
    if (!cluster.waiting.empty()) cluster.answer(replica::Outcome::answered);
    return session.value_or(core::SessionId{});
  }

  oki::testing::StepClock clock;
  oki::testing::StepTimers timers{clock};
  Metrics metrics;
  HeldCluster cluster;
  std::unique_ptr<Sessions> sessions =
      std::make_unique<Sessions>(Sessions::Parts{timers, cluster, metrics}, options());
};

TEST_F(SessionsTest, AConnectionHasOneSessionOfThisEdge) {
  const core::SessionId first = open(100);
  EXPECT_EQ(first.value, (std::uint64_t{7} << 32) + 1);
  EXPECT_EQ(open(100), first);
  EXPECT_EQ(open(101).value, first.value + 1);
}

TEST_F(SessionsTest, ClosingIsToldToTheExchangeUntilItHasTakenIt) {
  const core::SessionId session = open(100);
  sessions->closed(100);
  ASSERT_EQ(cluster.closes(), 1u);
  EXPECT_EQ(std::get<core::CloseSession>(cluster.commands.back()).session, session);
  cluster.answer(replica::Outcome::unknown);
  timers.advance_ms(250);
  EXPECT_EQ(cluster.closes(), 2u);
  cluster.answer(replica::Outcome::not_taken);
  timers.advance_ms(250);
  EXPECT_EQ(cluster.closes(), 3u);
  cluster.answer(replica::Outcome::answered);
  timers.advance_ms(60'000);
  EXPECT_EQ(cluster.closes(), 3u);
  EXPECT_EQ(sessions->size(), 0u);
}

TEST_F(SessionsTest, ClosingWaitsForOrdersOnTheirWay) {
  const core::SessionId session = open(100);
  sessions->sent(session);
  sessions->sent(session);
  sessions->closed(100);
  sessions->answered(session, true);
  EXPECT_EQ(cluster.closes(), 0u) << "the other could come to the log behind the closing";
  sessions->answered(session, true);
  EXPECT_EQ(cluster.closes(), 1u);
}

TEST_F(SessionsTest, AnOrderOfUnknownOutcomeIsLookedForOnceMore) {
  const core::SessionId session = open(100);
  sessions->sent(session);
  sessions->answered(session, false);
  sessions->closed(100);
  cluster.answer(replica::Outcome::answered);
  EXPECT_EQ(sessions->size(), 1u);
  timers.advance_ms(9'999);
  EXPECT_EQ(cluster.closes(), 1u);
  timers.advance_ms(1);
  EXPECT_EQ(cluster.closes(), 2u);
}

TEST_F(SessionsTest, TheEdgeSaysThatItLivesOnceASecondWhileItHasSessions) {
  const auto alive = [&] { return cluster.commands.size() - cluster.closes(); };
  timers.advance_ms(5'000);
  EXPECT_EQ(alive(), 0u);
  open(100);
  EXPECT_EQ(std::get<core::EdgeAlive>(cluster.commands.front()).edge, 7u);
  timers.advance_ms(1'000);
  EXPECT_EQ(alive(), 2u);
  timers.advance_ms(3'000);
  EXPECT_EQ(alive(), 2u) << "the second one was not answered";
  cluster.answer(replica::Outcome::unknown);
  timers.advance_ms(1'000);
  EXPECT_EQ(alive(), 3u);
  cluster.answer(replica::Outcome::answered);
  sessions->closed(100);
  cluster.answer(replica::Outcome::answered);
  timers.advance_ms(10'000);
  EXPECT_EQ(alive(), 3u);
}

TEST_F(SessionsTest, OneTooManyIsRefusedAlsoWhileOthersWaitToBeClosed) {
  for (std::uint64_t connection = 1; connection <= 3; ++connection) open(connection);
  EXPECT_FALSE(sessions->of(4).has_value());
  EXPECT_TRUE(sessions->of(3).has_value());
  sessions->closed(1);
  EXPECT_FALSE(sessions->of(4).has_value());
  cluster.answer(replica::Outcome::answered);
  EXPECT_TRUE(sessions->of(4).has_value());
}

TEST_F(SessionsTest, ConnectionsWithoutASessionCloseInSilence) {
  sessions->closed(100);
  EXPECT_TRUE(cluster.commands.empty());
}

TEST_F(SessionsTest, AnswersAfterTheEndAreDropped) {
  open(100);
  sessions->closed(100);
  sessions.reset();
  cluster.answer(replica::Outcome::answered);
  timers.advance_ms(10'000);
  EXPECT_EQ(cluster.closes(), 1u);
}

}  // namespace
}  // namespace oki::edge
