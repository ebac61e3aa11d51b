#include "watch/change_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/stepped.h"

namespace oki::watch {
namespace {

using notify::ComponentId;
using notify::ComponentKind;
using response::ChangeKind;
using ::testing::ElementsAre;

const ComponentId edge{ComponentKind::edge, "1"};

std::string page(std::uint64_t started, std::uint64_t settings) {
  return "process_start_time_seconds " + std::to_string(started) + ".250\n" +
         "okiagari_edge_settings_version " + std::to_string(settings) + "\n";
}

class ChangeFeedTest : public ::testing::Test {
 protected:
  std::vector<std::string> words() const {
    std::vector<std::string> out;
    for (const response::ChangeRecord& change : told_) out.push_back(change.words);
    return out;
  }

  NodeReading reading(std::uint64_t applied, MarketStops stops) {
    return {applied, "hash", 0, std::move(stops)};
  }

  oki::testing::StepClock clock_;
  Metrics metrics_;
  std::vector<response::ChangeRecord> told_;
  ChangeFeed feed_{{clock_, metrics_,
                    [this](response::Command command) {
                      told_.push_back(std::get<response::RecordChange>(command).change);
                    }},
                   {"btc_jpy", "eth_jpy"}};
};

TEST_F(ChangeFeedTest, TakesTheFirstLookForNoChange) {
  feed_.on_process(edge, page(1000, 7));
  feed_.on_node(reading(5, {{"btc_jpy", "halt"}}));
  EXPECT_THAT(told_, ElementsAre());
}

TEST_F(ChangeFeedTest, TellsAProcessThatBeganAnewAndNotItsSettingsBesides) {
  feed_.on_process(edge, page(1000, 7));
  feed_.on_process(edge, page(1000, 7));
  feed_.on_process(edge, page(1060, 0));
  EXPECT_THAT(words(), ElementsAre("Edge 1 was started anew."));
  EXPECT_EQ(told_[0].kind, ChangeKind::deployment);
  EXPECT_THAT(told_[0].components, ElementsAre(edge));
}

TEST_F(ChangeFeedTest, TellsAnEdgeThatIsTakenOutAndBack) {
  feed_.on_drained(0, true);
  feed_.on_drained(0, false);
  EXPECT_THAT(words(), ElementsAre("The edge is being taken out; another one serves.",
                                   "The edge is taken out no longer."));
  EXPECT_EQ(told_[0].kind, ChangeKind::operator_command);
  EXPECT_THAT(told_[0].components, ElementsAre(edge));
}

TEST_F(ChangeFeedTest, TellsOtherSettingsOfTheSameProcess) {
  feed_.on_process(edge, page(1000, 7));
  feed_.on_process(edge, page(1000, 8));
  EXPECT_THAT(words(), ElementsAre("Edge 1 runs version 8 of its settings, after version 7."));
  EXPECT_EQ(told_[0].kind, ChangeKind::configuration);
}

TEST_F(ChangeFeedTest, APageWithoutMarksSaysNothing) {
  feed_.on_process(edge, page(1000, 7));
  feed_.on_process(edge, "");
  feed_.on_process(edge, "process_start_time_seconds NaN\n");
  feed_.on_process(edge, page(1000, 7));
  EXPECT_THAT(told_, ElementsAre());
}

TEST_F(ChangeFeedTest, TellsWhatOperatorsStopAndLetGoOn) {
  feed_.on_node(reading(5, {}));
  feed_.on_node(reading(6, {{"btc_jpy", "halt"}}));
  feed_.on_node(reading(7, {{"btc_jpy", "order"}}));
  feed_.on_node(reading(8, {}));
  EXPECT_THAT(words(), ElementsAre("Stopped in btc_jpy: halt; before: none.",
                                   "Stopped in btc_jpy: order; before: halt.",
                                   "Stopped in btc_jpy: none; before: order."));
  EXPECT_EQ(told_[0].kind, ChangeKind::operator_command);
}

TEST_F(ChangeFeedTest, ANodeThatIsBehindChangesNothing) {
  feed_.on_node(reading(5, {}));
  feed_.on_node(reading(6, {{"btc_jpy", "halt"}}));
  feed_.on_node(reading(5, {}));
  feed_.on_node(reading(6, {{"btc_jpy", "halt"}}));
  EXPECT_EQ(told_.size(), 1u);
}

TEST_F(ChangeFeedTest, MarketsThatNobodyKnowsAreLeftOut) {
  feed_.on_node(reading(5, {}));
  feed_.on_node(reading(6, {{"<script>", "halt"}}));
  EXPECT_THAT(told_, ElementsAre());
}

TEST_F(ChangeFeedTest, WhoLiesTellsNoMoreThanTheLimitInAnHour) {
  for (std::uint64_t i = 0; i < 3 * changes_per_hour_max; ++i) {
    feed_.on_process(edge, page(1000 + i, 0));
  }
  EXPECT_EQ(told_.size(), changes_per_hour_max);
  clock_.advance_ns(3'600'001 * ns_per_ms);
  feed_.on_process(edge, page(1, 0));
  EXPECT_EQ(told_.size(), changes_per_hour_max + 1);
}

}  // namespace
}  // namespace oki::watch
