// Tells the log which release of the rules this program knows, once after each start, until it is
// answered: an operator may switch a release on when all nodes have reported it.
#pragma once

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "replica/client.h"

namespace oki::node {

class ReleaseReporter {
 public:
  // All of `parts` must outlive this. The connections are closed once the report is in the log.
  ReleaseReporter(const replica::Client::Parts& parts, const replica::ClientOptions& cluster,
                  NodeId self, std::uint32_t release);
  ~ReleaseReporter();

  bool done() const { return done_; }

 private:
  void report();
  void take(const replica::Answer& answer);

  Timers& timers_;
  Log& log_;
  const NodeId self_;
  const std::uint32_t release_;
  bool done_ = false;
  TimerId timer_;
  std::unique_ptr<replica::Client> client_;
};

}  // namespace oki::node
