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

TEST(ExchangeConfigTest, TheListedMarketsOfTheDefaultHaveBitbanksBands) {
  const auto commands = read_exchange_config(default_exchange_config());
  ASSERT_TRUE(commands) << commands.error().message;
  for (const core::Command& command : *commands) {
    const auto* add = std::get_if<core::AddMarket>(&command);
    if (add == nullptr) continue;
    const core::MarketSpec& spec = add->spec;
    EXPECT_EQ(spec.band_ppm, spec.listed ? 200'000u : 0u) << spec.name;
    EXPECT_EQ(spec.band_step_ppm, spec.listed ? 100'000u : 0u) << spec.name;
    EXPECT_EQ(spec.band_max_ppm, spec.listed ? 500'000u : 0u) << spec.name;
    EXPECT_EQ(spec.break_ms, 600'000u) << spec.name;
    EXPECT_FALSE(spec.margin.enabled) << spec.name;
  }
}

constexpr const char* everything = R"(
maker_fee_ppm = 0
price_min = "100"
band_ppm = 999999
band_step_ppm = 1
band_max_ppm = 999999
break_ms = 1000
collar_ppm = 2
market_allowance_ppm = 3
busy_per_second = 4
very_busy_per_second = 5
busy_amount_min = "0.01"
very_busy_amount_min = "0.1"
[market.margin]
open_maker_fee_ppm = 6
open_taker_fee_ppm = 7
close_maker_fee_ppm = 8
close_taker_fee_ppm = 9
long_interest_ppm = 10
short_interest_ppm = 11
ratio_ppm = 1000000
)";

TEST(ExchangeConfigTest, EveryKeyReachesTheMarket) {
  const auto commands = read_exchange_config(market(everything));
  ASSERT_TRUE(commands) << commands.error().message;
  const auto& spec = std::get<core::AddMarket>(commands->back()).spec;
  EXPECT_EQ(spec.price_min.value, 100u);
  EXPECT_EQ(spec.band_ppm, 999'999u);
  EXPECT_EQ(spec.band_step_ppm, 1u);
  EXPECT_EQ(spec.band_max_ppm, 999'999u);
  EXPECT_EQ(spec.break_ms, 1'000u);
  EXPECT_EQ(spec.collar_ppm, 2u);
  EXPECT_EQ(spec.market_allowance_ppm, 3u);
  EXPECT_EQ(spec.busy_per_second, 4u);
  EXPECT_EQ(spec.very_busy_per_second, 5u);
  EXPECT_EQ(spec.busy_amount_min.value, 100u);
  EXPECT_EQ(spec.very_busy_amount_min.value, 1'000u);
  EXPECT_EQ(spec.margin, (core::MarginSpec{true, 6, 7, 8, 9, 10, 11, 1'000'000}));
}

TEST(ExchangeConfigTest, CollateralIsSetBehindTheMarkets) {
  const std::string toml = "[[asset]]\nname = \"eth\"\ndecimals = 8\ncollateral_ppm = 500000\n" +
                           market("maker_fee_ppm = 0\n");
  const auto commands = read_exchange_config(toml);
  ASSERT_TRUE(commands) << commands.error().message;
  EXPECT_EQ(std::get<core::SetCollateral>(commands->back()), (core::SetCollateral{{0}, 500'000}));
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
      {market("maker_fee_ppm = 0\nband_ppm = 1000000\n"), "'band_ppm' must be a whole number"},
      {market("maker_fee_ppm = 0\nband_ppm = -1\n"), "'band_ppm' must be a whole number"},
      {market("maker_fee_ppm = 0\nband_ppm = 2\nband_max_ppm = 1\n"),
       "market 1: 'band_max_ppm' is below 'band_ppm'"},
      {market("maker_fee_ppm = 0\nbreak_ms = 999\n"), "'break_ms' must be a whole number"},
      {market("maker_fee_ppm = 0\nbusy_per_second = 2\nvery_busy_per_second = 1\n"),
       "'very_busy_per_second' is below"},
      {market("maker_fee_ppm = 0\nbusy_amount_min = \"0.00001\"\n"), "'busy_amount_min' must be"},
      {market("maker_fee_ppm = 0\nprice_min = \"100000001\"\n"),
       "'price_max' is below 'price_min'"},
      {market("maker_fee_ppm = 0\nmargin = 1\n"), "market 1: margin: is not a table"},
      {market("maker_fee_ppm = 0\n[market.margin]\nratio_ppm = 0\n"),
       "market 1: margin: 'ratio_ppm' must be a whole number"},
      {market("maker_fee_ppm = 0\n[market.margin]\ninterest = 0\n"),
       "market 1: margin: unknown key 'interest'"},
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
