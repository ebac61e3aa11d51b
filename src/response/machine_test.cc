#include <gtest/gtest.h>

#include "response/gate.h"
#include "response/testing/response_world.h"

namespace oki::response {
namespace {

using notify::ComponentKind;
using notify::State;

TEST(ResponseMachineTest, AHintOpensNothing) {
  World world;
  EXPECT_EQ(world.observe(hint("high", Source::alertmanager, "btc_jpy")).id, 0u);
  EXPECT_TRUE(world.state().incidents.empty());
}

TEST(ResponseMachineTest, HintsOfTwoKindsOfSourcesSuspect) {
  World world;
  world.observe(hint("high", Source::alertmanager, "btc_jpy"));
  world.observe(hint("too", Source::pagerduty, "btc_jpy"));  // Outside as well: the same kind.
  EXPECT_TRUE(world.state().incidents.empty());
  world.observe(hint("complaint", Source::inquiry, "btc_jpy"));
  EXPECT_EQ(world.incident(1).phase, Phase::suspected);
}

Signal short_of_cpu(const char* market) {
  Signal signal = hint(std::string("cpu_ppm/") + market, Source::host, market);
  signal.kind = SignalKind::resource;
  return signal;
}

TEST(ResponseMachineTest, ABusyMachineOpensNothingAndIsNoCompanyForAHint) {
  World world;
  EXPECT_EQ(world.observe(short_of_cpu("btc_jpy")).id, 0u);
  world.observe(hint("high", Source::alertmanager, "btc_jpy"));
  EXPECT_EQ(world.observe(short_of_cpu("btc_jpy")).id, 0u);
  EXPECT_TRUE(world.state().incidents.empty());
}

TEST(ResponseMachineTest, ABusyMachineJoinsOnlyWhereItIsHitAndAddsNeitherPartsNorTime) {
  World world;
  Signal early = short_of_cpu("btc_jpy");
  early.since = early.seen = world.now();
  world.send(Observe{"a host", early});
  world.advance(30'000);
  world.observe(short_of_cpu("eth_jpy"));
  world.observe(proof("cross", "btc_jpy"));
  const Incident& incident = world.incident(1);
  EXPECT_EQ(incident.began, world.now());
  EXPECT_EQ(incident.components.size(), 1u);
  const auto incident_of = [&world](const char* market) {
    return world.state().signals.at({Source::host, std::string("cpu_ppm/") + market}).incident;
  };
  EXPECT_EQ(incident_of("btc_jpy"), IncidentId{1});
  EXPECT_EQ(incident_of("eth_jpy"), IncidentId{});
  world.observe(short_of_cpu("eth_jpy"));
  EXPECT_EQ(incident_of("eth_jpy"), IncidentId{});
}

TEST(ResponseMachineTest, ABusyMachineKeepsNoIncidentOpen) {
  World world;
  world.observe(proof("cross", "btc_jpy"));
  world.observe(short_of_cpu("btc_jpy"));
  world.observe(over(proof("cross", "btc_jpy")));
  for (int i = 0; i < 60; ++i) {
    world.observe(short_of_cpu("btc_jpy"));
    world.healthy_second();
  }
  EXPECT_EQ(world.incident(1).phase, Phase::resolved);
}

TEST(ResponseMachineTest, EvidenceSuspectsAndASecondSourceConfirms) {
  World world;
  EXPECT_EQ(world.observe(evidence("cpu", Source::host, "btc_jpy")).id, 1u);
  EXPECT_EQ(world.incident(1).phase, Phase::suspected);
  world.observe(evidence("disk", Source::host, "btc_jpy"));
  EXPECT_EQ(world.incident(1).phase, Phase::suspected);
  world.observe(evidence("log", Source::log_line, "btc_jpy"));
  EXPECT_EQ(world.incident(1).phase, Phase::investigating);
}

TEST(ResponseMachineTest, AProofConfirmsAlone) {
  World world;
  world.observe(proof("cross", "btc_jpy"));
  EXPECT_EQ(world.incident(1).phase, Phase::investigating);
  EXPECT_EQ(world.incident(1).severity, Severity::sev2);
}

TEST(ResponseMachineTest, NobodyFromOutsideIsAProof) {
  World world;
  Signal lie = proof("cross", "btc_jpy");
  lie.source = Source::pagerduty;
  world.observe(lie);
  EXPECT_EQ(world.incident(1).phase, Phase::suspected);
}

TEST(ResponseMachineTest, OneFaultSeenInManyPlacesIsOneIncident) {
  World world;
  for (const char* market : {"btc_jpy", "eth_jpy", "xrp_jpy"}) {
    EXPECT_EQ(world.observe(proof(market, market)).id, 1u);
  }
  EXPECT_EQ(world.incident(1).components.size(), 3u);
}

TEST(ResponseMachineTest, ResolvesOnlyBehindTheGate) {
  World world;
  world.observe(proof("cross", "btc_jpy"));
  world.advance(1'000);
  world.observe(over(proof("cross", "btc_jpy")));
  EXPECT_EQ(world.incident(1).phase, Phase::investigating);
  for (int second = 0; second < 29; ++second) world.healthy_second();
  EXPECT_EQ(world.incident(1).phase, Phase::monitoring);
  world.healthy_second();
  world.healthy_second();
  EXPECT_EQ(world.incident(1).phase, Phase::resolved);
}

TEST(ResponseMachineTest, OneProberAloneResolvesNothing) {
  World world;
  world.observe(proof("cross", "btc_jpy"));
  world.observe(over(proof("cross", "btc_jpy")));
  for (int second = 0; second < 120; ++second) world.healthy_second({"prober 1"});
  EXPECT_EQ(world.incident(1).phase, Phase::investigating);
  EXPECT_TRUE(gate_shut(world.state(), {1}, world.now()) & gate::one_prober);
}

TEST(ResponseMachineTest, OneFailedTradeBeginsTheRunAnew) {
  World world;
  world.observe(proof("cross", "btc_jpy"));
  world.observe(over(proof("cross", "btc_jpy")));
  for (int second = 0; second < 25; ++second) world.healthy_second();
  world.send(Prove{"prober 1", world.now(), world.now(), 3, 1});
  for (int second = 0; second < 29; ++second) world.healthy_second();
  EXPECT_NE(world.incident(1).phase, Phase::resolved);
  for (int second = 0; second < 3; ++second) world.healthy_second();
  EXPECT_EQ(world.incident(1).phase, Phase::resolved);
}

TEST(ResponseMachineTest, SilentProbersAreNoRecovery) {
  World world;
  world.observe(proof("cross", "btc_jpy"));
  world.observe(over(proof("cross", "btc_jpy")));
  for (int second = 0; second < 20; ++second) world.healthy_second();
  world.advance(60'000);
  world.send(Tick{});
  EXPECT_EQ(world.incident(1).phase, Phase::monitoring);
}

TEST(ResponseMachineTest, AnOutsideAllClearEndsNothing) {
  World world;
  world.observe(evidence("latency", Source::alertmanager, "btc_jpy"));
  world.observe(proof("cross", "btc_jpy"));
  world.observe(over(evidence("latency", Source::alertmanager, "btc_jpy")));
  world.advance(600'000);
  world.send(Tick{});
  EXPECT_EQ(world.incident(1).phase, Phase::investigating);
  EXPECT_EQ(world.incident(1).state, State::major_outage);
}

TEST(ResponseMachineTest, AnExpiredSignalIsNoAllClear) {
  World world;
  Signal signal = proof("cross", "btc_jpy");
  signal.expires_ms = 3'000;
  world.observe(signal);
  ASSERT_TRUE(world.machine.next_timer());
  EXPECT_EQ(world.machine.next_timer()->value, world.now().value + 3'000);
  world.advance(3'000);
  world.send(Tick{});
  EXPECT_EQ(world.incident(1).phase, Phase::investigating);
  EXPECT_EQ(world.incident(1).rows.back().kind, RowKind::signal_expired);
}

TEST(ResponseMachineTest, AReturnWithinTheWindowIsTheSameIncident) {
  World world;
  world.resolve_one();
  world.advance(60'000);
  EXPECT_EQ(world.observe(proof("cross", "btc_jpy")).id, 1u);
  EXPECT_EQ(world.incident(1).phase, Phase::investigating);
  EXPECT_EQ(world.incident(1).reopened, 1u);
  EXPECT_FALSE(world.incident(1).resolved);
}

TEST(ResponseMachineTest, AFlappingSourceOpensNoSecondIncidentAndEndsNone) {
  World world;
  for (int i = 0; i < 20; ++i) {
    world.observe(evidence("cpu", Source::host, "btc_jpy"));
    world.advance(1'000);
    world.observe(over(evidence("cpu", Source::host, "btc_jpy")));
    world.advance(1'000);
  }
  EXPECT_EQ(world.state().incidents.size(), 1u);
  EXPECT_EQ(world.incident(1).phase, Phase::suspected);
  EXPECT_LT(world.incident(1).rows.size(), 12u);
}

TEST(ResponseMachineTest, ALyingSourceMakesNoStorm) {
  World world;
  int refused = 0;
  for (int i = 0; i < 3'000; ++i) {
    const std::string market = "m" + std::to_string(i);
    Signal lie = evidence(market, Source::otlp, market);
    refused += world.observe(lie).refusal == Refusal::over_budget ? 1 : 0;
    world.advance(50);
  }
  EXPECT_LE(world.state().incidents.size(), 3u);
  EXPECT_GT(refused, 2'000);
  EXPECT_TRUE(world.state().signals.contains({Source::watch, "too many/otlp"}));
}

TEST(ResponseMachineTest, RefusesBytesThatAreNoCommand) {
  World world;
  const Bytes good = encode(Observe{"prober 1", proof("cross", "btc_jpy")});
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(world.send_bytes(ByteView(good).substr(0, size)).refusal, Refusal::malformed);
  }
  EXPECT_EQ(world.send_bytes(good + '\0').refusal, Refusal::malformed);
  EXPECT_TRUE(world.state().incidents.empty());
}

TEST(ResponseMachineTest, RestoresFromItsSnapshotAndRefusesDamage) {
  World world;
  world.resolve_one();
  const Bytes snapshot = world.machine.snapshot();
  ResponseMachine other;
  ASSERT_TRUE(other.restore(snapshot));
  EXPECT_EQ(other.snapshot(), snapshot);
  EXPECT_EQ(other.hash(), world.machine.hash());
  for (std::size_t size = 0; size < snapshot.size(); ++size) {
    EXPECT_FALSE(other.restore(ByteView(snapshot).substr(0, size)));
  }
  EXPECT_FALSE(other.restore(snapshot + '\0'));
  EXPECT_EQ(other.snapshot(), snapshot);
}

TEST(ResponseMachineTest, EveryRowHasItsPlaceInTheLog) {
  World world;
  world.resolve_one();
  std::uint64_t last = 0;
  for (const Row& row : world.incident(1).rows) {
    EXPECT_GE(row.index.value, last);
    EXPECT_GT(row.index.value, 0u);
    EXPECT_NE(row.hash, 0u);
    last = row.index.value;
  }
}

}  // namespace
}  // namespace oki::response
