#include "host/timers.h"

#include <algorithm>
#include <limits>

namespace oki::host {

bool HeapTimers::later(const Place& a, const Place& b) {
  return a.time != b.time ? a.time > b.time : a.id > b.id;
}

TimerId HeapTimers::after_ms(std::int64_t delay_ms, std::function<void()> action) {
  constexpr std::int64_t delay_ms_max = std::numeric_limits<std::int64_t>::max() / 4 / ns_per_ms;
  const std::int64_t delay = std::clamp<std::int64_t>(delay_ms, 0, delay_ms_max);
  const std::uint64_t id = ++last_id_;
  actions_.emplace(id, std::move(action));
  heap_.push_back({clock_.mono_now() + delay * ns_per_ms, id});
  std::push_heap(heap_.begin(), heap_.end(), later);
  return {id};
}

void HeapTimers::cancel(TimerId timer) {
  if (actions_.erase(timer.value) == 0) return;
  if (heap_.size() <= 2 * actions_.size() + 64) return;
  std::erase_if(heap_, [this](const Place& place) { return actions_.count(place.id) == 0; });
  std::make_heap(heap_.begin(), heap_.end(), later);
}

void HeapTimers::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), later);
  heap_.pop_back();
}

void HeapTimers::drop_cancelled() {
  while (!heap_.empty() && actions_.count(heap_.front().id) == 0) pop();
}

void HeapTimers::run_due() {
  drop_cancelled();
  if (heap_.empty()) return;
  const MonoTimeNs now = clock_.mono_now();
  const std::uint64_t last_before = last_id_;
  while (!heap_.empty() && heap_.front().time <= now && heap_.front().id <= last_before) {
    const std::uint64_t id = heap_.front().id;
    pop();
    const auto found = actions_.find(id);
    const std::function<void()> action = std::move(found->second);
    actions_.erase(found);
    action();
    drop_cancelled();
  }
}

std::optional<std::int64_t> HeapTimers::next_delay_ns() {
  drop_cancelled();
  if (heap_.empty()) return std::nullopt;
  return std::max<std::int64_t>(0, heap_.front().time - clock_.mono_now());
}

}  // namespace oki::host
