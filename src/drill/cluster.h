// A whole exchange of real processes on this machine: nodes, edges, watch, status sites.
//
// Everything lives below one data directory; every process is a child that dies with this one.
#pragma once

#include <array>
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
  std::uint32_t watches = 1;  // Several are a cluster of their own.
  std::uint32_t status_sites = 1;
  std::uint16_t port_base = 0;  // 0: free ones.
  bool rate_limits = true;
  std::vector<std::vector<std::string>> watch_options = {};  // More words for each watch.
};

enum class Role : std::uint8_t { node, edge, watch, status };
const char* name(Role role);

// One process of the cluster; `number` counts from 1 within its role and is the seat of a node.
struct ProcessId {
  Role role = Role::node;
  std::uint32_t number = 1;

  friend bool operator==(const ProcessId&, const ProcessId&) = default;
};

struct WatchPlace {
  Address listen;  // For the other watches.
  Address metrics;
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
  const std::vector<WatchPlace>& watches() const { return watches_; }
  const Address& status() const { return statuses_.front().listen; }
  const std::vector<NodePlace>& statuses() const { return statuses_; }
  const std::string& directory() const { return plan_.directory; }
  std::vector<Address> node_addresses() const;
  std::vector<Address> edge_addresses() const;
  std::vector<Address> metrics_addresses() const;
  const Bytes& seal_key() const { return seal_key_; }
  const std::string& admin_token() const { return admin_token_; }  // Of every edge.

  Result<void> start_nodes();  // The first time: with --bootstrap.
  Result<void> start_node(std::uint32_t seat);
  Result<void> start_edges();
  Result<void> start_status();

  // Each with a pair of house accounts of its own. The first time: with --bootstrap.
  Result<void> start_watches(const DrillAccounts& accounts, ByteView exchange_toml);

  // What runbooks act on, written when the watches start: deploy/actions.toml for this exchange.
  static std::string actions_file(const std::string& directory) {
    return directory + "/actions.toml";
  }

  // What this watch keeps: its log, drafts of postmortems.
  std::string watch_directory(std::uint32_t seat) const {
    return path(seat == 1 ? "watch" : "watch" + std::to_string(seat));
  }

  // Any process, once it was started the first time. SIGKILL; frozen ones too.
  void kill(ProcessId process);
  void kill(const std::vector<ProcessId>& processes);  // At one moment.
  void signal(ProcessId process, int number);
  bool running(ProcessId process);
  pid_t pid(ProcessId process) const;

  // As it was started, `more` options after its own: where one is given twice, the last one counts.
  // A process of which `with` is not empty is started by that program and its arguments ("/usr/bin/
  // env" and variables). REQUIRES: it does not run.
  Result<void> start_again(ProcessId process, const std::vector<std::string>& more = {},
                           const std::vector<std::string>& with = {});
  Result<void> start_ended();  // Those that ended without being killed here.
  std::vector<ProcessId> all(Role role) const;

  // Seats from 1.
  void kill_node(std::uint32_t seat);
  void kill_all_nodes();  // At one moment: none outlives another to answer for it.
  bool node_running(std::uint32_t seat) { return running({Role::node, seat}); }
  pid_t node_pid(std::uint32_t seat) const { return pid({Role::node, seat}); }

  // One sentence for each process that ended without being asked to.
  std::vector<std::string> unexpected_ends();

  void stop_all();

 private:
  // A process: how it is started, whether it should be running.
  struct Member {
    std::vector<std::string> arguments;  // Without the program.
    host::Child child;
    bool wanted = false;
  };

  Cluster(const ClusterPlan& plan, Random& random);
  Result<void> choose_ports();
  Result<Address> next_address();
  Result<void> write_keys();
  Result<void> write_actions() const;
  Member& member(ProcessId process) { return members_[index(process.role)][process.number - 1]; }
  const Member& member(ProcessId process) const {
    return members_[index(process.role)][process.number - 1];
  }
  static std::size_t index(Role role) { return static_cast<std::size_t>(role); }
  std::string log_file(ProcessId process) const;
  Result<void> start(ProcessId process, std::vector<std::string> arguments);
  std::string path(const std::string& name) const { return plan_.directory + "/" + name; }
  std::vector<std::string> node_arguments(std::uint32_t seat) const;
  std::string verify_keys() const;
  std::vector<std::string> watch_arguments(std::uint32_t seat) const;
  void terminate(Role role);

  ClusterPlan plan_;
  std::uint64_t id_ = 0;
  std::uint16_t next_port_ = 0;
  Bytes seal_key_;
  std::string admin_token_;
  std::vector<Bytes> signing_seeds_;  // By watch.
  std::vector<NodePlace> nodes_;
  std::vector<NodePlace> edges_;
  std::vector<NodePlace> statuses_;
  std::vector<WatchPlace> watches_;
  std::array<std::vector<Member>, 4> members_;  // By role.
};

}  // namespace oki::drill
