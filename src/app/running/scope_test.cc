// Whom an outage hit, on a node and an edge that really run: the node is frozen under a customer's
// orders, and `okiagari scope` counts him and nobody else; then the edge is killed, and it says
// what is missing.
//
// OKI_CURRENT is the binary (CMakeLists).
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/process.h"
#include "drill/accounts.h"
#include "drill/api_client.h"
#include "host/child.h"
#include "net/json_reader.h"
#include "node/exchange_config.h"
#include "node/submit_all.h"
#include "replica/client.h"

namespace oki::app {
namespace {

constexpr std::int64_t patience_ms = 30'000;

Address an_address() { return {"127.0.0.1", host::free_port().value_or(0)}; }

class ScopeTest : public ::testing::Test {
 protected:
  ScopeTest() : process_("test"), accounts_(drill::make_accounts(process_.random(), 2)) {
    char name[] = "/tmp/okiagari_scope_XXXXXX";
    path_ = mkdtemp(name);
    const Bytes seal_key = process_.random().bytes(crypto::seal_key_bytes);
    EXPECT_TRUE(host::write_file(path_ + "/seal.key", crypto::hex(seal_key), 0600).has_value());
    start_node();
    set_up(seal_key);
    start_edge();
    api_ = std::make_unique<drill::ApiClient>(loop().clock(), loop().net(), loop().timers(),
                                              std::vector<Address>{edge_});
  }
  ~ScopeTest() override {
    node_child_.signal(SIGCONT);
    node_child_.kill_now();
    edge_child_.kill_now();
    if (!HasFailure()) std::filesystem::remove_all(path_);
  }

  host::Loop& loop() { return process_.loop(); }
  std::int64_t now_ms() { return loop().clock().wall_now().value; }

  bool run_until(const std::function<bool()>& condition) {
    const MonoTimeNs deadline = loop().clock().mono_now() + patience_ms * ns_per_ms;
    while (!condition()) {
      if (loop().clock().mono_now() >= deadline) return false;
      loop().timers().after_ms(10, [this] { loop().stop(); });
      loop().run();
    }
    return true;
  }

  void start_node() {
    auto started = host::Child::start(
        {OKI_CURRENT, "node", "--cluster=9", "--nodes=" + to_string(node_), "--seat=1",
         "--dir=" + path_ + "/node", "--bootstrap", "--metrics=" + to_string(an_address())},
        path_ + "/node.log");
    ASSERT_TRUE(started) << started.error().message;
    node_child_ = std::move(*started);
  }

  void start_edge() {
    auto started =
        host::Child::start({OKI_CURRENT, "edge", "--cluster=9", "--nodes=" + to_string(node_),
                            "--listen=" + to_string(edge_), "--metrics=" + to_string(metrics_),
                            "--seal-key=" + path_ + "/seal.key", "--records=" + path_ + "/records"},
                           path_ + "/edge.log");
    ASSERT_TRUE(started) << started.error().message;
    edge_child_ = std::move(*started);
  }

  void set_up(ByteView seal_key) {
    const auto config = node::read_exchange_config(node::default_exchange_config());
    ASSERT_TRUE(config);
    const auto commands =
        drill::setup_commands(*config, accounts_, false, seal_key, process_.random());
    ASSERT_TRUE(commands);
    replica::ClientOptions options;
    options.cluster = 9;
    options.nodes = {node_};
    replica::Client client({loop().clock(), loop().timers(), loop().net(), process_.random(),
                            process_.log(), process_.metrics()},
                           options);
    bool done = false;
    node::submit_all(client, *commands, 20, [&](const Result<node::SubmittedAll>& all) {
      EXPECT_TRUE(all.has_value());
      done = true;
    });
    ASSERT_TRUE(run_until([&] { return done; }));
  }

