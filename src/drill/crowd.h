// Many customers who send by their own clock, not by how fast the exchange answers: what they asked
// for, what they got and how long they waited, second by second.
//
// An open loop: when the exchange is slow the requests do not become fewer, they wait. The rate
// follows a profile (usual, rising, high, falling); each request is of a random customer: half read
// the market without a key, a fifth ask for their own orders, the rest send orders that are filled
// at once or cancelled. Same seed and profile, same requests.
//
// Bounded: crowd_outstanding_max requests are under way; those beyond were never sent and count as
// given up.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/net.h"
#include "drill/accounts.h"
#include "drill/load.h"

namespace oki::drill {

constexpr std::size_t crowd_outstanding_max = 4000;
constexpr std::int64_t crowd_patience_ms = 3000;  // As the clients of bitbank's users.

struct RateProfile {
  std::uint64_t usual_per_second = 200;
  std::uint64_t high_per_second = 1000;
  std::int64_t usual_ms = 5'000;
  std::int64_t rise_ms = 20'000;
  std::int64_t high_ms = 15'000;
  std::int64_t fall_ms = 5'000;
};

// At a time after the start; the usual rate after the end of the profile.
std::uint64_t rate_at(const RateProfile& profile, std::int64_t after_ms);

// What customers felt. Every request is in exactly one of the counts below `offered`.
struct Felt {
  std::uint64_t offered = 0;
  std::uint64_t served = 0;     // Answered with success within a second.
  std::uint64_t late = 0;       // Answered with success, later.
  std::uint64_t refused = 0;    // By a rule: too many orders, no such market, a halt.
  std::uint64_t throttled = 0;  // 429
  std::uint64_t not_taken = 0;  // 503, or no connection.
  std::uint64_t unknown = 0;    // No answer: it may or may not have happened.
  std::uint64_t given_up = 0;   // Not even sent: too many were waiting.
  Histogram latency;            // Of what was answered with success.
};

struct FeltSecond {
  std::int64_t second = 0;  // Since the start, of the time of sending.
  Felt felt;
};

class Crowd {
 public:
  // All must outlive the crowd. At least one account, market and edge.
  Crowd(const Clock& clock, Timers& timers, Net& net, const std::vector<Address>& edges,
        const std::vector<DrillAccount>& accounts, const std::vector<LoadMarket>& markets,
        std::uint64_t seed);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  void start(const RateProfile& profile);
  void stop();  // No new requests; the outstanding ones are still counted.
  bool idle() const;
  MonoTimeNs started() const;

  const std::vector<FeltSecond>& seconds() const;
  Felt felt(std::int64_t from_second, std::int64_t to_second) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// A line for each second: what is in `Felt`, and latencies in milliseconds.
std::string felt_csv(const std::vector<FeltSecond>& seconds);

}  // namespace oki::drill
