#include "app/demo.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iterator>

#include "app/data_folder.h"
#include "app/demo_screen.h"
#include "app/terminal.h"
#include "base/json.h"
#include "drill/circuit_break.h"
#include "drill/scripts.h"
#include "drill/session.h"

namespace oki::app {
namespace {

Result<DataFolder> data_folder(const Arguments& arguments) {
  if (arguments.has("data")) return DataFolder::named(arguments.text("data"));
  Result<DataFolder> folder = DataFolder::temporary();
  if (folder && arguments.has("keep")) folder->keep();
  return folder;
}

Result<drill::SessionOptions> session_options(const Arguments& arguments, const std::string& path) {
  drill::SessionOptions options;
  options.directory = path;
  options.nodes = static_cast<std::uint32_t>(arguments.number("nodes"));
  options.edges = static_cast<std::uint32_t>(arguments.number("edges"));
  options.watches = static_cast<std::uint32_t>(arguments.number("watches"));
  if (options.nodes != 1 && options.nodes != 3 && options.nodes != 5) {
    return error(Errc::invalid, "--nodes must be 1, 3 or 5");
  }
  if (options.edges < 1 || options.edges > 8) return error(Errc::invalid, "--edges must be 1 to 8");
  if (options.watches != 1 && options.watches != 3) {
    return error(Errc::invalid, "--watches must be 1 or 3");
  }
  const std::uint64_t base = arguments.number("ports");
  if (base > 65'000) return error(Errc::invalid, "--ports must be below 65000");
  options.port_base = static_cast<std::uint16_t>(base);
  const std::string& limits = arguments.text("rate-limits");
  if (limits != "default" && limits != "off") {
    return error(Errc::invalid, "--rate-limits must be default or off");
  }
  options.rate_limits = limits == "default";
  if (arguments.has("no-makers")) options.makers = 0;
  if (arguments.has("exchange")) {
    auto toml = host::read_file(arguments.text("exchange"), 1u << 20);
    if (!toml) return tl::unexpected(toml.error());
    options.exchange_toml = std::move(*toml);
  }
  return options;
}

std::string url(const Address& address) { return "http://" + to_string(address); }

void write_nodes(JsonWriter& json, drill::Session& session) {
  json.key("nodes").begin_array();
  std::uint32_t seat = 0;
  for (const drill::NodePlace& node : session.cluster().nodes()) {
    ++seat;
    json.begin_object().field("seat", std::uint64_t{seat});
    json.field("pid", std::int64_t{session.cluster().node_pid(seat)});
    json.field("metrics", url(node.metrics)).end_object();
  }
  json.end_array();
}

// For programs that want to trade on the demo. Holds secrets, so only its owner may read it.
Result<void> write_info(const std::string& file, drill::Session& session) {
  Bytes out;
  JsonWriter json(out);
  const drill::Cluster& cluster = session.cluster();
  json.begin_object().field("rest", url(cluster.edges().front().listen));
  json.key("edges").begin_array();
  for (const drill::NodePlace& edge : cluster.edges()) json.string(url(edge.listen));
  json.end_array();
  const std::string first = url(cluster.edges().front().listen);
  json.field("stream", first).field("private_stream", first);
  json.field("status", url(cluster.status()));
  json.key("metrics").begin_array();
  for (const Address& metrics : cluster.metrics_addresses()) json.string(url(metrics) + "/metrics");
  json.end_array();
  json.key("accounts").begin_array();
  for (const drill::DrillAccount& account : session.accounts().traders) {
    json.begin_object().field("key", account.key).field("secret", account.secret).end_object();
  }
  json.end_array();
  write_nodes(json, session);
  json.end_object();
  out += '\n';
  const std::string partial = file + ".partial";
  if (auto done = host::write_file(partial, out, 0600); !done) return done;
  if (std::rename(partial.c_str(), file.c_str()) != 0)
    return error(Errc::io, file + ": rename failed");
  return {};
}

int serve(drill::Session& session, const Arguments& arguments, std::int64_t length_ms) {
  if (arguments.has("info")) {
    if (auto done = write_info(arguments.text("info"), session); !done) {
      fmt::print(stderr, "okiagari demo: {}\n", done.error().message);
      return exit_code::failed;
    }
  }
  bool interrupted = false;
  for (const int signal : {SIGINT, SIGTERM}) {
    session.loop().on_signal(signal, [&](int) {
      interrupted = true;
      session.stop_running();
    });
  }
  if (length_ms > 0) session.loop().timers().after_ms(length_ms, [&] { session.stop_running(); });
  session.run();
  if (arguments.has("info")) std::filesystem::remove(arguments.text("info"));
  return interrupted ? exit_code::interrupted : exit_code::ok;
}

template <typename ScriptOutcome>
int report(const Arguments& arguments, const ScriptOutcome& result) {
  if (arguments.has("json")) {
    fmt::print("{}\n", drill::to_json(result));
  } else {
    print_result(arguments, result);
  }
  return result.passed ? exit_code::ok : exit_code::verification_failed;
}

int run_script(drill::Session& session, const Arguments& arguments, std::int64_t length_ms) {
  const std::string& script = arguments.text("script");
  for (const int signal : {SIGINT, SIGTERM}) {
    session.loop().on_signal(signal, [&](int) { session.stop_running(); });
  }
  if (script == "circuit-break") return report(arguments, drill::run_circuit_break(session));
  return report(arguments, script == "failover" ? drill::run_failover(session, length_ms)
                                                : drill::run_blackout(session, length_ms));
}

constexpr const char* scripts[] = {"failover", "blackout", "circuit-break", "serve"};

int run_demo(const Arguments& arguments) {
  const auto length_ms = parse_duration_ms(arguments.text("for"));
  const std::string script = arguments.has("script") ? arguments.text("script") : "";
  const bool known = script.empty() ||
                     std::find(std::begin(scripts), std::end(scripts), script) != std::end(scripts);
  if (!length_ms || !known) {
    fmt::print(
        stderr,
        "okiagari demo: --for needs 40s or 5m; --script failover, blackout, circuit-break or "
        "serve\n");
    return exit_code::usage;
  }
  const bool timed = script == "failover" || script == "blackout";
  if (timed && *length_ms < 30'000) {
    fmt::print(stderr, "okiagari demo: --script {} needs --for 30s or more\n", script);
    return exit_code::usage;
  }
  Result<DataFolder> folder = data_folder(arguments);
  auto options =
      folder ? session_options(arguments, folder->path()) : tl::unexpected(folder.error());
  if (!options) {
    fmt::print(stderr, "okiagari demo: {}\n", options.error().message);
    return exit_code::usage;
  }
  if (script == "circuit-break") drill::prepare_circuit_break(*options);
  drill::Session session(*options);
  const bool quiet = arguments.has("json");
  const auto started = session.start([&](const std::string& step) {
    if (!quiet) fmt::print(stderr, "… {}\n", step);
  });
  if (!started) {
    fmt::print(stderr, "okiagari demo: {}\n", started.error().message);
    // The logs say why, when it came so far that there are any.
    if (!std::filesystem::is_empty(folder->path())) folder->keep();
    return exit_code::failed;
  }
  if (timed || script == "circuit-break") return run_script(session, arguments, *length_ms);
  if (script == "serve") {
    if (!quiet) print_welcome(arguments, session);
    return serve(session, arguments, *length_ms);
  }
  return run_interactive(session, arguments);
}

}  // namespace

CommandSpec demo_command() {
  return {
      "demo",
      {"A whole exchange on this machine, to trade on and to break",
       "この機械の上に取引所をまるごと立ち上げ、取引し、壊してみる"},
      {{"script",
        "NAME",
        "",
        {"failover, blackout, circuit-break or serve instead of keys",
         "キー操作の代わりに failover、blackout、circuit-break、serve"}},
       {"for",
        "TIME",
        "40s",
        {"how long a script lasts: 40s, 5m (serve: 0 for ever; not of circuit-break)",
         "スクリプトの長さ（serve は 0 で無期限、circuit-break には無効）"}},
       {"json", nullptr, "", {"print one JSON object", "結果を JSON で出力"}},
       {"info",
        "FILE",
        "",
        {"serve: write URLs and keys here once everything answers",
         "serve: 準備ができたら URL とキーを書くファイル"}},
       {"no-makers", nullptr, "", {"no simulated market makers", "マーケットメーカーなし"}},
       {"rate-limits",
        "default|off",
        "default",
        {"limits of the two trader accounts", "取引用口座の回数制限"}},
       {"nodes", "N", "3", {"1, 3 or 5", "ノード数 1、3、5"}},
       {"edges", "N", "2", {"1 to 8", "エッジ数 1〜8"}},
       {"watches", "N", "1", {"1 or 3", "監視の数 1、3"}},
       {"ports", "N", "0", {"first port to use; 0: free ones", "最初のポート。0 は空きポート"}},
       {"exchange",
        "FILE",
        "",
        {"assets and markets (see deploy/exchange.toml)", "資産と市場の設定ファイル"}},
       {"data", "DIR", "", {"an empty folder to keep the data in", "データを残す空のフォルダー"}},
       {"keep", nullptr, "", {"do not remove the temporary folder", "一時フォルダーを消さない"}}},
      run_demo};
}

}  // namespace oki::app
