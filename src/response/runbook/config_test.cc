#include <gtest/gtest.h>

#include "response/runbook/actions_config.h"
#include "response/testing/response_world.h"

namespace oki::response {
namespace {

const std::string good = R"(
[exchange]
program = "/usr/bin/okiagari"
cluster = "7"
nodes = ["10.0.0.1:7001", "10.0.0.2:7001"]
node_metrics = ["10.0.0.1:9001", "10.0.0.2:9001"]
edges = ["10.0.1.1:8080"]
edge_metrics = ["10.0.1.1:9101"]
admin_token = "/etc/okiagari/admin.token"
[command]
"process.restart" = ["/usr/bin/systemctl", "restart", "okiagari-{process}.service"]
)";

TEST(ActionsConfig, MakesTheCommandLineOfACall) {
  const auto config = read_actions_config(good);
  ASSERT_TRUE(config) << config.error().message;
  const Call restart{"process.restart", {{"process", "edge1"}}, {}};
  EXPECT_EQ(shown(command_line(*config, restart, {3}).value()),
            "/usr/bin/systemctl restart okiagari-edge1.service");
  const Call halt{"market.halt", {{"market", "btc_jpy"}}, {}};
  EXPECT_EQ(shown(command_line(*config, halt, {3}).value()),
            "/usr/bin/okiagari market halt btc_jpy --cluster 7 --nodes "
            "10.0.0.1:7001,10.0.0.2:7001");
  EXPECT_TRUE(command_line(*config, {"task", {{"role", "security"}}, {}}, {3}).value().empty());
}

TEST(ActionsConfig, ReadsBackAsItIsWritten) {
  auto config = read_actions_config(good);
  ASSERT_TRUE(config);
  config->drill_ground = true;
  const auto back = read_actions_config(write_actions_config(*config));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->commands, config->commands);
  EXPECT_EQ(back->nodes, config->nodes);
  EXPECT_EQ(back->edge_metrics, config->edge_metrics);
  EXPECT_EQ(back->admin_token, config->admin_token);
  EXPECT_EQ(back->cluster, 7u);
  EXPECT_TRUE(back->drill_ground);
}

TEST(ActionsConfig, WhatIsNotThereIsRefusedByName) {
  const auto config = read_actions_config(good);
  ASSERT_TRUE(config);
  EXPECT_EQ(
      command_line(*config, {"process.stop", {{"process", "edge1"}}, {}}, {3}).error().message,
      "no command line is configured for 'process.stop'");
  EXPECT_EQ(command_line(*config, {"edge.undrain", {{"edge", "2"}}, {}}, {3}).error().message,
            "there is no edge 2");
  EXPECT_EQ(command_line(*config, {"edge.burn", {}, {}}, {3}).error().message,
            "there is no action 'edge.burn'");
}

TEST(ActionsConfig, RefusesWhatCouldRunSomethingElse) {
  const struct {
    const char* from;
    const char* to;
  } rows[] = {{"\"/usr/bin/okiagari\"", "\"okiagari\""},
              {"\"/usr/bin/okiagari\"", "\"/usr/bin/okiagari; id\""},
              {"cluster = \"7\"", "cluster = \"x\""},
              {"cluster = \"7\"\n", ""},
              {"10.0.1.1:8080", "10.0.1.1"},
              {"edges = [\"10.0.1.1:8080\"]", "edges = []"},
              {"edges = [\"10.0.1.1:8080\"]", "edges = [\"10.0.1.1:1\", \"10.0.1.1:2\"]"},
              {"[command]", "[commands]"},
              {"[exchange]", "[exchange]\ncolour = \"red\""},
              {"[exchange]", "[exchange]\ndrill_ground = 1"},
              {"process.restart", "process.kill"},
              {"process.restart", "market.halt"},
              {"process.restart", "task"},
              {"/usr/bin/systemctl", "systemctl"},
              {"/usr/bin/systemctl", "/usr/bin/{process}"},
              {"{process}.service", "{seat}.service"},
              {"{process}.service", "{process"},
              {"\"restart\"", "5"}};
  for (const auto& row : rows) {
    std::string text = good;
    ASSERT_NE(text.find(row.from), std::string::npos) << row.from;
    text.replace(text.find(row.from), std::string(row.from).size(), row.to);
    EXPECT_FALSE(read_actions_config(text)) << row.to;
  }
  EXPECT_FALSE(read_actions_config(""));
  EXPECT_FALSE(read_actions_config(std::string(actions_bytes_max + 1, '#')));
}

TEST(Scene, KnowsTheIncidentsComponentsAndFactsThatAgree) {
  World world;
  world.furnish();
  Signal one = evidence("a", Source::metric, "btc_jpy");
  one.facts = {{"host", "h1"}, {"rate", "5"}};
  world.observe(one);
  Signal two = evidence("b", Source::host, "btc_jpy");
  two.facts = {{"host", "h1"}, {"rate", "6"}};
  world.observe(two);
  ASSERT_EQ(world.state().incidents.size(), 1u);
  const Scene scene = scene_of(world.state(), {1});
  EXPECT_EQ(scene.components,
            (std::vector<notify::ComponentId>{{notify::ComponentKind::market, "btc_jpy"}}));
  EXPECT_EQ(scene.facts, (Values{{"host", "h1"}}));
  EXPECT_TRUE(scene_of(world.state(), {9}).components.empty());
}

TEST(Scene, KnowsWhichEdgesWereChangedAndNotMendedYet) {
  State state;
  state.incidents[{1}].began = {10'000'000};
  const auto change = [&](std::int64_t at, const char* edge, const char* words) {
    ChangeRecord record;
    record.at = {at};
    record.kind = ChangeKind::configuration;
    record.components = {{notify::ComponentKind::edge, edge}};
    record.words = words;
    state.changes.push_back(record);
  };
  change(10'000'000 - changed_before_ms - 1, "1", "edge 1: apply, version 2: x=1");
  change(9'999'000, "2", "edge 2: apply, version 2: x=1 (like: rollback, not)");
  change(9'999'000, "3", "edge 3: apply, version 2: x=1");
  change(9'999'500, "3", "edge 3: rollback, version 3: x=0 (wrong)");
  change(10'000'500, "4", "edge 4: apply, version 2: x=1");
  state.changes.back().kind = ChangeKind::operator_command;
  EXPECT_EQ(scene_of(state, {1}).changed_edges, std::vector<std::string>{"2"});
}

TEST(Scene, StepsAreDoneForEachThingOrRefused) {
  BookStep step;
  step.action = "edge.undrain";
  step.with = {{"edge", "{edge}"}};
  step.verify = "edge {edge} is serving";
  Scene scene;
  scene.edges = 3;
  EXPECT_EQ(calls_of(step, scene).error().code, Errc::not_found);
  scene.components = {{notify::ComponentKind::edge, "2"}};
  EXPECT_EQ(calls_of(step, scene).value().size(), 1u);
  scene.components.push_back({notify::ComponentKind::edge, "3"});
  EXPECT_EQ(calls_of(step, scene).error().code, Errc::not_found);  // Which of the two?
  step.each = Each::affected_edge;
  EXPECT_EQ(calls_of(step, scene).value().size(), 2u);
  step.each = Each::every_edge;
  const auto calls = calls_of(step, scene).value();
  ASSERT_EQ(calls.size(), 3u);
  EXPECT_EQ(calls[2].parameters.at("edge"), "3");
  EXPECT_EQ(calls[2].verify.number, 3);
  scene.edges = calls_max + 1;
  EXPECT_EQ(calls_of(step, scene).error().code, Errc::full);
}

}  // namespace
}  // namespace oki::response
