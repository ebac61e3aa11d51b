#include "edge/public_api.h"

#include <gtest/gtest.h>

#include "base/calendar.h"
#include "edge/public_json.h"
#include "edge/testing/exchange.h"
#include "net/json_reader.h"

namespace oki::edge {
namespace {

using testing::alice;
using testing::bob;
using testing::Exchange;

constexpr ByteView not_found = R"({"success":0,"data":{"code":10000}})";

struct PublicApiTest : ::testing::Test {
  std::string time() const { return std::to_string(exchange.clock.wall_now().value); }
  // One trade of 0.5 at 100.
  void trade() {
    exchange.place(alice, core::Side::sell, 100, 5000);
    exchange.place(bob, core::Side::buy, 100, 5000);
  }
  net::Json data(const std::string& target) {
    auto json = net::parse_json(exchange.get(target), 8u << 20);
    EXPECT_TRUE(json.has_value()) << target;
    const net::Json* found = json ? json->find("data") : nullptr;
    return found != nullptr ? *found : net::Json();
  }
  Exchange exchange;
};

TEST_F(PublicApiTest, PairsHave37Fields) {
  for (const char* target : {"/spot/pairs", "/v1/spot/pairs"}) {
    const net::Json pairs = data(target);
    ASSERT_NE(pairs.find("pairs"), nullptr);
    const auto& list = *pairs.find("pairs")->array();
    ASSERT_EQ(list.size(), 1u) << "a market that is not listed shows";
    EXPECT_EQ(list[0].object()->size(), 37u);
    EXPECT_EQ(list[0].find("name")->string(), "btc_jpy");
    EXPECT_EQ(list[0].find("maker_fee_rate_quote")->string(), "-0.0002");
    EXPECT_EQ(list[0].find("taker_fee_rate_quote")->string(), "0.0012");
    EXPECT_EQ(list[0].find("unit_amount")->string(), "0.0001");
    EXPECT_TRUE(list[0].find("margin_long_interest")->is_null());
    EXPECT_EQ(list[0].find("stop_order")->boolean(), false);
    EXPECT_EQ(list[0].find("amount_digits")->integer(), 4);
  }
}

TEST_F(PublicApiTest, RatesHaveNoZerosAtTheEnd) {
  EXPECT_EQ(rate(-200), "-0.0002");
  EXPECT_EQ(rate(0), "0");
  EXPECT_EQ(rate(1'000'000), "1");
  EXPECT_EQ(rate(1), "0.000001");
}

TEST_F(PublicApiTest, StatusIsHaltWhileNobodyLeads) {
  EXPECT_EQ(exchange.get("/v1/spot/status"),
            R"({"success":1,"data":{"statuses":[{"pair":"btc_jpy","status":"NORMAL",)"
            R"("min_amount":"0.0001"}]}})");
  exchange.cluster.view_.leader_known = false;
  EXPECT_NE(exchange.get("/v1/spot/status").find("HALT"), std::string::npos);
}

TEST_F(PublicApiTest, ATickerBeforeTheFirstTradeHasNulls) {
  const net::Json ticker = data("/btc_jpy/ticker");
  for (const char* name : {"sell", "buy", "high", "low", "open", "last"}) {
    ASSERT_NE(ticker.find(name), nullptr) << name;
    EXPECT_TRUE(ticker.find(name)->is_null()) << name;
  }
  EXPECT_EQ(ticker.find("vol")->string(), "0.0000");
}

TEST_F(PublicApiTest, ATickerAfterATradeHasItsPrices) {
  trade();
  exchange.place(alice, core::Side::sell, 120, 1);
  exchange.place(bob, core::Side::buy, 90, 1);
  const net::Json ticker = data("/btc_jpy/ticker");
  EXPECT_EQ(ticker.find("sell")->string(), "120");
  EXPECT_EQ(ticker.find("buy")->string(), "90");
  for (const char* name : {"high", "low", "open", "last"}) {
    EXPECT_EQ(ticker.find(name)->string(), "100") << name;
  }
  EXPECT_EQ(ticker.find("vol")->string(), "0.5000");
  EXPECT_EQ(ticker.object()->size(), 8u);
}

TEST_F(PublicApiTest, TickersAreArraysWithPairs) {
  for (const char* target : {"/tickers", "/tickers_jpy"}) {
    const net::Json tickers = data(target);
    ASSERT_NE(tickers.array(), nullptr);
    ASSERT_EQ(tickers.array()->size(), 1u);
    EXPECT_EQ((*tickers.array())[0].find("pair")->string(), "btc_jpy");
  }
}

TEST_F(PublicApiTest, TransactionsAreNewestFirstAndDaysOldestFirst) {
  trade();
  exchange.clock.advance_ns(1'000'000'000);
  trade();
  const net::Json newest = data("/btc_jpy/transactions");
  const auto& list = *newest.find("transactions")->array();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].object()->size(), 5u);
  EXPECT_EQ(list[0].find("side")->string(), "buy");
  EXPECT_EQ(list[0].find("amount")->string(), "0.5000");
  EXPECT_GT(list[0].find("transaction_id")->integer(), list[1].find("transaction_id")->integer());

