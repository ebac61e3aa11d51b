// Random numbers of the shapes that noise has, in integers: the same seed gives the same noise on
// every machine.
#pragma once

#include <bit>
#include <cstdint>

#include "base/prng.h"

namespace oki::drill::noise {

constexpr std::int64_t one = 65'536;  // 1.0 of fixed-point numbers, and one doubling of exponents.

// 2 to the power of `exponent / one`, times `one`; linear between sixteenths (wrong by 0.05 %).
// Exponents from -16 to 30 doublings; others count as these.
std::int64_t power_of_two(std::int64_t exponent);

std::int64_t square_root(std::int64_t value);

class Shapes {
 public:
  explicit Shapes(std::uint64_t seed) : prng_(seed) {}

  Prng& prng() { return prng_; }
  bool chance(std::uint64_t parts, std::uint64_t of) { return prng_.chance(parts, of); }
  std::int64_t between(std::int64_t low, std::int64_t high) { return prng_.between(low, high); }

  // Nearly normal, with a standard deviation of `deviation`: the number of ones among 64 bits.
  std::int64_t normal(std::int64_t deviation) {
    return (std::popcount(prng_.next()) - 32) * deviation / 4;
  }

  // Exponential with this mean.
  std::int64_t exponential(std::int64_t mean);

  // Pareto: at least `low`, heavy-tailed with exponent 1000 / inverse_milli, at most `high`.
  std::int64_t pareto(std::int64_t low, std::int64_t high, std::int64_t inverse_milli);

  // Poisson by the normal approximation from a mean of 16 on; exact below.
  std::uint32_t poisson(std::int64_t mean_milli);

 private:
  Prng prng_;
};

// Events of a rate that may change all the time: an exponentially distributed amount of exposure
// is used up until the next (time rescaling, Papangelou 1972). Exposure in 10^-9 events.
class Hazard {
 public:
  std::uint32_t take(std::int64_t exposure, Shapes& shapes) {
    left_ -= exposure;
    return left_ > 0 ? 0 : events(shapes);
  }

 private:
  std::uint32_t events(Shapes& shapes);

  std::int64_t left_ = 0;
  bool started_ = false;
};

// A first-order autoregressive walk around zero: AR(1).
class Drift {
 public:
  // `steps`: after so many it has forgotten 63 %.
  Drift(std::int64_t deviation, std::int64_t steps)
      : steps_(steps), kick_(deviation * square_root(2 * one * one / steps) / one) {}

  std::int64_t step(Shapes& shapes) {
    fine_ += shapes.normal(kick_ * 16) - fine_ / steps_;
    return fine_ / 16;
  }
  std::int64_t value() const { return fine_ / 16; }

 private:
  std::int64_t steps_;
  std::int64_t kick_;
  std::int64_t fine_ = 0;
};

}  // namespace oki::drill::noise
