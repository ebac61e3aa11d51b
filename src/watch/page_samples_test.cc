#include "watch/page_samples.h"

#include <gtest/gtest.h>

namespace oki::watch {
namespace {

NodeReading at(std::uint64_t applied, std::string hash = "", std::uint64_t quarantined = 0) {
  if (hash.empty()) hash = "hash of " + std::to_string(applied);
  return {applied, std::move(hash), quarantined};
}

TEST(EdgeCounter, GivesDifferencesAndNoneOverARestart) {
  EdgeCounter counter;
  EXPECT_FALSE(counter.add({100, 50, 1, 50, 5'000'000, 1}));
  const auto delta = counter.add({130, 60, 3, 60, 9'000'000, 2});
  ASSERT_TRUE(delta);
  EXPECT_EQ(delta->requests, 30u);
  EXPECT_EQ(delta->updates, 10u);
  EXPECT_EQ(delta->errors, 2u);
  EXPECT_EQ(delta->update_errors, 1u);
  EXPECT_EQ(delta->command_ns, 4'000'000u);
  EXPECT_FALSE(counter.add({5, 1, 0, 1, 100}));
  EXPECT_EQ(counter.add({9, 2, 0, 2, 200})->requests, 4u);
}

TEST(EdgeCounter, DoesNotBelieveLeaps) {
  EdgeCounter counter;
  counter.add({0, 0, 0, 0, 0});
  EXPECT_FALSE(counter.add({UINT64_MAX, 0, UINT64_MAX, 0, 0}));
  EXPECT_FALSE(counter.add({1, 0, 0, 0, 0}));
  EXPECT_TRUE(counter.add({1 + counts_max, 0, 0, 0, 0}));
}

TEST(EdgeCounts, NeedEveryCounter) {
  std::string page =
      "okiagari_edge_requests_total{class=\"public\"} 4\n"
      "okiagari_edge_requests_total{class=\"update\"} 6\n"
      "okiagari_edge_unserved_total 1\n"
      "okiagari_edge_commands_not_taken_total 2\n"
      "okiagari_edge_commands_unknown_total 3\n"
      "okiagari_edge_command_seconds_sum 0.000001500\n";
  EXPECT_FALSE(read_edge_counts(page));
  page += "okiagari_edge_command_seconds_count 5\n";
  const auto counts = read_edge_counts(page);
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->requests, 10u);
  EXPECT_EQ(counts->updates, 6u);
  EXPECT_EQ(counts->errors, 6u);
  EXPECT_EQ(counts->update_errors, 5u);
  EXPECT_EQ(counts->commands, 5u);
  EXPECT_EQ(counts->command_ns, 1500u);
  EXPECT_FALSE(read_edge_counts("<html>"));
}

TEST(DiskCounter, GivesTheMeanOfASync) {
  DiskCounter counter;
  EXPECT_FALSE(counter.add({10, 1'000'000}));
  EXPECT_EQ(counter.add({14, 9'000'000}), 2'000);
  EXPECT_EQ(counter.add({14, 9'000'000}), 0);
  EXPECT_FALSE(counter.add({2, 5}));
}

TEST(DiskCounter, SaysForHowLongOneSyncDoesNotEnd) {
  DiskCounter counter;
  const auto look = [&counter](std::uint64_t syncs, std::uint64_t begun, detect::MonoMs now) {
    counter.add({syncs, 0, begun});
    return counter.stuck_ms(now);
  };
  EXPECT_EQ(look(10, 10, 0), 0);
  EXPECT_EQ(look(10, 11, 500), 0);
  EXPECT_EQ(look(10, 11, 1'000), 500);
  EXPECT_EQ(look(10, 11, 2'500), 2'000);
  // Another one each time is a busy disk, not a stuck one.
  EXPECT_EQ(look(17, 18, 3'000), 0);
  EXPECT_EQ(look(30, 31, 3'500), 0);
  EXPECT_EQ(look(30, 31, 4'000), 500);
  EXPECT_EQ(look(31, 31, 4'500), 0);
}

TEST(DiskTimes, DoNotNeedToSayWhatHasBegun) {
  std::string page =
      "okiagari_replica_fsync_seconds_sum 0.000003000\n"
      "okiagari_replica_fsync_seconds_count 7\n";
  const auto before = read_disk_times(page);
  ASSERT_TRUE(before);
  EXPECT_EQ(before->begun, 7u);
  page += "okiagari_replica_fsyncs_begun_total 8\n";
  EXPECT_EQ(read_disk_times(page)->begun, 8u);
}

TEST(NodeState, IsReadWithWhetherTheNodeKnowsItsLeader) {
  const std::string start = "{\"started\":true,\"applied\":7,\"event_hash\":\"0a\"";
  const auto reading = read_node_state(start + ",\"leader_seat\":2,\"quarantined\":1}");
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->applied, 7u);
  EXPECT_EQ(reading->event_hash, "0a");
  EXPECT_EQ(reading->quarantined, 1u);
  EXPECT_TRUE(reading->knows_leader);
  for (const char* rest : {",\"leader_seat\":0,\"quarantined\":1}", ",\"quarantined\":1}"}) {
    const auto lonely = read_node_state(start + rest);
    ASSERT_TRUE(lonely) << rest;
    EXPECT_FALSE(lonely->knows_leader);
  }
  for (const char* rest : {",\"leader_seat\":2}", ",\"leader_seat\":2,\"quarantined\":-1}", ""}) {
    EXPECT_FALSE(read_node_state(start + rest)) << rest;
  }
  EXPECT_FALSE(read_node_state("{\"started\":false}"));
  EXPECT_FALSE(read_node_state("{\"applied\":" + std::string(100'000, '7') + "}"));
}

TEST(NodeCompare, ALagIsTheTimeSinceAnotherWasAhead) {
  NodeCompare compare(2);
  EXPECT_EQ(compare.lag_ms(1, 0), 0);
  compare.add(0, at(10), 1'000);
  compare.add(1, at(10), 1'100);
  EXPECT_EQ(compare.lag_ms(1, 1'100), 0);
  compare.add(0, at(20), 2'000);
  compare.add(0, at(30), 3'000);
  EXPECT_EQ(compare.lag_ms(0, 3'000), 0);
  EXPECT_EQ(compare.lag_ms(1, 3'500), 1'500);
  compare.add(1, at(25), 3'600);
  EXPECT_EQ(compare.lag_ms(1, 4'000), 1'000);
  compare.add(1, at(30), 4'100);
  EXPECT_EQ(compare.lag_ms(1, 4'100), 0);
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    compare.add(0, at(31 + i), 5'000 + static_cast<std::int64_t>(i) * 500);
  }
  EXPECT_GT(compare.lag_ms(1, 505'000), 60'000);
}

TEST(NodeCompare, AQuarantineNeedsTwoNodesThatSaySoAndOldOnesAreNone) {
  NodeCompare compare(3);
  compare.add(0, at(1, "", 2), 0);
  EXPECT_EQ(compare.quarantined(), 0u);
  compare.add(1, at(1, "", 2), 10);
  EXPECT_EQ(compare.quarantined(), 0u);
  compare.add(0, at(2, "", 3), 1'000);
  EXPECT_EQ(compare.quarantined(), 0u);
  compare.add(1, at(2, "", 3), 1'500);
  EXPECT_EQ(compare.quarantined(), 1u);
  EXPECT_EQ(compare.quarantined_at(), 1'500);
  compare.add(2, at(2, "", 1'000'000), 2'000);
  EXPECT_EQ(compare.quarantined(), 1u);
}

TEST(NodeCompare, TwoHistoriesAtOneIndexAreNoticed) {
  NodeCompare compare(2);
  compare.add(0, at(5), 100);
  compare.add(1, at(5), 200);
  EXPECT_EQ(compare.disagreements(), 0u);
  compare.add(0, at(6), 300);
  compare.add(1, at(6, "another"), 400);
  EXPECT_EQ(compare.disagreements(), 1u);
  EXPECT_EQ(compare.disagreed_at(), 400);
}

TEST(NodeState, NamesWhatOperatorsStoppedAndLeavesOutWhatIsNoText) {
  const auto read = [](const std::string& stops) {
    const auto state = read_node_state(R"({"leader_seat":1,"applied":7,"event_hash":"ab",)"
                                       R"("quarantined":0,"stops":)" +
                                       stops + "}");
    return state ? state->stops : MarketStops{{"none", ""}};
  };
  EXPECT_EQ(read(R"({"btc_jpy":"halt","eth_jpy":"order,buy_order"})"),
            (MarketStops{{"btc_jpy", "halt"}, {"eth_jpy", "order,buy_order"}}));
  const std::string long_text(stops_bytes_max + 1, 'x');
  EXPECT_EQ(read(R"({"btc_jpy":1,"eth_jpy":"","xrp_jpy":")" + long_text + "\"}"), MarketStops{});
  EXPECT_EQ(read("[]"), MarketStops{});
}

}  // namespace
}  // namespace oki::watch
