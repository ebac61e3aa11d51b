// The rules of green, one result at a time.
#include "watch/lease_keeper.h"

#include <gtest/gtest.h>

#include "base/prng.h"
#include "base/testing/stepped.h"

namespace oki::watch {
namespace {

using notify::Reason;
using notify::State;

// Two edges, two markets and the cross; probers 0 and 1 are of edge 0, 2 and 3 of edge 1.
class LeaseKeeperTest : public ::testing::Test {
 protected:
  static constexpr std::size_t checks = 3;

  void result(std::size_t prober, std::size_t check, ProbeReason reason, bool reached = true) {
    ProbeResult probe;
    probe.check = check;
    probe.ok = reason == ProbeReason::none;
    probe.reason = reason;
    probe.reached = reached;
    probe.started = probe.ended = clock_.mono_now();
    probe.started_wall = clock_.wall_now();
    keeper_.on_probe(prober, probe);
  }
  void ok(std::size_t prober, std::size_t check) { result(prober, check, ProbeReason::none); }
  void round() {
    for (std::size_t prober = 0; prober < 4; ++prober) {
      for (std::size_t check = 0; check < checks; ++check) ok(prober, check);
    }
  }
  void become_green() {
    round();
    round();
    ASSERT_EQ(state(), State::operational);
  }
  State state() { return keeper_.judge().overall; }
  State row(std::size_t position) { return keeper_.judge().rows.at(position).state; }
  void step_ms(std::int64_t ms) { clock_.advance_ns(ms * ns_per_ms); }

