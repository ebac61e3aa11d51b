#include "edge/rate_limit.h"

#include <gtest/gtest.h>

namespace oki::edge {
namespace {

constexpr core::AccountId account{1};
constexpr MonoTimeNs start{5'000'000'000};
constexpr std::int64_t ms = 1'000'000;

TEST(RateLimits, GrantsASecondsWorthAtOnceAndThenRefuses) {
  RateLimits limits(10);
  for (std::uint32_t left = 10; left-- > 0;) {
    const RateGrant grant = limits.take(account, 10, start);
    EXPECT_TRUE(grant.granted);
    EXPECT_EQ(grant.limit, 10u);
    EXPECT_EQ(grant.remaining, left);
  }
  const RateGrant refused = limits.take(account, 10, start);
  EXPECT_FALSE(refused.granted);
  EXPECT_EQ(refused.remaining, 0u);
  EXPECT_EQ(refused.retry_ms, 100);
  EXPECT_EQ(refused.reset_ms, 1000);
}

TEST(RateLimits, RefusedRequestsDoNotCount) {
  RateLimits limits(10);
  for (int i = 0; i < 100; ++i) (void)limits.take(account, 10, start);
  EXPECT_FALSE(limits.take(account, 10, start + 99 * ms).granted);
  EXPECT_TRUE(limits.take(account, 10, start + 100 * ms).granted);
  EXPECT_FALSE(limits.take(account, 10, start + 100 * ms).granted);
}

TEST(RateLimits, ZeroIsNoLimit) {
  RateLimits limits(10);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limits.take(account, 0, start).granted);
  EXPECT_EQ(limits.size(), 0u);
}

TEST(RateLimits, AccountsDoNotShare) {
  RateLimits limits(10);
  EXPECT_TRUE(limits.take({1}, 1, start).granted);
  EXPECT_FALSE(limits.take({1}, 1, start).granted);
  EXPECT_TRUE(limits.take({2}, 1, start).granted);
}

TEST(RateLimits, OverAnyLongTimeTheRateHolds) {
  RateLimits limits(10);
  int granted = 0;
  for (int step = 0; step < 10'000; ++step) {
    granted += limits.take(account, 6, start + step * ms).granted ? 1 : 0;
  }
  EXPECT_GE(granted, 60);
  EXPECT_LE(granted, 66);
}

TEST(RateLimits, TheTableDoesNotGrowPastItsLimit) {
  RateLimits limits(2);
  for (std::uint64_t id = 1; id <= 50; ++id) {
    EXPECT_TRUE(limits.take({id}, 1, start).granted);
    EXPECT_LE(limits.size(), 2u);
  }
  // The first two are full again, and make room.
  EXPECT_TRUE(limits.take({99}, 1, start + 2000 * ms).granted);
  EXPECT_FALSE(limits.take({99}, 1, start + 2000 * ms).granted);
}

}  // namespace
}  // namespace oki::edge
