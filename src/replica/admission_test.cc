#include "replica/admission.h"

#include <gtest/gtest.h>

namespace oki::replica {
namespace {

using Kind = MemberChange::Kind;

Members members_of(std::vector<Members::Member> all) {
  Members members;
  members.id_max = all.back().id;
  members.all = std::move(all);
  return members;
}

const Members three = members_of({{{1}, 1, false}, {{2}, 2, false}, {{3}, 3, false}});
const Members learning =
    members_of({{{1}, 1, false}, {{2}, 2, false}, {{3}, 3, false}, {{4}, 3, true}});

std::vector<Engine::Peer> peers(std::uint64_t match_of_new, bool active = true) {
  return {{{2}, {1000}, true}, {{3}, {10}, false}, {{4}, {match_of_new}, active}};
}

std::optional<MemberChange> next(const Members& members, const std::vector<Engine::Peer>& seen) {
  return next_member_change(members, {1}, {1000}, seen);
}

TEST(Admission, HasNothingToDoWhenEverySeatHasOneVoter) {
  EXPECT_FALSE(members_in_transition(three));
  EXPECT_TRUE(members_in_transition(learning));
  EXPECT_EQ(next(three, peers(1000)), std::nullopt);
}

TEST(Admission, WaitsUntilTheNewNodeHasCaughtUp) {
  EXPECT_EQ(next(learning, peers(0)), std::nullopt);
  EXPECT_EQ(next(learning, peers(1000 - caught_up_entries - 1)), std::nullopt);
  EXPECT_EQ(next(learning, peers(1000, false)), std::nullopt);
  EXPECT_EQ(next(learning, peers(1000 - caught_up_entries)), (MemberChange{Kind::remove, {3}, 3}));
}

TEST(Admission, TheOldIdLeavesBeforeTheNewOneVotes) {
  Members members = learning;
  ASSERT_TRUE(apply_change(members, *next(members, peers(1000))));
  EXPECT_EQ(next(members, peers(1000)), (MemberChange{Kind::add_voter, {4}, 3}));
  ASSERT_TRUE(apply_change(members, *next(members, peers(1000))));
  EXPECT_FALSE(members_in_transition(members));
}

TEST(Admission, ALearnerThatWasReplacedLeavesAtOnce) {
  const Members members = members_of(
      {{{1}, 1, false}, {{2}, 2, false}, {{3}, 3, false}, {{4}, 3, true}, {{5}, 3, true}});
  EXPECT_EQ(next(members, peers(0)), (MemberChange{Kind::remove, {4}, 3}));
}

TEST(Admission, TwoSeatsAtOnceNeverLeaveASoleVoter) {
  Members members = members_of(
      {{{1}, 1, false}, {{2}, 2, false}, {{3}, 3, false}, {{4}, 3, true}, {{5}, 2, true}});
  std::vector<Engine::Peer> seen = {
      {{2}, {10}, false}, {{3}, {10}, false}, {{4}, {10}, true}, {{5}, {1000}, true}};
  EXPECT_EQ(next(members, seen), (MemberChange{Kind::remove, {2}, 2}));
  ASSERT_TRUE(apply_change(members, *next(members, seen)));
  seen[3].match = {10};  // It falls behind at the wrong moment.
  seen[2].match = {1000};
  EXPECT_EQ(next(members, seen), std::nullopt);  // Seat 3 waits.
  seen[3].match = {1000};
  EXPECT_EQ(next(members, seen), (MemberChange{Kind::add_voter, {5}, 2}));
  ASSERT_TRUE(apply_change(members, *next(members, seen)));
  EXPECT_EQ(next(members, seen), (MemberChange{Kind::remove, {3}, 3}));
}

TEST(Admission, TheLeaderNeverRemovesItself) {
  const Members members =
      members_of({{{1}, 1, false}, {{2}, 2, false}, {{3}, 3, false}, {{4}, 1, true}});
  EXPECT_EQ(next(members, peers(1000)), std::nullopt);
}

}  // namespace
}  // namespace oki::replica