  testing::StepClock clock_;
  LeaseKeeper keeper_{clock_, {2, {"btc_jpy", "eth_jpy"}}};
};

TEST_F(LeaseKeeperTest, IsNotGreenWithoutProofFromEveryProber) {
  EXPECT_EQ(state(), State::partial_outage);
  EXPECT_EQ(keeper_.judge().reason, Reason::no_proof);
  for (int i = 0; i < 5; ++i) {
    for (std::size_t check = 0; check < checks; ++check) ok(0, check);
  }
  EXPECT_NE(state(), State::operational);
  become_green();
}

TEST_F(LeaseKeeperTest, OneFailureIsForgivenTwoInARowEndGreenAtOnce) {
  become_green();
  const WallTimeMs first = clock_.wall_now();
  result(0, 0, ProbeReason::refused);
  EXPECT_EQ(state(), State::operational);
  step_ms(250);
  result(0, 0, ProbeReason::refused);
  EXPECT_EQ(state(), State::partial_outage);
  EXPECT_EQ(keeper_.judge().reason, Reason::test_trades_failing);
  EXPECT_EQ(keeper_.judge().first_failure, first);
}

TEST_F(LeaseKeeperTest, AFailureThenASuccessOfTheSameCheckCountsFromZero) {
  become_green();
  for (int i = 0; i < 10; ++i) {
    result(0, 0, ProbeReason::refused);
    EXPECT_EQ(state(), State::operational);
    ok(0, 0);
  }
}

TEST_F(LeaseKeeperTest, FailuresOfDifferentProbersAreNotInARow) {
  become_green();
  result(0, 0, ProbeReason::timeout);
  result(1, 0, ProbeReason::timeout);
  result(2, 0, ProbeReason::timeout);
  result(3, 0, ProbeReason::timeout);
  EXPECT_EQ(state(), State::operational);
}

TEST_F(LeaseKeeperTest, ARefusingMarketIsPartialAndTheOthersStayUp) {
  become_green();
  for (std::size_t prober = 0; prober < 4; ++prober) {
    result(prober, 0, ProbeReason::refused);
    result(prober, 0, ProbeReason::refused);
  }
  EXPECT_EQ(state(), State::partial_outage);
  EXPECT_EQ(row(0), State::major_outage);
  EXPECT_EQ(row(1), State::operational);
  EXPECT_EQ(row(2), State::partial_outage);
}

TEST_F(LeaseKeeperTest, ADeadEdgeIsPartialAndTakesAllItsChecks) {
  become_green();
  result(2, 1, ProbeReason::unavailable, false);
  EXPECT_TRUE(keeper_.edge_reached(1));
  result(2, 1, ProbeReason::unavailable, false);
  EXPECT_TRUE(keeper_.edge_reached(1));
  result(3, 2, ProbeReason::unavailable, false);
  result(3, 2, ProbeReason::unavailable, false);
  EXPECT_FALSE(keeper_.edge_reached(1));
  EXPECT_TRUE(keeper_.edge_reached(0));
  EXPECT_EQ(state(), State::partial_outage);
  EXPECT_EQ(row(0), State::partial_outage);
  EXPECT_EQ(row(2), State::operational);
  EXPECT_EQ(row(3), State::major_outage);
}

TEST_F(LeaseKeeperTest, AllEdgesFailingIsAMajorOutage) {
  become_green();
  for (std::size_t prober : {std::size_t{0}, std::size_t{2}}) {
    result(prober, 1, ProbeReason::timeout);
    result(prober, 1, ProbeReason::timeout);
  }
  EXPECT_EQ(state(), State::major_outage);
  EXPECT_EQ(row(0), State::major_outage);
}

TEST_F(LeaseKeeperTest, ComesBackOnlyAfterEveryCheckHealedAndEveryProberSettled) {
  become_green();
  result(0, 0, ProbeReason::timeout);
  result(0, 0, ProbeReason::timeout);
  round();
  EXPECT_NE(state(), State::operational);
  round();
  EXPECT_EQ(state(), State::operational);
}

TEST_F(LeaseKeeperTest, FlappingDoesNotComeBack) {
  become_green();
  result(0, 0, ProbeReason::timeout);
  result(0, 0, ProbeReason::timeout);
  for (int i = 0; i < 50; ++i) {
    result(0, 0, ProbeReason::refused);
    ok(0, 0);
    ok(0, 1);
    ok(0, 2);
    EXPECT_NE(state(), State::operational) << i;
    round();
  }
}

TEST_F(LeaseKeeperTest, ALeaseNeverOutlivesTheOldestProof) {
  become_green();
  EXPECT_EQ(keeper_.judge().valid_ms, 2000);
  step_ms(1500);
  for (std::size_t check = 1; check < checks; ++check) ok(0, check);
  EXPECT_EQ(state(), State::operational);
  EXPECT_EQ(keeper_.judge().valid_ms, 500);
  step_ms(499);
  EXPECT_EQ(keeper_.judge().valid_ms, 1);
  step_ms(1);
  const Judgement judgement = keeper_.judge();
  EXPECT_NE(judgement.overall, State::operational);
  EXPECT_EQ(judgement.reason, Reason::no_proof);
  EXPECT_EQ(judgement.rows[0].state, State::major_outage);
  EXPECT_EQ(judgement.rows[1].state, State::operational);
}

TEST_F(LeaseKeeperTest, ALedgerThatDoesNotAddUpIsMajorUntilItDoes) {
  become_green();
  keeper_.on_ledger(false);
  EXPECT_EQ(state(), State::major_outage);
  EXPECT_EQ(keeper_.judge().reason, Reason::ledger_mismatch);
  round();
  EXPECT_EQ(state(), State::major_outage);
  keeper_.on_ledger(true);
  EXPECT_EQ(state(), State::operational);
}

TEST_F(LeaseKeeperTest, AnEdgeThatTurnsMostFirstTriesAwayIsNotGreenThoughEveryTradeSucceeds) {
  become_green();
  const auto tries = [&](std::size_t edge, std::uint32_t away_of_ten) {
    for (std::uint32_t i = 0; i < 30; ++i) {
      for (std::size_t each = 0; each < 2; ++each) {
        ProbeResult probe;
        probe.check = i % checks;
        probe.ok = probe.reached = true;
        probe.started = clock_.mono_now();
        probe.started_wall = clock_.wall_now();
        probe.reads = {1, each == edge && i % 10 < away_of_ten ? 1u : 0u};
        probe.orders = {2, 0};
        keeper_.on_probe(2 * each + i % 2, probe);
      }
      step_ms(100);
    }
  };
  tries(1, 0);
  tries(1, 4);
  EXPECT_EQ(state(), State::operational);
  const WallTimeMs before = clock_.wall_now();
  tries(1, 6);
  EXPECT_EQ(state(), State::partial_outage);
  EXPECT_EQ(keeper_.judge().reason, Reason::test_trades_failing);
  EXPECT_EQ(row(2), State::operational);
  EXPECT_EQ(row(3), State::partial_outage);
  EXPECT_GE(keeper_.judge().first_failure, before);
  tries(1, 4);
  EXPECT_EQ(state(), State::partial_outage) << "not better by half";
  tries(1, 2);
  EXPECT_EQ(state(), State::operational);
}

TEST_F(LeaseKeeperTest, ADrainedEdgeCountsNowhereAndIsNoProof) {
  become_green();
  keeper_.on_drained(1, true);
  EXPECT_EQ(row(3), State::degraded_performance);
  for (int i = 0; i < 6; ++i) {
    for (std::size_t check = 0; check < checks; ++check) {
      result(2, check, ProbeReason::unavailable);
      ok(0, check);
      ok(1, check);
    }
    step_ms(500);
    EXPECT_EQ(state(), State::operational) << i;
  }
  for (int i = 0; i < 5; ++i) {
    step_ms(500);
    for (std::size_t check = 0; check < checks; ++check) ok(2, check);
  }
  EXPECT_NE(state(), State::operational) << "only the drained one proves anything";
}

TEST_F(LeaseKeeperTest, AnEdgeThatIsBackIsNotCalledWellBeforeItHasProvenItself) {
  become_green();
  keeper_.on_drained(1, true);
  keeper_.on_drained(1, false);
  EXPECT_EQ(row(3), State::degraded_performance);
  round();
  EXPECT_EQ(row(3), State::degraded_performance);
  round();
  EXPECT_EQ(row(3), State::operational);
  keeper_.on_drained(1, true);
  keeper_.on_drained(1, false);
  result(3, 0, ProbeReason::refused);
  EXPECT_EQ(state(), State::operational);
  result(3, 0, ProbeReason::refused);
  EXPECT_EQ(state(), State::partial_outage);
}

TEST(TurnedAway, FewTriesProveNothingAndSilenceHealsNothing) {
  TurnedAway edge;
  MonoTimeNs now;
  EXPECT_FALSE(edge.add({turned_away_tries_min - 1, turned_away_tries_min - 1}, {}, now));
  EXPECT_TRUE(edge.add({1, 1}, {}, now));
  now = now + 60'000 * ns_per_ms;
  EXPECT_TRUE(edge.most());
  EXPECT_FALSE(edge.add({1, 0}, {}, now));
}

TEST(TurnedAway, OrdersThatAreTurnedAwayAreNotHiddenByReads) {
  TurnedAway edge;
  EXPECT_TRUE(edge.add({100, 0}, {4, 2}, {}));
}

// Against a plain model: two failures in a row of one check, with no two successes since, and green
// cannot be.
TEST_F(LeaseKeeperTest, IsNeverGreenWhileACheckFailsInARandomWalk) {
  Prng prng(7);
  std::vector<int> failures(4 * checks);
  std::vector<int> successes(4 * checks);
  std::vector<bool> failing(4 * checks);
  int greens = 0;
  bool unlucky = false;
  for (int i = 0; i < 50'000; ++i) {
    if (prng.chance(1, 200)) unlucky = !unlucky;
    const std::size_t prober = prng.below(4);
    const std::size_t check = prng.below(checks);
    const std::size_t at = prober * checks + check;
    if (unlucky && prng.chance(1, 3)) {
      result(prober, check, ProbeReason::wrong);
      successes[at] = 0;
      if (++failures[at] >= 2) failing[at] = true;
    } else {
      ok(prober, check);
      failures[at] = 0;
      if (++successes[at] >= 2) failing[at] = false;
    }
    step_ms(prng.between(0, 60));
    if (state() != State::operational) continue;
    ++greens;
    for (const bool each : failing) ASSERT_FALSE(each) << i;
  }
  EXPECT_GT(greens, 5000);
}

}  // namespace
}  // namespace oki::watch
