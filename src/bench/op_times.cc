#include "bench/op_times.h"

#include <fmt/format.h>

#include <algorithm>

namespace oki::bench {

OpTimes conclude(const GatheredTimes& gathered, std::uint64_t ops, const CycleScale& scale) {
  OpTimes times;
  times.ops = ops;
  std::uint64_t chunks_ns = 0;
  for (const std::uint64_t chunk_ns : gathered.chunks_ns) chunks_ns += chunk_ns;
  times.ps_per_op = gathered.whole_ns * 1000 / ops;
  times.ps_per_op_chunk_min = chunks_ns * 1000 / ops;
  if (gathered.instructions > 0) {
    times.milli_instructions_per_op = gathered.instructions * 1000 / ops;
  }
  const auto quantile = [&](std::uint64_t parts, std::uint64_t of) {
    const std::uint64_t taken = gathered.isolated[(ops - 1) * parts / of];
    return scale.picoseconds(taken - std::min(taken, scale.read_cost));
  };
  times.p50_ps = quantile(50, 100);
  times.p99_ps = quantile(99, 100);
  times.p99_9_ps = quantile(999, 1000);
  times.p99_99_ps = quantile(9999, 10000);
  times.max_ps = quantile(1, 1);
  return times;
}

std::string thousandths(std::uint64_t value) {
  return fmt::format("{}.{:02}", value / 1000, value % 1000 / 10);
}

void write_times(JsonWriter& json, const OpTimes& times) {
  const auto decimal = [&json](const char* key, std::uint64_t thousandth) {
    json.key(key).raw(thousandths(thousandth));
  };
  json.field("ops", times.ops);
  decimal("ns_per_op", times.ps_per_op);
  decimal("ns_per_op_chunk_min", times.ps_per_op_chunk_min);
  decimal("p50", times.p50_ps);
  decimal("p99", times.p99_ps);
  decimal("p99_9", times.p99_9_ps);
  decimal("p99_99", times.p99_99_ps);
  decimal("max", times.max_ps);
  if (times.milli_instructions_per_op) {
    decimal("instructions_per_op", *times.milli_instructions_per_op);
  } else {
    json.key("instructions_per_op").null();
  }
}

}  // namespace oki::bench
