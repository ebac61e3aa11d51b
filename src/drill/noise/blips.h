// Things that happen for a short while, now and then: the benign half of what goes wrong.
#pragma once

#include <cstdint>

#include "drill/noise/shapes.h"

namespace oki::drill::noise {

// On for `length` ticks about every `mean_gap` ticks; the strength is drawn each time.
class Episode {
 public:
  Episode(std::int64_t mean_gap, Shapes& shapes)
      : mean_gap_(mean_gap), left_(shapes.exponential(mean_gap) + 1) {}

  // Call once a tick. `begin` sets length and strength: begin(length, strength).
  template <typename Begin>
  bool step(Shapes& shapes, const Begin& begin) {
    if (--left_ > 0) return on_;
    if (on_) {
      on_ = false;
      strength_ = 0;
      left_ = shapes.exponential(mean_gap_) + 1;
    } else {
      on_ = true;
      begin(left_, strength_);
      length_ = left_;
    }
    return on_;
  }

  bool on() const { return on_; }
  std::int64_t strength() const { return strength_; }
  std::int64_t age() const { return length_ - left_; }  // Ticks since it began. REQUIRES: on.
  std::int64_t length() const { return length_; }

 private:
  std::int64_t mean_gap_;
  std::int64_t left_;
  std::int64_t length_ = 0;
  std::int64_t strength_ = 0;
  bool on_ = false;
};

// A leader change that customers hardly see: up to 600 ms at 2 to 12 % errors.
constexpr std::int64_t blip_ticks_max = 6;
constexpr std::int64_t blip_error_ppm_min = 20'000;
constexpr std::int64_t blip_error_ppm_max = 120'000;

}  // namespace oki::drill::noise
