// One-shot timers on a binary heap.
//
// A cancelled timer leaves its place in the heap until its time comes; when such places are the
// majority the heap is rebuilt, so that memory stays within twice the timers alive.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/clock.h"

namespace oki::host {

class HeapTimers : public Timers {
 public:
  // REQUIRES: `clock` outlives the timers.
  explicit HeapTimers(const Clock& clock) : clock_(clock) {}

  TimerId after_ms(std::int64_t delay_ms, std::function<void()> action) override;
  void cancel(TimerId timer) override;

  // Fires what was due when called; timers made meanwhile wait for the next call, also those of
  // 0 ms, so that sockets are served between.
  void run_due();

  // Until the first timer; nothing when there is none.
  std::optional<std::int64_t> next_delay_ns();

  std::size_t pending() const { return actions_.size(); }

 private:
  struct Place {
    MonoTimeNs time;
    std::uint64_t id = 0;
  };
  static bool later(const Place& a, const Place& b);
  void drop_cancelled();
  void pop();

  const Clock& clock_;
  std::vector<Place> heap_;
  std::unordered_map<std::uint64_t, std::function<void()>> actions_;
  std::uint64_t last_id_ = 0;
};

}  // namespace oki::host
