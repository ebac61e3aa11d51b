// The running hash of what the core tells, cheap enough for every command: 64 bytes a round, in
// four lanes of multiplications of 64 by 64 bits (the way of wyhash by Wang Yi, public domain; with
// constants of our own). It finds replicas that differ; it is no defence against an attacker.
#pragma once

#include <cstdint>
#include <cstring>

#include "base/bytes.h"
#include "core/money.h"

namespace oki::core::fast {

inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const Wide product = Wide{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t digest(std::uint64_t before, ByteView bytes) {
  constexpr std::uint64_t odd0 = 0x9E3779B97F4A7C15u, odd1 = 0xC2B2AE3D27D4EB4Fu,
                          odd2 = 0xD6E8FEB86659FD93u, odd3 = 0xA0761D6478BD642Fu;
  std::uint64_t lane0 = before, lane1 = before ^ odd1, lane2 = before ^ odd2, lane3 = before ^ odd3;
  // Written out: a loop over the lanes keeps them in memory.
  const auto round = [&](const char* at) {
    std::uint64_t words[8];
    std::memcpy(words, at, 64);
    lane0 += fold(words[0] ^ lane0 ^ odd0, words[1] ^ odd1);
    lane1 += fold(words[2] ^ lane1 ^ odd1, words[3] ^ odd2);
    lane2 += fold(words[4] ^ lane2 ^ odd2, words[5] ^ odd3);
    lane3 += fold(words[6] ^ lane3 ^ odd3, words[7] ^ odd0);
  };
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 64; left -= 64, at += 64) round(at);
  char rest[64] = {};
  std::memcpy(rest, at, left);
  round(rest);
  const std::uint64_t two = fold(lane0 ^ odd2, lane1 ^ bytes.size());
  return fold(two ^ odd0, fold(lane2 ^ odd1, lane3) ^ odd3) + before;
}

}  // namespace oki::core::fast
