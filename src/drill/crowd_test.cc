#include "drill/crowd.h"

#include <gtest/gtest.h>

namespace oki::drill {
namespace {

RateProfile profile() {
  RateProfile profile;
  profile.usual_per_second = 100;
  profile.high_per_second = 500;
  profile.usual_ms = 1'000;
  profile.rise_ms = 2'000;
  profile.high_ms = 3'000;
  profile.fall_ms = 1'000;
  return profile;
}

TEST(RateProfile, IsUsualRisesStaysHighAndFallsBack) {
  const std::pair<std::int64_t, std::uint64_t> expected[] = {
      {0, 100},     {999, 100},   {1'000, 100}, {2'000, 300}, {2'999, 499}, {3'000, 500},
      {5'999, 500}, {6'000, 500}, {6'500, 300}, {7'000, 100}, {99'000, 100}};
  for (const auto& [after_ms, rate] : expected) {
    EXPECT_EQ(rate_at(profile(), after_ms), rate) << after_ms;
  }
}

TEST(FeltCsv, HasALineForEachSecond) {
  std::vector<FeltSecond> seconds(2);
  seconds[1].second = 1;
  seconds[1].felt.offered = 7;
  seconds[1].felt.served = 5;
  seconds[1].felt.throttled = 2;
  EXPECT_EQ(
      felt_csv(seconds),
      "second,offered,served,late,refused,throttled,not_taken,unknown,given_up,p50_ms,p99_ms\n"
      "0,0,0,0,0,0,0,0,0,0,0\n"
      "1,7,5,0,0,2,0,0,0,0,0\n");
}

}  // namespace
}  // namespace oki::drill
