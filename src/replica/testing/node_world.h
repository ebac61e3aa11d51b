// Whole nodes (directory, Replica, port) and clients of them on one stepped clock and a network in
// memory. Seats count from 1.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "replica/client.h"
#include "replica/node.h"
#include "replica/testing/list_machine.h"
#include "store/testing/memory_disk.h"

namespace oki::replica::testing {

// A reader of ListMachine's events: the list as it should be.
class ListReader : public EventFollower {
 public:
  Result<void> on_snapshot(LogIndex index, std::uint64_t hash, ByteView snapshot) override;
  void on_block(const EventBlock& block) override;
  void on_up_to(LogIndex index) override { up_to = index; }

  std::vector<Bytes> commands;
  int snapshots = 0;
  int blocks = 0;
  LogIndex up_to;
};

class NodeWorld {
 public:
  static constexpr std::uint64_t cluster = 9;

  NodeWorld(std::uint32_t seats, Replica::MakeEngine make_engine);
  ~NodeWorld();

  ReplicaOptions replica_options;
  ServerOptions server_options;

  // --- Nodes.
  void start(std::uint32_t seat, bool bootstrap = false);
  void start_all();  // Bootstraps every seat and waits for a leader.
  void crash(std::uint32_t seat);
  void wipe(std::uint32_t seat);  // REQUIRES: not running.
  bool running(std::uint32_t seat) const { return seats_[seat - 1].node != nullptr; }
  Node& node(std::uint32_t seat) { return *seats_[seat - 1].node; }
  Replica& replica(std::uint32_t seat) { return *node(seat).replica(); }
  bool serves(std::uint32_t seat) const;  // Its Replica runs.
  ListMachine& machine(std::uint32_t seat) { return *seats_[seat - 1].machine; }
  store::MemoryDisk& disk(std::uint32_t seat) { return *seats_[seat - 1].disk; }
  oki::testing::MemoryNet& net(std::uint32_t seat) { return *seats_[seat - 1].net; }
  Metrics& metrics(std::uint32_t seat) { return *seats_[seat - 1].metrics; }
  const std::optional<Result<Address>>& ready(std::uint32_t seat) const {
    return seats_[seat - 1].ready;
  }
  const std::optional<Error>& stopped(std::uint32_t seat) const { return seats_[seat - 1].stopped; }
  std::uint32_t leader() const;  // The seat that serves; 0: none.

  // --- Clients.
  const std::vector<Address>& addresses() const { return addresses_; }
  std::unique_ptr<Client> client(oki::testing::MemoryNet& net, ClientOptions options = {});

  // --- Time.
  void run();  // Until nothing is under way but time.
  void run_ms(std::int64_t ms);
  bool run_until(const std::function<bool()>& condition, std::int64_t limit_ms = 10'000);

  oki::testing::StepClock clock;
  oki::testing::StepTimers timers{clock};
  oki::testing::MemoryNetwork network;
  Metrics client_metrics;

 private:
  struct Zeros : Random {
    Bytes bytes(std::size_t count) override { return Bytes(count, '\0'); }
  };
  struct Seat {
    oki::testing::MemoryNet* net = nullptr;
    std::unique_ptr<store::MemoryDisk> disk;
    std::unique_ptr<ListMachine> machine;
    std::unique_ptr<Metrics> metrics;
    std::unique_ptr<Node> node;
    std::optional<Result<Address>> ready;
    std::optional<Error> stopped;
  };

  Replica::MakeEngine make_engine_;
  Log log_{clock, "test", {}};
  Zeros random_;
  std::vector<Address> addresses_;
  std::vector<Seat> seats_;
};

}  // namespace oki::replica::testing
