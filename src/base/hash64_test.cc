#include "base/hash64.h"

#include <gtest/gtest.h>

#include <set>

namespace oki {
namespace {

// Hashes are compared between machines and versions: these must never change.
TEST(Hash64, IsTheSameEverywhere) {
  EXPECT_EQ(hash64(""), 0x14f367ebe7700df2u);
  EXPECT_EQ(hash64("abc"), 0x67f82d1e9d73f3afu);
  EXPECT_EQ(hash64("12345678"), 0xc5b084cf2da1fecau);
}

TEST(Hash64, ContinuesFromItsState) {
  Hash64 whole;
  whole.add("one");
  whole.add("two");
  Hash64 first;
  first.add("one");
  Hash64 second(first.value());
  second.add("two");
  EXPECT_EQ(second.value(), whole.value());
}

TEST(Hash64, CountsOrderAndLength) {
  const auto of = [](std::initializer_list<ByteView> parts) {
    Hash64 hash;
    for (const ByteView part : parts) hash.add(part);
    return hash.value();
  };
  const std::set<std::uint64_t> values = {of({}),          of({""}),        of({"", ""}),
                                          of({"ab", "c"}), of({"a", "bc"}), of({"abc"}),
                                          of({"c", "ab"}), of({"abc", ""})};
  EXPECT_EQ(values.size(), 8u);
  const Bytes zeros(20, '\0');
  std::set<std::uint64_t> of_zeros;
  for (std::size_t size = 0; size <= zeros.size(); ++size) {
    of_zeros.insert(hash64(ByteView(zeros).substr(0, size)));
  }
  EXPECT_EQ(of_zeros.size(), 21u);
}

TEST(Hash64, ChangesWithEveryBit) {
  Bytes bytes(40, 'x');
  std::set<std::uint64_t> seen = {hash64(bytes)};
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    seen.insert(hash64(bytes));
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  }
  EXPECT_EQ(seen.size(), 321u);
}

}  // namespace
}  // namespace oki
