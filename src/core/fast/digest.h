// The running hash of what the core tells, cheap enough for every command: pieces of 16 bytes, each
// multiplied 64 by 64 bits into one of four lanes (the way of wyhash by Wang Yi, public domain;
// with constants of our own). It finds replicas that differ; it is no defence against an attacker.
//
// digest(before, bytes): a lane takes a piece of two little-endian words by
//   lane += fold(word0 xor lane, word1 xor odd[lane]),
// where fold multiplies and xors both halves of the product. Lanes begin as `before` xor odd[lane],
// lane 0 as `before`. While more than 64 bytes are left, each lane takes one piece in turn. Of what
// is then left, lane 0 takes a piece if it is more than 16 bytes, lane 1 the next one if it is more
// than 32, lane 2 the next one if it is more than 48, and lane 3 the last 16 bytes of all, some of
// them for the second time; fewer than 16 bytes in all are filled up with zeros. The result is
//   before + fold(fold(lane0 ^ odd2, lane1 ^ size) ^ odd0, fold(lane2 ^ odd1, lane3) ^ odd3).
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
  const auto take = [](std::uint64_t& lane, const char* at, std::uint64_t odd) {
    std::uint64_t words[2];
    std::memcpy(words, at, 16);
    lane += fold(words[0] ^ lane, words[1] ^ odd);
  };
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  char few[16] = {};
  if (left < 16) [[unlikely]] {
    std::memcpy(few, at, left);
    at = few;
    left = 16;
  }
  for (; left > 64; left -= 64, at += 64) {
    take(lane0, at, odd0);
    take(lane1, at + 16, odd1);
    take(lane2, at + 32, odd2);
    take(lane3, at + 48, odd3);
  }
  if (left > 16) take(lane0, at, odd0);
  if (left > 32) take(lane1, at + 16, odd1);
  if (left > 48) take(lane2, at + 32, odd2);
  take(lane3, at + left - 16, odd3);
  const std::uint64_t two = fold(lane0 ^ odd2, lane1 ^ bytes.size());
  return before + fold(two ^ odd0, fold(lane2 ^ odd1, lane3) ^ odd3);
}

}  // namespace oki::core::fast
