// Hurts a running exchange and takes everything back: the verbs that fault kinds and scenarios are
// made of.
//
// Each verb remembers what it did; heal() undoes all of it, in the order that lets the exchange
// come back: packets first, then disks and frozen processes, then processes that ended, then what
// operators switched off. Nothing here waits by the clock: a verb returns when it has taken effect.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "drill/os_faults.h"
#include "drill/steps.h"

namespace oki::drill {

class Harm {
 public:
  // `steps` outlives this.
  explicit Harm(Steps& steps);
  ~Harm();
  Harm(const Harm&) = delete;
  Harm& operator=(const Harm&) = delete;

  // Processes, at one moment.
  Result<void> kill(const std::vector<ProcessId>& processes);
  Result<void> freeze(const std::vector<ProcessId>& processes);

  // They run for `run_ms` out of every `period_ms`, all at the same time.
  Result<void> starve(const std::vector<ProcessId>& processes, std::int64_t run_ms,
                      std::int64_t period_ms);

  // Killed and started with other options or below another program; heal() starts them as before.
  Result<void> restart_with(const std::vector<ProcessId>& processes,
                            const std::vector<std::string>& more,
                            const std::vector<std::string>& with = {});

  // Disks.
  Result<void> refuse_writes(const std::vector<ProcessId>& processes);
  Result<void> hold_disks(const std::vector<ProcessId>& processes);

  // Packets on the way to these processes. Errc::unavailable without a private network or nft.
  Result<void> lose_packets(const std::vector<ProcessId>& processes, unsigned share_percent,
                            PacketLoss::How how);

  // What an operator can switch off. The markets' names; empty: all listed ones.
  Result<void> halt(const std::string& market);
  Result<void> stop_orders(const std::string& market);  // Cancel-only.

  // A setting of running edges, changed as an operator would; heal() rolls it back.
  Result<void> change_setting(const std::vector<ProcessId>& edges, const std::string& setting,
                              std::uint64_t value);

  // A request of an operator to every edge: "apply", "rollback", "tighten", "restore" and its body
  // (edge/admin.h). Not taken back by heal().
  Result<void> administer_all(const std::string& what, const std::string& body);

  // Money on a house account that none of its trades explains. Its watches are started anew by
  // heal(), as docs/status.md says.
  Result<void> credit_house();

  bool hurts() const;
  Result<void> heal();

  Steps& steps() { return steps_; }
  Cluster& cluster() { return steps_.session().cluster(); }

  // Named sets of processes: "nodes", "majority" (the leader and as many as it takes), "leader",
  // "follower", "edges", "watches", "sites", "all" but the sites, or one: "edge 2". Errc::invalid
  // for another word, Errc::unavailable when no leader is known.
  Result<std::vector<ProcessId>> processes(const std::string& words);

 private:
  Result<void> submit(const core::Command& command, const char* what);
  Result<void> set_markets(const std::string& market, bool stops);
  std::uint32_t leader();
  void pulse(std::int64_t run_ms, std::int64_t period_ms);
  void thaw_starved();
  void thaw();
  Result<void> start_ended();
  Result<void> reopen();
  Result<void> roll_back();
  Result<void> administer(ProcessId edge, const std::string& what, std::string body);

  Steps& steps_;
  PacketLoss packets_;
  HeldThreads held_;
  std::vector<ProcessId> frozen_;
  std::vector<ProcessId> starved_;
  std::vector<ProcessId> limited_;
  std::vector<ProcessId> changed_;  // Run with other options.
  std::vector<ProcessId> killed_;
  std::vector<core::MarketId> halted_;
  std::vector<core::MarketId> stopped_;
  std::vector<ProcessId> set_;  // Edges whose settings were changed.
  bool credited_ = false;
  std::uint64_t credits_ = 0;
  TimerId pulse_;
};

// Set once at start-up, when the process is in a network of its own.
void set_private_network(bool is);
bool private_network();

}  // namespace oki::drill
