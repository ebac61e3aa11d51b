#include "base/prng.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

namespace oki {
namespace {

// From the reference implementations of SplitMix64 and xoshiro256**. They must never change: seeds
// written down in tests and reports would mean other runs.
TEST(Prng, GivesTheSequencesOfTheReference) {
  EXPECT_EQ(mix64(0), 0xe220a8397b1dcdafu);
  Prng zero(0);
  for (const std::uint64_t expected :
       {0x99ec5f36cb75f2b4u, 0xbf6e1f784956452au, 0x1a5f849d4933e6e0u})
    EXPECT_EQ(zero.next(), expected);
  Prng other(42);
  for (const std::uint64_t expected :
       {0x15780b2e0c2ec716u, 0x6104d9866d113a7eu, 0xae17533239e499a1u})
    EXPECT_EQ(other.next(), expected);
}

TEST(Prng, StaysBelowItsBoundAndReachesEveryValue) {
  Prng prng(1);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(prng.below(7));
  EXPECT_EQ(seen.size(), 7u);
  EXPECT_EQ(*seen.rbegin(), 6u);
  EXPECT_EQ(prng.below(1), 0u);
  EXPECT_DEATH(prng.below(0), "bound");
}

TEST(Prng, StaysBetweenItsEnds) {
  Prng prng(2);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(prng.between(-2, 2));
  EXPECT_EQ(seen, (std::set<std::int64_t>{-2, -1, 0, 1, 2}));
  EXPECT_EQ(prng.between(5, 5), 5);
  constexpr auto low = std::numeric_limits<std::int64_t>::min();
  constexpr auto high = std::numeric_limits<std::int64_t>::max();
  bool negative = false;
  bool positive = false;
  for (int i = 0; i < 100; ++i) {
    const std::int64_t value = prng.between(low, high);
    negative |= value < 0;
    positive |= value > 0;
  }
  EXPECT_TRUE(negative && positive);
  EXPECT_DEATH(prng.between(1, 0), "low <= high");
}

TEST(Prng, ChanceIsNeverAlwaysAndInBetweenAsStated) {
  Prng prng(3);
  int hits = 0;
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_FALSE(prng.chance(0, 10));
    EXPECT_TRUE(prng.chance(10, 10));
    hits += prng.chance(1, 4) ? 1 : 0;
  }
  EXPECT_NEAR(hits, 2500, 200);
}

}  // namespace
}  // namespace oki
