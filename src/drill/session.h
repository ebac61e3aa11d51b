// One running exchange with customers on it: started, watched, hurt, healed and audited.
//
// The session owns the loop. `start` runs it until everything answers; then a script (or a person)
// drives the faults while the loop runs; `finish` stops the customers, waits for the log to come to
// rest and audits what the customers were told.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "crypto/crypto.h"
#include "drill/accounts.h"
#include "drill/ack_ledger.h"
#include "drill/cluster.h"
#include "drill/load.h"
#include "drill/pollers.h"
#include "host/loop.h"
#include "replica/client.h"

namespace oki::drill {

struct SessionOptions {
  std::string directory;  // Exists and is empty.
  std::uint32_t nodes = 3;
  std::uint32_t edges = 2;
  std::uint32_t watches = 1;
  std::uint32_t status_sites = 1;
  std::int64_t status_poll_ms = 50;
  std::uint16_t port_base = 0;
  bool rate_limits = true;
  std::size_t makers = 8;      // 0: only the test trades.
  std::size_t oracles = 0;     // Accounts for an oracle trader.
  std::size_t customers = 0;   // Accounts with the usual rate limits.
  std::size_t intruders = 0;   // The same, for floods.
  std::string exchange_toml;   // Empty: the default exchange.
  std::uint32_t break_ms = 0;  // Of every market's circuit breaker; 0: as configured.
  std::string quiet_market;    // Without makers.
  std::int64_t start_patience_ms = 60'000;
  std::int64_t audit_patience_ms = 20'000;
};

struct FinalAudit {
  AuditResult customers;
  bool hashes_equal = false;  // Event and state hashes of all running nodes at one index.
  std::uint32_t nodes_compared = 0;
  std::string why;  // When something could not be compared.
};

class Session {
 public:
  explicit Session(const SessionOptions& options);
  ~Session();

  // More words for each watch. REQUIRES: it has not started.
  void set_watch_options(std::vector<std::vector<std::string>> options);

  // Runs the loop until every part answers and the status site is green. `progress` gets one line
  // for each step.
  Result<void> start(const std::function<void(const std::string&)>& progress);

  // Runs the loop until `stop_running()`; for scripts.
  void run();
  void stop_running();

  // Blocking: stops the customers, waits, audits. The loop runs inside.
  FinalAudit finish();

  host::Loop& loop();
  Cluster& cluster();
  Load& load();
  StatusPoller& status();                                        // The first site.
  const std::vector<std::unique_ptr<StatusPoller>>& statuses();  // All copies of it.
  ApiClient& api();                                              // As the makers' requests go.
  AckLedger& ledger();  // What customers were told, makers and others.

  // A command of an operator. Called back exactly once, never inside this call.
  void submit(const core::Command& command, std::function<void(const replica::Answer&)> done);

  // As the exchange was set up; nothing when it has no such market.
  struct Market {
    core::MarketId id;
    core::MarketSpec spec;
    core::AssetSpec quote;
  };
  std::optional<Market> market(ByteView name) const;
  const std::vector<core::Command>& exchange() const;

  const replica::ClusterView& view() const;
  const LogRecord& log_record() const;
  const DrillAccounts& accounts() const;
  std::int64_t uptime_ms() const;

  // The seat that leads now, as the nodes themselves say; 0 when none does.
  void find_leader(std::function<void(std::uint32_t seat)> done);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oki::drill
