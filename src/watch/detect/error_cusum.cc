#include "watch/detect/error_cusum.h"

#include <algorithm>

#include "base/assert.h"
#include "watch/detect/integer_log.h"

namespace oki::watch::detect {

ErrorCusum::ErrorCusum(const ErrorTarget& target) : target_(target) {
  ASSERT(0 < target.usual_ppm && target.usual_ppm < target.bad_ppm);
  ASSERT(target.bad_ppm <= micro / 2 && target.cap_milli > 0);
  ASSERT(0 < target.burst_milli && target.burst_milli < target.alarm_milli);
  allowed_ = target.burst_milli * 1000;
  per_request_ = minus_ln_rest_micro(target.bad_ppm) - minus_ln_rest_micro(target.usual_ppm);
  per_error_ = ln_micro(static_cast<std::uint64_t>(target.bad_ppm),
                        static_cast<std::uint64_t>(target.usual_ppm)) +
               per_request_;
}

bool ErrorCusum::weigh(std::uint32_t requests, std::uint32_t errors, std::int64_t elapsed_ms,
                       MonoMs now) {
  const std::int64_t bad = std::min(errors, requests);
  const std::int64_t units = std::clamp(elapsed_ms, sample_unit_ms, sample_ms_max) / sample_unit_ms;
  const std::int64_t burst = target_.burst_milli * 1000;
  const std::int64_t alarm = target_.alarm_milli * 1000;
  allowed_ =
      std::min(allowed_ + target_.cap_milli * 1000 * units, burst + target_.cap_milli * 1000);
  const std::int64_t gain =
      std::clamp(bad * per_error_ - std::int64_t{requests} * per_request_, -burst, allowed_);
  allowed_ -= std::max<std::int64_t>(gain, 0);
  score_ = std::clamp(score_ + gain, std::int64_t{0}, 2 * alarm);
  if (score_ == 0) {
    began_ = now;
    bad_ = false;
  } else if (score_ >= alarm) {
    bad_ = true;
  }
  return bad_;
}

}  // namespace oki::watch::detect
