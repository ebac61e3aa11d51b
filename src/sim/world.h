// One simulated world: three nodes, their network, clients, and the oracle that judges them, on one
// thread, all of it decided by one seed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "replica/replica.h"
#include "sim/client.h"
#include "sim/faults.h"
#include "sim/network.h"
#include "sim/node.h"
#include "sim/oracle.h"
#include "sim/scheduler.h"
#include "sim/trace.h"

namespace oki::sim {

// What every seed must reach to count as a test.
constexpr std::uint64_t answered_min = 500;
constexpr std::int64_t virtual_ms_min = 60'000;

struct WorldOptions {
  std::uint64_t seed = 1;
  replica::Replica::MakeEngine make_engine = nullptr;
  std::uint32_t nodes = 3;
  std::size_t clients = trading_accounts;
  bool whole = true;  // Goes on until answered_min and virtual_ms_min are reached.
};

struct WorldReport {
  std::uint64_t seed = 0;
  std::vector<std::string> violations;
  std::string tail;  // Of the trace, when there are violations.
  std::uint64_t virtual_ms = 0;
  std::uint64_t events = 0;
  std::uint64_t event_hash = 0;
  std::uint64_t answered = 0;
  std::uint64_t given_up = 0;
  std::uint64_t leader_changes = 0;
  std::uint64_t runs = 0;  // How often the seed was run.
  FaultCounts faults{};
};

class World {
 public:
  explicit World(const WorldOptions& options);
  ~World();

  // Nodes up, one leads, the exchange is set up, clients trade. False on a violation.
  bool begin();

  // False on a violation.
  bool run_ms(std::int64_t ms);
  bool run_until(std::int64_t limit_ms, const std::function<bool()>& reached);

  // No client begins anything, until they go on.
  void rest_clients(bool rest);

  // Everything must work again within a bound, the nodes agree, the oracle is content.
  // REQUIRES: nothing is broken any more.
  WorldReport finish();

  std::uint32_t nodes() const { return options_.nodes; }
  SimNode& node(std::uint32_t seat) { return *nodes_[seat - 1]; }
  SimNode* leader();  // The serving one with the highest term, if any.
  Network& network() { return network_; }
  Scheduler& scheduler() { return scheduler_; }
  Oracle& oracle() { return oracle_; }
  Trace& trace() { return trace_; }
  Faults& faults() { return faults_; }
  WallTimeMs good_clock() const { return {wall_start_ms + now_ms()}; }
  std::int64_t now_ms() const { return scheduler_.now().value / ns_per_ms; }
  std::uint64_t answered() const;
  std::uint32_t clients() const { return static_cast<std::uint32_t>(clients_.size()); }

  // A seat whose disk was wiped gets a new id from the leader and joins.
  void readmit(std::uint32_t seat);

 private:
  void add_client(Client::Source source, Client::OnReply on_reply, ClientOptions options);
  void add_traders();
  void ask_for_id(std::uint32_t seat);
  bool serves_again();
  bool settles();
  void compare_nodes();
  WorldReport report() const;

  WorldOptions options_;
  Prng prng_;
  std::uint64_t questions_ = 0;  // Of a node that asks for an id.
  Scheduler scheduler_;
  Trace trace_;
  Network network_;
  Oracle oracle_;
  std::vector<std::unique_ptr<SimNode>> nodes_;
  std::vector<std::unique_ptr<Workload>> workloads_;
  std::vector<std::unique_ptr<Client>> clients_;
  Faults faults_;
};

// A world of its own with the faults that its seed decides.
WorldReport run_seed(const WorldOptions& options);

}  // namespace oki::sim
