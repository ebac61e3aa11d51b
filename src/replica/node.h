// One node of the cluster, from an empty or a used directory to a served port: what the process
// `okiagari node` is made of.
//
// A directory that belongs to a node is started as that node. An empty one is bootstrapped when the
// options say so (once in the life of a cluster, on all its seats); otherwise the node asks the
// others for an id and joins under it, for as long as it takes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/disk.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/net.h"
#include "replica/replica.h"
#include "replica/server.h"

namespace oki::replica {

struct NodeOptions {
  std::uint64_t cluster = 0;
  std::uint32_t seat = 0;      // From 1.
  std::vector<Address> nodes;  // By seat, from seat 1.
  Address listen;              // Empty host: the address of the own seat.

  // An empty directory starts a new cluster together with the other seats. Never for a seat that
  // has lost its disk: acknowledged commands could be lost.
  bool bootstrap = false;
  ReplicaOptions replica;  // cluster, self, seat and flushed_by_host are filled in.
  ServerOptions server;    // cluster, self, seat and nodes are filled in.
};

class Node {
 public:
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Net& net;
    Disk& disk;  // The node's own directory.
    Log& log;
    Metrics& metrics;
    StateMachine& machine;
    Disk* snapshot_disk = nullptr;        // As in ReplicaParts.
    FileMaker* snapshot_maker = nullptr;  // The same.
  };

  // `on_stop` is called at most once, with the sentence to end the process with; it must not
  // destroy the Node. All of `parts` must outlive the node, and the Disk must not call back
  // once it is gone.
  Node(const Parts& parts, const NodeOptions& options, Replica::MakeEngine make_engine,
       std::function<void(const Error&)> on_stop);
  ~Node();

  // Calls back with the address listened on, or with what keeps the node from starting. Never
  // inside this call.
  void start(std::function<void(Result<Address>)> ready);

  // After every turn of the loop.
  void turn_end();

  // Gives up leadership, if held, so that stopping afterwards fails no request; calls back when
  // another node leads or after `patience_ms`.
  void hand_over(std::int64_t patience_ms, std::function<void()> done);

  // nullptr before `ready`.
  Replica* replica();

  // The metrics of the process, as text for GET /metrics.
  Bytes metrics_text() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oki::replica
