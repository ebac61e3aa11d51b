// A gauge that is too high (or, with lower_is_worse, too low) for too long: CPU, memory, disk,
// fsync time, network, replica lag.
//
// Two thresholds, as in a Schmitt trigger: it must be at `enter` or beyond for hold_ms, in every
// sample, and is over when it is back behind `leave`; in between nothing changes.
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
    if (!beyond(value, settings_.enter)) {
      over_ = false;
      if (!beyond(value, settings_.leave)) bad_ = false;
      return bad_;
    }
    if (!over_) {
      over_ = true;
      if (!bad_) began_ = now;
    }
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
