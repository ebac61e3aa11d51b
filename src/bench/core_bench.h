// `okiagari bench core`: what a command costs in the whole core, from its bytes to the bytes of its
// reply and events, with ledger, fees, bands, checkers and undo; on one thread.
//
// Measured as in bench/book_bench.h: throughput in chunks, the fastest repetition of each; latency
// in one more repetition, one command at a time. Every run must end with the same hash.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "bench/ops_file.h"

namespace oki::bench {

struct CoreBenchRow {
  std::uint64_t ops = 0;  // Commands of the timed part.
  std::uint64_t ps_per_op = 0;
  std::uint64_t ps_per_op_chunk_min = 0;
  std::uint64_t p50_ps = 0, p99_ps = 0, p99_9_ps = 0, p99_99_ps = 0, max_ps = 0;
  std::optional<std::uint64_t> milli_instructions_per_op;
  std::uint64_t event_bytes_per_op = 0;
  bool verified = false;
};

struct CoreBenchOptions {
  std::uint64_t repeat = 7;
  std::function<void(const std::string& what)> progress = [](const std::string&) {};
};

Result<CoreBenchRow> run_core_bench(const Ops& ops, const CoreBenchOptions& options);
std::string to_json(const std::string& variant, const CoreBenchRow& row);
std::string to_text(const std::string& variant, const CoreBenchRow& row);

}  // namespace oki::bench
