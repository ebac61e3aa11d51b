// Logarithms in integers, so that a detector decides the same on every machine.
//
// log2 by repeated squaring (Knuth, TAOCP 1, 1.2.2, exercise 25): exact to 2^-16 rounded down.
// Scores of detectors are in micro-nats: millionths of a natural logarithm.
#pragma once

#include <bit>
#include <cstdint>

namespace oki::watch::detect {

constexpr std::int64_t micro = 1'000'000;

// In units of 2^-16. REQUIRES: value > 0.
constexpr std::int64_t log2_q16(std::uint64_t value) {
  const int exponent = 63 - std::countl_zero(value);
  std::uint64_t mantissa = (value << (63 - exponent)) >> 32;  // From 2^31 to 2^32 - 1.
  std::int64_t result = std::int64_t{exponent} << 16;
  for (int bit = 15; bit >= 0; --bit) {
    mantissa = (mantissa * mantissa) >> 31;
    if (mantissa >> 32 != 0) {
      mantissa >>= 1;
      result += std::int64_t{1} << bit;
    }
  }
  return result;
}

// ln(above / below) in micro-nats. REQUIRES: both > 0.
constexpr std::int64_t ln_micro(std::uint64_t above, std::uint64_t below) {
  return (log2_q16(above) - log2_q16(below)) * 693'147 / 65'536;
}

// -ln(1 - share) in micro-nats for a share in millionths of at most a half: three terms of the
// series, wrong by less than 3 %.
constexpr std::int64_t minus_ln_rest_micro(std::int64_t share_ppm) {
  const std::int64_t square = share_ppm * share_ppm / micro;
  return share_ppm + square / 2 + square * share_ppm / micro / 3;
}

}  // namespace oki::watch::detect
