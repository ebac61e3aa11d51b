// `okiagari scope`: whom an outage hit, for people, at any time and from anywhere that reaches the
// nodes and the edges.
#include <fmt/format.h>

#include <cstdio>
#include <optional>

#include "app/process.h"
#include "app/server_commands.h"
#include "base/calendar.h"
#include "base/decimal.h"
#include "host/loop.h"
#include "replica/client.h"
#include "response/scope_reader.h"

namespace oki::app {
namespace {

constexpr std::int64_t log_wait_ms = 30'000;  // A snapshot of a large exchange takes its time.

struct Job {
  replica::ClientOptions client;
  response::ScopeReaderOptions reader;
  response::ScopeQuery query;
  std::string accounts_file;
  bool json = false;
};

// Milliseconds since 1970.
std::optional<WallTimeMs> time_of(const std::string& text) {
  const auto ms = parse_decimal(text, 0);
  if (!ms || *ms > static_cast<std::uint64_t>(notify::time_max.value)) return std::nullopt;
  return WallTimeMs{static_cast<std::int64_t>(*ms)};
}

Result<Job> read_job(const Arguments& arguments) {
  Job job;
  const auto nodes = parse_addresses(arguments.text("nodes"));
  if (!nodes) return tl::unexpected(nodes.error());
  const auto edges = parse_addresses(arguments.text("edges"));
  if (!edges) return tl::unexpected(edges.error());
  const auto from = time_of(arguments.text("from"));
  const auto to = time_of(arguments.text("to"));
  if (!from || !to || *to < *from) {
    return error(Errc::invalid, "--from and --to need times in milliseconds since 1970");
  }
  job.client.cluster = arguments.number("cluster");
  job.client.nodes = *nodes;
  job.reader.edges = *edges;
  job.reader.log_wait_ms = log_wait_ms;
  for (const std::string& account : split(arguments.text("house"), ',')) {
    const auto id = parse_decimal(account, 0);
    if (!id) return error(Errc::invalid, "--house needs account numbers");
    job.reader.house_accounts.push_back({*id});
  }
  job.query.from = *from;
  job.query.to = *to;
  job.query.markets = split(arguments.text("markets"), ',');
  job.query.all_markets = arguments.has("all-markets");
  job.query.withdrawals = arguments.has("withdrawals");
  job.accounts_file = arguments.text("accounts");
  job.json = arguments.has("json");
  return job;
}

std::string amounts(const std::vector<response::ScopeAmount>& all) {
  std::string text;
  for (const response::ScopeAmount& amount : all) {
    text += fmt::format(" {} {}", decimal(amount.units, amount.digits), amount.asset);
  }
  return text;
}

void print(const response::ScopeReport& report, const Arguments& arguments) {
  const bool ja = arguments.japanese();
  fmt::print("{} – {}\n", rfc3339_utc(report.from), rfc3339_utc(report.to));
  fmt::print(
      fmt::runtime(ja ? "口座 {}（依頼の失敗 {}、注文が板に残った {}）\n"
                      : "{} accounts: {} with failed requests, {} with orders left in the book\n"),
      report.accounts, report.accounts_failed, report.accounts_waiting);
  for (const response::MarketScope& market : report.markets) {
    fmt::print(fmt::runtime(
                   ja ? "{}: 口座 {}、不成立 {}、結果不明 {}、取消失敗 {}、訂正失敗 "
                        "{}、板に残った注文 {}{}\n"
                      : "{}: {} accounts, {} orders refused, {} unknown, {} cancels and {} amends "
                        "failed, {} orders open{}\n"),
               market.market, market.accounts, market.orders_refused, market.orders_unknown,
               market.cancels_failed, market.amends_failed, market.orders_open,
               amounts(market.amounts));
  }
  fmt::print(fmt::runtime(ja ? "出金 {}{}\n" : "{} withdrawals{}\n"), report.withdrawals,
             amounts(report.withdrawn));
  for (const std::string& why : report.missing) {
    fmt::print(fmt::runtime(ja ? "不足: {}\n" : "missing: {}\n"), why);
  }
  fmt::print(
      fmt::runtime(ja ? "口座一覧の SHA-256: {}\n" : "SHA-256 of the list of accounts: {}\n"),
      report.accounts_digest);
}

int finish(const Job& job, const response::ScopeReading& reading, const Arguments& arguments) {
  if (!job.accounts_file.empty()) {
    const auto written = host::write_file(job.accounts_file, reading.accounts, 0600);
    if (!written) {
      fmt::print(stderr, "okiagari scope: {}\n", written.error().message);
      return exit_code::failed;
    }
  }
  if (job.json) {
    fmt::print("{}\n", to_json(reading.report));
  } else {
    print(reading.report, arguments);
  }
  return reading.report.complete ? exit_code::ok : exit_code::degraded;
}

int run(const Arguments& arguments) {
  const Result<Job> job = read_job(arguments);
  if (!job) return usage("scope", job.error().message);
  Process process("scope");
  host::Loop& loop = process.loop();
  replica::Client client(
      {loop.clock(), loop.timers(), loop.net(), process.random(), process.log(), process.metrics()},
      job->client);
  response::ScopeLog log({});
  response::ScopeReader reader({loop.timers(), loop.net(), log}, job->reader);
  int code = exit_code::interrupted;
  reader.read(job->query, [&](const response::ScopeReading& reading) {
    code = finish(*job, reading, arguments);
    loop.stop();
  });
  client.follow(log);
  const int ended = process.run();
  return ended == exit_code::ok ? code : ended;
}

}  // namespace

CommandSpec scope_command() {
  return {
      "scope",
      {"Whom an outage hit: accounts, orders, withdrawals and amounts, exactly",
       "障害の影響範囲：口座・注文・出金・金額を正確に数える"},
      {{"cluster", "N", "", {"the cluster's number", "クラスター番号"}, true},
       {"nodes", "ADDRESSES", "", {"of all nodes, by seat", "全ノードのアドレス（席順）"}, true},
       {"edges",
        "ADDRESSES",
        "",
        {"of all edges, --metrics", "全エッジの --metrics アドレス"},
        true},
       {"from", "TIME", "", {"milliseconds since 1970", "1970年からのミリ秒"}, true},
       {"to", "TIME", "", {"the same", "同上"}, true},
       {"markets", "NAMES", "", {"in which nothing could be done", "取引できなかった市場"}},
       {"all-markets", nullptr, "", {"nothing could be done anywhere", "全市場で取引できなかった"}},
       {"withdrawals", nullptr, "", {"count withdrawals under way", "滞留した出金も数える"}},
       {"house", "ACCOUNTS", "1,2", {"that do not count", "数えない運営口座"}},
       {"accounts", "FILE", "", {"writes the exact list there", "口座一覧をこのファイルに書く"}},
       {"json", nullptr, "", {"one JSON object", "1つの JSON"}}},
      run};
}

}  // namespace oki::app
