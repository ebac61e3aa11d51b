#include "base/crc32c.h"

#include <gtest/gtest.h>

#include "base/prng.h"

namespace oki {
namespace {

// RFC 3720 appendix B.4 and the usual check value.
TEST(Crc32c, AgreesWithPublishedVectors) {
  Bytes ascending;
  for (char i = 0; i < 32; ++i) ascending.push_back(i);
  const Bytes descending(ascending.rbegin(), ascending.rend());
  const std::pair<Bytes, std::uint32_t> vectors[] = {
      {"", 0u},
      {"123456789", 0xe3069283u},
      {Bytes(32, '\0'), 0x8a9136aau},
      {Bytes(32, '\xFF'), 0x62a8ab43u},
      {ascending, 0x46dd794eu},
      {descending, 0x113fdb5cu},
  };
  for (const auto& [bytes, crc] : vectors) {
    EXPECT_EQ(crc32c(bytes), crc);
    EXPECT_EQ(crc32c_portable(bytes), crc);
  }
}

TEST(Crc32c, IsTheSameWithAndWithoutProcessorSupportAndHoweverItIsCut) {
  Prng prng(1);
  Bytes bytes;
  while (bytes.size() < 300) bytes.push_back(static_cast<char>(prng.next()));
  for (std::size_t from = 0; from < 9; ++from) {
    for (std::size_t size = 0; from + size <= bytes.size(); size += 1 + size / 7) {
      const ByteView view = ByteView(bytes).substr(from, size);
      const std::uint32_t whole = crc32c(view);
      ASSERT_EQ(crc32c_portable(view), whole);
      const std::size_t cut = prng.below(size + 1);
      ASSERT_EQ(crc32c(view.substr(cut), crc32c(view.substr(0, cut))), whole);
      ASSERT_EQ(crc32c_portable(view.substr(cut), crc32c_portable(view.substr(0, cut))), whole);
    }
  }
}

TEST(Crc32c, ChangesWithEveryBit) {
  Bytes bytes(64, 'x');
  const std::uint32_t before = crc32c(bytes);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_NE(crc32c(bytes), before) << bit;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  }
}

}  // namespace
}  // namespace oki
