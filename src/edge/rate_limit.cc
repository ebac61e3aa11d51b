#include "edge/rate_limit.h"

#include <algorithm>

namespace oki::edge {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

std::int64_t ms_up(std::int64_t ns) { return (ns + ns_per_ms - 1) / ns_per_ms; }

}  // namespace

RateGrant RateLimits::take(core::AccountId account, std::uint32_t per_second, MonoTimeNs now) {
  RateGrant grant;
  if (per_second == 0) return grant;
  grant.limit = per_second;
  auto found = full_at_.find(account.value);
  if (found == full_at_.end()) {
    if (full_at_.size() >= accounts_max_) forget_full(now);
    if (full_at_.size() >= accounts_max_) return grant;
    found = full_at_.emplace(account.value, now).first;
  }
  const std::int64_t cost_ns = second_ns / per_second;
  const std::int64_t used_ns = std::max<std::int64_t>(found->second - now, 0);
  const std::int64_t over_ns = used_ns + cost_ns - second_ns;
  if (over_ns > 0) {
    grant.granted = false;
    grant.reset_ms = ms_up(used_ns);
    grant.retry_ms = ms_up(over_ns);
    return grant;
  }
  found->second = now + (used_ns + cost_ns);
  grant.remaining = static_cast<std::uint32_t>((second_ns - used_ns - cost_ns) / cost_ns);
  grant.reset_ms = ms_up(used_ns + cost_ns);
  return grant;
}

void RateLimits::forget_full(MonoTimeNs now) {
  std::erase_if(full_at_, [now](const auto& entry) { return entry.second <= now; });
}

}  // namespace oki::edge
