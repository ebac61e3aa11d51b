// A running 64-bit hash that finds replicas that differ. It is not a defence against an attacker;
// what must not be forged uses crypto/.
//
// Each 8-byte little-endian word w changes the state h to mix64(h ^ w) * odd + length marks, so
// that order, length and every bit count. The same on every machine.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace oki {

class Hash64 {
 public:
  Hash64() = default;
  explicit Hash64(std::uint64_t state) : state_(state) {}

  void add(std::uint64_t word);
  void add(ByteView bytes);  // The length counts too: "ab","c" differs from "a","bc".

  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0x6f6b696167617269u;
};

inline std::uint64_t hash64(ByteView bytes) {
  Hash64 hash;
  hash.add(bytes);
  return hash.value();
}

}  // namespace oki
