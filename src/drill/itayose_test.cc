#include "drill/itayose.h"

#include <gtest/gtest.h>

namespace oki::drill {
namespace {

using Levels = std::vector<BookLevel>;

TEST(Itayose, ABookThatDoesNotCrossHasNoPrice) {
  EXPECT_EQ(itayose({{99, 5}}, {{101, 5}}, 100), AuctionEnd{});
  EXPECT_EQ(itayose({}, {{101, 5}}, 0), AuctionEnd{});
  EXPECT_EQ(itayose({}, {}, 100), AuctionEnd{});
}

TEST(Itayose, ExecutesTheMost) {
  EXPECT_EQ(itayose({{110, 5}, {105, 10}}, {{100, 8}, {107, 20}}, 0), (AuctionEnd{100, 8}));
}

TEST(Itayose, LeavesTheLeastOfEqualVolumes) {
  // At 100: 10 against 10. At 104: 10 against 15.
  EXPECT_EQ(itayose({{104, 10}}, {{100, 10}, {103, 5}}, 0), (AuctionEnd{100, 10}));
}

TEST(Itayose, EndsNearTheReferenceAndElseLow) {
  const Levels buys{{110, 10}};
  const Levels sells{{100, 10}};
  EXPECT_EQ(itayose(buys, sells, 120), (AuctionEnd{110, 10}));
  EXPECT_EQ(itayose(buys, sells, 103), (AuctionEnd{103, 10})) << "the reference is a candidate";
  EXPECT_EQ(itayose(buys, sells, 0), (AuctionEnd{100, 10}));
  EXPECT_EQ(itayose({{110, 10}, {104, 1}}, {{100, 10}, {106, 1}}, 105), (AuctionEnd{105, 10}));
}

}  // namespace
}  // namespace oki::drill
