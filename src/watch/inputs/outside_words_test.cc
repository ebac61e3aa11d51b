#include "watch/inputs/outside_words.h"

#include <gtest/gtest.h>

#include "base/calendar.h"
#include "base/utf8.h"
#include "response/words.h"

namespace oki::watch::inputs {
namespace {

TEST(OutsideWords, BecomeOneCleanLine) {
  EXPECT_EQ(clean_line("  disk\r\n\tfull \x01\x7f now ", 100), "disk full now");
  EXPECT_EQ(clean_line("板が止まった", 100), "板が止まった");
  EXPECT_EQ(clean_line("bad \xff\xc3 bytes", 100), "bad bytes");
  EXPECT_EQ(clean_line("turned \xe2\x80\xae"
                       "around\xe2\x81\xa6 \xc2\x85 twice",
                       100),
            "turned around twice");
  EXPECT_EQ(clean_line("", 100), "");
  EXPECT_EQ(clean_line("\n\n", 100), "");
}

TEST(OutsideWords, AreCutBetweenCharacters) {
  EXPECT_EQ(clean_line("板板板", 8), "板板");
  EXPECT_EQ(clean_line("板板板", 9), "板板板");
  EXPECT_EQ(clean_line("ab cd", 3), "ab");
  EXPECT_EQ(clean_line("abc", 0), "");
  const std::string all = [] {
    std::string bytes;
    for (int c = 0; c < 256; ++c) bytes.push_back(static_cast<char>(c));
    return bytes + bytes;
  }();
  for (std::size_t most = 0; most < 300; ++most) {
    EXPECT_TRUE(response::is_line(clean_line(all, most), most)) << most;
  }
}

TEST(OutsideWords, NameKeysThatNobodyElseCanName) {
  EXPECT_EQ(key_part("5e2f1c0a"), "5e2f1c0a");
  const std::string digested = key_part("a key with blanks");
  EXPECT_EQ(digested.size(), 33u);
  EXPECT_NE(digested, key_part("a key with  blanks"));
  EXPECT_NE(key_part(digested), digested);  // Not to be had by spelling the digest.
  EXPECT_EQ(key_part(std::string(64, 'x')), std::string(64, 'x'));
  EXPECT_EQ(key_part(std::string(65, 'x')).size(), 33u);
  EXPECT_EQ(key_part("").size(), 33u);
  EXPECT_TRUE(response::is_line(key_part("\xff\n"), key_part_bytes_max));
}

TEST(OutsideWords, HaveTimesOfRfc3339) {
  const auto at = [](const char* text) {
    const auto time = parse_rfc3339(text);
    return time ? rfc3339_utc(*time) : "none";
  };
  EXPECT_EQ(at("2026-11-22T04:00:00Z"), "2026-11-22T04:00:00.000Z");
  EXPECT_EQ(at("2026-11-22T13:00:00.123456789+09:00"), "2026-11-22T04:00:00.123Z");
  EXPECT_EQ(at("2026-11-21 20:30:00.5-07:30"), "2026-11-22T04:00:00.500Z");
  EXPECT_EQ(at("2026-12-31T23:59:60Z"), "2026-12-31T23:59:59.000Z");
  EXPECT_LT(parse_rfc3339("0001-01-01T00:00:00Z")->value, 0);  // Go's way of saying never.
  for (const char* text :
       {"", "2026-11-22", "2026-11-22T04:00:00", "2026-11-22T04:00Z", "2026-02-30T04:00:00Z",
        "2026-11-22T24:00:00Z", "2026-11-22T04:60:00Z", "2026-11-22T04:00:61Z",
        "2026-11-22T04:00:00.Z", "2026-11-22T04:00:00.1234567890Z", "2026-11-22T04:00:00Zx",
        "2026-11-22T04:00:00+9:00", "2026-11-22T04:00:00+24:00", "0000-01-01T00:00:00Z",
        "2026-11-22x04:00:00Z", "20261122T040000Z............"}) {
    EXPECT_EQ(at(text), "none") << text;
  }
}

TEST(OutsideWords, HaveTimesInNanoseconds) {
  EXPECT_EQ(parse_unix_nanos("1544712660300000000")->value, 1'544'712'660'300);
  for (const char* text :
       {"", "0", "999999", "000000000", "-1544712660300000000", "1e18", "15447126603000000000"}) {
    EXPECT_FALSE(parse_unix_nanos(text)) << text;
  }
}

TEST(OutsideWords, HaveNumbersInThousandths) {
  EXPECT_EQ(parse_milli("1"), 1'000);
  EXPECT_EQ(parse_milli("-1.5"), -1'500);
  EXPECT_EQ(parse_milli("0.0019"), 1);  // Cut.
  EXPECT_EQ(parse_milli("1.5e3"), 1'500'000);
  EXPECT_EQ(parse_milli("15E-1"), 1'500);
  EXPECT_EQ(parse_milli("0e400"), 0);
  EXPECT_EQ(parse_milli("1e-400"), 0);
  EXPECT_EQ(parse_milli("1e300"), milli_max);
  EXPECT_EQ(parse_milli("-1e99999999999999"), -milli_max);
  EXPECT_EQ(parse_milli("Infinity"), milli_max);
  EXPECT_EQ(parse_milli("9223372036854775807"), milli_max);
  for (const char* text : {"", "NaN", "abc", ".", "-", "1e", "1.2.3", "1x", " 1", "e5", "0x10"}) {
    EXPECT_FALSE(parse_milli(text)) << text;
  }
}

}  // namespace
}  // namespace oki::watch::inputs
