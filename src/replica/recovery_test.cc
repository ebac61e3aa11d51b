#include "replica/recovery.h"

#include <gtest/gtest.h>

namespace oki::replica {
namespace {

store::RecoveredLog log_of(std::uint64_t compacted, std::uint64_t last, std::uint64_t commit) {
  store::RecoveredLog log;
  log.compacted = {compacted};
  log.compacted_term = {compacted == 0 ? 0u : 2u};
  for (std::uint64_t index = compacted + 1; index <= last; ++index) {
    log.entries.push_back({{index}, {2}, 0, "x"});
  }
  log.hard_state = {{2}, {1}, {commit}};
  return log;
}

TEST(Recovery, KeepsALogThatLeadsToTheSnapshot) {
  const auto recovery = reconcile(store::SnapshotMeta{{15}, {2}, ""}, log_of(10, 20, 18));
  ASSERT_TRUE(recovery);
  EXPECT_FALSE(recovery->replace_journal);
  EXPECT_EQ(recovery->log.entries.size(), 10u);
  EXPECT_EQ(recovery->log.hard_state.commit, LogIndex{18});
}

TEST(Recovery, WhatASnapshotHoldsIsCommitted) {
  const auto recovery = reconcile(store::SnapshotMeta{{15}, {2}, ""}, log_of(10, 20, 12));
  ASSERT_TRUE(recovery);
  EXPECT_EQ(recovery->log.hard_state.commit, LogIndex{15});
}

TEST(Recovery, ASnapshotBeyondTheLogReplacesIt) {
  const auto recovery = reconcile(store::SnapshotMeta{{50}, {3}, ""}, log_of(10, 20, 18));
  ASSERT_TRUE(recovery);
  EXPECT_TRUE(recovery->replace_journal);
  EXPECT_TRUE(recovery->log.entries.empty());
  EXPECT_EQ(recovery->log.compacted, LogIndex{50});
  EXPECT_EQ(recovery->log.compacted_term, Term{3});
  EXPECT_EQ(recovery->log.hard_state, (store::HardState{{3}, {}, {50}}));  // A vote of an old term.
}

TEST(Recovery, ALogThatWentAnotherWayIsReplaced) {
  const auto recovery = reconcile(store::SnapshotMeta{{15}, {3}, ""}, log_of(10, 20, 12));
  ASSERT_TRUE(recovery);
  EXPECT_TRUE(recovery->replace_journal);
  EXPECT_TRUE(recovery->log.entries.empty());
}

TEST(Recovery, RefusesALogWithAHole) {
  EXPECT_EQ(reconcile(store::SnapshotMeta{{5}, {2}, ""}, log_of(10, 20, 18)).error().code,
            Errc::corrupt);
  EXPECT_EQ(reconcile(std::nullopt, log_of(10, 10, 10)).error().code, Errc::corrupt);
  EXPECT_EQ(reconcile(std::nullopt, log_of(0, 3, 0)).error().code, Errc::corrupt);
}

TEST(Recovery, RefusesALogThatLostItsCommittedEnd) {
  EXPECT_EQ(reconcile(store::SnapshotMeta{{15}, {2}, ""}, log_of(10, 20, 21)).error().code,
            Errc::corrupt);
}

TEST(Recovery, ANewNodeKnowsNothing) {
  store::RecoveredLog log;
  log.hard_state = {{4}, {2}, {}};  // It may have seen a term.
  const auto recovery = reconcile(std::nullopt, log);
  ASSERT_TRUE(recovery);
  EXPECT_FALSE(recovery->replace_journal);
}

}  // namespace
}  // namespace oki::replica
