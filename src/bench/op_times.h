// What an operation or command costs: gathered over repetitions, concluded once, written the same
// way by every benchmark (fields: docs/formats/ops.md). How it is measured: bench/book_bench.h.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "bench/cycle_clock.h"

namespace oki::bench {

struct OpTimes {
  std::uint64_t ops = 0;
  std::uint64_t ps_per_op = 0;            // Picoseconds, the fastest whole repetition.
  std::uint64_t ps_per_op_chunk_min = 0;  // The sum of the fastest chunks.
  std::uint64_t p50_ps = 0, p99_ps = 0, p99_9_ps = 0, p99_99_ps = 0, max_ps = 0;
  std::optional<std::uint64_t> milli_instructions_per_op;  // Where the machine counts them.
};

struct GatheredTimes {
  std::vector<std::uint64_t> chunks_ns;  // The fastest of each.
  std::uint64_t whole_ns = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t instructions = 0;
  std::vector<std::uint64_t> isolated;  // Cycles of each operation, in ascending order.
};

// REQUIRES: ops > 0, and as many isolated operations.
OpTimes conclude(const GatheredTimes& gathered, std::uint64_t ops, const CycleScale& scale);

// Thousandths as a number with two decimals.
std::string thousandths(std::uint64_t value);

// ops, ns_per_op, ns_per_op_chunk_min, p50, p99, p99_9, p99_99, max, instructions_per_op.
void write_times(JsonWriter& json, const OpTimes& times);

}  // namespace oki::bench
