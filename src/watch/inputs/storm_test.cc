// What sources that lie, flap, die or forget can do to the incident machine: with its own budgets
// behind ours, and with ours as wide open as the settings allow.
#include <gtest/gtest.h>

#include "base/testing/stepped.h"
#include "response/testing/response_world.h"
#include "watch/inputs/inputs.h"
#include "watch/inputs/testing/outside.h"

namespace oki::watch::inputs {
namespace {

using response::Phase;

constexpr std::size_t parts = 20;

std::string part(std::size_t number) { return "lone_" + std::to_string(number % parts); }

std::string wide_open() {
  std::string components;
  for (std::size_t i = 0; i < parts; ++i) components += "\"market:" + part(i) + "\",";
  return "components = [" + components + "]\n" + R"(
[[source]]
name = "am"
protocol = "alertmanager"
requests_per_minute = 60000
new_signals_per_minute = 6000
signals_max = 250
body_bytes_max = 1048576
[[source.rule]]
trust = "evidence"
kind = "down"
state = "major_outage"
component_label = "part"
component_kind = "market"
[[source]]
name = "pd"
protocol = "pagerduty"
[[source]]
name = "otel"
protocol = "otlp"
[[source]]
name = "events"
protocol = "cloud_events"
)";
}

struct Storm : ::testing::Test {
  explicit Storm(const std::string& toml = wide_open())
      : inputs(
            settings_for_tests(toml), tokens_for_tests(),
            [this](const response::Command& command) { hear(command); }, metrics) {
    // Parts that do not need each other, so that their incidents do not join.
    response::SetTopology topology;
    topology.components = {{{notify::ComponentKind::market, "btc_jpy"}, 1, {}}};
    for (std::size_t i = 0; i < parts; ++i) {
      topology.components.push_back({{notify::ComponentKind::market, part(i)}, 1, {}});
    }
    EXPECT_EQ(world.send(response::Configure{{}, topology}).refusal, response::Refusal::none);
    clock.jump_wall_ms(world.now().value - clock.wall_now().value);
  }

  void hear(const response::Command& command) {
    world.send(command);
    ++told;
    approved += world.told<response::NoticeApproved>().size();
    for (const auto& change : world.told<response::IncidentChanged>()) {
      resolved += change.phase >= Phase::resolved ? 1 : 0;
    }
  }

  std::uint32_t opened() const { return world.state().incident_last.value; }
  Now now() const { return {clock.mono_now(), clock.wall_now()}; }
  void pass(std::int64_t ms) {
    clock.advance_ns(ms * ns_per_ms);
    world.advance(ms);
    inputs.tick(now());
  }
  void alerts(const std::string& alerts) {
    ASSERT_EQ(inputs.respond(post("/alertmanager", "am", webhook(alerts)), now()).status, 200);
  }

