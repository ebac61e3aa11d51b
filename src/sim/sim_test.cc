#include "sim/sim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/report.h"
#include "sim/scripts.h"
#include "sim/world.h"

namespace oki::sim {
namespace {

WorldReport run(std::uint64_t seed) {
  WorldOptions options;
  options.seed = seed;
  options.make_engine = replica::make_raft_engine;
  replica::seed_raft_engine(seed);
  return run_seed(options);
}

TEST(Sim, TheSameSeedGivesTheSameEventsAndAnotherSeedOthers) {
  const WorldReport first = run(3);
  const WorldReport again = run(3);
  const WorldReport other = run(4);
  EXPECT_THAT(first.violations, testing::IsEmpty());
  EXPECT_EQ(first.event_hash, again.event_hash);
  EXPECT_EQ(first.events, again.events);
  EXPECT_NE(first.event_hash, other.event_hash);
}

// Seeds that once found something.
TEST(Sim, HoldsWhereItOnceDidNot) {
  const std::uint64_t own_snapshot_is_durable_while_a_leaders_is_installed = 101385;
  for (const std::uint64_t seed : {own_snapshot_is_durable_while_a_leaders_is_installed}) {
    const WorldReport report = run(seed);
    EXPECT_THAT(report.violations, testing::IsEmpty()) << seed << "\n" << report.tail;
  }
}

TEST(Sim, EveryScriptHolds) {
  for (const Script& script : scripts()) {
    replica::seed_raft_engine(1);
    const WorldReport report = script.run(replica::make_raft_engine);
    EXPECT_THAT(report.violations, testing::IsEmpty()) << script.name << "\n" << report.tail;
    EXPECT_GT(report.answered, 0u) << script.name;
  }
}

TEST(Sim, AReportSurvivesItsLine) {
  WorldReport report;
  report.seed = 7;
  report.events = 1'000'000;
  report.event_hash = 0xFEDCBA9876543210u;
  report.runs = 1;
  report.faults[3] = 5;
  const auto parsed = parse_line(to_line(report));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(to_line(*parsed), to_line(report));
  EXPECT_FALSE(parse_line("").has_value());
  EXPECT_FALSE(parse_line("seed=7").has_value());
  EXPECT_FALSE(parse_line(to_line(report) + " more=1").has_value());
  EXPECT_FALSE(parse_line("warning: " + to_line(report)).has_value());
}

}  // namespace
}  // namespace oki::sim
