// `okiagari bench log`: orders committed end to end through real node processes on this machine.
//
// One client in this process sends limit orders, in pairs that trade, over loopback TCP to 1 and to
// 3 node processes with real journals. Counted is what the state machine answered. Two loads each:
// `saturated` keeps `in_flight` commands outstanding; `paced` sends at a fixed rate and measures
// from the moment a command was due, so that a stall counts against every order it delayed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace oki::bench {

struct LogBenchOptions {
  std::string directory;  // For the nodes' data; exists and is empty.
  std::vector<std::uint32_t> nodes{1, 3};
  std::int64_t seconds = 5;  // Of each load.
  std::size_t in_flight = 4096;
  std::uint64_t paced_per_second = 10'000;
};

struct LogBenchRow {
  std::uint32_t nodes = 0;
  const char* load = "";
  std::uint64_t orders = 0;
  std::uint64_t orders_per_second = 0;
  std::uint64_t refused = 0;  // Answered, but not with ok.
  std::uint64_t lost = 0;     // Ended as not taken or unknown.
  std::int64_t p50_us = 0;
  std::int64_t p99_us = 0;
  std::int64_t max_us = 0;
};

Result<std::vector<LogBenchRow>> run_log_bench(const LogBenchOptions& options);

std::string to_json(const LogBenchRow& row);

}  // namespace oki::bench
