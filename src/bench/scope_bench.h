// How long the scope of an incident takes, and whether it is right: a random exchange with faults,
// its scope as the house computes it, and the same computed from the bare facts.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace oki::bench {

struct ScopeBenchOptions {
  std::uint64_t accounts = 1'000'000;
  std::uint64_t orders = 3'000'000;  // Opened, closed and passing ones, withdrawals and faults.
  std::uint64_t seed = 1;
  std::string directory;  // For the edges' records; empty.
};

struct ScopeBenchRow {
  bool equal = false;                // Report and list of accounts.
  std::int64_t follow_ms = 0;        // Applying all events, which a watch does as they come.
  std::int64_t took_ms = 0;          // From the question to the answer, over HTTP,
  std::int64_t longest_us = 0;       // and the longest that the loop did nothing else meanwhile.
  std::uint64_t resident_bytes = 0;  // Of the whole process then, the facts and the other included.
  std::uint64_t events_bytes = 0, records = 0;
  std::uint64_t open_orders = 0, accounts = 0, accounts_failed = 0, accounts_waiting = 0;
};

Result<ScopeBenchRow> run_scope_bench(const ScopeBenchOptions& options);

std::string to_json(const ScopeBenchOptions& options, const ScopeBenchRow& row);

}  // namespace oki::bench
