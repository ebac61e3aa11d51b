// `okiagari bench book`: what an operation costs in the order book alone, without ledger, fees,
// events and log, on one thread.
//
// Time is measured twice, because both at once would disturb each other. Throughput: each
// repetition builds the books anew from the file and then runs the timed part in chunks of
// chunk_ops; of each chunk the fastest repetition counts, which drops what neighbours on a shared
// machine cost. The engine is told a few operations ahead what will come, as a core is that gets
// its commands in batches. Latency: one more repetition in which each operation waits for the last
// one to retire and nothing is told ahead; the cost of reading the clock is taken off.
//
// An engine that does not reproduce the outcome in the file's header gets no figures.
#pragma once

#include <functional>

#include "bench/op_times.h"
#include "bench/ops_file.h"

namespace oki::bench {

enum class BookEngine : std::uint8_t {
  fast,   // The book of the exchange without undo and sums.
  core,   // The same with both, as the exchange runs it.
  plain,  // Sorted maps: what the others are compared with.
};
const char* name(BookEngine engine);

constexpr std::uint64_t chunk_ops = 2000;

struct BookBenchRow : OpTimes {
  BookEngine engine{};
  bool verified = false;  // False: the file has no outcome to compare with.
};

struct BookBenchOptions {
  std::vector<BookEngine> engines;
  std::uint64_t repeat = 7;
  std::function<void(const std::string& what)> progress = [](const std::string&) {};
};

// Errc::mismatch names the engine and the fields that differ. The engines' repetitions take turns,
// so that their ratio is of one time.
Result<std::vector<BookBenchRow>> run_book_bench(const Ops& ops, const BookBenchOptions& options);

// What differs, as "trades 3 instead of 4, ..."; empty when nothing does.
std::string differences(const OpsOutcome& got, const OpsOutcome& expected);

}  // namespace oki::bench
