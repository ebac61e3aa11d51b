// A customer who tries every edge and every market all the time, whatever the status page says.
//
// Each oracle_period_ms it sends one order on each path (an edge and a market): a limit order at
// the lowest price that is to be filled at once or cancelled, so nothing of it rests and nothing
// has to be cleared up after an outage. An order that is not answered with success within
// oracle_deadline_ms has failed. It shares nothing with the probers of the watch but the public
// API: other accounts, other orders, other client code, another process.
//
// Bounded: oracle_outstanding_max orders of a path are under way; more are not sent until some end.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/net.h"
#include "drill/accounts.h"
#include "drill/oracle_record.h"

namespace oki::drill {

constexpr std::int64_t oracle_period_ms = 50;
constexpr std::int64_t oracle_deadline_ms = 1000;
constexpr std::size_t oracle_outstanding_max = 24;

struct OracleMarket {
  std::string name;
  std::string price;   // The lowest that the market takes.
  std::string amount;  // The smallest.
};

class OracleTrader {
 public:
  // `accounts` are used in turn, at least one; with enough of them none sends more than a customer
  // may. All must outlive the trader.
  OracleTrader(const Clock& clock, Timers& timers, Net& net, const std::vector<Address>& edges,
               const std::vector<OracleMarket>& markets, const std::vector<DrillAccount>& accounts);
  ~OracleTrader();
  OracleTrader(const OracleTrader&) = delete;
  OracleTrader& operator=(const OracleTrader&) = delete;

  void start();

  std::size_t paths() const;
  const OracleRecord& record() const;
  void begin_at(MonoTimeNs time);  // Forgets what was before.

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// An order of the oracle trader as the body of a request.
std::string oracle_order(const OracleMarket& market);

// The listed markets of a configuration.
std::vector<OracleMarket> oracle_markets(const std::vector<core::Command>& exchange_config);

}  // namespace oki::drill
