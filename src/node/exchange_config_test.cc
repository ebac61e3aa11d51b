#include "node/exchange_config.h"

#include <gtest/gtest.h>

namespace oki::node {
namespace {

constexpr const char* assets = R"(
[[asset]]
name = "jpy"
decimals = 4
[[asset]]
name = "btc"
decimals = 8
)";

std::string market(const std::string& more) {
  return std::string(assets) + R"(
[[market]]
name = "btc_jpy"
base = "btc"
quote = "jpy"
amount_digits = 4
price_digits = 0
taker_fee_ppm = 1200
price_max = "100000000"
amount_min = "0.0001"
limit_amount_max = "1000"
market_amount_max = "10"
)" + more;
}

TEST(ExchangeConfigTest, TheDefaultHasTheThreeMarketsAndTheProbe) {
  const auto commands = read_exchange_config(default_exchange_config());
  ASSERT_TRUE(commands) << commands.error().message;
  std::vector<std::string> markets;
  for (const core::Command& command : *commands) {
    if (const auto* add = std::get_if<core::AddMarket>(&command)) {
      markets.push_back(add->spec.name);
      EXPECT_EQ(add->spec.listed, add->spec.name != "probe_jpy");
    }
  }
  EXPECT_EQ(markets, (std::vector<std::string>{"btc_jpy", "eth_jpy", "xrp_jpy", "probe_jpy"}));
}

TEST(ExchangeConfigTest, ReadsDecimalsAtTheDigitsOfTheMarket) {
  const auto commands = read_exchange_config(market("maker_fee_ppm = -200\n"));
  ASSERT_TRUE(commands) << commands.error().message;
  const auto& spec = std::get<core::AddMarket>(commands->back()).spec;
  EXPECT_EQ(spec.amount_min, core::Lots{1});
  EXPECT_EQ(spec.limit_amount_max, core::Lots{10'000'000});
  EXPECT_EQ(spec.price_max, core::Price{100'000'000});
  EXPECT_EQ(spec.base, core::AssetId{1});
}

TEST(ExchangeConfigTest, RefusesWithOneSentenceThatNamesThePlace) {
  const struct {
    std::string toml;
    const char* expected;
  } rows[] = {
      {"name = ", "exchange config"},
      {"colour = 1\n", "unknown key 'colour'"},
      {std::string(assets), "no [[market]] is configured"},
      {market(""), "market 1: 'maker_fee_ppm' is missing"},
      {market("maker_fee_ppm = -1201\n"), "market 1: the maker's rebate is larger"},
      {market("maker_fee_ppm = 0\nlisted = 1\n"), "market 1: 'listed' must be true or false"},
      {market("maker_fee_ppm = 0\nshiny = 1\n"), "market 1: unknown key 'shiny'"},
      {market("maker_fee_ppm = 20000\n"), "market 1: 'maker_fee_ppm' must be a whole number"},
      {std::string(assets) + "[[asset]]\nname = \"btc\"\ndecimals = 8\n", "'btc' is there twice"},
  };
  for (const auto& row : rows) {
    const auto commands = read_exchange_config(row.toml);
    ASSERT_FALSE(commands) << row.toml;
    EXPECT_NE(commands.error().message.find(row.expected), std::string::npos)
        << commands.error().message;
  }
}

}  // namespace
}  // namespace oki::node
