#include "watch/detect/inquiry_surge.h"

#include <algorithm>

#include "base/assert.h"
#include "watch/detect/integer_log.h"

namespace oki::watch::detect {
namespace {

constexpr std::int64_t nano = 1'000'000'000;
constexpr std::int64_t day_s = 86'400;
constexpr std::uint32_t inquiries_a_second_max = 100'000;  // More count as this many.

}  // namespace

InquirySurge::InquirySurge(const InquirySettings& settings) : settings_(settings) {
  ASSERT(settings.times > 1 && settings.learn_seconds > 0 && settings.usual_per_day_min > 0);
  per_failure_ = ln_micro(static_cast<std::uint64_t>(settings.times), 1);
  joined_ = settings.usual_per_day_min * nano / day_s;
  rate_ = settings.usual_share_ppm_min == 0 ? 0 : joined_ / settings.usual_share_ppm_min * micro;
}

std::int64_t InquirySurge::usual_share_ppm() const {
  const std::int64_t share = rate_ < 1000 ? 0 : joined_ / (rate_ / 1000) * 1000;
  return std::clamp(share, settings_.usual_share_ppm_min, micro);
}

std::int64_t InquirySurge::expected(std::int64_t inquiries) const {
  const std::int64_t floor = settings_.usual_per_day_min * micro / day_s;
  return std::max({floor, joined_ / 1000, inquiries * usual_share_ppm()});
}

bool InquirySurge::add(std::uint32_t inquiries, std::uint32_t with_failure, MonoMs now) {
  const std::int64_t all = std::min(inquiries, inquiries_a_second_max);
  const std::int64_t joined = std::min<std::int64_t>(with_failure, all);
  if (joined > 0 || score_ > 0) {
    const std::int64_t gain = joined * per_failure_ - (settings_.times - 1) * expected(all);
    const std::int64_t cap = settings_.cap_milli * 1000;
    const std::int64_t alarm = settings_.alarm_milli * 1000;
    score_ = std::clamp(score_ + std::clamp(gain, -cap, cap), std::int64_t{0}, 2 * alarm);
    if (score_ >= alarm) bad_ = true;
  }
  if (score_ == 0) {
    began_ = now;
    bad_ = false;
    learn(all, joined);
  }
  return bad_;
}

void InquirySurge::learn(std::int64_t inquiries, std::int64_t with_failure) {
  rate_ += (inquiries * nano - rate_) / settings_.learn_seconds;
  joined_ += (with_failure * nano - joined_) / settings_.learn_seconds;
}

}  // namespace oki::watch::detect
