// Leaders and nodes from outside, and the timeline they make.
#include "watch/cluster_watch.h"

#include <gtest/gtest.h>

#include "base/testing/stepped.h"
#include "watch/timeline.h"

namespace oki::watch {
namespace {

using notify::EventKind;
using notify::Reason;
using notify::State;

class ClusterWatchTest : public ::testing::Test {
 protected:
  ClusterChanges look(std::int64_t after_ms = look_every_ms) {
    clock_.advance_ns(after_ms * ns_per_ms);
    return watch_.look(view_);
  }
  void lead(std::uint32_t seat, std::uint64_t term) {
    view_.leader_known = true;
    view_.leader_seat = seat;
    view_.term = {term};
  }

  testing::StepClock clock_;
  ClusterWatch watch_{clock_, 3};
  replica::ClusterView view_{.leader_known = false,
                             .leader_seat = 0,
                             .term = {},
                             .followed = {},
                             .connected = {true, true, true},
                             .nodes = {}};
};

TEST_F(ClusterWatchTest, TellsTheFirstLeaderWithoutAGap) {
  EXPECT_FALSE(look().leader);
  lead(2, 5);
  const auto change = look().leader;
  ASSERT_TRUE(change);
  EXPECT_EQ(change->old_seat, 0u);
  EXPECT_EQ(change->new_seat, 2u);
  EXPECT_EQ(change->gap_ms, 0u);
  EXPECT_FALSE(look().leader);
}

TEST_F(ClusterWatchTest, MeasuresTheGapFromTheLastSightToTheFirst) {
  lead(1, 3);
  look();
  look();
  view_.leader_known = false;
  look();
  EXPECT_EQ(watch_.leader_seat(), 0u);
  look();
  lead(3, 4);
  const auto change = look().leader;
  ASSERT_TRUE(change);
  EXPECT_EQ(change->old_seat, 1u);
  EXPECT_EQ(change->new_seat, 3u);
  EXPECT_EQ(change->term, Term{4});
  EXPECT_EQ(change->gap_ms, 300u);
  EXPECT_EQ(change->at, clock_.wall_now());
}

TEST_F(ClusterWatchTest, ALeaderThatReturnsInItsTermIsNoChange) {
  lead(1, 3);
  look();
  view_.leader_known = false;
  look();
  lead(1, 3);
  EXPECT_FALSE(look().leader);
  lead(1, 4);
  EXPECT_TRUE(look().leader);
}

TEST_F(ClusterWatchTest, ANodeIsDownAfterAWhileAndFromWhenItWasMissed) {
  EXPECT_TRUE(look().nodes.empty());
  view_.connected = {true, false, true};
  EXPECT_TRUE(look().nodes.empty());
  const WallTimeMs missed = clock_.wall_now();
  EXPECT_TRUE(look().nodes.empty());
  EXPECT_TRUE(look().nodes.empty());
  const auto down = look().nodes;
  ASSERT_EQ(down.size(), 1u);
  EXPECT_EQ(down[0].seat, 2u);
  EXPECT_FALSE(down[0].up);
  EXPECT_EQ(down[0].at, missed);
  EXPECT_FALSE(watch_.node_up(2));
  view_.connected[1] = true;
  const auto up = look().nodes;
  ASSERT_EQ(up.size(), 1u);
  EXPECT_TRUE(up[0].up);
}

TEST_F(ClusterWatchTest, AShortBreakAndANodeNeverSeenAreNoEvents) {
  view_.connected = {true, true, false};
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(look().nodes.empty());
  view_.connected = {true, false, true};
  EXPECT_TRUE(look().nodes.empty());
  view_.connected = {true, true, true};
  EXPECT_TRUE(look().nodes.empty());
  view_.connected.clear();
  EXPECT_TRUE(look().nodes.empty());
}

class TimelineTest : public ::testing::Test {
 protected:
  static Judgement judged(State state, Reason reason = Reason::test_trades_failing) {
    Judgement judgement;
    judgement.overall = state;
    judgement.reason = state == State::operational ? Reason::none : reason;
    judgement.rows = {{{notify::ComponentKind::market, "btc_jpy"}, state, {}},
                      {{notify::ComponentKind::edge, "1"}, State::operational, {}}};
    judgement.first_failure = {1'700'000'000'500};
    return judgement;
  }
  std::vector<EventKind> kinds() const {
    std::vector<EventKind> kinds;
    for (const auto& event : timeline_.document().events) kinds.push_back(event.kind);
    return kinds;
  }
  void step_ms(std::int64_t ms) { clock_.advance_ns(ms * ns_per_ms); }

  testing::StepClock clock_;
  Timeline timeline_{clock_, {}};
};

TEST_F(TimelineTest, AStartIsNoOutageUnlessItDoesNotEnd) {
  timeline_.on_judgement(judged(State::major_outage));
  step_ms(start_grace_ms - 1);
  timeline_.on_judgement(judged(State::major_outage));
  EXPECT_TRUE(kinds().empty());
  step_ms(1);
  timeline_.on_judgement(judged(State::major_outage));
  EXPECT_EQ(kinds(), (std::vector{EventKind::outage_began}));
}

TEST_F(TimelineTest, AnOutageBeginsAtItsFirstFailureAndEndsWithGreen) {
  timeline_.on_judgement(judged(State::operational));
  timeline_.on_judgement(judged(State::partial_outage));
  timeline_.on_judgement(judged(State::partial_outage));
  ASSERT_EQ(kinds(), (std::vector{EventKind::outage_began}));
  EXPECT_EQ(timeline_.document().events[0].at.value, 1'700'000'000'500);
  EXPECT_EQ(timeline_.document().events[0].affected, 1u);
  step_ms(3000);
  timeline_.on_judgement(judged(State::operational));
  timeline_.on_judgement(judged(State::operational));
  EXPECT_EQ(kinds(), (std::vector{EventKind::outage_began, EventKind::outage_ended}));
}

TEST_F(TimelineTest, AChangeIsToldOnceItHasStood) {
  timeline_.on_judgement(judged(State::operational));
  timeline_.on_judgement(judged(State::partial_outage));
  timeline_.on_judgement(judged(State::major_outage));
  step_ms(change_settle_ms - 1);
  timeline_.on_judgement(judged(State::major_outage));
  EXPECT_EQ(kinds().size(), 1u);
  step_ms(1);
  timeline_.on_judgement(judged(State::major_outage));
  timeline_.on_judgement(judged(State::major_outage));
  EXPECT_EQ(kinds(), (std::vector{EventKind::outage_began, EventKind::outage_changed}));
}

TEST_F(TimelineTest, GoesOnWithAnOutageThatAnEarlierWatchBegan) {
  timeline_.on_judgement(judged(State::operational));
  timeline_.on_judgement(judged(State::partial_outage));
  Timeline next(clock_, timeline_.document());
  step_ms(1000);
  next.on_judgement(judged(State::partial_outage));
  EXPECT_EQ(next.document().events.size(), 1u);
  next.on_judgement(judged(State::operational));
  EXPECT_EQ(next.document().events.back().kind, EventKind::outage_ended);
}

}  // namespace
}  // namespace oki::watch
