// A whole exchange of real processes on this machine: nodes, edges, watch, status site.
//
// Everything lives below one data directory; every process is a child that dies with this one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/net.h"
#include "base/random.h"
#include "base/result.h"
#include "drill/accounts.h"
#include "host/child.h"

namespace oki::drill {

struct ClusterPlan {
  std::string binary;
  std::string directory;  // Exists and is empty.
  std::uint32_t nodes = 3;
  std::uint32_t edges = 2;
  std::uint16_t port_base = 0;  // 0: free ones.
  bool rate_limits = true;
};

struct NodePlace {
  Address listen;
  Address metrics;
};

class Cluster {
 public:
  // Chooses ports and writes keys; starts nothing yet.
  static Result<Cluster> plan(const ClusterPlan& plan, Random& random);

  Cluster(Cluster&&) noexcept = default;

  std::uint64_t id() const { return id_; }
  const std::vector<NodePlace>& nodes() const { return nodes_; }  // Seat 1 first.
  const std::vector<NodePlace>& edges() const { return edges_; }
  const Address& status() const { return status_.listen; }
  std::vector<Address> node_addresses() const;
  std::vector<Address> edge_addresses() const;
  std::vector<Address> metrics_addresses() const;
  const Bytes& seal_key() const { return seal_key_; }

  Result<void> start_nodes();  // The first time: with --bootstrap.
  Result<void> start_node(std::uint32_t seat);
  Result<void> start_edges();
  Result<void> start_status();
  Result<void> start_watch(const DrillAccounts& accounts, ByteView exchange_toml);

  // Seats from 1.
  void kill_node(std::uint32_t seat);
  void kill_all_nodes();  // At one moment: none outlives another to answer for it.
  bool node_running(std::uint32_t seat);
  pid_t node_pid(std::uint32_t seat) const { return node_children_[seat - 1].pid(); }

  // One sentence for each process that ended without being asked to.
  std::vector<std::string> unexpected_ends();

  void stop_all();

 private:
  Cluster(const ClusterPlan& plan, Random& random);
  Result<void> choose_ports();
  Result<Address> next_address();
  Result<void> start(const std::string& name, host::Child& child,
                     std::vector<std::string> arguments);
  std::string path(const std::string& name) const { return plan_.directory + "/" + name; }
  std::vector<std::string> node_arguments(std::uint32_t seat, bool bootstrap) const;

  ClusterPlan plan_;
  std::uint64_t id_ = 0;
  std::uint16_t next_port_ = 0;
  Bytes seal_key_;
  Bytes signing_seed_;
  std::vector<NodePlace> nodes_;
  std::vector<NodePlace> edges_;
  NodePlace status_;
  NodePlace watch_;
  std::vector<host::Child> node_children_;
  std::vector<host::Child> edge_children_;
  host::Child status_child_;
  host::Child watch_child_;
  std::vector<bool> node_wanted_;
};

}  // namespace oki::drill
