// What operators do, from the command line to what customers see: one node and one edge as real
// processes, every operator's command once, refusals and wrong words with their exit codes.
//
// OKI_CURRENT is the binary (CMakeLists).
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/process.h"
#include "history/projection.h"
#include "host/child.h"
#include "net/http_client.h"
#include "node/exchange_config.h"
#include "node/submit_all.h"
#include "replica/client.h"

namespace oki::app {
namespace {

constexpr std::int64_t patience_ms = 30'000;
constexpr core::AccountId customer{42};
constexpr core::AssetId jpy{0};
constexpr core::AssetId btc{1};
constexpr core::MarketId btc_jpy{0};
constexpr std::uint64_t yen = 10'000;  // Of the smallest unit.

std::uint16_t a_port() {
  const auto port = host::free_port();
  EXPECT_TRUE(port.has_value());
  return port.value_or(0);
}

class Copy final : public replica::EventFollower {
 public:
  Result<void> on_snapshot(LogIndex, std::uint64_t, ByteView snapshot) override {
    auto restored = history::Projection::restore(snapshot, {});
    if (!restored) return tl::unexpected<Error>(std::move(restored.error()));
    exchange_ = std::move(*restored);
    return {};
  }
  void on_block(const replica::EventBlock& block) override {
    ASSERT_TRUE(exchange_ && exchange_->apply(block));
  }
  void on_up_to(LogIndex) override {}
  bool has_copy() const override { return exchange_.has_value(); }
  const history::Projection& exchange() const { return *exchange_; }

 private:
  std::optional<history::Projection> exchange_;
};

struct Ended {
  int code = -1;
  std::string text;  // Of both outputs.
};

class OperatorTest : public ::testing::Test {
 protected:
  OperatorTest() : process_("test") {
    char name[] = "/tmp/okiagari_operator_XXXXXX";
    path_ = mkdtemp(name);
    replica::ClientOptions options;
    options.cluster = 9;
    options.nodes = {node_};
    client_ = std::make_unique<replica::Client>(
        replica::Client::Parts{loop().clock(), loop().timers(), loop().net(), process_.random(),
                               process_.log(), process_.metrics()},
        options);
    client_->follow(copy_);
    start(children_[0], "node", {"--seat=1", "--dir=" + path_ + "/node", "--bootstrap"});
    set_up_exchange();
  }
  ~OperatorTest() override {
    for (host::Child& child : children_) child.kill_now();
    if (!HasFailure()) std::filesystem::remove_all(path_);
  }

  host::Loop& loop() { return process_.loop(); }
  const history::Projection& exchange() const { return copy_.exchange(); }

  bool run_until(const std::function<bool()>& condition) {
    const MonoTimeNs deadline = loop().clock().mono_now() + patience_ms * ns_per_ms;
    while (!condition()) {
      if (loop().clock().mono_now() >= deadline) return false;
      loop().timers().after_ms(10, [this] { loop().stop(); });
      loop().run();
    }
    return true;
  }

  void start(host::Child& child, const std::string& command, std::vector<std::string> options) {
    options.insert(options.begin(),
                   {OKI_CURRENT, command, "--cluster=9", "--nodes=" + to_string(node_),
                    "--metrics=127.0.0.1:" + std::to_string(a_port())});
    auto started = host::Child::start(options, path_ + "/" + command + ".log");
    ASSERT_TRUE(started) << started.error().message;
    child = std::move(*started);
  }

  void set_up_exchange() {
    auto commands = node::read_exchange_config(node::default_exchange_config());
    ASSERT_TRUE(commands);
    commands->emplace_back(core::AddAccount{customer, 0, 0});
    commands->emplace_back(core::Deposit{customer, jpy, core::Amount{1'000'000 * yen}, "opening"});
    bool done = false;
    node::submit_all(*client_, *commands, 20, [&](const Result<node::SubmittedAll>& all) {
      ASSERT_TRUE(all) << all.error().message;
      done = true;
    });
    ASSERT_TRUE(run_until([&] { return done && copy_.has_copy(); }));
  }

  void submit(const core::Command& command) {
    bool done = false;
    client_->submit(encode(command), [&](const replica::Answer& answer) {
      const auto reply = core::decode_reply(answer.reply);
      EXPECT_TRUE(reply && reply->refusal == core::Refusal::ok);
      done = true;
    });
    ASSERT_TRUE(run_until([&] { return done; }));
  }

