// Runbooks on an exchange that really runs: one node and one edge as processes, the shipped texts,
// the command lines that they are, and what customers see of it.
//
// OKI_CURRENT is the binary (CMakeLists).
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/process.h"
#include "host/child.h"
#include "net/http_client.h"
#include "node/exchange_config.h"
#include "node/submit_all.h"
#include "replica/client.h"
#include "response/runbook/desk.h"
#include "response/runbook/supervisor.h"

namespace oki::app {
namespace {

constexpr std::int64_t patience_ms = 30'000;
constexpr response::IncidentId incident{12};

Address an_address() {
  const auto port = host::free_port();
  EXPECT_TRUE(port.has_value());
  return {"127.0.0.1", port.value_or(0)};
}

class RunbookTest : public ::testing::Test {
 protected:
  RunbookTest() : process_("test") {
    char name[] = "/tmp/okiagari_runbook_XXXXXX";
    path_ = mkdtemp(name);
    write("admin.token", token_);
    write("seal.key", std::string(64, '5'));
    node_child_ =
        start("node", node_metrics_, {"--seat=1", "--dir=" + path_ + "/node", "--bootstrap"});
    start_edge();
    replica::ClientOptions options;
    options.cluster = 9;
    options.nodes = {node_};
    client_ = std::make_unique<replica::Client>(
        replica::Client::Parts{loop().clock(), loop().timers(), loop().net(), process_.random(),
                               process_.log(), process_.metrics()},
        options);
    set_up_exchange();
    EXPECT_TRUE(supervisor_.listen(supervisor_address_));
    open_desk();
  }
  ~RunbookTest() override {
    desk_.reset();
    disk_.reset();
    edge_child_.kill_now();
    node_child_.kill_now();
    if (!HasFailure()) std::filesystem::remove_all(path_);
  }

  host::Loop& loop() { return process_.loop(); }
  void write(const std::string& name, const std::string& content) {
    EXPECT_TRUE(host::write_file(path_ + "/" + name, content, 0600));
  }
  bool run_until(const std::function<bool()>& condition) {
    const MonoTimeNs deadline = loop().clock().mono_now() + patience_ms * ns_per_ms;
    while (!condition()) {
      if (loop().clock().mono_now() >= deadline) return false;
      loop().timers().after_ms(10, [this] { loop().stop(); });
      loop().run();
    }
    return true;
  }
  host::Child start(const std::string& command, const Address& metrics,
                    std::vector<std::string> options) {
    options.insert(options.begin(),
                   {OKI_CURRENT, command, "--cluster=9", "--nodes=" + to_string(node_),
                    "--metrics=" + to_string(metrics)});
    auto started = host::Child::start(options, path_ + "/" + command + ".log");
    EXPECT_TRUE(started);
    return started ? std::move(*started) : host::Child();
  }
  void start_edge() {
    edge_child_ =
        start("edge", edge_metrics_,
              {"--listen=" + to_string(edge_), "--seal-key=" + path_ + "/seal.key",
               "--admin-token=" + path_ + "/admin.token", "--settings=" + path_ + "/settings"});
  }
  void set_up_exchange() {
    const auto commands = node::read_exchange_config(node::default_exchange_config());
    ASSERT_TRUE(commands);
    bool done = false;
    node::submit_all(*client_, *commands, 20, [&](const Result<node::SubmittedAll>& all) {
      ASSERT_TRUE(all) << all.error().message;
      done = true;
    });
    ASSERT_TRUE(run_until([&] { return done; }));
    ASSERT_TRUE(says("/healthz", "\"healthy\":true"));
  }

  void open_desk() {
    response::ActionsConfig config;
    config.program = OKI_CURRENT;
    config.cluster = 9;
    config.nodes = {node_};
    config.node_metrics = {node_metrics_};
    config.edges = {edge_};
    config.edge_metrics = {edge_metrics_};
    config.admin_token = path_ + "/admin.token";
    config.commands["process.restart"] = {OKI_CURRENT,    "process",
                                          "restart",      "{process}",
                                          "--supervisor", to_string(supervisor_address_),
                                          "--token",      config.admin_token};
    write("actions.toml", response::write_actions_config(config));
    auto options =
        response::read_desk_options(path_ + "/actions.toml", "runbooks", path_, {"btc_jpy"});
    ASSERT_TRUE(options) << options.error().message;
    auto disk = loop().open_disk(path_ + "/watch");
    ASSERT_TRUE(disk);
    disk_ = std::move(*disk);
    auto desk = response::RunbookDesk::open(
        {loop().clock(), loop().timers(), loop().net(), *disk_, process_.log(),
         [this](response::Command told) {
           changes_.push_back(std::get<response::RecordChange>(told).change);
         },
         [this](response::RecordStep record, std::function<void(bool)> taken) {
           states_.push_back(record.to);
           loop().timers().after_ms(0, [taken] { taken(true); });
         },
         [] { return true; }, [this] { return client_->view(); }},
        std::move(*options));
    ASSERT_TRUE(desk) << desk.error().message;
    desk_ = std::move(*desk);
  }

