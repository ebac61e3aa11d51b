// How long a snapshot of a large state stops the loop: a state in huge-page memory, a forked child
// that writes all of it to a file, and a loop that goes on changing the state meanwhile.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace oki::bench {

constexpr std::size_t forks_for_median = 9;

struct SnapshotBenchOptions {
  std::string directory;     // For the file.
  std::uint64_t mib = 2048;  // Of state.
  bool huge_pages = true;
  std::uint64_t changes_per_ms = 50;  // Of a word each, anywhere in the state.
};

struct SnapshotBenchRow {
  std::uint64_t mib = 0;
  std::int64_t pause_us = 0;      // The fork itself, nothing else runs: median of forks_for_median,
  std::int64_t pause_max_us = 0;  // the longest of them,
  std::int64_t pause_cpu_us = 0;  // and the processor's time in it, also a median.
  std::int64_t calm_gap_us = 0;   // The longest turn of the loop in a second before it,
  std::int64_t gap_us = 0;        // and while the child lived.
  std::int64_t child_ms = 0;      // Until the file was durable.
  std::uint64_t file_bytes = 0;
};

Result<SnapshotBenchRow> run_snapshot_bench(const SnapshotBenchOptions& options);

}  // namespace oki::bench
