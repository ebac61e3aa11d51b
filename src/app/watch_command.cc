#include <algorithm>
#include <memory>
#include <utility>

#include "app/process.h"
#include "app/server_commands.h"
#include "app/signal_inputs.h"
#include "app/watch_logs.h"
#include "app/watch_process.h"
#include "base/decimal.h"
#include "net/json_reader.h"
#include "node/exchange_config.h"
#include "watch/conductor/house_file.h"
#include "watch/conductor/house_plan.h"
#include "watch/conductor/watch_node.h"
#include "watch/detect/open_slo.h"
#include "watch/speakers.h"

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

// What the detectors read besides test trades, and their numbers.
Result<void> take_detection(const Arguments& arguments, watch::WatchOptions& options) {
  const std::pair<const char*, std::vector<Address>*> pages[] = {
      {"edge-metrics", &options.edge_metrics}, {"node-metrics", &options.node_metrics}};
  for (const auto& [option, addresses] : pages) {
    if (!arguments.has(option)) continue;
    auto given = parse_addresses(arguments.text(option));
    if (!given) return tl::unexpected(given.error());
    *addresses = std::move(*given);
  }
  const bool all =
      (options.edge_metrics.empty() || options.edge_metrics.size() == options.edges.size()) &&
      (options.node_metrics.empty() || options.node_metrics.size() == options.nodes);
  if (!all) return error(Errc::invalid, "metrics must be of every edge, and of every node");
  if (arguments.has("detection")) {
    const auto file =
        host::read_file(arguments.text("detection"), watch::detect::settings_bytes_max);
    if (!file) return tl::unexpected(file.error());
    auto settings = watch::detect::read_settings(*file);
    if (!settings) return tl::unexpected(settings.error());
    options.detection = std::move(*settings);
  }
  if (arguments.has("objectives")) {
    const auto file = host::read_file(arguments.text("objectives"), 1u << 20);
    if (!file) return tl::unexpected(file.error());
    auto objectives = watch::detect::read_open_slo(*file);
    if (!objectives) return tl::unexpected(objectives.error());
    options.objectives = std::move(*objectives);
  }
  return {};
}

Result<watch::WatchNodeOptions> seat_options(const Arguments& arguments,
                                             const watch::WatchOptions& watch) {
  watch::WatchNodeOptions options;
  options.cluster = arguments.number("response-cluster");
  options.seat = static_cast<std::uint32_t>(arguments.number("seat"));
  if (arguments.has("watches")) {
    auto watches = parse_addresses(arguments.text("watches"));
    if (!watches) return tl::unexpected(watches.error());
    options.watches = std::move(*watches);
  }
  const std::size_t seats = std::max<std::size_t>(1, options.watches.size());
  if (options.seat < 1 || options.seat > seats) {
    return error(Errc::invalid, "--seat must be 1 to the number of --watches");
  }
  options.bootstrap = arguments.has("bootstrap");
  watch::HouseShape shape{watch.edges.size(), watch.nodes, seats, {}};
  for (const watch::ProbeMarket& market : watch.markets) shape.markets.push_back(market.name);
  options.house = watch::plan_house(shape);
  if (arguments.has("response")) {
    const auto file = host::read_file(arguments.text("response"), watch::house_file_bytes_max);
    if (!file) return tl::unexpected(file.error());
    auto house = watch::read_house_file(*file);
    if (!house) {
      return error(Errc::invalid, arguments.text("response") + ": " + house.error().message);
    }
    options.house = std::move(*house);
  }
  auto speakers = signal_speakers(arguments);
  if (!speakers) return tl::unexpected(speakers.error());
  for (response::PutSpeaker& each : *speakers) {
    const bool is_named = std::ranges::any_of(options.house, [&each](const auto& change) {
      const auto* put = std::get_if<response::PutSpeaker>(&change);
      return put != nullptr && put->name == each.name;
    });
    // In front: from the second person who may configure on, no file alone changes the house.
    if (!is_named) options.house.insert(options.house.begin(), std::move(each));
  }
  return options;
}

