#include "base/net.h"

#include <gtest/gtest.h>

#include "base/assert.h"

namespace oki {
namespace {

TEST(Address, IsReadAndWritten) {
  for (const char* text : {"127.0.0.1:8080", "0.0.0.0:0", "[::1]:65535", "[2001:db8::2]:1"}) {
    const auto address = parse_address(text);
    ASSERT_TRUE(address.has_value()) << text;
    EXPECT_EQ(to_string(*address), text);
  }
  EXPECT_EQ(parse_address("[::1]:80")->host, "::1");
  EXPECT_EQ(parse_address("[::1]:80")->port, 80);
}

TEST(Address, WithoutHostOrPortIsRefused) {
  for (const char* text :
       {"", ":", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "h:65536", "h:-1", "h:+1", "h: 1",
        "h:80 ", "h:8 0", "[]:80", "::1:80", "[::1:80", "::1]:80", "[::1]"}) {
    const auto address = parse_address(text);
    ASSERT_FALSE(address.has_value()) << text;
    EXPECT_EQ(address.error().code, Errc::invalid);
  }
}

TEST(Address, RefusalsOfLongTextsAreShort) {
  const auto address = parse_address(std::string(10'000, 'x'));
  ASSERT_FALSE(address.has_value());
  EXPECT_LT(address.error().message.size(), 200u);
}

TEST(Names, AreThereForEveryReasonAndError) {
  for (const auto reason : {CloseReason::by_us, CloseReason::by_peer, CloseReason::refused,
                            CloseReason::reset, CloseReason::backlog, CloseReason::idle}) {
    EXPECT_STRNE(name(reason), "unknown");
  }
  for (const auto code : {Errc::invalid, Errc::corrupt, Errc::not_found, Errc::exists, Errc::full,
                          Errc::io, Errc::unavailable, Errc::mismatch}) {
    EXPECT_STRNE(name(code), "unknown");
  }
}

TEST(Assert, StopsTheProcessAndSaysWhere) {
  const int one = 1;
  EXPECT_DEATH(ASSERT(one == 2), "net_test.cc:[0-9]+: assertion failed: one == 2");
  ASSERT(one == 1);
}

}  // namespace
}  // namespace oki
