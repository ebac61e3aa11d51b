#include "response/runbook/values.h"

#include <gtest/gtest.h>

#include "response/runbook/catalogue.h"
#include "response/runbook/condition.h"

namespace oki::response {
namespace {

TEST(Values, EachKindTakesItsOwnSpellingOnly) {
  const struct {
    ValueKind kind;
    std::vector<const char*> good, bad;
  } rows[] = {
      {ValueKind::market, {"btc_jpy", "a"}, {"", "BTC", "btc-jpy", "btc jpy", "../x", "$(id)"}},
      {ValueKind::number,
       {"0", "1", "64", "999999999"},
       {"", "01", "-1", "+1", "1.0", "1000000000"}},
      {ValueKind::process,
       {"edge1", "node12", "watch", "status2"},
       {"", "edge0", "edge01", "init", "edge1;ls", "edge-1", "nodeedge1", "edge1 "}},
      {ValueKind::duration,
       {"1s", "30m", "24h", "86400s"},
       {"", "30", "0s", "-5m", "25h", "86401s", "1d", "1.5h", "s"}},
      {ValueKind::time, {"+5m"}, {"5m", "+", "++5m", "+5"}},
      {ValueKind::words, {"order", "order,market_order"}, {"", "order,", ",order", "a b", "a;b"}},
      {ValueKind::settings,
       {"query_percent=50", "a=1,b=2"},
       {"", "query_percent", "query_percent=", "=5", "a=x", "a=1,", "a=1;b=2"}},
      {ValueKind::role, {"operations", "security"}, {"", "root", "operations "}}};
  for (const auto& row : rows) {
    EXPECT_TRUE(fits(row.kind, example(row.kind)));
    for (const char* good : row.good) EXPECT_TRUE(fits(row.kind, good)) << good;
    for (const char* bad : row.bad) EXPECT_FALSE(fits(row.kind, bad)) << bad;
    EXPECT_FALSE(fits(row.kind, std::string(value_bytes_max + 1, 'a')));
  }
}

TEST(Values, WhatFitsIsASafeWordOfACommandLine) {
  for (std::uint8_t kind = 0; kind < value_kinds; ++kind) {
    EXPECT_TRUE(is_safe_word(example(static_cast<ValueKind>(kind))));
  }
  for (const char* bad : {"", "-rf", "a b", "a;b", "$x", "`x`", "a|b", "a\nb", "a'b", "\"", "*",
                          "~", "a>b", "a&b", "\xe3\x81\x82"}) {
    EXPECT_FALSE(is_safe_word(bad)) << bad;
  }
}

TEST(Values, PlaceholdersAreFilledOnceAndNeverWithinValues) {
  const Values values{{"edge", "{market}"}, {"market", "btc_jpy"}, {"fact.host", "h1"}};
  EXPECT_EQ(fill("a {edge} b{market}{fact.host}", values).value(), "a {market} bbtc_jpyh1");
  EXPECT_EQ(fill("", values).value(), "");
  EXPECT_EQ(fill("{seat}", values).error().code, Errc::not_found);
  for (const char* bad : {"{", "}", "{}", "a}b", "{a", "{a b}", "{A}", "{{a}}", "{a{b}"}) {
    EXPECT_EQ(placeholders_of(bad).error().code, Errc::invalid) << bad;
    EXPECT_EQ(fill(bad, values).error().code, Errc::invalid) << bad;
  }
}

TEST(Conditions, AreReadExactly) {
  const auto metric = parse_condition("metric okiagari_edge_tightened of edge1 = 1");
  ASSERT_TRUE(metric);
  EXPECT_EQ(metric->kind, ConditionKind::metric);
  EXPECT_EQ(metric->subject, "edge1");
  EXPECT_EQ(metric->comparison, '=');
  const auto trades = parse_condition("test trades 20 by 2");
  ASSERT_TRUE(trades);
  EXPECT_EQ(trades->number, 20);
  EXPECT_EQ(trades->probers, 2u);
  for (const char* good :
       {"nothing", "green", "a leader", "leader is 2", "market btc_jpy is halted",
        "market btc_jpy is trading", "market btc_jpy is cancel_only", "market btc_jpy is auction",
        "process edge1 is up", "process node3 is down", "edge 1 is draining", "edge 2 is serving",
        "metric okiagari_edge_in_flight of edge1 < 10", "test trades 1000 by 32"}) {
    EXPECT_TRUE(parse_condition(good)) << good;
  }
  for (const char* bad : {"",
                          " ",
                          "greenish",
                          "green ",
                          "a  leader",
                          "leader is 0",
                          "leader is x",
                          "leader was 2",
                          "market btc_jpy is open",
                          "market BTC is halted",
                          "market btc_jpy",
                          "process edge1 is ok",
                          "process init is up",
                          "edge 0 is serving",
                          "edge 65 is serving",
                          "edge one is serving",
                          "metric up of edge1 = 1",
                          "metric okiagari_x of edge1 == 1",
                          "metric okiagari_x of edge1 = -1",
                          "metric okiagari_x in edge1 = 1",
                          "test trades 0 by 2",
                          "test trades 1001 by 2",
                          "test trades 20 by 0",
                          "test trades 20 by 33",
                          "test trades 20"}) {
    EXPECT_FALSE(parse_condition(bad)) << bad;
  }
  EXPECT_FALSE(parse_condition("market " + std::string(1'000, 'a') + " is halted"));
}

TEST(Catalogue, CommandLinesNameOnlyWhatTheyAreGiven) {
  for (const ActionSpec& spec : action_specs()) {
    for (const std::string& word : spec.arguments) {
      const auto names = placeholders_of(word);
      ASSERT_TRUE(names) << spec.name;
      for (const std::string& name : *names) {
        bool known = name == "cluster" || name == "nodes" || name == "admin" || name == "token" ||
                     name == "by" || name == "words";
        for (const ParameterSpec& parameter : spec.parameters) known |= name == parameter.name;
        EXPECT_TRUE(known) << spec.name << " " << name;
      }
    }
  }
}

}  // namespace
}  // namespace oki::response
