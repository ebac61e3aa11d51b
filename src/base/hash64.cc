#include "base/hash64.h"

#include <cstring>

#include "base/prng.h"

namespace oki {

void Hash64::add(std::uint64_t word) {
  state_ = mix64(state_ ^ word) * 0x9FB21C651E98DF25u + 0x2545F4914F6CDD1Du;
}

void Hash64::add(ByteView bytes) {
  add(static_cast<std::uint64_t>(bytes.size()));
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    add(word);
  }
  std::uint64_t tail = 0;
  if (left > 0) std::memcpy(&tail, at, left);
  add(tail);
}

}  // namespace oki
