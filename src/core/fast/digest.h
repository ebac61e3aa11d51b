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
  constexpr std::uint64_t odd[4] = {0x9E3779B97F4A7C15u, 0xC2B2AE3D27D4EB4Fu, 0xD6E8FEB86659FD93u,
                                    0xA0761D6478BD642Fu};
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t lanes[4] = {before, before ^ odd[1], before ^ odd[2], before ^ odd[3]};
  for (; left >= 64; left -= 64, at += 64) {
    std::uint64_t words[8];
    std::memcpy(words, at, 64);
    for (int i = 0; i < 4; ++i) {
      lanes[i] =
          fold(words[2 * i] ^ lanes[i] ^ odd[i], words[2 * i + 1] ^ odd[(i + 1) & 3]) + lanes[i];
    }
  }
  std::uint64_t words[8] = {};
  std::memcpy(words, at, left);
  for (int i = 0; i < 4; ++i) {
    lanes[i] += fold(words[2 * i] ^ lanes[i] ^ odd[i], words[2 * i + 1] ^ odd[(i + 1) & 3]);
  }
  const std::uint64_t two = fold(lanes[0] ^ odd[2], lanes[1] ^ bytes.size());
  return fold(two ^ odd[0], fold(lanes[2] ^ odd[1], lanes[3]) ^ odd[3]) + before;
}

}  // namespace oki::core::fast