  // Runs a step of a shipped runbook in an incident of this market and this edge.
  response::Runner::Ended run_step(const std::string& runbook, const std::string& step) {
    response::State state;
    const auto& books = desk_->books();
    state.house.runbooks[runbook] = response::house_entry(books.at(runbook));
    response::Incident& open = state.incidents[incident];
    open.began = loop().clock().wall_now();
    state.changes = changes_;
    open.components = {{notify::ComponentKind::market, "btc_jpy"},
                       {notify::ComponentKind::edge, "1"},
                       {notify::ComponentKind::node, "1"}};
    states_.clear();
    response::Runner::Ended ended;
    bool over = false;
    desk_->run({incident, ++steps_, runbook, step, false}, state,
               [&](const response::Runner::Ended& end) {
                 ended = end;
                 over = true;
               });
    EXPECT_TRUE(run_until([&] { return over; }));
    return ended;
  }
  void verifies(const std::string& runbook, const std::string& step) {
    const auto ended = run_step(runbook, step);
    EXPECT_EQ(ended.state, response::StepState::verified) << ended.words << "\n" << ended.output;
    EXPECT_EQ(states_, (std::vector{response::StepState::started, response::StepState::done,
                                    response::StepState::verified}));
  }

  struct Typed {
    int code = -1;
    std::string text;
  };
  Typed type(std::vector<std::string> words) {
    const std::string log = path_ + "/typed-" + std::to_string(++typed_) + ".log";
    words.insert(words.begin(), OKI_CURRENT);
    auto child = host::Child::start(words, log);
    EXPECT_TRUE(child && run_until([&] { return !child->running(); }));
    return {child->exit_status(), host::read_file(log, 1u << 20).value_or("")};
  }
  Typed on_edge(const std::string& command, const std::string& verb,
                std::vector<std::string> more = {}) {
    more.insert(more.begin(), {command, verb, "--admin=" + to_string(edge_metrics_),
                               "--token=" + path_ + "/admin.token"});
    return type(std::move(more));
  }

  // Whether the edge's public API comes to say it.
  bool says(const std::string& target, const std::string& words) {
    auto found = std::make_shared<bool>(false);
    auto asking = std::make_shared<bool>(false);
    return run_until([&] {
      if (*found || *asking) return *found;
      *asking = true;
      net::HttpRequest request;
      request.method = "GET";
      request.target = target;
      http_.request(request, [words, found, asking](const Result<net::HttpResponse>& response) {
        *asking = false;
        *found = response && response->body.find(words) != std::string::npos;
      });
      return false;
    });
  }

