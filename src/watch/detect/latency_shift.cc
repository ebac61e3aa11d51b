#include "watch/detect/latency_shift.h"

#include <algorithm>

#include "watch/detect/integer_log.h"

namespace oki::watch::detect {
namespace {

constexpr std::int64_t fine = 256;
constexpr std::int64_t step_learning = fine;  // A doubling in 16 s.
constexpr std::int64_t step_usual = fine / 16;

}  // namespace

bool LatencyShift::add(std::uint32_t requests, std::int64_t quantile_us, MonoMs now) {
  if (std::int64_t{requests} < settings_.requests_min) return bad_;
  const std::int64_t us = std::max({quantile_us, settings_.floor_us, std::int64_t{1}});
  const std::int64_t value = log2_q16(static_cast<std::uint64_t>(us)) >> 12;
  if (seen_ < learning_seconds) {
    learn(value);
    began_ = now;
    return false;
  }
  const std::int64_t excess = value - usual_ / fine - settings_.allowed_sixteenths;
  const std::int64_t gain = std::clamp(excess, -settings_.cap_sixteenths, settings_.cap_sixteenths);
  score_ = std::clamp(score_ + gain, std::int64_t{0}, 2 * settings_.alarm_sixteenths);
  if (!bad_ && score_ >= settings_.alarm_sixteenths) {
    bad_ = true;
    bad_since_ = now;
  }
  if (bad_ && now - bad_since_ > settings_.adopt_after_ms) {
    score_ = 0;
    usual_ = value * fine;
  }
  if (score_ == 0) {
    began_ = now;
    bad_ = false;
    learn(value);
  }
  return bad_;
}

void LatencyShift::learn(std::int64_t value) {
  if (seen_ == 0) usual_ = value * fine;
  const std::int64_t step = seen_ < learning_seconds ? step_learning : step_usual;
  const std::int64_t difference = value * fine - usual_;
  usual_ += std::clamp(difference, -step, step);
  if (seen_ < learning_seconds) ++seen_;
}

std::int64_t LatencyShift::usual_us() const {
  const std::int64_t sixteenths = usual_ / fine;
  return (std::int64_t{1} << (sixteenths / 16)) * (16 + sixteenths % 16) / 16;
}

}  // namespace oki::watch::detect