  // The command line as it is typed, without the words that all commands share.
  Ended run_plainly(std::vector<std::string> words) {
    const std::string log = path_ + "/run-" + std::to_string(++runs_) + ".log";
    words.insert(words.begin(), OKI_CURRENT);
    auto child = host::Child::start(words, log);
    EXPECT_TRUE(child);
    Ended ended;
    if (!child) return ended;
    EXPECT_TRUE(run_until([&] { return !child->running(); }));
    return {child->exit_status(), host::read_file(log, 1u << 20).value_or("")};
  }
  Ended run(std::vector<std::string> words) {
    words.push_back("--cluster=9");
    words.push_back("--nodes=" + to_string(node_));
    return run_plainly(std::move(words));
  }

  // It is done, says `what`, and then `holds`.
  void does(std::vector<std::string> words, const std::string& what,
            const std::function<bool()>& holds) {
    const std::string command = words[0] + " " + words[1];
    const Ended ended = run(std::move(words));
    EXPECT_EQ(ended.code, exit_code::ok) << command << ": " << ended.text;
    EXPECT_NE(ended.text.find(what), std::string::npos) << command << ": " << ended.text;
    EXPECT_NE(ended.text.find("done at log index "), std::string::npos) << ended.text;
    EXPECT_TRUE(run_until(holds)) << command << " had no effect";
  }
  void shows(std::vector<std::string> words, const std::string& what) {
    const Ended ended = run(std::move(words));
    EXPECT_EQ(ended.code, exit_code::ok) << ended.text;
    EXPECT_NE(ended.text.find(what), std::string::npos) << ended.text;
  }
  void fails(std::vector<std::string> words, int code, const std::string& why) {
    const Ended ended = run(std::move(words));
    EXPECT_EQ(ended.code, code) << ended.text;
    EXPECT_NE(ended.text.find(why), std::string::npos) << ended.text;
  }

  core::MarketState state() const { return exchange().market_state(btc_jpy); }

