// A gauge that is too high (or, with lower_is_worse, too low) for too long: CPU, memory, disk,
// fsync time, network, replica lag.
//
// Two thresholds, as in a Schmitt trigger: it must have been at `enter` or beyond, and not back
// behind `leave` for hold_ms since; there it is over. In between nothing changes: a sample that is
// a little better does not begin the time anew.
#pragma once

#include <cstdint>

#include "watch/detect/level.h"

namespace oki::watch::detect {

struct ThresholdSettings {
  std::int64_t enter = 0;
  std::int64_t leave = 0;
  std::int64_t hold_ms = 0;
};

class Threshold {
 public:
  // REQUIRES: leave on the good side of enter, or equal.
  explicit Threshold(const ThresholdSettings& settings)
      : settings_(settings), lower_is_worse_(settings.leave > settings.enter) {}

  bool add(std::int64_t value, MonoMs now) {
    if (!beyond(value, settings_.leave)) return over_ = bad_ = false;
    if (!beyond(value, settings_.enter)) return bad_;
    if (!over_) began_ = now;
    over_ = true;
    if (now - began_ >= settings_.hold_ms) bad_ = true;
    return bad_;
  }

  bool bad() const { return bad_; }
  MonoMs began() const { return began_; }
  const ThresholdSettings& settings() const { return settings_; }

 private:
  bool beyond(std::int64_t value, std::int64_t limit) const {
    return lower_is_worse_ ? value <= limit : value >= limit;
  }

  ThresholdSettings settings_;
  bool lower_is_worse_;
  bool over_ = false;
  bool bad_ = false;
  MonoMs began_ = 0;
};

}  // namespace oki::watch::detect