  const std::string today = yyyymmdd(utc_date(exchange.clock.wall_now()));
  const net::Json day = data("/btc_jpy/transactions/" + today);
  const auto& of_day = *day.find("transactions")->array();
  ASSERT_EQ(of_day.size(), 2u);
  EXPECT_LT(of_day[0].find("transaction_id")->integer(),
            of_day[1].find("transaction_id")->integer());
  EXPECT_EQ(exchange.get("/btc_jpy/transactions/20200101"),
            R"({"success":1,"data":{"transactions":[]}})");
}

TEST_F(PublicApiTest, CandlesComeInTheirEnvelope) {
  trade();
  const WallTimeMs now = exchange.clock.wall_now();
  const std::int64_t minute = now.value - now.value % 60'000;
  const std::string today = yyyymmdd(utc_date(now));
  EXPECT_EQ(exchange.get("/btc_jpy/candlestick/1min/" + today),
            R"({"success":1,"data":{"candlestick":[{"type":"1min","ohlcv":[["100","100","100",)"
            R"("100","0.5000",)" +
                std::to_string(minute) + R"(]]}],"timestamp":)" + time() + "}}");
}

TEST_F(PublicApiTest, LongCandlesTakeAYearInEitherSpelling) {
  trade();
  const std::string today = yyyymmdd(utc_date(exchange.clock.wall_now()));
  for (const std::string& date : {today, today.substr(0, 4)}) {
    const net::Json candles = data("/btc_jpy/candlestick/1day/" + date);
    EXPECT_EQ((*candles.find("candlestick")->array())[0].find("ohlcv")->array()->size(), 1u);
  }
}

TEST_F(PublicApiTest, ABadDateOrTypeIsNotFound) {
  for (const char* tail :
       {"1min/2026", "1min/20260230", "1min/2026112", "1min/x", "1day/202", "1day/202611211",
        "1day/20x6", "2min/20261121", "1MIN/20261121", "/20261121"}) {
    EXPECT_EQ(exchange.get(std::string("/btc_jpy/candlestick/") + tail), not_found) << tail;
  }
  for (const char* day : {"2026", "20261301", "-0261121", "2026112"}) {
    EXPECT_EQ(exchange.get(std::string("/btc_jpy/transactions/") + day), not_found) << day;
  }
}

TEST_F(PublicApiTest, SpansAreDaysOrYears) {
  const auto day = candle_span(history::CandleType::hour1, "20240229");
  ASSERT_TRUE(day.has_value());
  EXPECT_EQ(day->to.value - day->from.value, ms_per_day);
  const auto year = candle_span(history::CandleType::hour4, "2024");
  ASSERT_TRUE(year.has_value());
  EXPECT_EQ(year->to.value - year->from.value, 366 * ms_per_day);
}

TEST_F(PublicApiTest, NoCircuitBreakIsInForce) {
  EXPECT_EQ(exchange.get("/btc_jpy/circuit_break_info"),
            R"({"success":1,"data":{"mode":"NONE","estimated_itayose_price":null,)"
            R"("estimated_itayose_amount":null,"itayose_upper_price":null,)"
            R"("itayose_lower_price":null,"upper_trigger_price":null,"lower_trigger_price":null,)"
            R"("fee_type":"NORMAL","reopen_timestamp":null,"timestamp":)" +
                time() + "}}");
}

TEST_F(PublicApiTest, AMarketThatIsNotListedIsNowhere) {
  for (const char* tail : {"ticker", "depth", "transactions", "transactions/20261121",
                           "candlestick/1day/2026", "circuit_break_info"}) {
    EXPECT_EQ(exchange.get(std::string("/probe_jpy/") + tail), not_found) << tail;
    EXPECT_EQ(exchange.get(std::string("/no_such/") + tail), not_found) << tail;
  }
  for (const char* target : {"/tickers", "/tickers_jpy", "/spot/pairs", "/v1/spot/status"}) {
    EXPECT_EQ(exchange.get(target).find("probe"), std::string::npos) << target;
  }
}

}  // namespace
}  // namespace oki::edge
