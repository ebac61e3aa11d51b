#include "bench/log_bench.h"

#include <memory>

#include "base/json.h"
#include "base/log.h"
#include "base/metrics.h"
#include "core/commands.h"
#include "crypto/crypto.h"
#include "host/child.h"
#include "host/loop.h"
#include "replica/client.h"

namespace oki::bench {
namespace {

constexpr std::int64_t start_patience_ms = 20'000;
constexpr std::int64_t drain_patience_ms = 5'000;
constexpr std::uint64_t accounts = 64;

// One cluster of node processes and one client on a loop of its own.
class Run {
 public:
  Run(const LogBenchOptions& options, std::uint32_t nodes)
      : options_(options), nodes_(nodes), log_(loop_.clock(), "bench", {}) {}

  ~Run() {
    for (host::Child& child : children_) child.kill_now();
  }

  Result<void> start();
  LogBenchRow saturated();
  LogBenchRow paced();

 private:
  Result<void> start_nodes(const std::string& joined, const std::vector<Address>& addresses);
  Result<void> set_up();
  void send(MonoTimeNs due, bool refill);
  core::Command next_order();
  LogBenchRow conclude(const char* load, MonoTimeNs began);
  void begin();
  bool wait(std::int64_t patience_ms, const std::function<bool()>& holds);

