// `okiagari bench core`: what a command costs in the whole core, from its bytes to the bytes of its
// reply and events, with ledger, fees, bands, checkers and undo; on one thread.
//
// Measured as in bench/book_bench.h: throughput in chunks, the fastest repetition of each; latency
// in one more repetition, one command at a time. Every run must end with the same hash.
#pragma once

#include <functional>
#include <string>

#include "bench/op_times.h"
#include "bench/ops_file.h"

namespace oki::bench {

struct CoreBenchRow : OpTimes {  // Of the timed part's commands.
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
