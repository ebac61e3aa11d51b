// Things that wait until this edge has read the log up to an index, so that a client who was told
// of its order also finds it here.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "base/clock.h"

namespace oki::edge {

class AppliedQueue {
 public:
  // The argument: whether the index was reached; false after `wait_ms`, or when `waiting_max`
  // others wait already.
  using Action = std::function<void(bool reached)>;

  AppliedQueue(Timers& timers, const Clock& clock, std::int64_t wait_ms, std::size_t waiting_max);
  ~AppliedQueue();
  AppliedQueue(const AppliedQueue&) = delete;
  AppliedQueue& operator=(const AppliedQueue&) = delete;

  // At once, inside this call, when the index has been reached.
  void when(LogIndex index, Action action);

  // Runs what waited for `index` or less, in order of index, then of asking. The index never goes
  // back.
  void reached(LogIndex index);

  LogIndex index() const { return index_; }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Waiting {
    MonoTimeNs deadline;
    Action action;
  };
  void arm();
  void expire();

  Timers& timers_;
  const Clock& clock_;
  std::int64_t wait_ms_;
  std::size_t waiting_max_;
  LogIndex index_;
  std::multimap<LogIndex, Waiting> waiting_;
  TimerId timer_;
};

}  // namespace oki::edge
