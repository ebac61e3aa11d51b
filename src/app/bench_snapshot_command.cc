#include <fmt/format.h>

#include <cstdio>

#include "app/bench_command.h"
#include "app/data_folder.h"
#include "bench/snapshot_bench.h"

namespace oki::app {
namespace {

int run(const Arguments& arguments) {
  const Result<DataFolder> folder = DataFolder::temporary();
  bench::SnapshotBenchOptions options;
  options.mib = arguments.number("mib");
  options.huge_pages = !arguments.has("small-pages");
  options.changes_per_ms = arguments.number("changes");
  if (folder) options.directory = folder->path();
  const auto row = folder ? bench::run_snapshot_bench(options)
                          : Result<bench::SnapshotBenchRow>(tl::unexpected(folder.error()));
  if (!row) {
    fmt::print(stderr, "okiagari bench snapshot: {}\n", row.error().message);
    return exit_code::failed;
  }
  fmt::print("{} MiB of state, {} pages\n", row->mib, options.huge_pages ? "huge" : "small");
  fmt::print("pause of the fork        {:>9} us median, {} us longest of {}, {} us of processor\n",
             row->pause_us, row->pause_max_us, bench::forks_for_median, row->pause_cpu_us);
  fmt::print("longest turn before      {:>9} us\n", row->calm_gap_us);
  fmt::print("longest turn meanwhile   {:>9} us\n", row->gap_us);
  fmt::print("durable after            {:>9} ms, {} bytes\n", row->child_ms, row->file_bytes);
  return exit_code::ok;
}

}  // namespace

CommandSpec bench_snapshot_command() {
  return {"bench snapshot",
          {"How long a snapshot of a large state stops a node",
           "大きな状態のスナップショットがノードを止める時間"},
          {{"mib", "N", "2048", {"MiB of state", "状態の MiB"}},
           {"changes", "N", "50", {"changes per millisecond meanwhile", "1ミリ秒あたりの変更数"}},
           {"small-pages", nullptr, "", {"without huge pages", "ヒュージページなし"}}},
          run};
}

}  // namespace oki::app