  oki::testing::StepClock clock;
  Metrics metrics;
  response::World world;
  std::size_t told = 0, approved = 0, resolved = 0;
  Inputs inputs;
};

std::string alert(std::size_t number, const std::string& status = "firing") {
  return webhook_alert(
      status, std::to_string(number),
      "\"alertname\":\"A" + std::to_string(number) + "\",\"part\":\"" + part(number) + "\"",
      "2025-11-21T15:00:00Z");
}

TEST_F(Storm, OfAHundredThousandAlertsOpensThreeIncidentsAndTellsNobody) {
  constexpr std::size_t in_one = 400;
  for (std::size_t sent = 0; sent < 100'000; sent += in_one) {
    std::string many;
    for (std::size_t i = 0; i < in_one; ++i) many += (i == 0 ? "" : ",") + alert(sent + i);
    alerts(many);
    pass(1'000);
  }
  EXPECT_GT(told, 500u);
  EXPECT_EQ(opened(), 3u);
  EXPECT_EQ(approved, 0u);
  for (const auto& [id, incident] : world.state().incidents) {
    EXPECT_EQ(incident.phase, Phase::suspected);  // One source alone confirms nothing.
    EXPECT_EQ(incident.severity, response::Severity::sev3);
  }
  EXPECT_LE(inputs.book(0).held(), 250u);
}

TEST_F(Storm, OfFlappingTellsLittleAndOpensOneIncident) {
  for (int i = 0; i < 6'000; ++i) {
    alerts(alert(1, i % 2 == 0 ? "firing" : "resolved"));
    pass(100);
  }
  EXPECT_LE(told, 600u / 5 + 600 / 1 + 10);  // A word each 5 s, and a sign of life each second.
  EXPECT_LE(opened(), 1u);
  EXPECT_EQ(approved, 0u);
}

TEST_F(Storm, OfAllClearsTurnsNothingGreen) {
  const response::IncidentId id = world.confirm_one();
  world.observe(response::over(response::proof("cross", "btc_jpy")));
  alerts(alert(1));
  for (int i = 0; i < 600; ++i) {
    if (i % 10 == 5) alerts(alert(1, "resolved"));
    for (int k = 0; k < 20; ++k) alerts(alert(static_cast<std::size_t>(k), "resolved"));
    pass(1'000);
  }
  EXPECT_EQ(resolved, 0u);
  EXPECT_LT(world.incident(id.value).phase, Phase::monitoring);
}

TEST_F(Storm, OfSilenceTurnsNothingGreen) {
  const response::IncidentId id = world.confirm_one();
  world.observe(response::over(response::proof("cross", "btc_jpy")));
  alerts(alert(1));
  for (int i = 0; i < 3'600; ++i) pass(1'000);
  EXPECT_EQ(inputs.book(0).held(), 0u);
  EXPECT_EQ(resolved, 0u);
  EXPECT_LT(world.incident(id.value).phase, Phase::monitoring);
}

// An Alertmanager that was killed comes back with nothing, and hears the alert again a minute
// later.
TEST_F(Storm, OfForgettingIsNoAllClear) {
  const auto polled = [this](const std::string& list) {
    net::HttpResponse response = net::json_response(200, list);
    return inputs.on_polled(0, response, now());
  };
  const std::string firing =
      R"([{"annotations":{},"endsAt":"2025-11-21T15:05:00.000Z","fingerprint":"1",)"
      R"("receivers":[{"name":"watches"}],"startsAt":"2025-11-21T15:00:00.000Z",)"
      R"("status":{"inhibitedBy":[],"silencedBy":[],"state":"active"},)"
      R"("updatedAt":"2025-11-21T15:00:00.000Z","labels":{"alertname":"A1"}}])";
  ASSERT_TRUE(polled(firing));
  const response::SignalKey key{response::Source::alertmanager, "am/1"};
  ASSERT_TRUE(world.state().signals.at(key).signal.firing);
  for (int i = 0; i < 20; ++i) {
    pass(3'000);
    ASSERT_TRUE(polled("[]"));
    EXPECT_TRUE(world.state().signals.at(key).signal.firing);
    EXPECT_FALSE(world.state().signals.at(key).expired);
  }
  ASSERT_TRUE(polled(firing));
  EXPECT_EQ(inputs.book(0).held(), 1u);
  EXPECT_EQ(opened(), 1u);
  EXPECT_EQ(resolved, 0u);
}

TEST_F(Storm, OfPolledNonsenseChangesNothing) {
  for (const char* list : {"", "{", "7", "{}", R"({"alerts":[]})", R"("[]")"}) {
    EXPECT_FALSE(inputs.on_polled(0, net::json_response(200, list), now())) << list;
  }
  EXPECT_FALSE(inputs.on_polled(0, net::json_response(500, "[]"), now()));
  EXPECT_TRUE(
      inputs.on_polled(0, net::json_response(200, R"([7,{},{"labels":{"a":"b"}}])"), now()));
  EXPECT_EQ(inputs.book(0).held(), 0u);
}

}  // namespace
}  // namespace oki::watch::inputs
