// A seat without an id asks the leader for one until it has it.
#pragma once

#include <cstdint>
#include <functional>

#include "base/clock.h"
#include "replica/client_links.h"

namespace oki::replica {

class Joiner {
 public:
  // Calls back once.
  Joiner(const Clock& clock, Timers& timers, Net& net, Log& log, Metrics& metrics,
         const ClientOptions& cluster, std::uint32_t seat, std::function<void(NodeId)> admitted);
  ~Joiner();

 private:
  void turn();
  void ask();
  void take(const Frame& frame);

  Timers& timers_;
  Net& net_;
  const std::uint32_t seat_;
  std::function<void(NodeId)> admitted_;
  ClientLinks links_;
  ConnectionId asked_on_;  // 0: no question is under way.
  std::uint64_t request_ = 0;
  bool done_ = false;
  TimerId timer_;
};

}  // namespace oki::replica
