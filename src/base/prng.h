// Seeded pseudo-random numbers: the same seed gives the same sequence on every machine.
//
// xoshiro256** seeded by SplitMix64 (Blackman and Vigna, https://prng.di.unimi.it). For
// simulations, tests and jitter; never for secrets, those come from base/random.h.
#pragma once

#include <cstdint>

namespace oki {

class Prng {
 public:
  explicit Prng(std::uint64_t seed);

  std::uint64_t next();

  // Uniform in [0, bound). REQUIRES: bound > 0. The modulo bias is below 2^-32 for bounds of
  // 32 bits, which no simulation can see.
  std::uint64_t below(std::uint64_t bound);

  // Uniform in [low, high], both included. REQUIRES: low <= high.
  std::int64_t between(std::int64_t low, std::int64_t high);

  // True in `parts` of `of` cases.
  bool chance(std::uint64_t parts, std::uint64_t of) { return below(of) < parts; }

 private:
  std::uint64_t state_[4];
};

// SplitMix64's finalizer: spreads the bits of one word.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

}  // namespace oki
