#include "edge/refusals.h"

#include <gtest/gtest.h>

#include "base/testing/stepped.h"

namespace oki::edge {
namespace {

struct RefusalsTest : ::testing::Test {
  std::int64_t most(const char* by) {
    return metrics.gauge("okiagari_edge_refused_most", "", "by=\"" + std::string(by) + "\"")
        .value();
  }
  std::int64_t many(const char* by) {
    return metrics.gauge("okiagari_edge_refused_many", "", "by=\"" + std::string(by) + "\"")
        .value();
  }
  std::int64_t ids() { return metrics.gauge("okiagari_edge_unknown_ids_most", "").value(); }

  oki::testing::StepClock clock;
  oki::testing::StepTimers timers{clock};
  Metrics metrics;
  Refusals refusals{timers, metrics};
};

TEST_F(RefusalsTest, OneAddressAndOneAccountThatAreRefusedAgainAndAgainShow) {
  for (int i = 0; i < 7; ++i) refusals.add_unnamed("192.0.2.1");
  refusals.add_unnamed("2001:db8::1");
  for (int i = 0; i < 4; ++i) refusals.add_wrong({5});
  for (int i = 0; i < 2; ++i) refusals.add_throttled({5});
  refusals.add_unknown_id({6});
  EXPECT_EQ(most("address"), 7);
  EXPECT_EQ(many("address"), 1);
  EXPECT_EQ(most("account"), 6);
  EXPECT_EQ(many("account"), 0) << "an account that only asks too often is no failed login";
  EXPECT_EQ(ids(), 1);
}

TEST_F(RefusalsTest, EachNumberHoldsForOneMoreStretchAndIsThenOver) {
  for (std::uint64_t account = 1; account <= 30; ++account) {
    for (std::uint32_t i = 0; i < refused_each_min; ++i) refusals.add_wrong({account});
  }
  EXPECT_EQ(many("account"), 30);
  timers.advance_ms(refusals_window_ms);
  refusals.add_wrong({1});
  EXPECT_EQ(many("account"), 30);
  EXPECT_EQ(most("account"), refused_each_min);
  timers.advance_ms(refusals_window_ms);
  EXPECT_EQ(many("account"), 0);
  EXPECT_EQ(most("account"), 1);
  timers.advance_ms(refusals_window_ms);
  EXPECT_EQ(most("account"), 0);
}

TEST_F(RefusalsTest, WhatIsNoAddressIsOneNameAndTooManyNamesAreNotCountedApart) {
  for (const char* lie : {"", "<script>", "unknown"}) refusals.add_unnamed(lie);
  refusals.add_unnamed(std::string(asker_bytes_max + 1, '1'));
  EXPECT_EQ(most("address"), 4);
  for (std::size_t i = 0; i < refused_tracked_max + 10; ++i) {
    refusals.add_unnamed("10." + std::to_string(i / 65'536) + '.' + std::to_string(i / 256 % 256) +
                         '.' + std::to_string(i % 256));
  }
  EXPECT_EQ(metrics.counter("okiagari_edge_refused_untracked_total", "").value(), 11u);
  EXPECT_EQ(most("address"), 4);
}

}  // namespace
}  // namespace oki::edge
