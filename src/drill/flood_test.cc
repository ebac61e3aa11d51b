#include "drill/flood.h"

#include <gtest/gtest.h>

namespace oki::drill {
namespace {

FloodOptions options() {
  FloodOptions options;
  options.edges = {{"127.0.0.1", 8080}, {"127.0.0.1", 8081}};
  options.accounts = {{{}, "key", "secret"}};
  options.order = R"({"pair":"btc_jpy"})";
  options.connections = 12;
  options.pipelined = 3;
  options.length_ms = 50;
  return options;
}

TEST(Flood, OptionsComeBackFromTheirBytes) {
  const auto read = decode_flood(encode(options()));
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->edges, options().edges);
  ASSERT_EQ(read->accounts.size(), 1u);
  EXPECT_EQ(read->accounts[0].key, "key");
  EXPECT_EQ(read->accounts[0].secret, "secret");
  EXPECT_EQ(read->order, options().order);
  EXPECT_EQ(read->connections, 12u);
  EXPECT_EQ(read->pipelined, 3u);
  EXPECT_EQ(read->length_ms, 50);
}

TEST(Flood, OptionsThatAreNoneAreRefused) {
  for (const char* text : {"", "{", "[]", "{}", R"({"edges":[1],"accounts":[]})",
                           R"({"edges":["nowhere"],"accounts":[]})"}) {
    EXPECT_FALSE(decode_flood(text).has_value()) << text;
  }
}

TEST(Flood, GoesToTheLoopbackOnlyAndKeepsItsLimits) {
  FloodOptions elsewhere = options();
  elsewhere.edges[1].host = "192.0.2.1";
  EXPECT_EQ(run_flood(elsewhere).error().message, "floods go to the loopback only");
  FloodOptions nobody = options();
  nobody.accounts.clear();
  EXPECT_FALSE(run_flood(nobody).has_value());
  for (const std::size_t connections : {std::size_t{0}, flood_connections_max + 1}) {
    FloodOptions wrong = options();
    wrong.connections = connections;
    EXPECT_FALSE(run_flood(wrong).has_value());
  }
  FloodOptions deep = options();
  deep.pipelined = 65;
  EXPECT_FALSE(run_flood(deep).has_value());
}

}  // namespace
}  // namespace oki::drill
