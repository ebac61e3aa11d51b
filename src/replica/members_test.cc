#include <gtest/gtest.h>

#include "replica/engine.h"

namespace oki::replica {
namespace {

Members three() {
  Members members;
  for (std::uint32_t seat = 1; seat <= 3; ++seat) members.all.push_back({{seat}, seat, false});
  members.id_max = {3};
  return members;
}

TEST(Members, ComeBackFromTheirBytes) {
  Members members = three();
  ASSERT_TRUE(apply_change(members, {MemberChange::Kind::add_learner, {4}, 3}));
  EXPECT_EQ(decode_members(encode(members)).value(), members);
  EXPECT_EQ(decode_members(encode(Members{})).value(), Members{});
}

TEST(Members, RefuseBytesThatAreCutLongOrOutOfOrder) {
  const Bytes good = encode(three());
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(decode_members(ByteView(good).substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_members(good + '\0'));
  Members twice = three();
  twice.all[1].id = {1};
  EXPECT_FALSE(decode_members(encode(twice)));
  Members above = three();
  above.id_max = {2};
  EXPECT_FALSE(decode_members(encode(above)));
}

TEST(Members, ChangeOneAtATimeAndNeverReuseAnId) {
  using Kind = MemberChange::Kind;
  Members members = three();
  EXPECT_FALSE(apply_change(members, {Kind::add_learner, {3}, 3}));  // In use.
  EXPECT_FALSE(apply_change(members, {Kind::add_voter, {4}, 3}));    // Never learned.
  EXPECT_TRUE(apply_change(members, {Kind::add_learner, {4}, 3}));
  EXPECT_EQ(voters(members), 3u);
  EXPECT_FALSE(apply_change(members, {Kind::add_voter, {4}, 2}));  // Another seat.
  EXPECT_TRUE(apply_change(members, {Kind::remove, {3}, 3}));
  EXPECT_TRUE(apply_change(members, {Kind::add_voter, {4}, 3}));
  EXPECT_EQ(voters(members), 3u);
  EXPECT_TRUE(apply_change(members, {Kind::remove, {4}, 3}));
  EXPECT_FALSE(apply_change(members, {Kind::add_learner, {4}, 3}));  // Used before.
  EXPECT_FALSE(apply_change(members, {Kind::remove, {4}, 3}));
  EXPECT_TRUE(apply_change(members, {Kind::remove, {2}, 2}));
  EXPECT_FALSE(apply_change(members, {Kind::remove, {1}, 1}));  // Nobody would be left.
}

TEST(Members, ChangeComesBackFromItsBytes) {
  const MemberChange change{MemberChange::Kind::remove, {7}, 2};
  EXPECT_EQ(decode_member_change(encode(change)).value(), change);
  EXPECT_FALSE(decode_member_change(""));
  EXPECT_FALSE(decode_member_change(encode(change) + "x"));
  Bytes unknown = encode(change);
  unknown[0] = 3;
  EXPECT_FALSE(decode_member_change(unknown));
}

}  // namespace
}  // namespace oki::replica
