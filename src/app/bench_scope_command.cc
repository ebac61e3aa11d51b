#include <fmt/format.h>

#include <cstdio>

#include "app/bench_command.h"
#include "app/data_folder.h"
#include "bench/scope_bench.h"

namespace oki::app {
namespace {

constexpr std::uint64_t orders_max = 15'000'000;

int run(const Arguments& arguments) {
  bench::ScopeBenchOptions options;
  options.accounts = arguments.number("accounts");
  options.orders = arguments.number("orders");
  options.seed = arguments.number("seed");
  if (options.accounts < 3 || options.orders < 1 || options.orders > orders_max) {
    fmt::print(stderr, "okiagari bench scope: at least 3 accounts, 1 to {} orders\n", orders_max);
    return exit_code::usage;
  }
  const Result<DataFolder> folder = DataFolder::temporary();
  if (folder) options.directory = folder->path();
  const auto row = folder ? bench::run_scope_bench(options)
                          : Result<bench::ScopeBenchRow>(tl::unexpected(folder.error()));
  if (!row) {
    fmt::print(stderr, "okiagari bench scope: {}\n", row.error().message);
    return exit_code::failed;
  }
  if (arguments.has("json")) {
    fmt::print("{}\n", bench::to_json(options, *row));
  } else {
    fmt::print("{} accounts, {} orders and other things that happened, {} failed requests\n",
               options.accounts, options.orders, row->records);
    fmt::print("hit: {} accounts, {} with failed requests, {} with orders that waited\n",
               row->accounts, row->accounts_failed, row->accounts_waiting);
    fmt::print("took {} ms, the longest turn {} us; {} MiB resident\n", row->took_ms,
               row->longest_us, row->resident_bytes >> 20);
    fmt::print("{}\n", row->equal ? "equal to the other computation" : "NOT EQUAL");
  }
  return row->equal ? exit_code::ok : exit_code::verification_failed;
}

}  // namespace

CommandSpec bench_scope_command() {
  return {
      "bench scope",
      {"How fast and how exactly the scope of an incident is computed",
       "障害の影響範囲を求める速さと正確さ"},
      {{"accounts", "N", "1000000", {"accounts", "口座数"}},
       {"orders", "N", "3000000", {"orders and other things that happen", "注文などの出来事の数"}},
       {"seed", "N", "1", {"of the random exchange", "取引所を作る乱数の種"}},
       {"json", nullptr, "", {"one JSON object", "1つの JSON"}}},
      run};
}

}  // namespace oki::app