  const LogBenchOptions& options_;
  std::uint32_t nodes_;
  host::Loop loop_;
  crypto::SystemRandom random_;
  Metrics metrics_;
  Log log_;
  std::vector<host::Child> children_;
  std::unique_ptr<replica::Client> client_;
  std::uint64_t sent_ = 0;
  std::uint64_t outstanding_ = 0;
  bool sending_ = false;
  LogBenchRow row_;
  Histogram latency_;
};

bool Run::wait(std::int64_t patience_ms, const std::function<bool()>& holds) {
  const MonoTimeNs deadline = loop_.clock().mono_now() + patience_ms * ns_per_ms;
  bool held = false;
  std::function<void()> look = [&] {
    held = holds();
    if (held || loop_.clock().mono_now() >= deadline) {
      loop_.stop();
    } else {
      loop_.timers().after_ms(10, look);
    }
  };
  loop_.timers().after_ms(0, look);
  loop_.run();
  return held;
}

Result<void> Run::start() {
  std::vector<Address> addresses;
  std::string joined;
  for (std::uint32_t i = 0; i < nodes_; ++i) {
    const Result<std::uint16_t> port = host::free_port();
    if (!port) return tl::unexpected(port.error());
    addresses.push_back({"127.0.0.1", *port});
    joined += (i == 0 ? "" : ",") + to_string(addresses.back());
  }
  if (auto done = start_nodes(joined, addresses); !done) return done;
  replica::ClientOptions client_options;
  client_options.cluster = nodes_;
  client_options.nodes = addresses;
  client_options.in_flight_max = 2 * options_.in_flight + options_.paced_per_second * 4;
  client_ = std::make_unique<replica::Client>(
      replica::Client::Parts{loop_.clock(), loop_.timers(), loop_.net(), random_, log_, metrics_},
      client_options);
  if (!wait(start_patience_ms, [this] { return client_->view().leader_known; })) {
    return error(Errc::unavailable, "no leader; see the logs in " + options_.directory);
  }
  return set_up();
}

Result<void> Run::start_nodes(const std::string& joined, const std::vector<Address>& addresses) {
  const Result<std::string> binary = host::own_binary();
  if (!binary) return tl::unexpected(binary.error());
  for (std::uint32_t seat = 1; seat <= addresses.size(); ++seat) {
    const std::string path =
        options_.directory + "/" + std::to_string(nodes_) + "-" + std::to_string(seat);
    auto child =
        host::Child::start({*binary, "node", "--cluster", std::to_string(nodes_), "--seat",
                            std::to_string(seat), "--nodes", joined, "--dir", path, "--bootstrap"},
                           path + ".log");
    if (!child) return tl::unexpected(child.error());
    children_.push_back(std::move(*child));
  }
  return {};
}

Result<void> Run::set_up() {
  std::vector<core::Command> commands{core::AddAsset{{"jpy", 4}}, core::AddAsset{{"btc", 8}}};
  core::MarketSpec market;
  market.name = "btc_jpy";
  market.base = {1};
  market.quote = {0};
  market.amount_digits = 4;
  market.taker_fee_ppm = 1200;
  market.maker_fee_ppm = -200;
  market.price_max = {100'000'000};
  market.limit_amount_max = {10'000'000};
  market.market_amount_max = {100'000};
  commands.emplace_back(core::AddMarket{market});
  for (std::uint64_t i = 1; i <= accounts; ++i) {
    commands.emplace_back(core::AddAccount{{i}, 0, 0});
    const std::string reference = "bench/" + std::to_string(i);
    commands.emplace_back(core::Deposit{{i}, {0}, {10'000'000'000'000'000}, reference + "/jpy"});
    commands.emplace_back(core::Deposit{{i}, {1}, {10'000'000'000'000'000}, reference + "/btc"});
  }
  std::size_t answered = 0;
  std::size_t failed = 0;
  for (const core::Command& command : commands) {
    client_->submit(core::encode(command), [&](const replica::Answer& answer) {
      ++answered;
      const auto reply = core::decode_reply(answer.reply);
      if (!reply || reply->refusal != core::Refusal::ok) ++failed;
    });
  }
  if (!wait(start_patience_ms, [&] { return answered == commands.size(); }) || failed != 0) {
    return error(Errc::unavailable, std::to_string(failed) + " set-up commands failed");
  }
  return {};
}

// Sells and buys at one price in turn: every second order trades, nothing piles up.
core::Command Run::next_order() {
  core::PlaceOrder order;
  order.account = {1 + sent_ / 2 % (accounts / 2) * 2 + sent_ % 2};
  order.side = sent_ % 2 == 0 ? core::Side::sell : core::Side::buy;
  order.price = {15'000'000};
  order.amount = {1 + sent_ / 2 % 100};
  ++sent_;
  return order;
}

void Run::send(MonoTimeNs due, bool refill) {
  ++outstanding_;
  client_->submit(core::encode(next_order()), [this, due, refill](const replica::Answer& answer) {
    --outstanding_;
    if (answer.outcome == replica::Outcome::answered) {
      ++row_.orders;
      const MonoTimeNs now = loop_.clock().mono_now();
      latency_.record_ns(now - due);
      const auto reply = core::decode_reply(answer.reply);
      if (!reply || reply->refusal != core::Refusal::ok) ++row_.refused;
      if (refill && sending_) send(now, true);
    } else {
      ++row_.lost;
    }
  });
}

void Run::begin() {
  row_ = {};
  latency_.reset();
  sending_ = true;
}

LogBenchRow Run::saturated() {
  begin();
  const MonoTimeNs began = loop_.clock().mono_now();
  for (std::size_t i = 0; i < options_.in_flight; ++i) send(began, true);
  loop_.timers().after_ms(options_.seconds * 1000, [this] { loop_.stop(); });
  loop_.run();
  return conclude("saturated", began);
}

LogBenchRow Run::paced() {
  begin();
  const MonoTimeNs began = loop_.clock().mono_now();
  const std::int64_t gap_ns = 1'000'000'000 / static_cast<std::int64_t>(options_.paced_per_second);
  std::int64_t number = 0;
  std::function<void()> pace = [&] {
    for (; sending_ && began + number * gap_ns <= loop_.clock().mono_now(); ++number) {
      send(began + number * gap_ns, false);
    }
    if (sending_) loop_.timers().after_ms(1, pace);
  };
  pace();
  loop_.timers().after_ms(options_.seconds * 1000, [this] { loop_.stop(); });
  loop_.run();
  return conclude("paced", began);
}

LogBenchRow Run::conclude(const char* load, MonoTimeNs began) {
  sending_ = false;
  const std::int64_t took_ns = loop_.clock().mono_now() - began;
  LogBenchRow row = row_;
  wait(drain_patience_ms, [this] { return outstanding_ == 0; });
  row.lost = row_.lost + outstanding_;
  row.nodes = nodes_;
  row.load = load;
  row.orders_per_second = row.orders * 1000 / static_cast<std::uint64_t>(took_ns / ns_per_ms);
  row.p50_us = latency_.quantile_ns(50, 100) / 1000;
  row.p99_us = latency_.quantile_ns(99, 100) / 1000;
  row.max_us = latency_.max_ns() / 1000;
  return row;
}

}  // namespace

Result<std::vector<LogBenchRow>> run_log_bench(const LogBenchOptions& options) {
  std::vector<LogBenchRow> rows;
  for (const std::uint32_t nodes : options.nodes) {
    Run run(options, nodes);
    if (auto done = run.start(); !done) return tl::unexpected(done.error());
    rows.push_back(run.paced());
    rows.push_back(run.saturated());
  }
  return rows;
}

std::string to_json(const LogBenchRow& row) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("nodes", std::uint64_t{row.nodes}).field("load", row.load);
  json.field("orders", row.orders).field("orders_per_second", row.orders_per_second);
  json.field("p50_us", row.p50_us).field("p99_us", row.p99_us).field("max_us", row.max_us);
  json.field("refused", row.refused).field("lost", row.lost).end_object();
  return out;
}

}  // namespace oki::bench
