// A whole cluster on one thread and one stepped clock, with disks in memory and a network that
// delays, loses and parts as a test says. Seats count from 1.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "base/prng.h"
#include "base/testing/stepped.h"
#include "replica/replica.h"
#include "replica/testing/list_machine.h"
#include "store/testing/memory_disk.h"

namespace oki::replica {

class Cluster {
 public:
  Cluster(std::uint32_t voters, Replica::MakeEngine make_engine, std::uint64_t seed = 1,
          ReplicaOptions options = small_options());
  ~Cluster();

  // Limits low enough that a test meets them.
  static ReplicaOptions small_options();

  // --- Nodes.
  void start(std::uint32_t seat);  // From its disk. REQUIRES: not running.
  Result<void> try_start(std::uint32_t seat);
  void crash(std::uint32_t seat);            // What its disk had not finished is torn or lost.
  void wipe(std::uint32_t seat);             // REQUIRES: not running.
  void join(std::uint32_t seat, NodeId id);  // REQUIRES: wiped.

  struct Node;
  Replica& operator[](std::uint32_t seat);
  ListMachine& machine(std::uint32_t seat);
  store::MemoryDisk& disk(std::uint32_t seat);
  Metrics& metrics(std::uint32_t seat);
  bool running(std::uint32_t seat) const;
  const std::optional<Error>& stopped(std::uint32_t seat) const;  // What host.stop() was told.

  // --- Time and network.
  void run_ms(std::int64_t ms);
  bool run_until(const std::function<bool()>& condition, std::int64_t limit_ms = 10'000);
  void cut(std::uint32_t seat) { cut_.insert(seat); }
  void heal() { cut_.clear(); }
  void lose(std::uint64_t per_thousand) { loss_ = per_thousand; }
  std::size_t longest_message() const { return longest_message_; }
  testing::StepClock clock;
  testing::StepTimers timers{clock};

  // --- Commands.
  std::optional<std::uint32_t> leader() const;  // The seat of the serving leader.
  std::uint32_t wait_for_leader();

  // The answer, after running until it came; `unknown` without one after two seconds.
  SubmitAnswer submit(std::uint32_t seat, ClientCommand command);
  SessionId open_session(std::uint32_t seat);
  SubmitAnswer add(std::uint32_t seat, SessionId session, std::uint64_t number, Bytes body);

  // Runs until every running node has applied the same index; false when that does not happen.
  bool settle();

  const ReplicaOptions& options() const { return options_; }

 private:
  Node& node(std::uint32_t seat);
  const Node& node(std::uint32_t seat) const;
  void deliver(std::uint32_t from, std::uint32_t to, NodeId from_id, Bytes message);

  Replica::MakeEngine make_engine_;
  ReplicaOptions options_;
  Prng prng_;
  std::uint64_t loss_ = 0;
  std::size_t longest_message_ = 0;
  std::set<std::uint32_t> cut_;
  std::map<std::uint32_t, std::unique_ptr<Node>> nodes_;
};

}  // namespace oki::replica
