#include "response/past_alarms.h"

#include <gmock/gmock.h>

#include "response/testing/response_world.h"

namespace oki::response {
namespace {

Signal by_rule(Signal signal, const std::string& rule) {
  signal.facts.push_back({"rule", rule});
  return signal;
}

TEST(PastAlarmsTest, OfAConfirmedIncidentAreTrueAndEachRuleCountsOnce) {
  World world;
  world.furnish();
  world.observe(by_rule(evidence("a", Source::metric, "btc_jpy"), "errors.faint"));
  world.advance(1'500);
  world.observe(by_rule(proof("cross", "btc_jpy"), "test_trades.market"), "prober 1");
  world.observe(by_rule(evidence("b", Source::metric, "btc_jpy"), "errors.faint"));
  EXPECT_TRUE(past_alarms(world.state(), {1}, true).empty()) << "nothing is decided yet";
  for (const char* key : {"a", "b"}) {
    world.observe(over(by_rule(evidence(key, Source::metric, "btc_jpy"), "errors.faint")));
  }
  world.observe(over(by_rule(proof("cross", "btc_jpy"), "test_trades.market")), "prober 1");
  for (int i = 0; i < 40; ++i) world.healthy_second();
  ASSERT_EQ(world.incident(1).phase, Phase::resolved);
  const auto alarms = past_alarms(world.state(), {1}, false);
  ASSERT_EQ(alarms.size(), 2u);
  EXPECT_EQ(alarms[0].rule, "errors.faint");
  EXPECT_TRUE(alarms[0].was_true);
  EXPECT_EQ(alarms[0].delay_ms, alarms[0].at.value - world.incident(1).began.value);
  EXPECT_EQ(alarms[1].rule, "test_trades.market");
  EXPECT_EQ(alarms[1].delay_ms - alarms[0].delay_ms, 1'500);
  EXPECT_EQ(alarms[1].signal, "test_trade cross");
}

TEST(PastAlarmsTest, OfADismissedIncidentAreFalse) {
  World world;
  world.furnish();
  world.observe(by_rule(evidence("a", Source::host, "btc_jpy"), "gauges.cpu_ppm"));
  ASSERT_EQ(world.send(Dismiss{aki, {1}, "Nothing."}).refusal, Refusal::none);
  const auto alarms = past_alarms(world.state(), {1}, false);
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_FALSE(alarms[0].was_true);
  EXPECT_FALSE(alarms[0].missed);
}

TEST(PastAlarmsTest, WhatPeopleFoundFirstWasMissed) {
  World world;
  world.furnish();
  Declare declare;
  declare.by = aki;
  declare.title = "Prices stand still";
  declare.severity = Severity::sev2;
  declare.began = world.now();
  declare.components = {{notify::ComponentKind::market, "btc_jpy"}};
  ASSERT_EQ(world.send(declare).refusal, Refusal::none);
  world.observe(by_rule(proof("cross", "btc_jpy"), "test_trades.market"), "prober 1");
  world.observe(over(by_rule(proof("cross", "btc_jpy"), "test_trades.market")), "prober 1");
  for (int i = 0; i < 40; ++i) world.healthy_second();
  ASSERT_EQ(world.send(RequestResolve{aki, {1}}).refusal, Refusal::none);
  const auto alarms = past_alarms(world.state(), {1}, false);
  ASSERT_EQ(alarms.size(), 2u);
  EXPECT_TRUE(alarms[0].missed);
  EXPECT_EQ(alarms[0].rule, no_rule);
  EXPECT_TRUE(alarms[1].was_true);
}

// An outside source that writes the name of a rule of ours changes nothing in that rule's figures.
TEST(PastAlarmsTest, OutsideSourcesAreOneRuleEachWhateverTheySay) {
  World world;
  world.furnish();
  Signal lie = by_rule(evidence("a", Source::alertmanager, "btc_jpy"), "errors.fast");
  lie.words = "errors.fast: all is lost";
  world.observe(lie);
  ASSERT_EQ(world.send(Dismiss{aki, {1}, "Nothing."}).refusal, Refusal::none);
  const auto alarms = past_alarms(world.state(), {1}, false);
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_EQ(alarms[0].rule, "alertmanager");
}

TEST(PastAlarmsTest, RulesStandInTheWordsOfRowsAndNothingElseDoes) {
  Signal signal = evidence("a", Source::metric, "btc_jpy");
  signal.words = "Slow: very.";
  EXPECT_EQ(words_with_rule(signal), "Slow: very.");
  signal.facts = {{"rule", "Not A Rule"}};
  EXPECT_EQ(words_with_rule(signal), "Slow: very.");
  signal.facts = {{"value", "3"}, {"rule", "latency"}};
  EXPECT_EQ(words_with_rule(signal), "latency: Slow: very.");
  signal.words = std::string(signal_words_bytes_max, 'x');
  EXPECT_EQ(words_with_rule(signal).size(), words_bytes_max);
  Row row;
  row.kind = RowKind::signal_began;
  row.subject = "metric watch 1/latency/edge 1";
  for (const auto& [words, rule] : std::initializer_list<std::pair<const char*, const char*>>{
           {"latency: Slow: very.", "latency"},
           {"Slow: very.", nullptr},
           {"", nullptr},
           {": x", nullptr},
           {"latency", nullptr}}) {
    row.words = words;
    EXPECT_EQ(rule_of(row).value_or("none"), rule == nullptr ? "none" : rule) << words;
  }
  row.kind = RowKind::note;
  row.words = "latency: x";
  EXPECT_EQ(rule_of(row), std::nullopt);
}

TEST(PastAlarmsTest, OfAMergedIncidentTheOtherOneDecidesAndDrillsAreLeftOut) {
  World world;
  world.furnish();
  world.observe(by_rule(evidence("a", Source::metric, "btc_jpy"), "latency"));
  Declare drill;
  drill.by = aki;
  drill.title = "A drill";
  drill.drill = true;
  drill.began = world.now();
  ASSERT_EQ(world.send(drill).refusal, Refusal::none);
  world.advance(200'000);
  world.observe(by_rule(evidence("b", Source::metric, "eth_jpy"), "rate_drop"));
  ASSERT_EQ(world.state().incident_last.value, 3u);
  ASSERT_EQ(world.send(Merge{aki, {3}, {1}}).refusal, Refusal::none);
  EXPECT_TRUE(past_alarms(world.state(), {3}, true).empty()) << "the other one is open";
  ASSERT_EQ(world.send(Dismiss{aki, {1}, "Nothing."}).refusal, Refusal::none);
  const auto alarms = past_alarms(world.state(), {3}, false);
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_EQ(alarms[0].rule, "rate_drop");
  EXPECT_FALSE(alarms[0].was_true);
  for (int i = 0; i < 40; ++i) world.healthy_second();
  world.send(RequestResolve{aki, {2}});
  EXPECT_TRUE(past_alarms(world.state(), {2}, false).empty());
}

}  // namespace
}  // namespace oki::response
