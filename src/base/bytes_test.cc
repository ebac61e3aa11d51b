#include "base/bytes.h"

#include <gtest/gtest.h>

#include <limits>

namespace oki {
namespace {

TEST(Writer, WritesLittleEndian) {
  Bytes out;
  Writer writer(out);
  writer.u8(0x01);
  writer.u16(0x0203);
  writer.u32(0x04050607);
  writer.u64(0x08090A0B0C0D0E0Fu);
  EXPECT_EQ(out, ByteView("\x01\x03\x02\x07\x06\x05\x04\x0F\x0E\x0D\x0C\x0B\x0A\x09\x08", 15));
}

TEST(Reader, ReadsWhatTheWriterWrote) {
  Bytes out;
  Writer writer(out);
  writer.u8(255);
  writer.u16(65535);
  writer.u32(4'000'000'000u);
  writer.u64(std::numeric_limits<std::uint64_t>::max());
  writer.i32(-1);
  writer.i64(std::numeric_limits<std::int64_t>::min());
  writer.boolean(true);
  writer.boolean(false);
  writer.blob("blob");
  writer.blob("");
  writer.raw("raw");
  Reader reader(out);
  EXPECT_EQ(reader.u8(), 255);
  EXPECT_EQ(reader.u16(), 65535);
  EXPECT_EQ(reader.u32(), 4'000'000'000u);
  EXPECT_EQ(reader.u64(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(reader.i32(), -1);
  EXPECT_EQ(reader.i64(), std::numeric_limits<std::int64_t>::min());
  EXPECT_TRUE(reader.boolean());
  EXPECT_FALSE(reader.boolean());
  EXPECT_EQ(reader.blob(4), "blob");
  EXPECT_EQ(reader.blob(0), "");
  EXPECT_FALSE(reader.done());
  EXPECT_EQ(reader.raw(3), "raw");
  EXPECT_TRUE(reader.done());
}

TEST(Reader, AReadPastTheEndFailsAndEveryReadAfterItGivesNothing) {
  const Bytes three = "\x01\x02\x03";
  Reader reader(three);
  EXPECT_EQ(reader.u32(), 0u);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0u);
  EXPECT_EQ(reader.raw(1), "");
  EXPECT_EQ(reader.blob(10), "");
  EXPECT_EQ(reader.left(), 0u);
  EXPECT_FALSE(reader.done());
}

TEST(Reader, EveryCutOfARecordFails) {
  Bytes out;
  Writer writer(out);
  writer.u64(1);
  writer.boolean(true);
  writer.blob("twelve bytes");
  for (std::size_t size = 0; size < out.size(); ++size) {
    Reader reader(ByteView(out).substr(0, size));
    reader.u64();
    reader.boolean();
    reader.blob(100);
    EXPECT_FALSE(reader.ok()) << size;
  }
}

TEST(Reader, ABlobLongerThanAllowedOrThanTheInputFails) {
  Bytes out;
  Writer(out).blob("abc");
  Reader allowed(out);
  EXPECT_EQ(allowed.blob(3), "abc");
  Reader too_long(out);
  EXPECT_EQ(too_long.blob(2), "");
  EXPECT_FALSE(too_long.ok());
  const Bytes huge(
      "\xFF\xFF\xFF\xFF"
      "abc",
      7);
  Reader lying(huge);
  EXPECT_EQ(lying.blob(std::numeric_limits<std::size_t>::max()), "");
  EXPECT_FALSE(lying.ok());
}

TEST(Reader, ABooleanHasTwoSpellings) {
  const Bytes two = "\x02";
  Reader reader(two);
  EXPECT_FALSE(reader.boolean());
  EXPECT_FALSE(reader.ok());
}

TEST(Reader, MayBeFailedByRulesBeyondLengths) {
  Reader reader("abc");
  reader.fail();
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.left(), 0u);
}

TEST(Writer, PatchesALengthKnownOnlyAfterwards) {
  Bytes out;
  Writer writer(out);
  writer.u8(9);
  writer.u32(0);
  writer.raw("body");
  writer.patch_u32(1, 0x01020304);
  EXPECT_EQ(out, ByteView("\x09\x04\x03\x02\x01"
                          "body",
                          9));
  EXPECT_EQ(writer.size(), 9u);
  EXPECT_DEATH(writer.patch_u32(6, 1), "offset");
}

}  // namespace
}  // namespace oki
