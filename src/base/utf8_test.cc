#include "base/utf8.h"

#include <gtest/gtest.h>

namespace oki {
namespace {

TEST(IsUtf8, FollowsTheTableOfRfc3629) {
  const std::pair<Bytes, bool> rows[] = {
      {"", true},
      {"plain ascii, longer than eight", true},
      {Bytes("\0", 1), true},
      {"\xC2\x80", true},
      {"\xC1\xBF", false},
      {"\xC0\x80", false},
      {"\xE0\xA0\x80", true},
      {"\xE0\x9F\xBF", false},
      {"\xED\x9F\xBF", true},
      {"\xED\xA0\x80", false},
      {"\xEF\xBF\xBF", true},
      {"\xF0\x90\x80\x80", true},
      {"\xF0\x8F\xBF\xBF", false},
      {"\xF4\x8F\xBF\xBF", true},
      {"\xF4\x90\x80\x80", false},
      {"\xF5\x80\x80\x80", false},
      {"\x80", false},
      {"\xFE", false},
      {"12345678\x80", false},
      {"1234567\xE5\x86\x86", true},
      {"\xE5\x86", false},
      {"\xE5\x86x", false},
  };
  for (const auto& [text, good] : rows)
    EXPECT_EQ(is_utf8(text), good) << testing::PrintToString(text);
}

}  // namespace
}  // namespace oki
