#include "watch/detect/rate_drop.h"

#include <algorithm>

#include "base/assert.h"
#include "watch/detect/error_cusum.h"
#include "watch/detect/integer_log.h"

namespace oki::watch::detect {

RateDrop::RateDrop(const RateDropSettings& settings) : settings_(settings) {
  ASSERT(0 < settings.remaining_ppm && settings.remaining_ppm < micro);
  ASSERT(settings.dispersion > 0 && settings.cap_milli > 0 && settings.alarm_milli > 0);
  means_.fill(UINT32_MAX);
  per_event_ = ln_micro(micro, static_cast<std::uint64_t>(settings.remaining_ppm));
  cap_ = settings.cap_milli * 1000;
  alarm_ = settings.alarm_milli * 1000;
}

bool RateDrop::add(std::uint32_t count, std::int64_t elapsed_ms, MonoMs now) {
  const std::int64_t covered = std::clamp(elapsed_ms, sample_unit_ms, sample_ms_max);
  if (baseline_ >= settings_.usual_per_second_min) {
    const std::int64_t missing = (micro - settings_.remaining_ppm) * baseline_ * covered / 1000;
    const std::int64_t gain = (missing - std::int64_t{count} * per_event_) / settings_.dispersion;
    const std::int64_t cap = cap_ * (covered / sample_unit_ms);
    score_ = std::clamp(score_ + std::clamp(gain, -cap, cap), std::int64_t{0}, 2 * alarm_);
    if (!bad_ && score_ >= alarm_) {
      bad_ = true;
      bad_since_ = now;
    }
  }
  if (bad_ && now - bad_since_ > settings_.adopt_after_ms) {
    score_ = 0;
    baseline_ = 0;  // Until the next second tells it.
    means_.fill(UINT32_MAX);
    slot_sum_ = 0;
    slot_known_ = 0;
  }
  if (score_ == 0) {
    began_ = now;
    bad_ = false;
  }
  count_ += count;
  counted_ms_ += covered;
  if (counted_ms_ >= 1000) close_second();
  return bad_;
}

void RateDrop::close_second() {
  const auto second = static_cast<std::uint32_t>(std::int64_t{count_} * 1000 / counted_ms_);
  seconds_[next_] = second;
  next_ = (next_ + 1) % seconds_.size();
  known_ = std::min(known_ + 1, seconds_.size());
  count_ = 0;
  counted_ms_ = 0;
  if (score_ > 0) return;
  remember(second);
  if (known_ < seconds_.size()) return;
  // From `next_`, the oldest, on; the last skipped_seconds are left out.
  std::uint32_t lowest = seconds_[next_];
  for (std::size_t i = 1; i < baseline_seconds; ++i) {
    lowest = std::min(lowest, seconds_[(next_ + i) % seconds_.size()]);
  }
  baseline_ = std::min(lowest, *std::ranges::min_element(means_));
}

void RateDrop::remember(std::uint32_t second) {
  slot_sum_ += second;
  if (++slot_known_ < slot_seconds) return;
  means_[slot_] = static_cast<std::uint32_t>(slot_sum_ / slot_seconds);
  slot_ = (slot_ + 1) % slots;
  slot_sum_ = 0;
  slot_known_ = 0;
}

}  // namespace oki::watch::detect
