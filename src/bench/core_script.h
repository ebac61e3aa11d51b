// An operations file as commands of the whole core: accounts with so much money that nothing is
// refused for want of it, one quote asset, a base asset and a market for each symbol.
//
// The core gives the ids of orders, and what a move becomes depends on what has traded: so the
// commands are written while a core applies them, once, and are then the same for every run.
// ADD: a limit order (gtc, ioc). CANCEL: CancelOrders of one. MOVE: AmendOrder; one that would
// change nothing and only lose its place: CancelOrders and PlaceOrder.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "bench/ops_file.h"
#include "core/core.h"

namespace oki::bench {

struct CoreScript {
  core::CoreLimits limits;
  Bytes bytes;                      // Of all commands, one behind the other.
  std::vector<std::uint64_t> ends;  // Of each command in `bytes`.
  std::size_t set_up = 0;           // So many commands make accounts, markets and money.
  std::size_t timed = 0;            // The first one of the timed part.
  std::uint64_t hash = 0;           // Core::running_hash() behind the last one.
  OpsOutcome outcome;

  std::size_t size() const { return ends.size(); }
  ByteView command(std::size_t i) const {
    const std::uint64_t begin = i == 0 ? 0 : ends[i - 1];
    return ByteView(bytes).substr(begin, ends[i] - begin);
  }
  // A millisecond for each thousand.
  WallTimeMs time(std::size_t i) const {
    return WallTimeMs{1'700'000'000'000 + static_cast<std::int64_t>(i / 1'000)};
  }
};

// Fails when the core's fills are not those of the file's header.
Result<CoreScript> write_core_script(const Ops& ops);

}  // namespace oki::bench
