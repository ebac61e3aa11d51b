// Finds that answers have become several times slower, whatever is usual here.
//
// Looks at one quantile of each second on a logarithmic scale (1/16 of a doubling). The usual value
// is tracked by stochastic approximation of the median (Robbins and Monro 1951): a small step up or
// down with each second, faster in the first minutes, so that no single value moves it. Against it
// runs a CUSUM (Page 1954) of the excess over `allowed` doublings, winsorised: at most `cap` for a
// second. While the sum is above zero the usual value stands still; after adopt_after_ms the new
// speed is taken for usual. Times below floor_us count as floor_us.
#pragma once

#include <cstdint>

#include "watch/detect/level.h"

namespace oki::watch::detect {

struct LatencySettings {
  std::int64_t allowed_sixteenths = 32;  // Of a doubling: 4 times slower is still usual.
  std::int64_t cap_sixteenths = 16;
  std::int64_t alarm_sixteenths = 72;
  std::int64_t floor_us = 1'000;
  std::int64_t requests_min = 5;  // A second with fewer says nothing.
  std::int64_t adopt_after_ms = 1'800'000;
};

class LatencyShift {
 public:
  static constexpr std::int64_t learning_seconds = 60;

  explicit LatencyShift(const LatencySettings& settings) : settings_(settings) {}

  // Once a second.
  bool add(std::uint32_t requests, std::int64_t quantile_us, MonoMs now);

  bool bad() const { return bad_; }
  MonoMs began() const { return began_; }
  std::int64_t usual_us() const;

 private:
  void learn(std::int64_t value);

  LatencySettings settings_;
  std::int64_t usual_ = 0;  // Sixteenths of a doubling, times 256.
  std::int64_t seen_ = 0;   // Seconds, up to learning_seconds.
  std::int64_t score_ = 0;
  MonoMs began_ = 0;
  MonoMs bad_since_ = 0;
  bool bad_ = false;
};

}  // namespace oki::watch::detect
