// What a large state costs a node: memory by part, and how long a snapshot stops the loop, while a
// forked child writes all of it to a file and the loop goes on applying commands.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "bench/big_state.h"

namespace oki::bench {

constexpr std::size_t forks_for_median = 9;

struct SnapshotBenchOptions {
  std::string directory;  // For the file.
  BigStateOptions state;
  std::uint64_t commands_per_ms = 50;
};

struct SnapshotBenchTurn {
  std::int64_t us = 0;      // From its begin to that of the next one,
  std::int64_t cpu_us = 0;  // and the thread's own time in that.
};

struct SnapshotBenchRow {
  BigStateMemory memory;
  std::uint64_t resident_bytes = 0;
  std::int64_t pause_us = 0;      // The fork itself, nothing else runs: median of forks_for_median,
  std::int64_t pause_max_us = 0;  // the longest of them,
  std::int64_t pause_cpu_us = 0;  // and the processor's time in it, also a median.
  SnapshotBenchTurn calm;         // The longest turns of the loop in a second before it,
  SnapshotBenchTurn meanwhile;    // and while the child lived.
  std::int64_t child_ms = 0;      // Until the file was durable.
  std::uint64_t file_bytes = 0;
};

Result<SnapshotBenchRow> run_snapshot_bench(const SnapshotBenchOptions& options);

}  // namespace oki::bench
