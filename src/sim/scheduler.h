// Virtual time: one queue of actions, run in order of their time, equal times in order of asking.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/clock.h"
#include "base/strong.h"

namespace oki::sim {

constexpr std::int64_t ns_per_us = 1000;

class Scheduler {
 public:
  using Action = std::function<void()>;

  MonoTimeNs now() const { return now_; }

  // A delay below 0 counts as 0.
  void after_us(std::int64_t delay_us, Action action);

  // Runs actions up to `end` and moves there; stops early, without moving, when `stop` says so.
  void run_until(MonoTimeNs end, const std::function<bool()>& stop);

  std::size_t waiting() const { return queue_.size(); }

 private:
  struct Event {
    MonoTimeNs time;
    std::uint64_t sequence;
    Action action;
  };
  static bool later(const Event& a, const Event& b) {
    return a.time != b.time ? a.time > b.time : a.sequence > b.sequence;
  }

  MonoTimeNs now_;
  std::uint64_t sequence_ = 0;
  std::vector<Event> queue_;  // A heap, earliest first.
};

}  // namespace oki::sim
