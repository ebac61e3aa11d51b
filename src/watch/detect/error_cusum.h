// Finds a share of failing requests that has risen, within seconds when it is large.
//
// Algorithm: Page's CUSUM (E. S. Page, Continuous Inspection Schemes, Biometrika 41, 1954) for
// Bernoulli trials (M. R. Reynolds and Z. G. Stoumbos, 1999): every sample adds the logarithm of
// how much likelier it is at bad_ppm than at usual_ppm; the sum never falls below zero; it alarms
// at alarm_milli. What it may add is winsorised by a token bucket: cap_milli for each 100 ms, saved
// up to burst_milli. So an alarm takes at least (alarm - burst) / cap times 100 ms of trouble,
// however bad, and a blip of a leader change passes below it, while a few errors among few requests
// count in full. One sample takes away at most burst_milli: a flood of good requests cannot wipe
// out at once what was seen before.
//
// Scores are micro-nats. The estimate of when it began is the last time the sum was zero.
#pragma once

#include <cstdint>

#include "watch/detect/level.h"

namespace oki::watch::detect {

constexpr std::int64_t sample_unit_ms = 100;  // What caps are stated for.
constexpr std::int64_t sample_ms_max = 1000;  // A sample of longer counts as this long.

struct ErrorTarget {
  std::int64_t usual_ppm = 0;
  std::int64_t bad_ppm = 0;
  std::int64_t cap_milli = 0;    // In thousandths of a nat, for 100 ms.
  std::int64_t burst_milli = 0;  // In thousandths of a nat, like the next.
  std::int64_t alarm_milli = 0;
};

class ErrorCusum {
 public:
  explicit ErrorCusum(const ErrorTarget& target);

  // `elapsed_ms`: what the sample covers. More errors than requests count as all of them.
  bool add(std::uint32_t requests, std::uint32_t errors, std::int64_t elapsed_ms, MonoMs now) {
    if (errors == 0 && score_ == 0) {
      began_ = now;
      return false;
    }
    return weigh(requests, errors, elapsed_ms, now);
  }

  // From the alarm until the sum is zero again.
  bool bad() const { return bad_; }
  MonoMs began() const { return began_; }
  std::int64_t score_milli() const { return score_ / 1000; }
  const ErrorTarget& target() const { return target_; }

 private:
  bool weigh(std::uint32_t requests, std::uint32_t errors, std::int64_t elapsed_ms, MonoMs now);

  ErrorTarget target_;
  std::int64_t per_error_ = 0;    // What one error adds.
  std::int64_t per_request_ = 0;  // What each request takes away.
  std::int64_t score_ = 0;        // From 0 to twice the alarm.
  std::int64_t allowed_ = 0;      // What may still be added; full while the score is zero.
  MonoMs began_ = 0;
  bool bad_ = false;
};

}  // namespace oki::watch::detect