Result<WatchProcessOptions> process_options(const Arguments& arguments) {
  WatchProcessOptions options;
  auto nodes = parse_addresses(arguments.text("nodes"));
  if (!nodes) return tl::unexpected(nodes.error());
  options.nodes = std::move(*nodes);
  options.cluster = arguments.number("cluster");
  options.directory = arguments.text("dir");
  auto watch = watch_options(arguments);
  if (!watch) return tl::unexpected(watch.error());
  options.watch = std::move(*watch);
  options.watch.nodes = options.nodes.size();
  if (auto done = take_detection(arguments, options.watch); !done) {
    return tl::unexpected(done.error());
  }
  auto seat = seat_options(arguments, options.watch);
  if (!seat) return tl::unexpected(seat.error());
  options.seat = std::move(*seat);
  options.watch.number = options.seat.seat;
  options.watch.watches =
      static_cast<std::uint32_t>(std::max<std::size_t>(1, options.seat.watches.size()));
  options.channels_file = arguments.text("channels");
  options.operator_tokens_file = arguments.text("operator-tokens");
  if (arguments.has("desk")) {
    const Result<Address> address = parse_address(arguments.text("desk"));
    if (!address) return tl::unexpected(address.error());
    options.desk = *address;
    options.desk_url = arguments.text("desk-url");
    auto secret =
        read_key_file(arguments.text("subscriber-secret"), notify::subscriber_secret_bytes);
    if (!secret) return tl::unexpected(secret.error());
    options.subscriber_secret = std::move(*secret);
  }
  options.actions_file = arguments.text("actions");
  for (const std::string& account : split(arguments.text("house"), ',')) {
    const auto id = parse_decimal(account, 0);
    if (!id) return error(Errc::invalid, "--house needs account numbers");
    options.house_accounts.push_back({*id});
  }
  options.runbooks_directory = arguments.text("runbooks");
  if (arguments.has("inquiry-mail")) {
    const Result<Address> address = parse_address(arguments.text("inquiry-mail"));
    if (!address) return tl::unexpected(address.error());
    options.inquiry_mail = *address;
    options.inquiry_recipients = split(arguments.text("inquiry-recipients"), ',');
  }
  if (arguments.has("operators")) {
    const Result<Address> address = parse_address(arguments.text("operators"));
    if (!address) return tl::unexpected(address.error());
    options.operators = *address;
    if (options.operator_tokens_file.empty()) {
      return error(Errc::invalid, "--operators needs --operator-tokens");
    }
  }
  return options;
}

std::vector<OptionSpec> inquiry_options() {
  return {{"inquiry-mail",
           "ADDRESS",
           "",
           {"LMTP: a mail server hands over what customers write", "問い合わせメールの LMTP"}},
          {"inquiry-recipients",
           "MAILS",
           "",
           {"takes mail to these only", "この宛先のメールだけを受け取る"}}};
}

int run_watch(const Arguments& arguments) {
  auto options = process_options(arguments);
  if (!options) return usage("watch", options.error().message);
  auto logs = read_log_options(arguments, watch::watch_speaker(options->seat.seat),
                               options->nodes.size(), options->watch.edges);
  if (!logs) return usage("watch", logs.error().message);
  const bool alone = options->seat.watches.empty();
  Process process(alone ? "watch" : watch::watch_speaker(options->seat.seat));
  auto watch = WatchProcess::open(process, std::move(*options));
  if (!watch) return usage("watch", watch.error().message);
  auto signals = open_signal_inputs(process, arguments, (*watch)->tell());
  if (!signals) return usage("watch", signals.error().message);
  std::optional<WatchLogs> log_feed;
  if (*logs) log_feed.emplace(process, **logs, (*watch)->tell());
  if (auto done = process.serve_metrics(arguments); !done) process.fail(done.error().message);
  (*watch)->start();
  if (log_feed) log_feed->start();
  return process.run();
}

}  // namespace

