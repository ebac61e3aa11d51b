// How late the loop runs what is due: a timer that is due every tenth of a second, and by how much
// it comes too late. A loop that is blocked, or starved by its neighbours, shows here first.
#pragma once

#include "base/clock.h"
#include "base/metrics.h"

namespace oki::watch {

constexpr std::int64_t loop_lag_every_ms = 100;

class LoopLag {
 public:
  // Both must outlive it.
  LoopLag(const Clock& clock, Timers& timers);
  ~LoopLag();
  LoopLag(const LoopLag&) = delete;
  LoopLag& operator=(const LoopLag&) = delete;

  // The longest since the call before.
  std::int64_t take_longest_ns();
  const Histogram& all() const { return all_; }

 private:
  void wait();
  void on_due();

  const Clock& clock_;
  Timers& timers_;
  TimerId timer_;
  MonoTimeNs due_;
  std::int64_t longest_ns_ = 0;
  Histogram all_;
};

}  // namespace oki::watch
