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
// It ends by a test of its own, for quiet: the same sum with the opposite sign, from zero at the
// alarm on. From quiet_milli on it is quiet: the share is back at usual_ppm. How high it was
// before, and for how long, makes nothing later. Only when it is quiet quiet_proven_ms after that
// sum was last zero does the alarm's sum begin at zero again; until then it takes the little that
// undoes the quiet to be bad again. So a fault that pauses by chance is still the same one:
// alarm_milli, quiet_milli and that time are the hysteresis.
//
// Scores are micro-nats. The estimate of when it began, or when it became quiet, is the last time
// that sum was zero.
#pragma once

#include <cstdint>

#include "watch/detect/level.h"

namespace oki::watch::detect {

constexpr std::int64_t sample_unit_ms = 100;  // What caps are stated for.
constexpr std::int64_t sample_ms_max = 1000;  // A sample of longer counts as this long.
constexpr std::int64_t quiet_proven_ms = 10'000;

struct ErrorTarget {
  std::int64_t usual_ppm = 0;
  std::int64_t bad_ppm = 0;
  std::int64_t cap_milli = 0;    // In thousandths of a nat, for 100 ms.
  std::int64_t burst_milli = 0;  // In thousandths of a nat, like the next.
  std::int64_t alarm_milli = 0;
  std::int64_t quiet_milli = 5'000;  // How sure it must be that it is over.
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

  // As if nothing had been seen; what was bad is quiet from now on.
  void forget(MonoMs now) {
    if (listens_) quiet_began_ = now;
    if (listens_ || score_ > 0) begin_anew(now);
    bad_ = false;
  }

  // From the alarm until it is quiet.
  bool bad() const { return bad_; }
  MonoMs began() const { return began_; }
  // When the quiet began that ended the last alarm. REQUIRES: there was one, and it is not bad.
  MonoMs quiet_since() const { return quiet_began_; }
  std::int64_t score_milli() const { return score_ / 1000; }
  const ErrorTarget& target() const { return target_; }

 private:
  bool weigh(std::uint32_t requests, std::uint32_t errors, std::int64_t elapsed_ms, MonoMs now);
  bool listen(std::int64_t quiet_gain, std::int64_t cap, MonoMs now);
  void begin_anew(MonoMs now);

  ErrorTarget target_;
  std::int64_t per_error_ = 0;    // What one error adds.
  std::int64_t per_request_ = 0;  // What each request takes away.
  std::int64_t score_ = 0;        // From 0 to the alarm; stays there while it listens.
  std::int64_t quiet_ = 0;        // From 0 to quiet_kept times quiet_milli.
  std::int64_t allowed_ = 0;      // What may still be added; full while the score is zero.
  MonoMs began_ = 0;
  MonoMs quiet_began_ = 0;
  bool bad_ = false;
  bool listens_ = false;  // For quiet: from the alarm until quiet is proven.
};

}  // namespace oki::watch::detect
