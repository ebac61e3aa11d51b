#include "drill/noise/shapes.h"

#include <algorithm>
#include <array>

#include "watch/detect/integer_log.h"

namespace oki::drill::noise {
namespace {

constexpr std::int64_t nano = 1'000'000'000;

// 2^(i/16) times 65536.
constexpr std::array<std::int64_t, 17> powers{65536,  68438,  71468,  74632,  77936,  81386,
                                              84990,  88752,  92682,  96785,  101070, 105545,
                                              110218, 115098, 120194, 125515, 131072};

}  // namespace

std::int64_t power_of_two(std::int64_t exponent) {
  const std::int64_t bounded = std::clamp(exponent, -16 * one, 30 * one);
  const std::int64_t whole = bounded >> 16;
  const std::int64_t rest = bounded & (one - 1);
  const auto index = static_cast<std::size_t>(rest >> 12);
  const std::int64_t mantissa =
      powers[index] + ((powers[index + 1] - powers[index]) * (rest & 4095) >> 12);
  return whole >= 0 ? mantissa << whole : mantissa >> -whole;
}

std::int64_t square_root(std::int64_t value) {
  if (value <= 0) return 0;
  const int bits = 64 - std::countl_zero(static_cast<std::uint64_t>(value));
  std::int64_t root = std::int64_t{1} << ((bits + 1) / 2);
  for (;;) {
    const std::int64_t next = (root + value / root) / 2;
    if (next >= root) return root;
    root = next;
  }
}

std::int64_t Shapes::exponential(std::int64_t mean) {
  constexpr std::uint64_t all = std::uint64_t{1} << 32;
  const std::int64_t nats = watch::detect::ln_micro(all, (prng_.next() >> 32) + 1);
  return static_cast<std::int64_t>(static_cast<__int128_t>(nats) * mean / 1'000'000);
}

std::int64_t Shapes::pareto(std::int64_t low, std::int64_t high, std::int64_t inverse_milli) {
  constexpr std::uint64_t all = std::uint64_t{1} << 32;
  const std::int64_t doublings =
      watch::detect::log2_q16(all) - watch::detect::log2_q16((prng_.next() >> 32) + 1);
  const std::int64_t factor = power_of_two(doublings * inverse_milli / 1000);
  return static_cast<std::int64_t>(
      std::min<__int128_t>(high, static_cast<__int128_t>(low) * factor / one));
}

std::uint32_t Shapes::poisson(std::int64_t mean_milli) {
  if (mean_milli >= 16'000) {
    const std::int64_t deviation = square_root(mean_milli * 1000);
    return static_cast<std::uint32_t>(
        std::max<std::int64_t>(0, (mean_milli + normal(deviation) + 500) / 1000));
  }
  std::uint32_t events = 0;
  for (std::int64_t left = mean_milli - exponential(1000); left > 0 && events < 200;
       left -= exponential(1000)) {
    ++events;
  }
  return events;
}

std::uint32_t Hazard::events(Shapes& shapes) {
  std::uint32_t count = started_ ? 1 : 0;
  started_ = true;
  left_ += shapes.exponential(nano);
  while (left_ <= 0 && count < 1'000'000) {
    ++count;
    left_ += shapes.exponential(nano);
  }
  return count;
}

}  // namespace oki::drill::noise
