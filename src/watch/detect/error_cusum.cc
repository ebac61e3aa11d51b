#include "watch/detect/error_cusum.h"

#include <algorithm>

#include "base/assert.h"
#include "watch/detect/integer_log.h"

namespace oki::watch::detect {
namespace {

constexpr std::int64_t quiet_kept = 4;

}  // namespace

ErrorCusum::ErrorCusum(const ErrorTarget& target) : target_(target) {
  ASSERT(0 < target.usual_ppm && target.usual_ppm < target.bad_ppm);
  ASSERT(target.bad_ppm <= micro / 2 && target.cap_milli > 0);
  ASSERT(0 < target.burst_milli && target.burst_milli < target.alarm_milli);
  ASSERT(target.quiet_milli > 0);
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
  const std::int64_t cap = target_.cap_milli * 1000;
  const std::int64_t weight = bad * per_error_ - std::int64_t{requests} * per_request_;
  if (listens_) return listen(-weight, cap * units, now);
  allowed_ = std::min(allowed_ + cap * units, burst + cap);
  const std::int64_t gain = std::clamp(weight, -burst, allowed_);
  allowed_ -= std::max<std::int64_t>(gain, 0);
  score_ = std::clamp(score_ + gain, std::int64_t{0}, alarm);
  if (score_ == 0) began_ = now;
  if (score_ < alarm) return false;
  bad_ = listens_ = true;
  quiet_ = 0;
  quiet_began_ = now;
  return true;
}

// No sample makes it surer than `cap` that it is quiet, however many good requests it holds.
bool ErrorCusum::listen(std::int64_t quiet_gain, std::int64_t cap, MonoMs now) {
  const std::int64_t sure = target_.quiet_milli * 1000;
  quiet_ = std::clamp<std::int64_t>(quiet_ + std::min(quiet_gain, cap), 0, quiet_kept * sure);
  if (quiet_ == 0) quiet_began_ = now;
  bad_ = quiet_ < sure;
  if (!bad_ && now - quiet_began_ >= quiet_proven_ms) begin_anew(now);
  return bad_;
}

void ErrorCusum::begin_anew(MonoMs now) {
  listens_ = false;
  score_ = 0;
  allowed_ = target_.burst_milli * 1000;
  began_ = now;
}

}  // namespace oki::watch::detect