  Process process_;
  const Address node_{"127.0.0.1", a_port()};
  std::string path_;
  Copy copy_;
  std::unique_ptr<replica::Client> client_;  // Calls the copy.
  host::Child children_[2];                  // The node, and an edge where one is needed.
  int runs_ = 0;
};

TEST_F(OperatorTest, StatesOfMarkets) {
  shows({"market", "show", "btc_jpy"}, "btc_jpy: normal, mode none, stops none");
  does({"market", "halt", "btc_jpy"}, "halt btc_jpy",
       [&] { return state().status == core::MarketStatus::halt; });
  fails({"market", "halt", "btc_jpy"}, exit_code::failed, "refused: wrong_state");
  does({"market", "reopen", "btc_jpy", "--cancel-only-at=+1h", "--auction-at=+2h",
        "--trading-at=+3h", "--withdrawals-at=+4h"},
       "reopen btc_jpy, cancel-only-at ",
       [&] { return state().cancel_only_at.value > 0 && state().reopen_at > state().auction_at; });
  fails({"market", "reopen", "btc_jpy", "--cancel-only-at=+2h", "--auction-at=+1h",
         "--trading-at=+3h", "--withdrawals-at=+4h"},
        exit_code::failed, "refused: invalid_time");
  does({"market", "resume", "btc_jpy"}, "resume btc_jpy",
       [&] { return state().status == core::MarketStatus::normal; });
  does({"market", "stop", "btc_jpy", "--flag=order,market_order"}, "(before: none)",
       [&] { return state().stops == 0b101; });
  does({"market", "allow", "btc_jpy", "--flag=order"}, "stops of btc_jpy: market_order",
       [&] { return state().stops == 0b100; });
  does({"market", "auction", "btc_jpy", "--mode=listing", "--at=+10m", "--reference=5000000"},
       "auction listing of btc_jpy at ", [&] {
         return state().mode == core::MarketMode::listing &&
                state().reference == core::Price{5'000'000};
       });
  shows({"market", "show", "btc_jpy"}, "reference 5000000");
}

TEST_F(OperatorTest, CreditsHoldingsAndCollateral) {
  const auto owed = exchange().funds(jpy).liabilities;
  does({"holdings", "adjust", "jpy", "--add=1000", "--reference=own"}, "holdings + 1000.0000 jpy",
       [&] { return exchange().funds(jpy).holdings.value == owed.value + 1'000 * yen; });
  fails({"holdings", "adjust", "jpy", "--less=1000.5", "--reference=out"}, exit_code::failed,
        "refused: exceeds_holdings");
  does({"holdings", "adjust", "jpy", "--less=0.5", "--reference=out"}, "holdings - 0.5000 jpy",
       [&] { return exchange().funds(jpy).holdings.value == owed.value + 9'995'000; });
  does({"credit", "propose", "--by=1", "--account=42", "--asset=jpy", "--amount=12.5",
        "--reference=T-17"},
       "propose to credit account 42 with 12.5000 jpy", [] { return true; });
  fails({"credit", "approve", "1", "--by=1"}, exit_code::failed, "refused: same_operator");
  const std::uint64_t before = exchange().balance(customer, jpy).free.value;
  does({"credit", "approve", "1", "--by=2"}, "approve credit 1",
       [&] { return exchange().balance(customer, jpy).free.value == before + 125'000; });
  fails({"credit", "approve", "1", "--by=2"}, exit_code::failed, "refused: unknown_credit");
  does({"collateral", "set", "btc", "--ratio=0.5"}, "btc counts 0.5",
       [&] { return exchange().collateral_ppm(btc) == 500'000; });
}

TEST_F(OperatorTest, Withdrawals) {
  for (int i = 0; i < 2; ++i) {
    submit(core::RequestWithdrawal{customer, {}, jpy, core::Amount{5 * yen}, {}, "bank"});
  }
  const auto state_of = [&](std::uint64_t id) { return exchange().withdrawal({id})->state; };
  ASSERT_TRUE(run_until([&] { return exchange().withdrawal({2}) != nullptr; }));
  shows({"withdrawals", "show"}, "withdrawal 2 of account 42: 5.0000 jpy to bank, requested since");
  does({"withdrawals", "approve", "1", "--by=1"}, "approve withdrawal 1 of account 42",
       [&] { return state_of(1) == core::WithdrawalState::approved; });
  does({"withdrawals", "freeze", "--by=1"}, "freeze withdrawals of all assets",
       [&] { return exchange().withdrawals_frozen(btc) && exchange().withdrawals_frozen(jpy); });
  shows({"withdrawals", "show"}, "frozen: jpy");
  fails({"withdrawals", "settle", "1"}, exit_code::failed, "refused: withdrawals_frozen");
  does({"withdrawals", "resume", "--by=1", "--asset=jpy"}, "resume withdrawals of jpy",
       [] { return true; });
  fails({"withdrawals", "resume", "--by=1", "--asset=jpy"}, exit_code::failed,
        "refused: same_operator");
  does({"withdrawals", "resume", "--by=2", "--asset=jpy"}, "resume withdrawals of jpy",
       [&] { return !exchange().withdrawals_frozen(jpy) && exchange().withdrawals_frozen(btc); });
  does({"withdrawals", "settle", "1"}, "settle, as it has left: withdrawal 1",
       [&] { return state_of(1) == core::WithdrawalState::settled; });
  const std::uint64_t before = exchange().balance(customer, jpy).free.value;
  does({"withdrawals", "reject", "2", "--by=1"}, "reject withdrawal 2",
       [&] { return exchange().balance(customer, jpy).free.value == before + 5 * yen; });
  fails({"withdrawals", "approve", "9", "--by=1"}, exit_code::usage, "there is no withdrawal 9");
}

TEST_F(OperatorTest, AccountsAndReleases) {
  does({"account", "restrict", "42", "--by=1", "--no-orders"},
       "account 42: orders no, withdrawals yes",
       [&] { return exchange().restrictions(customer).no_orders; });
  fails({"account", "restrict", "42", "--by=1", "--no-orders"}, exit_code::failed,
        "refused: exists");
  does({"account", "restrict", "42", "--by=1"}, "account 42: orders yes, withdrawals yes",
       [&] { return !exchange().restrictions(customer).no_orders; });
  does({"account", "allow-margin", "42"}, "margin trading yes",
       [&] { return exchange().margin(customer).allowed; });
  fails({"account", "allow-margin", "7"}, exit_code::usage, "there is no account 7");

  submit(core::ReportRelease{77, 1});  // Of a node that has left.
  shows({"release", "show"}, "node 77 knows release 1");
  fails({"release", "activate", "2"}, exit_code::failed,
        "node 77 knows only release 1: upgrade it, or if it has left for good");
  does({"release", "forget", "77"}, "forget which release node 77 knows",
       [&] { return !exchange().node_releases().contains(77); });
  fails({"release", "forget", "1"}, exit_code::usage, "node 1 sits on seat 1");
  does({"release", "activate", "2"}, "activate release 2 for nodes 1",
       [&] { return exchange().release() == 2; });
  fails({"release", "activate", "2"}, exit_code::usage, "so the next one is 3");
}

TEST_F(OperatorTest, WrongWordsAreNamedAndNothingIsSent) {
  fails({"market", "halt", "doge_jpy"}, exit_code::usage, "there is no market 'doge_jpy'");
  fails({"market", "stop", "btc_jpy", "--flag=everything"}, exit_code::usage,
        "there is no stop 'everything'");
  fails({"holdings", "adjust", "jpy", "--reference=x"}, exit_code::usage,
        "give either --add or --less");
  fails({"withdrawals", "freeze"}, exit_code::usage, "--by is missing");
  fails({"credit", "approve", "one", "--by=1"}, exit_code::usage,
        "the credit must be a positive whole number");
  const Ended dry = run({"market", "halt", "btc_jpy", "--dry-run"});
  EXPECT_EQ(dry.code, exit_code::ok);
  EXPECT_NE(dry.text.find("dry run, nothing is sent: "), std::string::npos) << dry.text;
  EXPECT_EQ(state().status, core::MarketStatus::normal);
  const Ended alone = run_plainly({"market", "halt", "btc_jpy", "--cluster=9",
                                   "--nodes=127.0.0.1:" + std::to_string(a_port())});
  EXPECT_EQ(alone.code, exit_code::unavailable) << alone.text;
  EXPECT_NE(alone.text.find("no leader answers"), std::string::npos) << alone.text;
}

class OperatorAndEdgeTest : public OperatorTest {
 protected:
  OperatorAndEdgeTest() {
    const std::string key = path_ + "/seal.key";
    EXPECT_TRUE(host::write_file(key, std::string(64, '5'), 0600));
    start(children_[1], "edge",
          {"--listen=" + to_string(edge_), "--seal-key=" + key, "--history=" + file()});
  }
  std::string file() const { return path_ + "/edge.sqlite"; }

  // Whether the public API comes to say it.
  bool says(const std::string& target, const std::string& words) {
    bool asking = false;
    bool found = false;
    const bool in_time = run_until([&] {
      if (found || asking) return found;
      asking = true;
      net::HttpRequest request;
      request.method = "GET";
      request.target = target;
      http_.request(request, [&](const Result<net::HttpResponse>& response) {
        asking = false;
        found = response && response->body.find(words) != std::string::npos;
      });
      return false;
    });
    EXPECT_TRUE(run_until([&] { return !asking; }));
    return in_time;
  }

  const Address edge_{"127.0.0.1", a_port()};
  net::HttpClient http_{loop().net(), loop().timers(), edge_, {}};
};

TEST_F(OperatorAndEdgeTest, CustomersSeeWhatOperatorsDoAndAuditorsWhoDidIt) {
  EXPECT_TRUE(says("/v1/spot/status", R"("pair":"btc_jpy","status":"NORMAL")"));
  does({"market", "halt", "btc_jpy"}, "halt btc_jpy", [] { return true; });
  EXPECT_TRUE(says("/v1/spot/status", R"("pair":"btc_jpy","status":"HALT")"));

  does({"withdrawals", "freeze", "--by=5", "--asset=btc"}, "freeze", [] { return true; });
  EXPECT_TRUE(run_until([&] {
    return run_plainly({"history", "withdrawal_freezes", "--file=" + file()})
               .text.find(R"("asset":1,"frozen":1,"by_operator":5})") != std::string::npos;
  }));
  const Ended none = run_plainly({"history", "credit_changes", "--file=" + file(), "--account=42"});
  EXPECT_EQ(none.code, exit_code::ok);
  EXPECT_EQ(none.text, "");
  const Ended table = run_plainly({"history", "secrets", "--file=" + file()});
  EXPECT_EQ(table.code, exit_code::usage);
  EXPECT_NE(table.text.find("the tables are credit_changes, "), std::string::npos) << table.text;
  const Ended column = run_plainly({"history", "auctions", "--file=" + file(), "--account=1"});
  EXPECT_EQ(column.code, exit_code::usage);
  EXPECT_NE(column.text.find("auctions have no account"), std::string::npos) << column.text;
  const Ended past = run_plainly({"history", "auctions", "--file=" + file(), "--since=+1h"});
  EXPECT_EQ(past.code, exit_code::usage);
  const Ended missing = run_plainly({"history", "auctions", "--file=" + path_ + "/none"});
  EXPECT_EQ(missing.code, exit_code::failed);
}

}  // namespace
}  // namespace oki::app
