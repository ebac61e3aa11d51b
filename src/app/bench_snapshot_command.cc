#include <fmt/format.h>

#include <cstdio>

#include "app/bench_command.h"
#include "app/data_folder.h"
#include "bench/snapshot_bench.h"

namespace oki::app {
namespace {

bool fits(const bench::BigStateOptions& state) {
  return state.accounts > 0 && state.orders > 0 && state.markets > 0 && state.markets <= 250 &&
         state.orders / state.accounts <= 20;
}

int run(const Arguments& arguments) {
  const Result<DataFolder> folder = DataFolder::temporary();
  bench::SnapshotBenchOptions options;
  options.state.accounts = arguments.number("accounts");
  options.state.orders = arguments.number("orders");
  options.state.markets = arguments.number("markets");
  options.commands_per_ms = arguments.number("commands");
  if (!fits(options.state)) {
    fmt::print(stderr,
               "okiagari bench snapshot: at least one account, order and market; at most 250 "
               "markets and 20 orders an account\n");
    return exit_code::usage;
  }
  options.state.progress = [](const std::string& what) {
    fmt::print(stderr, "bench snapshot: {}\n", what);
  };
  if (folder) options.directory = folder->path();
  const auto row = folder ? bench::run_snapshot_bench(options)
                          : Result<bench::SnapshotBenchRow>(tl::unexpected(folder.error()));
  if (!row) {
    fmt::print(stderr, "okiagari bench snapshot: {}\n", row.error().message);
    return exit_code::failed;
  }
  const bench::BigStateOptions& state = options.state;
  fmt::print("{} accounts, {} open orders, {} markets: {} MiB resident\n", state.accounts,
             state.orders, state.markets, row->resident_bytes >> 20);
  fmt::print("bytes per market {}, per account {}, per open order {}\n",
             row->memory.markets / state.markets, row->memory.accounts / state.accounts,
             row->memory.orders / state.orders);
  fmt::print("pause of the fork        {:>9} us median, {} us longest of {}, {} us of processor\n",
             row->pause_us, row->pause_max_us, bench::forks_for_median, row->pause_cpu_us);
  fmt::print("longest turn before      {:>9} us, {} us of processor\n", row->calm.us,
             row->calm.cpu_us);
  fmt::print("longest turn meanwhile   {:>9} us, {} us of processor\n", row->meanwhile.us,
             row->meanwhile.cpu_us);
  fmt::print("durable after            {:>9} ms, {} bytes\n", row->child_ms, row->file_bytes);
  return exit_code::ok;
}

}  // namespace

CommandSpec bench_snapshot_command() {
  return {"bench snapshot",
          {"What a large state costs: memory, and how long a snapshot stops a node",
           "大きな状態の費用：メモリと、スナップショットがノードを止める時間"},
          {{"accounts", "N", "1000000", {"accounts", "口座数"}},
           {"orders", "N", "10000000", {"open orders", "未約定注文数"}},
           {"markets", "N", "100", {"markets", "市場数"}},
           {"commands", "N", "50", {"per millisecond meanwhile", "その間の1ミリ秒あたりの命令数"}}},
          run};
}

}  // namespace oki::app
