// `core_bench FILE [REPEAT]`: what `okiagari bench core` does, linked with nothing but the core, so
// that it is built in seconds and profilers see little else.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "bench/core_bench.h"

int main(int count, char** arguments) {
  if (count < 2) {
    fmt::print(stderr, "core_bench FILE [REPEAT]\n");
    return 2;
  }
  const auto ops = oki::bench::read_ops(arguments[1]);
  if (!ops) {
    fmt::print(stderr, "core_bench: {}\n", ops.error().message);
    return 1;
  }
  oki::bench::CoreBenchOptions options;
  if (count > 2) options.repeat = std::strtoull(arguments[2], nullptr, 10);
  const auto row = oki::bench::run_core_bench(*ops, options);
  if (!row) {
    fmt::print(stderr, "core_bench: {}\n", row.error().message);
    return 1;
  }
  fmt::print("{}", oki::bench::to_text(ops->variant, *row));
  return 0;
}
