#include "edge/applied.h"

#include <utility>
#include <vector>

namespace oki::edge {
namespace {

constexpr std::int64_t sweep_ms = 50;

}  // namespace

AppliedQueue::AppliedQueue(Timers& timers, const Clock& clock, std::int64_t wait_ms,
                           std::size_t waiting_max)
    : timers_(timers), clock_(clock), wait_ms_(wait_ms), waiting_max_(waiting_max) {}

AppliedQueue::~AppliedQueue() { timers_.cancel(timer_); }

void AppliedQueue::when(LogIndex index, Action action) {
  if (index <= index_) return action(true);
  if (waiting_.size() >= waiting_max_) return action(false);
  const MonoTimeNs deadline = clock_.mono_now() + wait_ms_ * ns_per_ms;
  waiting_.emplace(index, Waiting{deadline, std::move(action)});
  arm();
}

void AppliedQueue::reached(LogIndex index) {
  if (index > index_) index_ = index;
  while (!waiting_.empty() && waiting_.begin()->first <= index_) {
    auto node = waiting_.extract(waiting_.begin());
    node.mapped().action(true);
  }
}

void AppliedQueue::arm() {
  if (timer_.value != 0) return;
  timer_ = timers_.after_ms(sweep_ms, [this] {
    timer_ = {};
    expire();
    if (!waiting_.empty()) arm();
  });
}

void AppliedQueue::expire() {
  const MonoTimeNs now = clock_.mono_now();
  std::vector<Action> expired;
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    if (it->second.deadline > now) {
      ++it;
      continue;
    }
    expired.push_back(std::move(it->second.action));
    it = waiting_.erase(it);
  }
  for (const Action& action : expired) action(false);
}

}  // namespace oki::edge
