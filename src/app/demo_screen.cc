#include "app/demo_screen.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>

#include "app/terminal.h"

namespace oki::app {
namespace {

std::string coloured_status(drill::Session& session, bool colours) {
  const std::string& indicator = session.status().indicator();
  const char* word = indicator == "none" ? "green" : indicator.c_str();
  if (!colours) return word;
  const char* code = indicator == "none" ? "32" : indicator == "minor" ? "33" : "31";
  return fmt::format("\x1b[{}m● {}\x1b[0m", code, word);
}

// The state behind the line a second and the keys.
class Screen {
 public:
  Screen(drill::Session& session, const Arguments& arguments)
      : session_(session), arguments_(arguments), colours_(colours_wanted()) {}

  void tick() {
    session_.loop().timers().after_ms(1000, [this] { tick(); });
    const replica::ClusterView& view = session_.view();
    drill::Load& load = session_.load();
    const std::uint64_t answered = load.orders_answered();
    const std::string leader =
        view.leader_known ? fmt::format("n{}", view.leader_seat) : std::string("--");
    fmt::print("{:>5}s  {} {:<3} {} {:<4} {:>6} {}  p99 {:>7.1f} ms  {}\n",
               session_.uptime_ms() / 1000, arguments_.say({"leader", "リーダー"}), leader,
               arguments_.say({"term", "ターム"}), view.term.value, answered - answered_before_,
               arguments_.say({"orders/s", "注文/秒"}),
               static_cast<double>(load.latency().quantile_ns(99, 100)) / 1e6,
               coloured_status(session_, colours_));
    std::fflush(stdout);
    answered_before_ = answered;
    load.latency().reset();
    for (const std::string& end : session_.cluster().unexpected_ends()) {
      fmt::print("  ! {}\n", end);
    }
  }

  void kill_leader() {
    if (victim_ != 0) {
      fmt::print("{}\n", arguments_.say({"  one node is down already: r restarts it",
                                         "  停止中のノードがあります。r で再起動"}));
      return;
    }
    session_.find_leader([this](std::uint32_t leader) {
      if (leader == 0 || victim_ != 0) return;
      victim_ = leader;
      session_.cluster().kill_node(leader);
      fmt::print("  kill -9 n{}\n", leader);
      session_.load().on_next_acknowledgement([this, leader](std::int64_t ns) {
        fmt::print("  {} n{}: {} ms\n",
                   arguments_.say({"first order acknowledged after the death of",
                                   "停止後の最初の約束（受付）"}),
                   leader, ns / ns_per_ms);
      });
    });
  }

  void restart() {
    if (victim_ == 0) return;
    if (auto done = session_.cluster().start_node(victim_); !done) {
      fmt::print("  {}\n", done.error().message);
    } else {
      fmt::print("  {} n{}\n", arguments_.say({"restarted", "再起動"}), victim_);
    }
    victim_ = 0;
  }

  bool all_running() const { return victim_ == 0; }

 private:
  drill::Session& session_;
  const Arguments& arguments_;
  bool colours_;
  std::uint64_t answered_before_ = 0;
  std::uint32_t victim_ = 0;
};

void print_audit(const Arguments& arguments, const drill::FinalAudit& audit) {
  fmt::print("{} {} · {} {} · {} {} · {} {}\n", arguments.say({"acknowledged", "受付済み"}),
             audit.customers.acknowledged, arguments.say({"lost", "消失"}), audit.customers.lost,
             arguments.say({"duplicated", "重複"}), audit.customers.doubled,
             arguments.say({"ledger hashes equal:", "台帳ハッシュ一致:"}),
             audit.hashes_equal ? arguments.say({"yes", "はい"}) : arguments.say({"no", "いいえ"}));
  if (!audit.why.empty()) fmt::print("  {}\n", audit.why);
}

}  // namespace

void print_welcome(const Arguments& arguments, drill::Session& session) {
  const drill::Cluster& cluster = session.cluster();
  const std::string rest = "http://" + to_string(cluster.edges().front().listen);
  const drill::DrillAccount& trader = session.accounts().traders.front();
  fmt::print("\n  {}\n\n", arguments.say({"Okiagari demo: not for real money",
                                          "起き上がりデモ（実際のお金には使えません）"}));
  for (const drill::NodePlace& edge : cluster.edges()) {
    fmt::print("  REST, stream  http://{}\n", to_string(edge.listen));
  }
  fmt::print("  {}        http://{}/\n\n", arguments.say({"status", "状況"}),
             to_string(cluster.status()));
  fmt::print(
      "  // npm install ccxt\n"
      "  import ccxt from 'ccxt';\n"
      "  const ex = new ccxt.bitbank({{ apiKey: '{}', secret: '{}' }});\n"
      "  for (const api of ['public', 'private', 'markets']) ex.urls.api[api] = '{}';\n"
      "  console.log(await ex.createOrder('BTC/JPY', 'limit', 'buy', 0.001, 14000000));\n\n",
      trader.key, trader.secret, rest);
  std::fflush(stdout);  // Whoever reads it through a pipe wants to paste it now.
}

int run_interactive(drill::Session& session, const Arguments& arguments) {
  print_welcome(arguments, session);
  Screen screen(session, arguments);
  const auto on_key = [&](char key) {
    if (key == 'k') screen.kill_leader();
    if (key == 'r') screen.restart();
    if (key == 'q') session.stop_running();
  };
  Terminal terminal(session.loop(), on_key);
  for (const int signal : {SIGINT, SIGTERM}) {
    session.loop().on_signal(signal, [&](int) { session.stop_running(); });
  }
  fmt::print("  {}\n\n", arguments.say({"k kill the leader · r restart it · q quit",
                                        "k リーダー停止 · r 再起動 · q 終了"}));
  screen.tick();
  session.run();
  const drill::FinalAudit audit = session.finish();
  print_audit(arguments, audit);
  const bool kept = audit.customers.lost == 0 && audit.customers.doubled == 0;
  return kept && audit.hashes_equal ? exit_code::ok : exit_code::verification_failed;
}

void print_result(const Arguments& arguments, const drill::ScriptResult& result) {
  const auto ms = [](const std::optional<std::int64_t>& value) {
    return value ? fmt::format("{} ms", *value) : std::string("-");
  };
  fmt::print("{}: {} {} · {} {}\n", result.script, arguments.say({"failover", "切替"}),
             ms(result.failover_ms), arguments.say({"status not green after", "状況表示の変化"}),
             ms(result.status_nongreen_ms));
  print_audit(arguments, result.audit);
  fmt::print("{}\n", result.passed ? arguments.say({"passed", "合格"})
                                   : arguments.say({"FAILED", "不合格"}));
}

void print_result(const Arguments& arguments, const drill::CircuitBreakResult& result) {
  for (const drill::Check& check : result.checks) {
    fmt::print("  {} {}: {}", check.ok() ? "+" : "-", check.what, check.seen);
    if (!check.ok()) fmt::print(" ({} {})", arguments.say({"expected", "期待値"}), check.expected);
    fmt::print("\n");
  }
  print_audit(arguments, result.audit);
  fmt::print("{}\n", result.passed ? arguments.say({"passed", "合格"})
                                   : arguments.say({"FAILED", "不合格"}));
}

}  // namespace oki::app
