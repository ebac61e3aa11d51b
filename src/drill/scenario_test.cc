#include "drill/scenario.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "drill/faults.h"
#include "host/loop.h"

namespace oki::drill {
namespace {

constexpr const char* head = "name = \"a\"\nen = \"b\"\nja = \"c\"\n";

std::string fault_of(const std::string& toml) {
  const auto read = read_scenario(toml);
  return read ? "" : read.error().message;
}

TEST(Scenario, IsReadStepByStep) {
  const auto read = read_scenario(std::string(head) +
                                  "edges = 3\n"
                                  "[[step]]\nat_ms = 500\ninject = \"edge-killed\"\n"
                                  "[[step]]\nexpect = \"not green\"\nwithin_ms = 2000\n"
                                  "[[step]]\nheal = true\n");
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->edges, 3u);
  ASSERT_EQ(read->steps.size(), 3u);
  EXPECT_EQ(read->steps[0].at_ms, 500);
  EXPECT_EQ(read->steps[0].inject, "edge-killed");
  EXPECT_EQ(read->steps[1].expect, Expected::not_green);
  EXPECT_EQ(read->steps[1].within_ms, 2000);
  EXPECT_TRUE(read->steps[2].heal);
}

TEST(Scenario, OfDoubtfulContentIsRefusedWithThePlace) {
  const std::string start = head;
  EXPECT_EQ(fault_of(start), "scenario: needs 1 to 200 [[step]]");
  EXPECT_EQ(fault_of("en = \"b\"\nja = \"c\"\n[[step]]\nheal = true\n"),
            "scenario: needs name, en and ja");
  EXPECT_EQ(fault_of(start + "colour = \"red\"\n[[step]]\nheal = true\n"),
            "scenario: unknown key 'colour'");
  EXPECT_EQ(fault_of(start + "nodes = 4\n[[step]]\nheal = true\n"),
            "scenario: 'nodes' must be odd");
  EXPECT_EQ(fault_of(start + "[[step]]\nheal = true\ninject = \"edge-killed\"\n"),
            "step 1: needs exactly one of inject, heal and expect");
  EXPECT_EQ(fault_of(start + "[[step]]\nheal = false\n"), "step 1: 'heal' can only be true");
  EXPECT_EQ(fault_of(start + "[[step]]\nheal = true\n[[step]]\ninject = \"x\"\n"),
            "step 2: no kind of fault is 'x'");
  EXPECT_EQ(fault_of(start + "[[step]]\nexpect = \"joy\"\nwithin_ms = 1\n"),
            "step 1: nothing like 'joy' can be expected");
  EXPECT_EQ(fault_of(start + "[[step]]\nexpect = \"green\"\n"), "step 1: 'within_ms' is missing");
  EXPECT_EQ(fault_of(start + "[[step]]\nat_ms = -1\nheal = true\n"),
            "step 1: 'at_ms' must be a whole number from 0 to 3600000");
  EXPECT_EQ(fault_of(std::string(scenario_bytes_max + 1, '#')), "a scenario is too long");
  EXPECT_TRUE(fault_of("name = ").starts_with("not TOML: "));
}

TEST(Scenario, EveryShippedOneIsReadableAndUsesKnownFaults) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator("test/scenarios")) {
    if (entry.path().extension() != ".toml") continue;
    const auto toml = host::read_file(entry.path(), scenario_bytes_max);
    ASSERT_TRUE(toml.has_value());
    EXPECT_EQ(fault_of(*toml), "") << entry.path();
    ++files;
  }
  EXPECT_GE(files, 4u);
}

TEST(Faults, HaveACulpritWhereTheyMakeAnIncident) {
  for (const FaultKind& kind : fault_kinds()) {
    const bool makes_one = kind.of == FaultClass::hard || kind.of == FaultClass::grey;
    EXPECT_EQ(has_culprit(kind.name), makes_one) << kind.name;
  }
}

TEST(Faults, AreBlamedOnNothingElseThanTheirCulprit) {
  const Culprit edge{{"broken", "change"}, {"edge 1", "market "}};
  EXPECT_TRUE(edge.is({"broken", "edge 1"}));
  EXPECT_TRUE(edge.is({"change", "market btc_jpy"}));
  EXPECT_FALSE(edge.is({"shortage", "edge 1"}));
  EXPECT_FALSE(edge.is({"broken", "edge 12"}));
  EXPECT_FALSE(edge.is({"broken", ""}));
}

TEST(Faults, HaveDistinctNamesAndWordsInBothLanguages) {
  std::set<std::string> names;
  std::size_t hard = 0;
  for (const FaultKind& kind : fault_kinds()) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_NE(std::string(kind.en), "");
    EXPECT_NE(std::string(kind.ja), "");
    EXPECT_EQ(find_fault(kind.name), &kind);
    hard += kind.of == FaultClass::hard ? 1 : 0;
  }
  EXPECT_GE(hard, 20u);
  EXPECT_EQ(find_fault("no-such-fault"), nullptr);
}

}  // namespace
}  // namespace oki::drill