  // A buy far below the market, which waits in the book.
  drill::ApiOutcome order(const drill::DrillAccount& account) {
    std::optional<drill::ApiOutcome> outcome;
    api_->post(0, account.key, account.secret, "/v1/user/spot/order",
               R"({"pair":"btc_jpy","amount":"0.01","price":"1000","side":"buy","type":"limit"})",
               [&](const drill::ApiAnswer& answer) { outcome = answer.outcome; });
    EXPECT_TRUE(run_until([&] { return outcome.has_value(); }));
    return outcome.value_or(drill::ApiOutcome::unknown);
  }
  void await_order(const drill::DrillAccount& account) {
    for (int tries = 0; tries < 100; ++tries) {
      if (order(account) == drill::ApiOutcome::ok) return;
      const std::int64_t then = now_ms() + 100;
      run_until([&] { return now_ms() >= then; });
    }
    ADD_FAILURE() << "the edge takes no orders";
  }

  struct Scope {
    int code = -1;
    net::Json report;
    std::string text;
  };
  Scope scope(std::int64_t from, std::int64_t to) {
    const std::string log = path_ + "/scope-" + std::to_string(++runs_) + ".log";
    auto child =
        host::Child::start({OKI_CURRENT, "scope", "--cluster=9", "--nodes=" + to_string(node_),
                            "--edges=" + to_string(metrics_), "--from=" + std::to_string(from),
                            "--to=" + std::to_string(to), "--markets=btc_jpy",
                            "--accounts=" + path_ + "/list", "--json"},
                           log);
    Scope scope;
    EXPECT_TRUE(child && run_until([&] { return !child->running(); }));
    scope.code = child ? child->exit_status() : -1;
    scope.text = host::read_file(log, 1u << 20).value_or("");
    const std::size_t line = scope.text.rfind("{\"from\"");
    EXPECT_NE(line, std::string::npos) << scope.text;
    if (line == std::string::npos) return scope;
    auto json = net::parse_json(scope.text.substr(line), 1u << 20);
    EXPECT_TRUE(json.has_value()) << scope.text;
    if (json) scope.report = *json;
    return scope;
  }
  static std::int64_t number(const Scope& scope, const char* name) {
    const net::Json* value = scope.report.find(name);
    return value == nullptr ? -1 : value->integer().value_or(-1);
  }

  Process process_;
  const drill::DrillAccounts accounts_;
  const Address node_ = an_address();
  const Address edge_ = an_address();
  const Address metrics_ = an_address();
  std::string path_;
  host::Child node_child_, edge_child_;
  std::unique_ptr<drill::ApiClient> api_;
  int runs_ = 0;
};

TEST_F(ScopeTest, CountsWhomAFrozenNodeHitAndSaysWhatItCannotKnow) {
  const drill::DrillAccount& waiting = accounts_.makers[0];
  const drill::DrillAccount& failing = accounts_.makers[1];
  await_order(waiting);
  const std::int64_t from = now_ms();
  node_child_.signal(SIGSTOP);
  EXPECT_NE(order(failing), drill::ApiOutcome::ok);
  node_child_.signal(SIGCONT);
  const std::int64_t to = now_ms();
  await_order(waiting);

  const Scope whole = scope(from, to);
  EXPECT_EQ(whole.code, exit_code::ok) << whole.text;
  EXPECT_EQ(number(whole, "accounts_failed"), 1) << whole.text;
  EXPECT_GE(number(whole, "accounts_waiting"), 1) << whole.text;
  const std::string list = host::read_file(path_ + "/list", 1u << 20).value_or("");
  EXPECT_NE(list.find(std::to_string(waiting.id.value) + ",0,1,0\n"), std::string::npos) << list;
  EXPECT_NE(list.find(std::to_string(failing.id.value) + ",1,"), std::string::npos) << list;

  edge_child_.kill_now();
  start_edge();
  await_order(waiting);
  const Scope missing = scope(from, to);
  EXPECT_EQ(missing.code, exit_code::degraded) << missing.text;
  EXPECT_EQ(number(missing, "accounts_failed"), 1) << missing.text;
  EXPECT_NE(missing.text.find("started anew"), std::string::npos) << missing.text;
}

}  // namespace
}  // namespace oki::app
