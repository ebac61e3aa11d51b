// So many a minute, and no more: a bucket that fills evenly and holds one minute's worth.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace oki::watch::inputs {

class Budget {
 public:
  explicit Budget(std::int64_t per_minute)
      : per_minute_(per_minute), left_ns_(per_minute * minute_ns) {}

  // False when there is nothing left; takes nothing then.
  bool spend(MonoTimeNs now) {
    const std::int64_t passed_ns = std::clamp<std::int64_t>(now - filled_, 0, minute_ns);
    filled_ = now;
    left_ns_ = std::min(left_ns_ + passed_ns * per_minute_, per_minute_ * minute_ns);
    if (left_ns_ < minute_ns) return false;
    left_ns_ -= minute_ns;
    return true;
  }

 private:
  static constexpr std::int64_t minute_ns = 60'000'000'000;

  std::int64_t per_minute_;
  std::int64_t
      left_ns_;  // One unit is a minute's worth of nanoseconds, so that nothing is rounded.
  MonoTimeNs filled_;
};

}  // namespace oki::watch::inputs
