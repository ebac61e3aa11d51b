// A clock and timers that move only when a test says so.
//
// Timers fire in order of their time, equal times in order of their making, always from inside
// advance_ms() or fire_due(), with the clock standing at the timer's own time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/assert.h"
#include "base/clock.h"

namespace oki::testing {

class StepClock : public Clock {
 public:
  WallTimeMs wall_now() const override { return {wall_start_ms_ + now_.value / ns_per_ms}; }
  MonoTimeNs mono_now() const override { return now_; }

  // REQUIRES: `time` is not before now.
  void move_to(MonoTimeNs time) {
    ASSERT(time >= now_);
    now_ = time;
  }
  void advance_ns(std::int64_t ns) { move_to(now_ + ns); }

  // As an operator setting the machine's clock; monotonic time does not notice.
  void jump_wall_ms(std::int64_t ms) { wall_start_ms_ += ms; }

 private:
  MonoTimeNs now_{1'000'000'000};
  std::int64_t wall_start_ms_ = 1'700'000'000'000;
};

class StepTimers : public Timers {
 public:
  // REQUIRES: `clock` outlives the timers.
  explicit StepTimers(StepClock& clock) : clock_(clock) {}

  TimerId after_ms(std::int64_t delay_ms, std::function<void()> action) override {
    const TimerId id{++last_id_};
    const MonoTimeNs at = clock_.mono_now() + (delay_ms < 0 ? 0 : delay_ms) * ns_per_ms;
    times_.emplace(id.value, at);
    queue_.emplace(std::pair{at, id.value}, std::move(action));
    return id;
  }

  void cancel(TimerId timer) override {
    const auto found = times_.find(timer.value);
    if (found == times_.end()) return;
    queue_.erase({found->second, timer.value});
    times_.erase(found);
  }

  std::optional<MonoTimeNs> next_time() const {
    if (queue_.empty()) return std::nullopt;
    return queue_.begin()->first.first;
  }

  // Fires the first timer if its time has come; false when none is due.
  bool fire_one_due() {
    if (queue_.empty() || queue_.begin()->first.first > clock_.mono_now()) return false;
    auto node = queue_.extract(queue_.begin());
    times_.erase(node.key().second);
    node.mapped()();
    return true;
  }

  // Moves the clock by `ms`, firing every timer on the way. `after_each` runs after each firing, so
  // that a test lets its network settle there.
  void advance_ms(std::int64_t ms, const std::function<void()>& after_each = {}) {
    const MonoTimeNs end = clock_.mono_now() + ms * ns_per_ms;
    while (next_time() && *next_time() <= end) {
      if (*next_time() > clock_.mono_now()) clock_.move_to(*next_time());
      fire_one_due();
      if (after_each) after_each();
    }
    clock_.move_to(end);
  }

  std::size_t pending() const { return queue_.size(); }

 private:
  StepClock& clock_;
  std::uint64_t last_id_ = 0;
  std::map<std::pair<MonoTimeNs, std::uint64_t>, std::function<void()>> queue_;
  std::unordered_map<std::uint64_t, MonoTimeNs> times_;
};

}  // namespace oki::testing
