#include "watch/inquiries/asker_limits.h"

namespace oki::watch::inquiries {
namespace {

constexpr std::int64_t minute_ms = 60'000;

}  // namespace

void AskerLimits::refresh(Count& count, std::int64_t window_ms, WallTimeMs now) {
  const std::int64_t age = now.value - count.since.value;
  if (age < 0 || age >= window_ms) count = {now, 0};
}

Admission AskerLimits::admit(const std::string& asker, WallTimeMs now) {
  refresh(all_, minute_ms, now);
  if (askers_.size() >= options_.askers_max && !askers_.contains(asker)) {
    std::erase_if(askers_, [&](const auto& one) {
      return now.value - one.second.since.value >= options_.asker_ms;
    });
    if (askers_.size() >= options_.askers_max) return Admission::asker_limit;
  }
  Count& own = askers_[asker];
  refresh(own, options_.asker_ms, now);
  if (own.count >= options_.per_asker_max) return Admission::asker_limit;
  if (all_.count >= options_.per_minute_max) return Admission::house_limit;
  ++own.count;
  ++all_.count;
  return Admission::yes;
}

}  // namespace oki::watch::inquiries
