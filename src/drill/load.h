// Simulated market makers and takers: customers over the public API, each with one request
// outstanding, that keep books filled, trade now and then, and remember what they were told.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/prng.h"
#include "core/commands.h"
#include "drill/accounts.h"
#include "drill/ack_ledger.h"
#include "drill/api_client.h"

namespace oki::drill {

struct LoadMarket {
  core::MarketId id;
  std::string name;
  unsigned price_digits = 0;
  unsigned amount_digits = 0;
  core::Price mid;  // Walks a little with every order.
};

struct LoadOptions {
  std::int64_t pause_ms = 20;        // Between an answer and the next request of one maker, mean.
  std::size_t open_orders_max = 20;  // Of one maker and market; below the exchange's 30.
};

class Load {
 public:
  // All must outlive the load.
  Load(const Clock& clock, Timers& timers, ApiClient& api, AckLedger& ledger,
       const LoadOptions& options, std::uint64_t seed);
  ~Load();

  void start(const std::vector<DrillAccount>& makers, const std::vector<LoadMarket>& markets);

  // No new requests from now on; `idle()` once every answer has come.
  void stop();
  bool idle() const;

  std::uint64_t orders_answered() const;  // Placed and canceled orders that were acknowledged.
  std::uint64_t not_taken() const;
  std::uint64_t unknown() const;
  std::uint64_t refused() const;

  // Of acknowledged requests, from sending; `reset` after reading makes it an interval's.
  Histogram& latency();

  // Calls back once with the time from now to the first acknowledgement of a request that is sent
  // after now.
  void on_next_acknowledgement(std::function<void(std::int64_t after_ns)> action);

 private:
  class Maker;
  struct Shared;
  std::unique_ptr<Shared> shared_;
  std::vector<std::unique_ptr<Maker>> makers_;
};

// The listed markets of a configuration with plausible prices to start from.
std::vector<LoadMarket> load_markets(const std::vector<core::Command>& exchange_config);

}  // namespace oki::drill
