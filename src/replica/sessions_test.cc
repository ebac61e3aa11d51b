#include "replica/sessions.h"

#include <gtest/gtest.h>

namespace oki::replica {
namespace {

SessionTable table_with(const SessionLimits& limits) {
  SessionTable table(limits);
  table.open({10});
  return table;
}

constexpr SessionId session{10};

SubmitResult result_of(const SessionTable& table, std::uint64_t number, std::uint64_t floor = 0) {
  return table.check(session, number, floor).result;
}

TEST(Sessions, GiveTheFirstAnswerAgain) {
  SessionTable table = table_with({});
  EXPECT_EQ(table.check(session, 1, 0).reply, nullptr);
  table.record(session, 1, {11}, "first");
  const SessionTable::Verdict again = table.check(session, 1, 0);
  EXPECT_EQ(again.result, SubmitResult::applied);
  ASSERT_NE(again.reply, nullptr);
  EXPECT_EQ(again.reply->index, LogIndex{11});
  EXPECT_EQ(again.reply->bytes, "first");
  table.verify();
}

TEST(Sessions, TakeNumbersInAnyOrderWithinTheWindow) {
  SessionTable table = table_with({4, 3, 1000});
  for (std::uint64_t number : {3u, 1u, 2u}) {
    EXPECT_EQ(result_of(table, number), SubmitResult::applied);
    table.record(session, number, {10 + number}, "x");
  }
  EXPECT_EQ(result_of(table, 4), SubmitResult::window_full);
  EXPECT_EQ(result_of(table, 4, 2), SubmitResult::applied);  // The command itself raises the floor.
  table.touch(session, 2, {20});
  EXPECT_EQ(result_of(table, 4), SubmitResult::applied);
  EXPECT_EQ(result_of(table, 5), SubmitResult::window_full);
  table.verify();
}

TEST(Sessions, RefuseInOrderOfPrecedence) {
  SessionTable table = table_with({4, 3, 4});
  table.touch(session, 5, {20});
  table.record(session, 5, {20}, "four");
  struct Row {
    SessionId of;
    std::uint64_t number;
    std::uint64_t floor;
    SubmitResult result;
  };
  const Row rows[] = {
      {{11}, 9, 0, SubmitResult::session_unknown},
      {session, 4, 0, SubmitResult::too_old},
      {session, 0, 0, SubmitResult::too_old},
      {session, 9, 10, SubmitResult::too_old},  // Below the floor it names itself.
      {session, 8, 0, SubmitResult::window_full},
      {session, 6, 0, SubmitResult::window_full},  // The kept answers have too many bytes.
      {session, 6, 6, SubmitResult::applied},      // Raising the floor frees them.
      {session, 5, 0, SubmitResult::applied},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(table.check(row.of, row.number, row.floor).result, row.result)
        << row.number << " above " << row.floor;
  }
}

TEST(Sessions, KeepALargeJumpOfTheFloorSmall) {
  SessionTable table = table_with({});
  table.record(session, 1, {11}, "x");
  table.touch(session, ~std::uint64_t{0} - 1, {12});
  EXPECT_EQ(result_of(table, 2), SubmitResult::too_old);
  EXPECT_EQ(result_of(table, ~std::uint64_t{0}), SubmitResult::applied);
  table.record(session, ~std::uint64_t{0}, {13}, "y");
  table.verify();
}

TEST(Sessions, TheLongestUnusedGivesWay) {
  SessionTable table({2, 10, 100});
  table.open({1});
  table.open({2});
  table.touch({1}, 0, {3});
  table.open({4});
  EXPECT_EQ(table.check({1}, 1, 0).result, SubmitResult::applied);
  EXPECT_EQ(table.check({2}, 1, 0).result, SubmitResult::session_unknown);
  EXPECT_EQ(table.check({4}, 1, 0).result, SubmitResult::applied);
  EXPECT_EQ(table.size(), 2u);
}

std::uint64_t hash_of(const SessionTable& table) {
  Hash64 hash;
  table.add_to(hash);
  return hash.value();
}

TEST(Sessions, ComeBackFromTheirBytes) {
  SessionTable table = table_with({});
  table.open({12});
  table.record(session, 3, {13}, "three");
  table.touch(session, 2, {14});
  Bytes bytes;
  Writer writer(bytes);
  table.encode(writer);

  SessionTable copy({});
  Reader reader(bytes);
  copy.decode(reader);
  EXPECT_TRUE(reader.done());
  copy.verify();
  EXPECT_EQ(hash_of(copy), hash_of(table));
  EXPECT_EQ(copy.check(session, 3, 0).reply->bytes, "three");
  EXPECT_EQ(copy.check(session, 2, 0).reply, nullptr);

  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Reader cut(ByteView(bytes).substr(0, size));
    SessionTable({}).decode(cut);
    EXPECT_FALSE(cut.ok()) << size;
  }
}

TEST(Sessions, EveryChangeShowsInTheHash) {
  SessionTable table = table_with({});
  std::uint64_t before = hash_of(table);
  const auto changed = [&] { return std::exchange(before, hash_of(table)) != hash_of(table); };
  table.touch(session, 0, {11});
  EXPECT_TRUE(changed());
  table.record(session, 1, {12}, "x");
  EXPECT_TRUE(changed());
  table.touch(session, 2, {12});
  EXPECT_TRUE(changed());
  table.open({13});
  EXPECT_TRUE(changed());
}

}  // namespace
}  // namespace oki::replica
