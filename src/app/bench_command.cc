#include "app/bench_command.h"

#include <fmt/format.h>

#include <cstdio>

#include "app/data_folder.h"
#include "bench/log_bench.h"

namespace oki::app {
namespace {

void print_row(const bench::LogBenchRow& row) {
  fmt::print("{:>5}  {:<9} {:>9} {:>8} {:>8} {:>9} {:>8} {:>6}\n", row.nodes, row.load,
             row.orders_per_second, row.p50_us, row.p99_us, row.max_us, row.refused, row.lost);
}

int run_bench(const Arguments& arguments) {
  const Result<DataFolder> folder = DataFolder::temporary();
  if (!folder) {
    fmt::print(stderr, "okiagari bench: {}\n", folder.error().message);
    return exit_code::failed;
  }
  bench::LogBenchOptions options;
  options.directory = folder->path();
  options.seconds = static_cast<std::int64_t>(arguments.number("seconds"));
  options.in_flight = arguments.number("in-flight");
  options.paced_per_second = arguments.number("paced");
  if (options.seconds < 1 || options.in_flight < 1 || options.paced_per_second < 1 ||
      options.paced_per_second > 1'000'000 || options.in_flight > 65'536) {
    fmt::print(stderr,
               "okiagari bench: seconds, in-flight (to 65536) and paced (to 1000000) must "
               "be at least 1\n");
    return exit_code::usage;
  }
  const auto rows = bench::run_log_bench(options);
  if (!rows) {
    fmt::print(stderr, "okiagari bench: {}\n", rows.error().message);
    return exit_code::failed;
  }
  if (!arguments.has("json")) {
    fmt::print("nodes  load       orders/s   p50 us   p99 us    max us  refused   lost\n");
  }
  for (const bench::LogBenchRow& row : *rows) {
    if (arguments.has("json")) {
      fmt::print("{}\n", bench::to_json(row));
    } else {
      print_row(row);
    }
  }
  return exit_code::ok;
}

}  // namespace

CommandSpec bench_command() {
  return {"bench log",
          {"Orders committed per second through 1 and 3 node processes",
           "1台と3台のノードで1秒に確定する注文数"},
          {{"seconds", "N", "5", {"length of each load", "負荷ごとの秒数"}},
           {"in-flight", "N", "4096", {"outstanding orders when saturated", "飽和時の同時注文数"}},
           {"paced", "N", "10000", {"orders per second when paced", "一定間隔時の毎秒注文数"}},
           {"json", nullptr, "", {"one JSON object per line", "1行に1つの JSON"}}},
          run_bench};
}

}  // namespace oki::app