  Process process_;
  const std::string token_ = std::string(64, 'e');
  const Address node_ = an_address(), node_metrics_ = an_address();
  const Address edge_ = an_address(), edge_metrics_ = an_address();
  const Address supervisor_address_ = an_address();
  std::string path_;
  host::Child node_child_, edge_child_;
  std::unique_ptr<replica::Client> client_;
  net::HttpClient http_{loop().net(), loop().timers(), edge_, {}};
  response::Supervisor supervisor_{
      {loop().net(), loop().timers(), loop().clock()},
      token_,
      [this](response::ProcessVerb verb, const std::string& process) -> Result<std::string> {
        if (verb != response::ProcessVerb::restart || process != "edge1") {
          return error(Errc::not_found, "only edge1 can be restarted here");
        }
        edge_child_.terminate(5'000);
        start_edge();
        return "edge1 was restarted";
      }};
  std::unique_ptr<Disk> disk_;
  std::vector<response::ChangeRecord> changes_;
  std::vector<response::StepState> states_;
  std::unique_ptr<response::RunbookDesk> desk_;
  std::uint32_t steps_ = 0;
  int typed_ = 0;
};

TEST_F(RunbookTest, AMarketIsStoppedHaltedAndSeenToBe) {
  verifies("cancel-only", "stop-orders");
  verifies("cancel-only", "allow-orders");
  verifies("halt", "halt");
  EXPECT_TRUE(says("/v1/spot/status", R"("pair":"btc_jpy","status":"HALT")"));
  const auto again = run_step("halt", "halt");
  EXPECT_EQ(again.state, response::StepState::failed);
  EXPECT_NE(again.words.find("refused: wrong_state"), std::string::npos) << again.words;
}

TEST_F(RunbookTest, AWrongSettingIsFoundAndRolledBack) {
  desk_->start();
  const auto applied =
      on_edge("config", "apply", {"--set=in_flight_max=0", "--by=aki", "--words=by mistake"});
  EXPECT_EQ(applied.code, exit_code::ok) << applied.text;
  EXPECT_NE(applied.text.find("version 2: "), std::string::npos) << applied.text;
  ASSERT_TRUE(run_until([&] { return !changes_.empty(); }));
  EXPECT_EQ(changes_[0].who, "aki");
  EXPECT_NE(changes_[0].words.find("in_flight_max=0"), std::string::npos) << changes_[0].words;

  // Test trades succeed again once the setting is as it was; until then they fail.
  bool mended = false;
  std::function<void()> prove = [&] {
    const bool rolled_back = changes_.size() > 1;
    mended = mended || rolled_back;
    for (const char* prober : {"prober 1", "prober 2"}) {
      desk_->on({prober, {}, {}, mended ? 4u : 0u, mended ? 0u : 1u});
    }
    loop().timers().after_ms(100, prove);
  };
  prove();
  verifies("case-2-wrong-setting", "roll-back");
  prove = [] {};
  EXPECT_NE(on_edge("config", "show").text.find("in_flight_max=8192"), std::string::npos);
  const std::string history = on_edge("config", "history").text;
  EXPECT_NE(history.find("rollback"), std::string::npos) << history;
  EXPECT_NE(history.find("inc12"), std::string::npos) << history;
}

TEST_F(RunbookTest, AnEdgeIsTakenOutRestartedAndBroughtBack) {
  verifies("isolate-edge", "drain");
  EXPECT_TRUE(says("/btc_jpy/ticker", "being taken out"));
  verifies("restart-process", "restart-edge");
  EXPECT_TRUE(says("/healthz", "\"draining\":true"));  // Over its restart.
  verifies("isolate-edge", "restore");
  EXPECT_TRUE(says("/healthz", "\"healthy\":true"));
  verifies("case-3-api-flood", "tighten");
  verifies("case-3-api-flood", "restore");
}

TEST_F(RunbookTest, RefusalsAndWrongWordsHaveTheirExitCodes) {
  const auto expect = [](const Typed& typed, int code, const std::string& words) {
    EXPECT_EQ(typed.code, code) << typed.text;
    EXPECT_NE(typed.text.find(words), std::string::npos) << typed.text;
  };
  expect(on_edge("config", "rollback", {"--by=aki"}), exit_code::failed,
         "there is no earlier version 0");
  expect(on_edge("edge", "restore", {"--by=aki"}), exit_code::failed, "nothing is tightened");
  expect(on_edge("edge", "drain", {"--by=aki", "--for=soon"}), exit_code::usage, "--for is like");
  expect(on_edge("config", "apply", {"--by=aki", "--set=query_percent=0"}), exit_code::failed,
         "query_percent must be from 1 to 100");
  expect(on_edge("config", "apply", {"--by=aki", "--set=query_percent"}), exit_code::usage,
         "--set is like");
  write("wrong.token", std::string(64, 'f'));
  expect(type({"config", "show", "--admin=" + to_string(edge_metrics_),
               "--token=" + path_ + "/wrong.token"}),
         exit_code::failed, "the token is missing or wrong");
  expect(type({"config", "show", "--admin=" + to_string(an_address()),
               "--token=" + path_ + "/admin.token"}),
         exit_code::unavailable, "");
  expect(type({"process", "restart", "node7", "--supervisor=" + to_string(supervisor_address_),
               "--token=" + path_ + "/admin.token"}),
         exit_code::failed, "only edge1 can be restarted here");
  const std::string cluster = "--cluster=9";
  const std::string nodes = "--nodes=" + to_string(node_);
  expect(type({"leader", "show", cluster, nodes}), exit_code::ok, "leads");
  expect(type({"leader", "transfer", "--to=1", cluster, nodes}), exit_code::ok, "it leads already");
  expect(type({"leader", "transfer", "--to=2", cluster, nodes}), exit_code::usage,
         "there is no such seat");
}

TEST_F(RunbookTest, ADryRunNamesTheCommandLinesAndNothingElseRuns) {
  const std::string actions = "--actions=" + path_ + "/actions.toml";
  const auto dry =
      type({"runbook", "run", "halt", actions, "--components=market/btc_jpy", "--dry-run"});
  EXPECT_EQ(dry.code, exit_code::ok) << dry.text;
  EXPECT_NE(dry.text.find("market halt btc_jpy --cluster 9"), std::string::npos) << dry.text;
  EXPECT_NE(dry.text.find("dry run, nothing was done"), std::string::npos);
  EXPECT_TRUE(says("/v1/spot/status", R"("pair":"btc_jpy","status":"NORMAL")"));
  EXPECT_EQ(type({"runbook", "run", "halt", actions}).code, exit_code::usage);
  EXPECT_EQ(type({"runbook", "run", "halt", actions, "--dry-run"}).code, exit_code::failed);
  EXPECT_EQ(type({"runbook", "check"}).code, exit_code::ok);
  EXPECT_NE(type({"runbook", "show", "halt", "--lang", "ja"}).text.find("停止する"),
            std::string::npos);
}

}  // namespace
}  // namespace oki::app
