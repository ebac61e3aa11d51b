// Watches (directory, WatchNode, port) on one stepped clock and a network in memory. Seats from 1.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "store/testing/memory_disk.h"
#include "watch/conductor/watch_node.h"

namespace oki::watch::testing {

class WatchWorld {
 public:
  WatchWorld(std::uint32_t seats, replica::Replica::MakeEngine make_engine,
             std::vector<response::Change> house);
  ~WatchWorld();

  void start(std::uint32_t seat, bool bootstrap = false);
  void start_all();  // Bootstraps every seat and waits for one that leads.
  void crash(std::uint32_t seat);
  bool running(std::uint32_t seat) const { return seats_[seat - 1].node != nullptr; }
  WatchNode& node(std::uint32_t seat) { return *seats_[seat - 1].node; }
  std::uint32_t leader() const;  // 0: none.

  // What follows a seat: made anew whenever it starts, gone before it is.
  std::function<std::shared_ptr<void>(std::uint32_t seat, WatchNode& node)> attend;

  void run_ms(std::int64_t ms);
  bool run_until(const std::function<bool()>& condition, std::int64_t limit_ms = 10'000);

  oki::testing::StepClock clock;
  oki::testing::StepTimers timers{clock};
  oki::testing::MemoryNetwork network;
  Log log{clock, "test", {}};

 private:
  struct Counting : Random {
    Bytes bytes(std::size_t count) override { return Bytes(count, static_cast<char>(++calls)); }
    unsigned calls = 0;
  };
  struct Seat {
    oki::testing::MemoryNet* net = nullptr;
    std::unique_ptr<store::MemoryDisk> disk;
    std::unique_ptr<Metrics> metrics;
    std::unique_ptr<WatchNode> node;
    std::shared_ptr<void> attendant;
    bool ready = false;
  };

  void run();

  replica::Replica::MakeEngine make_engine_;
  std::vector<response::Change> house_;
  Counting random_;
  std::vector<Address> addresses_;
  std::vector<Seat> seats_;
};

}  // namespace oki::watch::testing
