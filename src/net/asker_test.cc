#include "net/asker.h"

#include <gtest/gtest.h>

namespace oki::net {
namespace {

std::string asker(const std::string& peer, std::vector<HttpHeader> headers) {
  HttpRequest request;
  request.headers = std::move(headers);
  return asker_of({peer, 50'000}, request);
}

TEST(AskerTest, OnlyAProxyOnThisMachineSaysForWhomItAsks) {
  EXPECT_EQ(asker("192.0.2.7", {{"X-Forwarded-For", "198.51.100.1"}}), "192.0.2.7");
  EXPECT_EQ(asker("127.0.0.1", {{"X-Forwarded-For", "198.51.100.1"}}), "198.51.100.1");
  EXPECT_EQ(asker("127.0.0.1", {}), "127.0.0.1");
  EXPECT_EQ(asker("::1", {{"x-forwarded-for", ""}}), "::1");
}

TEST(AskerTest, OfSeveralTheLastIsTheProxysOwn) {
  EXPECT_EQ(asker("127.0.0.1", {{"X-Forwarded-For", "203.0.113.9, 198.51.100.1"}}), "198.51.100.1");
  EXPECT_EQ(
      asker("127.0.0.1", {{"X-Forwarded-For", "203.0.113.9"}, {"X-Forwarded-For", "198.51.100.1"}}),
      "198.51.100.1");
}

}  // namespace
}  // namespace oki::net