CommandSpec watch_command() {
  CommandSpec spec{
      "watch",
      {"Makes test trades, tells the status sites what they prove, keeps incidents",
       "テスト取引の結果を状況サイトへ知らせ、障害の対応を記録する"},
      {{"cluster", "N", "", {"the cluster's number", "クラスター番号"}, true},
       {"nodes", "ADDRESSES", "", {"of all nodes, by seat", "全ノードのアドレス（席順）"}, true},
       {"edges", "ADDRESSES", "", {"of all edges", "全エッジのアドレス"}, true},
       {"status", "ADDRESSES", "", {"of all status sites", "全状況サイトのアドレス"}, true},
       {"dir", "DIR", "", {"keeps the timeline", "時系列を保存する場所"}, true},
       {"house-keys", "FILE", "", {"two accounts for test trades", "テスト取引用の2口座"}, true},
       {"signing-key", "FILE", "", {"signs what is told", "通知に署名する鍵"}, true},
       {"exchange", "FILE", "", {"the markets; default: built in", "市場の設定。既定は内蔵"}},
       {"metrics", "ADDRESS", "", {"for /metrics", "/metrics 用アドレス"}},
       {"seat", "N", "1", {"this watch's place in --watches", "この監視の席（1から）"}},
       {"watches",
        "ADDRESSES",
        "",
        {"of all watches, by seat; default: this one alone",
         "全監視のアドレス（席順）。既定はこの1台だけ"}},
       {"house",
        "ACCOUNTS",
        "1,2",
        {"of the house: nobody who is hit by an outage", "影響に数えない自社の口座"}},
       {"edge-metrics", "ADDRESSES", "", {"--metrics of all edges", "全エッジの --metrics"}},
       {"node-metrics", "ADDRESSES", "", {"--metrics of all nodes", "全ノードの --metrics"}},
       {"detection", "FILE", "", {"thresholds (see deploy/detection.toml)", "検知のしきい値"}},
       {"objectives", "FILE", "", {"OpenSLO (see deploy/objectives.yaml)", "サービス目標"}},
       {"response",
        "FILE",
        "",
        {"sets up the house (see deploy/response.toml); default: from the exchange's shape",
         "構成・当番・手順（deploy/response.toml）。既定は取引所の構成から"}},
       {"channels",
        "FILE",
        "",
        {"where notices and calls go (see deploy/channels.toml)", "お知らせと呼び出しの送り先"}},
       {"actions",
        "FILE",
        "",
        {"how steps of runbooks are run (see deploy/actions.toml)", "手順の実行方法"}},
       {"runbooks", "DIR", "runbooks", {"their texts", "手順書の場所"}},
       {"desk",
        "ADDRESS",
        "",
        {"pages for subscribers by mail", "メール配信の登録ページのアドレス"}},
       {"desk-url", "URL", "", {"its public address", "同ページの公開 URL"}},
       {"subscriber-secret",
        "FILE",
        "",
        {"32 bytes in hex, the same for all watches", "登録リンクの鍵（全監視で共通）"}},
       {"operators", "ADDRESS", "", {"the operators' API", "運用 API のアドレス"}},
       {"operator-tokens",
        "FILE",
        "",
        {"who may use it (see incident login-token)", "運用 API のトークンのファイル"}},
       {"response-cluster", "N", "1", {"the watches' own cluster", "監視のクラスター番号"}},
       {"bootstrap",
        nullptr,
        "",
        {"with --watches: empty directories start a new cluster, once on all seats",
         "--watches と共に: 空の場所から新しいクラスターを始める（最初の一度だけ）"}}},
      run_watch};
  for (const auto& more : {inquiry_options(), log_options(), signal_options()}) {
    spec.options.insert(spec.options.end(), more.begin(), more.end());
  }
  return spec;
}

}  // namespace oki::app
