#include "base/hash64.h"

#include "base/prng.h"

namespace oki {

void Hash64::add(std::uint64_t word) {
  state_ = mix64(state_ ^ word) * 0x9FB21C651E98DF25u + 0x2545F4914F6CDD1Du;
}

void Hash64::add(ByteView bytes) {
  add(static_cast<std::uint64_t>(bytes.size()));
  Reader reader(bytes);
  while (reader.left() >= 8) add(reader.u64());
  std::uint64_t tail = 0;
  for (unsigned shift = 0; reader.left() > 0; shift += 8) {
    tail |= static_cast<std::uint64_t>(reader.u8()) << shift;
  }
  add(tail);
}

}  // namespace oki
