// What a gauge usually is at one process, and whether it is far above that now: a machine that is
// always busy is no news.
//
// The usual value is the mean of the first minute and then follows slowly, up or down by the same
// small step whichever way the sample lies: a stochastic approximation of the median (H. Robbins
// and S. Monro, A Stochastic Approximation Method, 1951, with the sign of the error). The step is
// such that what is `above_usual` higher is the new usual after baseline_follow_ms. Until a minute
// has passed nothing is above.
#pragma once

#include <algorithm>
#include <cstdint>

#include "watch/detect/level.h"

namespace oki::watch::detect {

constexpr std::int64_t baseline_learn_ms = 60'000;
constexpr std::int64_t baseline_follow_ms = 900'000;
constexpr std::int64_t baseline_sample_ms_max = 10'000;  // A gap of longer counts as this long.
constexpr std::int64_t baseline_value_max = 1'000'000'000'000;

class Baseline {
 public:
  // REQUIRES: above_usual > 0; in the unit of the gauge.
  explicit Baseline(std::int64_t above_usual) : above_milli_(above_usual * 1000) {}

  // Whether the value is above; learns from it afterwards.
  bool add(std::int64_t value, MonoMs now) {
    const std::int64_t milli = std::clamp<std::int64_t>(value, 0, baseline_value_max) * 1000;
    if (samples_ == 0) began_ = last_ = now;
    const std::int64_t elapsed = std::min(now - last_, baseline_sample_ms_max);
    last_ = now;
    if (now - began_ < baseline_learn_ms) {
      usual_milli_ += (milli - usual_milli_) / ++samples_;
      return false;
    }
    const bool above = milli - usual_milli_ >= above_milli_;
    const std::int64_t step = above_milli_ * elapsed / baseline_follow_ms;
    usual_milli_ += std::clamp(milli - usual_milli_, -step, step);
    return above;
  }

  std::int64_t usual() const { return usual_milli_ / 1000; }

 private:
  std::int64_t above_milli_;
  std::int64_t usual_milli_ = 0;
  std::int64_t samples_ = 0;  // Of the first minute.
  MonoMs began_ = 0;
  MonoMs last_ = 0;
};

}  // namespace oki::watch::detect
