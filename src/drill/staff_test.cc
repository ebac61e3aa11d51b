#include "drill/staff.h"

#include <gtest/gtest.h>

#include "watch/conductor/house_file.h"

namespace oki::drill {
namespace {

TEST(Staff, HasAHouseThatAWatchReads) {
  const std::string toml = house_toml({"", 3, 2, 3, {"btc_jpy", "eth_jpy"}, "", false});
  const auto changes = watch::read_house_file(toml);
  ASSERT_TRUE(changes.has_value()) << changes.error().message;
  // The topology, two people, a schedule, three escalations and three speakers at least.
  EXPECT_GE(changes->size(), 10u);
  EXPECT_FALSE(watch::read_house_file(toml + "[[person]]\nid = 0\n").has_value());
}

}  // namespace
}  // namespace oki::drill
