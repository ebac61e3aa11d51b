#include <fmt/format.h>

#include <cstdio>

#include "app/process.h"
#include "app/server_commands.h"
#include "node/exchange_config.h"
#include "node/submit_all.h"

namespace oki::app {
namespace {

constexpr std::size_t attempts_max = 10;

int run_apply(const Arguments& arguments) {
  const auto nodes = parse_addresses(arguments.text("nodes"));
  if (!nodes) return usage("apply", nodes.error().message);
  const auto toml = host::read_file(arguments.text("exchange"), 1u << 20);
  if (!toml) return usage("apply", toml.error().message);
  auto commands = node::read_exchange_config(*toml);
  if (!commands) return usage("apply", commands.error().message);
  Process process("apply");
  host::Loop& loop = process.loop();
  replica::ClientOptions options;
  options.cluster = arguments.number("cluster");
  options.nodes = *nodes;
  replica::Client client(
      {loop.clock(), loop.timers(), loop.net(), process.random(), process.log(), process.metrics()},
      options);
  int code = exit_code::ok;
  node::submit_all(client, std::move(*commands), attempts_max,
                   [&](const Result<node::SubmittedAll>& done) {
                     if (done) {
                       fmt::print("added {}, there already {}\n", done->added, done->present);
                     } else {
                       fmt::print(stderr, "okiagari apply: {}\n", done.error().message);
                       const bool no_leader = done.error().code == Errc::unavailable;
                       code = no_leader ? exit_code::unavailable : exit_code::failed;
                     }
                     loop.stop();
                   });
  process.run();
  return code;
}

}  // namespace

CommandSpec apply_command() {
  return {
      "apply",
      {"Adds the assets and markets of a configuration to a running exchange",
       "設定ファイルの資産と市場を稼働中の取引所へ追加する"},
      {{"cluster", "N", "", {"the cluster's number", "クラスター番号"}, true},
       {"nodes", "ADDRESSES", "", {"of all nodes, by seat", "全ノードのアドレス（席順）"}, true},
       {"exchange", "FILE", "", {"see deploy/exchange.toml", "deploy/exchange.toml を参照"}, true}},
      run_apply};
}

}  // namespace oki::app
