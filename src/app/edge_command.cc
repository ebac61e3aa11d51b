#include "app/edge_history.h"
#include "app/process.h"
#include "app/server_commands.h"
#include "base/decimal.h"
#include "edge/admin.h"
#include "edge/edge.h"
#include "edge/records_page.h"

namespace oki::app {
namespace {

Result<edge::EdgeOptions> edge_options(const Arguments& arguments) {
  edge::EdgeOptions options;
  const Result<Address> listen = parse_address(arguments.text("listen"));
  if (!listen) return tl::unexpected(listen.error());
  options.listen = *listen;
  Result<Bytes> key = read_key_file(arguments.text("seal-key"), crypto::seal_key_bytes);
  if (!key) return tl::unexpected(key.error());
  options.sealing_key = std::move(*key);
  options.edges = static_cast<std::uint32_t>(arguments.number("edges"));
  if (options.edges == 0) return error(Errc::invalid, "--edges must be at least 1");
  for (const std::string& account : split(arguments.text("house"), ',')) {
    const auto id = parse_decimal(account, 0);
    if (!id) return error(Errc::invalid, "--house needs account numbers");
    options.house_accounts.push_back({*id});
  }
  return options;
}

// The token is the one line of its file; the error never shows it.
Result<Bytes> read_token(const std::string& path) {
  Result<Bytes> text = host::read_file(path, 4096);
  if (!text) return text;
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  const bool is_line = text->find_first_of(" \t\r\n") == Bytes::npos;
  if (!is_line || text->size() < edge::admin_token_bytes_min) {
    return error(Errc::invalid, path + " must hold one word of at least 32 characters");
  }
  return text;
}

// The switches that operators have while the edge runs; reached only with a token.
class Switches {
 public:
  static Result<std::unique_ptr<Switches>> open(const Arguments& arguments, Process& process,
                                                const edge::EdgeOptions& options) {
    auto made = std::make_unique<Switches>();
    if (arguments.has("settings")) {
      auto disk = process.loop().open_disk(arguments.text("settings"));
      if (!disk) return tl::unexpected<Error>(disk.error());
      made->disk_ = std::move(*disk);
    }
    edge::Settings first;
    first.in_flight_max = static_cast<std::uint32_t>(options.in_flight_max);
    auto control = edge::Control::open({process.loop().clock(), process.loop().timers(),
                                        process.log(), process.metrics(), made->disk_.get()},
                                       first);
    if (!control) return tl::unexpected<Error>(control.error());
    made->control_ = std::move(*control);
    if (!arguments.has("admin-token")) return made;
    auto token = read_token(arguments.text("admin-token"));
    if (!token) return tl::unexpected<Error>(token.error());
    made->admin_ =
        std::make_unique<edge::Admin>(*made->control_, process.metrics(), std::move(*token));
    process.metrics_server().add_handler(
        "/admin/", [admin = made->admin_.get()](const net::HttpRequest& request,
                                                net::MetricsServer::Respond respond) {
          admin->handle(request, std::move(respond));
        });
    return made;
  }

  edge::Control& control() { return *control_; }

 private:
  std::unique_ptr<edge::Control> control_;
  std::unique_ptr<edge::Admin> admin_;
  std::unique_ptr<Disk> disk_;  // Goes first: it waits for what it is writing.
};

// What this edge remembers of requests that failed, and the disk that it is on.
struct KeptRecords {
  std::unique_ptr<Disk> disk;
  std::unique_ptr<edge::Records> records;
};

Result<KeptRecords> keep_records(const std::string& directory, Process& process, edge::Edge& edge) {
  host::Loop& loop = process.loop();
  auto disk = loop.open_disk(directory);
  if (!disk) return tl::unexpected(disk.error());
  auto records = edge::Records::open({loop.clock(), process.log(), process.metrics()}, **disk, {});
  if (!records) return tl::unexpected(records.error());
  edge.gateway().remember_in(**records);
  process.metrics_server().add_handler(
      std::string(edge::records_path),
      [&kept = **records](const net::HttpRequest& request, edge::Respond respond) {
        edge::answer_records(kept, request, std::move(respond));
      });
  return KeptRecords{std::move(*disk), std::move(*records)};
}

int run_edge(const Arguments& arguments) {
  const auto nodes = parse_addresses(arguments.text("nodes"));
  if (!nodes) return usage("edge", nodes.error().message);
  const auto options = edge_options(arguments);
  if (!options) return usage("edge", options.error().message);
  Process process("edge " + arguments.text("listen"));
  replica::ClientOptions client_options;
  client_options.cluster = arguments.number("cluster");
  client_options.nodes = *nodes;
  host::Loop& loop = process.loop();
  replica::Client client(
      {loop.clock(), loop.timers(), loop.net(), process.random(), process.log(), process.metrics()},
      client_options);
  edge::ClientCluster cluster(client);
  auto switches = Switches::open(arguments, process, *options);
  if (!switches) return usage("edge", switches.error().message);
  edge::Edge edge({loop.clock(), loop.timers(), loop.net(), process.random(), process.log(),
                   process.metrics(), cluster, &(*switches)->control()},
                  *options);
  client.follow(edge);
  std::unique_ptr<EdgeHistory> history;
  if (arguments.has("history")) {
    auto opened = EdgeHistory::open(arguments.text("history"), process, client_options, edge);
    if (opened) history = std::move(*opened);
    if (!opened) process.fail(opened.error().message);
  }
  KeptRecords records;
  if (!arguments.text("records").empty()) {
    auto kept = keep_records(arguments.text("records"), process, edge);
    if (kept) records = std::move(*kept);
    if (!kept) process.fail(kept.error().message);
  }
  if (auto done = process.serve_metrics(arguments); !done) process.fail(done.error().message);
  if (const auto bound = edge.listen(); !bound) process.fail(bound.error().message);
  return process.run();
}

}  // namespace

CommandSpec edge_command() {
  return {
      "edge",
      {"Serves customers: REST and streams", "利用者の窓口（REST とストリーム）"},
      {{"cluster", "N", "", {"the cluster's number", "クラスター番号"}, true},
       {"nodes", "ADDRESSES", "", {"of all nodes, by seat", "全ノードのアドレス（席順）"}, true},
       {"listen", "ADDRESS", "127.0.0.1:8080", {"for customers", "利用者用アドレス"}},
       {"metrics", "ADDRESS", "", {"for /metrics", "/metrics 用アドレス"}},
       {"admin-token",
        "FILE",
        "",
        {"lets operators change settings on the metrics listener",
         "メトリクス用アドレスでの設定変更を許すトークン"}},
       {"settings", "DIR", "", {"keeps changed settings", "変更した設定を保存する場所"}},
       {"seal-key", "FILE", "", {"opens API secrets", "API シークレットを開く鍵"}, true},
       {"history",
        "FILE",
        "",
        {"keeps all orders and trades in this SQLite file", "全注文・約定を残す SQLite ファイル"}},
       {"records",
        "DIRECTORY",
        "",
        {"remembers failed requests there, for the scope of incidents",
         "失敗した依頼を残す場所（障害の影響範囲の計算用）"}},
       {"edges", "N", "1", {"how many edges share the query limits", "参照制限を分け合うエッジ数"}},
       {"house",
        "ACCOUNTS",
        "1,2",
        {"may trade on unlisted markets", "非公開市場で取引できる口座"}}},
      run_edge};
}

}  // namespace oki::app
