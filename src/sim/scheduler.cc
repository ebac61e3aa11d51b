#include "sim/scheduler.h"

#include <algorithm>
#include <utility>

namespace oki::sim {

void Scheduler::after_us(std::int64_t delay_us, Action action) {
  const MonoTimeNs time = now_ + std::max<std::int64_t>(delay_us, 0) * ns_per_us;
  queue_.push_back({time, ++sequence_, std::move(action)});
  std::push_heap(queue_.begin(), queue_.end(), later);
}

void Scheduler::run_until(MonoTimeNs end, const std::function<bool()>& stop) {
  while (!queue_.empty() && queue_.front().time <= end) {
    if (stop()) return;
    std::pop_heap(queue_.begin(), queue_.end(), later);
    Event event = std::move(queue_.back());
    queue_.pop_back();
    now_ = event.time;
    event.action();
  }
  if (!stop()) now_ = end;
}

}  // namespace oki::sim
