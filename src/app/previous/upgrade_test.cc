// A running cluster of an older program becomes one of this program, node by node, under load.
//
// OKI_PREVIOUS is a node of this source whose core knows only release 1 of the rules (CMakeLists);
// OKI_CURRENT is the binary itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/process.h"
#include "drill/pollers.h"
#include "host/child.h"
#include "node/exchange_config.h"
#include "node/submit_all.h"
#include "replica/client.h"

namespace oki::app {
namespace {

constexpr std::uint32_t seats = 3;
constexpr std::int64_t patience_ms = 20'000;
constexpr core::AccountId trader{7};

std::uint16_t a_port() {
  const auto port = host::free_port();
  EXPECT_TRUE(port.has_value());
  return port.value_or(0);
}

class UpgradeTest : public ::testing::Test {
 protected:
  UpgradeTest() : process_("test") {
    char name[] = "/tmp/okiagari_upgrade_XXXXXX";
    path_ = mkdtemp(name);
    for (std::uint32_t seat = 1; seat <= seats; ++seat) {
      nodes_.push_back({"127.0.0.1", a_port()});
      metrics_.push_back({"127.0.0.1", a_port()});
    }
    states_ = std::make_unique<drill::NodeStates>(loop().net(), loop().timers(), metrics_);
    replica::ClientOptions options;
    options.cluster = 5;
    options.nodes = nodes_;
    client_ = std::make_unique<replica::Client>(
        replica::Client::Parts{loop().clock(), loop().timers(), loop().net(), process_.random(),
                               process_.log(), process_.metrics()},
        options);
  }
  ~UpgradeTest() override {
    for (host::Child& child : children_) child.kill_now();
    if (!HasFailure()) std::filesystem::remove_all(path_);
  }

  host::Loop& loop() { return process_.loop(); }

  // Runs the loop until the condition holds; false when it does not in time.
  bool run_until(const std::function<bool()>& condition) {
    const MonoTimeNs deadline = loop().clock().mono_now() + patience_ms * ns_per_ms;
    while (!condition()) {
      if (loop().clock().mono_now() >= deadline) return false;
      loop().timers().after_ms(10, [this] { loop().stop(); });
      loop().run();
    }
    return true;
  }

  void start(std::uint32_t seat, const char* program, bool bootstrap = false) {
    std::string nodes;
    for (const Address& node : nodes_) nodes += (nodes.empty() ? "" : ",") + to_string(node);
    std::vector<std::string> words = {program,
                                      "node",
                                      "--cluster=5",
                                      "--seat=" + std::to_string(seat),
                                      "--nodes=" + nodes,
                                      "--dir=" + path_ + "/" + std::to_string(seat),
                                      "--metrics=" + to_string(metrics_[seat - 1]),
                                      "--snapshot-every=500"};
    if (bootstrap) words.push_back("--bootstrap");
    auto child = host::Child::start(words, log_of(seat));
    ASSERT_TRUE(child) << child.error().message;
    children_[seat - 1] = std::move(*child);
  }
  std::string log_of(std::uint32_t seat) const {
    return path_ + "/node-" + std::to_string(seat) + ".log";
  }

  core::Refusal submit(const core::Command& command, std::optional<core::Reply>* reply = nullptr) {
    std::optional<core::Reply> got;
    bool waiting = false;
    const bool answered = run_until([&] {
      if (got || waiting) return got.has_value();
      waiting = true;
      client_->submit(encode(command), [&](const replica::Answer& answer) {
        waiting = false;
        if (answer.outcome == replica::Outcome::answered) got = core::decode_reply(answer.reply);
      });
      return false;
    });
    EXPECT_TRUE(answered);
    if (reply != nullptr) *reply = got;
    return got ? got->refusal : core::Refusal::malformed;
  }

