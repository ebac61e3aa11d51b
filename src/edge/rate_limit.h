// How often an account may ask: the generic cell rate algorithm (ITU-T I.371), which is a token
// bucket kept as one point in time. A bucket holds one second's worth of requests.
//
// Requests that change something are limited by the core, exactly and across edges; these limits
// are each edge's own.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "base/clock.h"
#include "core/types.h"

namespace oki::edge {

struct RateGrant {
  bool granted = true;
  std::uint32_t limit = 0;  // Per second; 0: no limit, the rest means nothing.
  std::uint32_t remaining = 0;
  std::int64_t reset_ms = 0;  // Until the bucket is full again.
  std::int64_t retry_ms = 0;  // Until one request would be granted; 0 when granted.
};

class RateLimits {
 public:
  // Remembers at most `accounts_max` accounts; full buckets are forgotten first, and when none is
  // full an unknown account is granted without being counted.
  explicit RateLimits(std::size_t accounts_max) : accounts_max_(accounts_max) {}

  // REQUIRES: `now` never goes back.
  RateGrant take(core::AccountId account, std::uint32_t per_second, MonoTimeNs now);

  std::size_t size() const { return full_at_.size(); }

 private:
  void forget_full(MonoTimeNs now);

  std::size_t accounts_max_;
  // When the account's bucket will be full again; in the past when it is.
  std::unordered_map<std::uint64_t, MonoTimeNs> full_at_;
};

}  // namespace oki::edge
