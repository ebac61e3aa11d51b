#include "watch/access.h"

#include <gtest/gtest.h>

namespace oki::watch {
namespace {

using response::Signal;
using response::Trust;

struct AccessTest : ::testing::Test {
  static std::string page(const AccessReading& reading) {
    return "okiagari_edge_refused_most{by=\"address\"} " + std::to_string(reading.most_address) +
           "\nokiagari_edge_refused_most{by=\"account\"} " + std::to_string(reading.most_account) +
           "\nokiagari_edge_refused_many{by=\"address\"} " +
           std::to_string(reading.many_addresses) +
           "\nokiagari_edge_refused_many{by=\"account\"} " + std::to_string(reading.many_accounts) +
           "\nokiagari_edge_unknown_ids_most " + std::to_string(reading.unknown_ids) + "\n";
  }
  // A second of pages that say this; the last word under each key.
  std::map<std::string, Signal> after(const std::string& text, int seconds = 1) {
    std::map<std::string, Signal> last;
    for (int i = 0; i < 5 * seconds; ++i) {
      now.mono += 200;
      now.wall.value += 200;
      levels.take(text, now);
      for (Signal& signal : detectors.take()) {
        EXPECT_TRUE(response::check(signal));
        last[signal.key] = std::move(signal);
      }
    }
    return last;
  }

  detect::Moment now{1'000, {1'700'000'000'000}};
  detect::Detectors detectors{{}, {1, 2, {"btc_jpy"}}, now};
  AccessLevels levels{detectors, 1};
};

TEST_F(AccessTest, AQuietEdgeSaysNothing) {
  EXPECT_TRUE(after(page({access::one_min - 1, access::one_min - 1, access::many_addresses_min - 1,
                          access::many_accounts_min - 1, access::ids_min - 1}))
                  .empty());
}

TEST_F(AccessTest, OneSenderIsAHintAndManyAreEvidence) {
  auto last = after(page({access::one_min, 0, 0, 0, 0}));
  ASSERT_EQ(last.size(), 1u);
  const Signal& one = last.at("access/one/edge 1");
  EXPECT_EQ(one.kind, response::SignalKind::abnormal_access);
  EXPECT_EQ(one.trust, Trust::hint);
  EXPECT_EQ(one.facts.front(), (response::Fact{"rule", "access.one"}));
  last = after(page({0, access::one_min, 0, access::many_accounts_min, 0}));
  EXPECT_EQ(last.at("access/many/edge 1").trust, Trust::evidence);
  last = after(page({0, 0, 0, 0, access::ids_min}));
  EXPECT_EQ(last.at("access/ids/edge 1").trust, Trust::hint);
}

TEST_F(AccessTest, ItIsOverWhenTheEdgeSaysSoAndTheBeginningIsWhenItWasNotSeenYet) {
  (void)after(page({}), 5);
  const WallTimeMs began = now.wall;
  const auto rose = after(page({0, 0, access::many_addresses_min, 0, 0}));
  EXPECT_EQ(rose.at("access/many/edge 1").since, began);
  const auto fell = after(page({}), 60);
  EXPECT_FALSE(fell.at("access/many/edge 1").firing);
}

TEST_F(AccessTest, APageThatDoesNotSayItOrLiesIsNoWord) {
  EXPECT_TRUE(after("").empty());
  EXPECT_TRUE(after("okiagari_edge_refused_most{by=\"address\"} 500\n").empty());
  std::string lie = page({});
  lie.replace(lie.find(" 0"), 2, " 99999999999999999999");
  EXPECT_TRUE(after(lie).empty());
}

}  // namespace
}  // namespace oki::watch
