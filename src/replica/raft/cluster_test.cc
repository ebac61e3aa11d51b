#include "replica/testing/cluster.h"

#include <gtest/gtest.h>

namespace oki::replica {
namespace {

TEST(Cluster, ElectsCommitsAndAnswers) {
  seed_raft_engine(1);
  Cluster cluster(3, make_raft_engine);
  const std::uint32_t leader = cluster.wait_for_leader();
  const SessionId session = cluster.open_session(leader);
  const SubmitAnswer first = cluster.add(leader, session, 1, "buy");
  EXPECT_EQ(first.result, SubmitResult::applied);
  EXPECT_EQ(first.reply, "1");
  EXPECT_EQ(cluster.add(leader, session, 2, "sell").reply, "2");
  ASSERT_TRUE(cluster.settle());
  for (std::uint32_t seat = 1; seat <= 3; ++seat) {
    EXPECT_EQ(cluster.machine(seat).commands, (std::vector<Bytes>{"buy", "sell"}));
    EXPECT_EQ(cluster[seat].status().event_hash, cluster[leader].status().event_hash);
    cluster[seat].verify();
  }
}

}  // namespace
}  // namespace oki::replica
