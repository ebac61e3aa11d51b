// Finds that far less comes in than a moment ago, with no curve of the day to learn.
//
// The baseline is the lowest of the seconds from 2 to 12 s ago, and no higher than the mean of any
// half minute of the last five in which nothing was wrong: the end of a flood is no drop, and a
// slow evening lowers the baseline as it lowers the rate. Against it runs a CUSUM (Page 1954) of
// the Poisson likelihood of a rate `remaining_ppm` of the baseline, divided by `dispersion` because
// real arrivals come in bursts, and winsorised like error_cusum.h, so that a pause shorter than
// alarm / cap times 100 ms is no alarm. While the sum is above zero the baseline stands still. What
// drops slowly, over more than about ten seconds, is not found here.
//
// After adopt_after_ms below the old rate the new one is taken for usual: a market maker who left
// is no outage for ever.
#pragma once

#include <array>
#include <cstdint>

#include "watch/detect/level.h"

namespace oki::watch::detect {

struct RateDropSettings {
  std::int64_t remaining_ppm =
      2'000;  // The drop looked for; what is above a sixth speaks against it.
  std::int64_t dispersion = 8;
  std::int64_t cap_milli = 1'500;
  std::int64_t alarm_milli = 27'000;
  std::int64_t usual_per_second_min = 20;  // Below, silence is ordinary and nothing is said.
  std::int64_t adopt_after_ms = 1'800'000;
};

class RateDrop {
 public:
  static constexpr std::size_t baseline_seconds = 10;
  static constexpr std::size_t skipped_seconds = 2;
  static constexpr std::size_t slots = 10;  // The last five minutes.
  static constexpr std::uint32_t slot_seconds = 30;

  explicit RateDrop(const RateDropSettings& settings);

  bool add(std::uint32_t count, std::int64_t elapsed_ms, MonoMs now);

  bool bad() const { return bad_; }
  MonoMs began() const { return began_; }
  std::int64_t usual_per_second() const { return baseline_; }

 private:
  void close_second();
  void remember(std::uint32_t second);

  RateDropSettings settings_;
  std::int64_t per_event_ = 0;
  std::int64_t cap_ = 0;
  std::int64_t alarm_ = 0;
  std::array<std::uint32_t, baseline_seconds + skipped_seconds> seconds_{};
  std::size_t next_ = 0;
  std::size_t known_ = 0;                   // Seconds seen, up to all.
  std::array<std::uint32_t, slots> means_;  // Of each slot; of unused ones the largest number.
  std::size_t slot_ = 0;                    // The next that is filled.
  std::uint64_t slot_sum_ = 0;
  std::uint32_t slot_known_ = 0;  // Seconds in the sum.
  std::uint32_t count_ = 0;
  std::int64_t counted_ms_ = 0;
  std::int64_t baseline_ = 0;  // Per second; 0: not known.
  std::int64_t score_ = 0;
  MonoMs began_ = 0;
  MonoMs bad_since_ = 0;
  bool bad_ = false;
};

}  // namespace oki::watch::detect
