#include "core/fast/digest.h"

#include <gtest/gtest.h>

#include "base/prng.h"

namespace oki::core::fast {
namespace {

std::uint64_t digest_of(std::uint64_t before, ByteView bytes) {
  Bytes copy(bytes);
  copy.resize(bytes.size() + digest_room, 'x');
  return digest(before, copy.data(), bytes.size());
}

TEST(DigestTest, DependsOnEveryBitOnTheLengthAndOnWhatWasBefore) {
  Prng prng(1);
  for (const std::size_t size : {1u, 8u, 21u, 31u, 32u, 33u, 63u, 64u, 65u, 250u}) {
    Bytes bytes;
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(prng.next()));
    const std::uint64_t whole = digest_of(7, bytes);
    EXPECT_NE(digest_of(8, bytes), whole);
    EXPECT_NE(digest_of(7, bytes + '\0'), whole);
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      Bytes other = bytes;
      other[bit / 8] = static_cast<char>(other[bit / 8] ^ 1 << (bit % 8));
      EXPECT_NE(digest_of(7, other), whole) << size << ", " << bit;
    }
  }
}

// The same on every machine, in every release: nodes compare it, snapshots keep it.
TEST(DigestTest, GivesTheKnownNumbers) {
  Bytes bytes;
  for (int i = 0; i < 100; ++i) bytes.push_back(static_cast<char>(i));
  EXPECT_EQ(digest_of(0, ByteView(bytes).substr(0, 3)), 0xE7B264970176A10Cu);
  EXPECT_EQ(digest_of(1, ByteView(bytes).substr(0, 32)), 0xBB87F2E519362B65u);
  EXPECT_EQ(digest_of(2, bytes), 0x42B05125601B731Bu);
}

}  // namespace
}  // namespace oki::core::fast
