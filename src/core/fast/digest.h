// The running hash of what the core tells, cheap enough for every command: three instructions for
// eight bytes. It finds replicas that differ; it is no defence against an attacker.
//
// digest(before, bytes): four lanes begin as `before` xor odd[lane]. A lane takes a little-endian
// word of eight bytes by
//   lane = (rotl(lane, 23) xor word) * 0x9E3779B97F4A7C15,
// which is one to one: no difference in one word is ever lost. The lanes take 32 bytes in
// turn, of bytes that are filled up with zeros to a multiple of 32. The result is
//   before + fold(fold(lane0, lane1 ^ size) ^ odd[0], fold(lane2, lane3) ^ odd[1]),
// where fold multiplies 64 by 64 bits and xors both halves of the product.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"
#include "core/money.h"

namespace oki::core::fast {

inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const Wide product = Wide{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// REQUIRES: digest_room bytes behind `bytes` may be written; they are filled with zeros.
constexpr std::size_t digest_room = 32;
inline std::uint64_t digest(std::uint64_t before, char* bytes, std::size_t size) {
  constexpr std::uint64_t odd[4] = {0xC2B2AE3D27D4EB4Fu, 0xD6E8FEB86659FD93u, 0xA0761D6478BD642Fu,
                                    0xE7037ED1A0B428DBu};
  std::uint64_t lane0 = before ^ odd[0], lane1 = before ^ odd[1], lane2 = before ^ odd[2],
                lane3 = before ^ odd[3];
  const auto take = [](std::uint64_t& lane, const char* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    lane = (std::rotl(lane, 23) ^ word) * 0x9E3779B97F4A7C15u;
  };
  const auto round = [&](const char* at) {  // Written out: a loop keeps the lanes in memory.
    take(lane0, at);
    take(lane1, at + 8);
    take(lane2, at + 16);
    take(lane3, at + 24);
  };
  const char* const end = bytes + size;
  std::memset(bytes + size, 0, digest_room);
  const char* at = bytes;
  for (; at + 32 < end; at += 64) {
    round(at);
    round(at + 32);
  }
  if (at < end) round(at);
  const std::uint64_t two = fold(lane0, lane1 ^ size);
  return before + fold(two ^ odd[0], fold(lane2, lane3) ^ odd[1]);
}

}  // namespace oki::core::fast