  void set_up_exchange() {
    auto commands = node::read_exchange_config(node::default_exchange_config());
    ASSERT_TRUE(commands);
    commands->emplace_back(core::AddAccount{trader, 0, 0});
    commands->emplace_back(
        core::Deposit{trader, {0}, core::Amount{1'000'000'000'000'000u}, "upgrade"});
    bool done = false;
    node::submit_all(*client_, *commands, 10, [&](const Result<node::SubmittedAll>& all) {
      ASSERT_TRUE(all) << all.error().message;
      done = true;
    });
    ASSERT_TRUE(run_until([&] { return done; }));
  }

  static core::PlaceOrder an_order(std::uint64_t number) {
    core::PlaceOrder order;
    order.account = trader;
    order.market = {0};
    order.price = {1'000'000 + number % 50};
    order.amount = {10};
    return order;
  }

  // Places an order, cancels it, and again, one command at a time, for as long as the load is on.
  void load() {
    if (!load_on_) {
      load_idle_ = true;
      return;
    }
    load_idle_ = false;
    core::Command next = an_order(++load_number_);
    if (to_cancel_) next = core::CancelOrders{trader, {}, {0}, {*std::exchange(to_cancel_, {})}};
    client_->submit(encode(next), [this](const replica::Answer& answer) {
      if (answer.outcome == replica::Outcome::answered) {
        ++answered_;
        const auto reply = core::decode_reply(answer.reply);
        if (reply && !reply->rows.empty() && !is_final(reply->rows[0].order.status)) {
          to_cancel_ = reply->rows[0].order.id;
        }
      } else {
        to_cancel_.reset();
        ++unanswered_;
      }
      load();
    });
  }
  void load_for(std::uint64_t answers) {
    const std::uint64_t wanted = answered_ + answers;
    load_on_ = true;
    load();
    EXPECT_TRUE(run_until([&] { return answered_ >= wanted; }));
    load_on_ = false;
    EXPECT_TRUE(run_until([&] { return load_idle_; }));
  }

  // All nodes that run come to the same index and the same hashes.
  void expect_equal_hashes() {
    bool asking = false;
    bool equal = false;
    std::string last;
    EXPECT_TRUE(run_until([&] {
      if (equal || asking) return equal;
      asking = true;
      states_->ask(true, [&](const std::vector<drill::NodeState>& all) {
        asking = false;
        equal = std::all_of(all.begin(), all.end(), [&](const drill::NodeState& one) {
          return one.reachable && one.applied == all[0].applied;
        });
        if (!equal) return;
        for (const drill::NodeState& one : all) {
          EXPECT_EQ(one.state_hash, all[0].state_hash) << one.seat;
          EXPECT_EQ(one.event_hash, all[0].event_hash) << one.seat;
        }
      });
      return false;
    }));
    EXPECT_TRUE(run_until([&] { return !asking; }));
  }

  // While it is under load.
  void replace(std::uint32_t seat, const char* program) {
    load_on_ = true;
    load();
    children_[seat - 1].terminate(5'000);
    start(seat, program);
    load_for(300);
    expect_equal_hashes();
  }

  core::Refusal activate() { return submit(core::ActivateRelease{2, {1, 2, 3}}); }

  // The node ends by itself and says why.
  std::string last_words(std::uint32_t seat) {
    EXPECT_TRUE(run_until([&] { return !children_[seat - 1].running(); }));
    EXPECT_EQ(children_[seat - 1].exit_status(), exit_code::failed);
    return host::read_file(log_of(seat), 16u << 20).value_or("");
  }

  Process process_;
  std::string path_;
  std::vector<Address> nodes_;
  std::vector<Address> metrics_;
  std::array<host::Child, seats> children_;
  std::unique_ptr<drill::NodeStates> states_;
  std::unique_ptr<replica::Client> client_;
  bool load_on_ = false;
  bool load_idle_ = true;
  std::uint64_t load_number_ = 0;
  std::uint64_t answered_ = 0;
  std::uint64_t unanswered_ = 0;
  std::optional<core::OrderId> to_cancel_;
};

TEST_F(UpgradeTest, OldAndNewProgramsAgreeAndTheNewRulesWaitForTheLastNode) {
  for (std::uint32_t seat = 1; seat <= seats; ++seat) start(seat, OKI_PREVIOUS, true);
  set_up_exchange();
  load_for(300);
  expect_equal_hashes();
  const core::PlaceOrders batch{trader, {}, {an_order(1), an_order(2)}};
  EXPECT_EQ(submit(batch), core::Refusal::malformed);
  for (std::uint32_t seat = 1; seat <= seats; ++seat) {
    EXPECT_EQ(activate(), core::Refusal::node_not_ready) << "before seat " << seat;
    replace(seat, OKI_CURRENT);
  }
  EXPECT_EQ(submit(batch), core::Refusal::malformed);  // Known everywhere, but not active.
  ASSERT_TRUE(run_until([&] { return activate() == core::Refusal::ok; }));
  std::optional<core::Reply> reply;
  EXPECT_EQ(submit(batch, &reply), core::Refusal::ok);
  ASSERT_EQ(reply->rows.size(), 2u);
  EXPECT_EQ(reply->rows[1].refusal, core::Refusal::ok);
  load_for(1200);  // Snapshots of the new release.
  expect_equal_hashes();
  EXPECT_EQ(unanswered_, 0u);

  children_[2].terminate(5'000);
  start(3, OKI_PREVIOUS);
  const std::string words = last_words(3);
  EXPECT_NE(words.find("newer program"), std::string::npos) << words.substr(words.size() / 2);
  load_for(100);
}

// Somebody said of the old nodes that they know more than they do: none goes on by rules of its
// own. The last one may never learn that the entry is committed: alone it cannot.
TEST_F(UpgradeTest, AnOldProgramEndsWhereTheLogSwitchesOnWhatItDoesNotKnow) {
  for (std::uint32_t seat = 1; seat <= seats; ++seat) start(seat, OKI_PREVIOUS, true);
  set_up_exchange();
  for (std::uint64_t node = 1; node <= seats; ++node) {
    EXPECT_EQ(activate(), core::Refusal::node_not_ready);
    EXPECT_EQ(submit(core::ReportRelease{node, 2}), core::Refusal::ok);
  }
  client_->submit(encode(core::ActivateRelease{2, {1, 2, 3}}), [](const replica::Answer&) {});
  const auto ended = [this] {
    return std::ranges::count_if(children_, [](host::Child& child) { return !child.running(); });
  };
  EXPECT_TRUE(run_until([&] { return ended() >= 2; }));
  for (std::uint32_t seat = 1; seat <= seats; ++seat) {
    if (children_[seat - 1].running()) continue;
    EXPECT_NE(last_words(seat).find("start a newer program"), std::string::npos) << seat;
  }
  for (host::Child& child : children_) child.kill_now();
  for (std::uint32_t seat = 1; seat <= seats; ++seat) start(seat, OKI_CURRENT);
  const core::PlaceOrders batch{trader, {}, {an_order(1), an_order(2)}};
  EXPECT_EQ(submit(batch), core::Refusal::ok);
  expect_equal_hashes();
}

}  // namespace
}  // namespace oki::app
