#include "app/process.h"
#include "app/server_commands.h"
#include "net/json_reader.h"
#include "node/exchange_config.h"
#include "watch/watch.h"

namespace oki::app {
namespace {

constexpr std::size_t signing_seed_bytes = 32;
constexpr std::uint64_t cross_price_ticks = 100;

// {"accounts":[{"key","secret"},{"key","secret"}]}: the two sides of the test trades.
Result<watch::HousePair> read_house_keys(const std::string& path) {
  const Result<Bytes> text = host::read_file(path, 64u << 10);
  if (!text) return tl::unexpected(text.error());
  const Result<net::Json> json = net::parse_json(*text, 64u << 10);
  const net::Json* list = json ? json->find("accounts") : nullptr;
  const std::vector<net::Json>* accounts = list != nullptr ? list->array() : nullptr;
  std::vector<watch::HouseKey> keys;
  for (std::size_t i = 0; accounts != nullptr && i < accounts->size(); ++i) {
    const net::Json* key = (*accounts)[i].find("key");
    const net::Json* secret = (*accounts)[i].find("secret");
    if (key == nullptr || secret == nullptr || !key->string() || !secret->string()) continue;
    keys.push_back({std::string(*key->string()), std::string(*secret->string())});
  }
  if (keys.size() != 2) return error(Errc::invalid, path + " must name two accounts with keys");
  return watch::HousePair{keys[0], keys[1]};
}

// Test trades in every listed market, and the cross in the one that is not listed.
Result<void> take_markets(const std::vector<core::Command>& exchange,
                          watch::WatchOptions& options) {
  for (const core::Command& command : exchange) {
    const auto* add = std::get_if<core::AddMarket>(&command);
    if (add == nullptr) continue;
    const core::MarketSpec& spec = add->spec;
    watch::ProbeMarket market{spec.name, spec.price_digits, spec.amount_digits,
                              spec.price_min.value, spec.amount_min.value};
    if (spec.listed) {
      options.markets.push_back(market);
    } else {
      market.price_ticks = std::min(cross_price_ticks, spec.price_max.value);
      options.cross = market;
    }
  }
  if (options.markets.empty()) return error(Errc::invalid, "no listed market is configured");
  if (options.cross.name.empty()) {
    return error(Errc::invalid, "no market with listed = false is configured for test trades");
  }
  return {};
}

Result<watch::WatchOptions> watch_options(const Arguments& arguments) {
  watch::WatchOptions options;
  auto edges = parse_addresses(arguments.text("edges"));
  if (!edges) return tl::unexpected(edges.error());
  options.edges = std::move(*edges);
  auto sites = parse_addresses(arguments.text("status"));
  if (!sites) return tl::unexpected(sites.error());
  options.status_sites = std::move(*sites);
  auto house = read_house_keys(arguments.text("house-keys"));
  if (!house) return tl::unexpected(house.error());
  options.house = {std::move(*house)};
  auto seed = read_key_file(arguments.text("signing-key"), signing_seed_bytes);
  if (!seed) return tl::unexpected(seed.error());
  options.signing_key = crypto::signing_key_from_seed(*seed);
  Bytes toml(node::default_exchange_config());
  if (arguments.has("exchange")) {
    auto file = host::read_file(arguments.text("exchange"), 1u << 20);
    if (!file) return tl::unexpected(file.error());
    toml = std::move(*file);
  }
  const auto exchange = node::read_exchange_config(toml);
  if (!exchange) return tl::unexpected(exchange.error());
  if (auto done = take_markets(*exchange, options); !done) return tl::unexpected(done.error());
  return options;
}

int run_watch(const Arguments& arguments) {
  const auto nodes = parse_addresses(arguments.text("nodes"));
  if (!nodes) return usage("watch", nodes.error().message);
  auto options = watch_options(arguments);
  if (!options) return usage("watch", options.error().message);
  options->nodes = nodes->size();
  Process process("watch");
  host::Loop& loop = process.loop();
  Result<std::unique_ptr<Disk>> disk = loop.open_disk(arguments.text("dir"));
  if (!disk) return usage("watch", disk.error().message);
  replica::ClientOptions client_options;
  client_options.cluster = arguments.number("cluster");
  client_options.nodes = *nodes;
  replica::Client client(
      {loop.clock(), loop.timers(), loop.net(), process.random(), process.log(), process.metrics()},
      client_options);
  watch::Watch watch({loop.clock(), loop.timers(), loop.net(), **disk, process.log(),
                      process.metrics(), [&client] { return client.view(); }},
                     std::move(*options));
  if (auto done = process.serve_metrics(arguments); !done) process.fail(done.error().message);
  watch.start();
  const int code = process.run();
  disk->reset();  // Waits for what is being written, while the watch is still there to be told.
  return code;
}

}  // namespace

CommandSpec watch_command() {
  return {
      "watch",
      {"Makes test trades and tells the status sites what they prove",
       "テスト取引を行い、その結果を状況サイトへ知らせる"},
      {{"cluster", "N", "", {"the cluster's number", "クラスター番号"}, true},
       {"nodes", "ADDRESSES", "", {"of all nodes, by seat", "全ノードのアドレス（席順）"}, true},
       {"edges", "ADDRESSES", "", {"of all edges", "全エッジのアドレス"}, true},
       {"status", "ADDRESSES", "", {"of all status sites", "全状況サイトのアドレス"}, true},
       {"dir", "DIR", "", {"keeps the timeline", "時系列を保存する場所"}, true},
       {"house-keys", "FILE", "", {"two accounts for test trades", "テスト取引用の2口座"}, true},
       {"signing-key", "FILE", "", {"signs what is told", "通知に署名する鍵"}, true},
       {"exchange", "FILE", "", {"the markets; default: built in", "市場の設定。既定は内蔵"}},
       {"metrics", "ADDRESS", "", {"for /metrics", "/metrics 用アドレス"}}},
      run_watch};
}

}  // namespace oki::app
