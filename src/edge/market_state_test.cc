// What the public API shows of market states, told as events.
#include <gtest/gtest.h>

#include "edge/public_json.h"
#include "edge/testing/exchange.h"
#include "edge/testing/tell.h"
#include "net/json_reader.h"

namespace oki::edge {
namespace {

constexpr core::MarketId market{0};

struct MarketStateTest : ::testing::Test {
  void state(const core::MarketState& state) {
    testing::tell(exchange.projection, exchange.clock.wall_now(), {core::MarketChanged{state}});
  }
  void level(core::Side side, std::uint64_t price, std::uint64_t lots) {
    testing::tell(exchange.projection, exchange.clock.wall_now(),
                  {core::LevelChanged{market, side, {price}, {lots}, {++sequence}}});
  }
  void estimate(std::uint64_t price, std::uint64_t lots) {
    testing::tell(exchange.projection, exchange.clock.wall_now(),
                  {core::AuctionEstimated{market, {price}, {lots}}});
  }
  net::Json data(const std::string& target) {
    const std::string body = exchange.get(target);
    auto json = net::parse_json(body, 1u << 22);
    EXPECT_TRUE(json.has_value()) << body;
    return json ? *json->find("data") : net::Json();
  }
  std::string now() const { return std::to_string(exchange.clock.wall_now().value); }

  testing::Exchange exchange;
  std::uint64_t sequence = 0;
};

TEST_F(MarketStateTest, ABandShowsItsTriggerPrices) {
  core::MarketState banded;
  banded.reference = {100};
  banded.lower_trigger = {80};
  banded.upper_trigger = {120};
  state(banded);
  EXPECT_EQ(exchange.get("/btc_jpy/circuit_break_info"),
            R"({"success":1,"data":{"mode":"NONE","estimated_itayose_price":null,)"
            R"("estimated_itayose_amount":null,"itayose_upper_price":null,)"
            R"("itayose_lower_price":null,"upper_trigger_price":"120",)"
            R"("lower_trigger_price":"80","fee_type":"NORMAL","reopen_timestamp":null,)"
            R"("timestamp":)" +
                now() + "}}");
}

TEST_F(MarketStateTest, ABreakShowsItsRangeItsEstimateAndItsEnd) {
  core::MarketState broken;
  broken.mode = core::MarketMode::circuit_break;
  broken.fee_type = core::FeeType::buy_maker;
  broken.reference = {100};
  broken.lower_itayose = {50};
  broken.upper_itayose = {150};
  broken.reopen_at = {1'700'000'600'000};
  state(broken);
  const std::string rest =
      R"("itayose_upper_price":"150","itayose_lower_price":"50","upper_trigger_price":null,)"
      R"("lower_trigger_price":null,"fee_type":"BUY_MAKER","reopen_timestamp":1700000600000,)"
      R"("timestamp":)" +
      now() + "}}";
  EXPECT_EQ(exchange.get("/btc_jpy/circuit_break_info"),
            R"({"success":1,"data":{"mode":"CIRCUIT_BREAK","estimated_itayose_price":null,)"
            R"("estimated_itayose_amount":"0.0000",)" +
                rest);
  estimate(99, 12'345);
  EXPECT_EQ(exchange.get("/btc_jpy/circuit_break_info"),
            R"({"success":1,"data":{"mode":"CIRCUIT_BREAK","estimated_itayose_price":"99",)"
            R"("estimated_itayose_amount":"1.2345",)" +
                rest);
}

TEST_F(MarketStateTest, EachModeHasItsNameAndOnlyTwoHaveARange) {
  const std::pair<core::MarketMode, const char*> rows[] = {
      {core::MarketMode::circuit_break, "CIRCUIT_BREAK"},
      {core::MarketMode::full_range_circuit_break, "FULL_RANGE_CIRCUIT_BREAK"},
      {core::MarketMode::resumption, "RESUMPTION"},
      {core::MarketMode::listing, "LISTING"},
      {core::MarketMode::none, "NONE"}};
  for (const auto& [mode, word] : rows) {
    core::MarketState changed;
    changed.mode = mode;
    changed.upper_itayose = {150};
    changed.upper_trigger = {120};
    state(changed);
    const net::Json info = data("/btc_jpy/circuit_break_info");
    EXPECT_EQ(info.find("mode")->string(), word);
    const bool ranged =
        mode == core::MarketMode::circuit_break || mode == core::MarketMode::resumption;
    EXPECT_EQ(info.find("itayose_upper_price")->is_null(), !ranged) << word;
    EXPECT_EQ(info.find("upper_trigger_price")->is_null(), mode != core::MarketMode::none);
  }
}

TEST_F(MarketStateTest, AnAnnouncedReopeningShowsItsStagesUntilTheyHaveCome) {
  core::MarketState halted;
  halted.status = core::MarketStatus::halt;
  halted.cancel_only_at = {10};
  halted.auction_at = {20};
  halted.reopen_at = {30};
  halted.withdrawals_at = {40};
  state(halted);
  net::Json info = data("/btc_jpy/circuit_break_info");
  EXPECT_EQ(info.find("reopen_timestamp")->integer(), 30);
  EXPECT_EQ(info.find("cancel_only_timestamp")->integer(), 10);
  EXPECT_EQ(info.find("auction_timestamp")->integer(), 20);
  EXPECT_EQ(info.find("withdrawals_timestamp")->integer(), 40);
  halted.cancel_only_at = {};
  state(halted);
  info = data("/btc_jpy/circuit_break_info");
  EXPECT_EQ(info.find("cancel_only_timestamp"), nullptr);
}

TEST_F(MarketStateTest, TheStatusIsTheMarketsOwn) {
  const std::pair<core::MarketStatus, const char*> rows[] = {
      {core::MarketStatus::busy, "BUSY"},
      {core::MarketStatus::very_busy, "VERY_BUSY"},
      {core::MarketStatus::halt, "HALT"},
      {core::MarketStatus::normal, "NORMAL"}};
  for (const auto& [status, word] : rows) {
    core::MarketState changed;
    changed.status = status;
    state(changed);
    const net::Json statuses = data("/v1/spot/status");
    EXPECT_EQ((*statuses.find("statuses")->array())[0].find("status")->string(), word);
  }
}

TEST_F(MarketStateTest, TheSmallestOrderRisesWithTheLoad) {
  core::MarketSpec spec;
  spec.amount_min = {5};
  spec.busy_amount_min = {10};
  spec.very_busy_amount_min = {3};
  EXPECT_EQ(amount_min_now(spec, core::MarketStatus::normal).value, 5u);
  EXPECT_EQ(amount_min_now(spec, core::MarketStatus::busy).value, 10u);
  EXPECT_EQ(amount_min_now(spec, core::MarketStatus::very_busy).value, 5u) << "never below";
}

TEST_F(MarketStateTest, EachStopShowsInItsOwnFlagOfThePair) {
  const std::pair<core::Stop, const char*> rows[] = {
      {core::Stop::order, "stop_order"},
      {core::Stop::order_and_cancel, "stop_order_and_cancel"},
      {core::Stop::market_order, "stop_market_order"},
      {core::Stop::stop_order, "stop_stop_order"},
      {core::Stop::stop_limit_order, "stop_stop_limit_order"},
      {core::Stop::buy_order, "stop_buy_order"},
      {core::Stop::sell_order, "stop_sell_order"}};
  for (const auto& [stop, flag] : rows) {
    core::MarketState changed;
    changed.stops = static_cast<std::uint16_t>(stop);
    state(changed);
    const net::Json pairs = data("/spot/pairs");
    const net::Json& pair = (*pairs.find("pairs")->array())[0];
    for (const auto& [other, name] : rows) {
      EXPECT_EQ(pair.find(name)->boolean(), other == stop) << name << " of " << flag;
    }
    EXPECT_EQ(pair.find("is_enabled")->boolean(), true);
  }
  core::MarketState disabled;
  disabled.stops = static_cast<std::uint16_t>(core::Stop::disabled);
  state(disabled);
  const net::Json pairs = data("/spot/pairs");
  EXPECT_EQ((*pairs.find("pairs")->array())[0].find("is_enabled")->boolean(), false);
}

TEST_F(MarketStateTest, APairHasItsThirtySevenFieldsWithAndWithoutMargin) {
  core::MarketSpec spec = exchange.projection.markets()[0];
  const auto written = [&] {
    const MarketText text{spec, exchange.projection.assets()[1], exchange.projection.assets()[0]};
    Bytes out;
    JsonWriter json(out);
    write_pair(json, text, {});
    return net::parse_json(out, 1u << 16).value();
  };
  net::Json pair = written();
  EXPECT_EQ(pair.object()->size(), 37u);
  EXPECT_TRUE(pair.find("margin_long_interest")->is_null());
  EXPECT_EQ(pair.find("stop_margin_long_order")->boolean(), true);
  spec.margin = {true, 0, 1'200, 100, 1'000, 400, 500, 500'000};
  spec.market_allowance_ppm = 200'000;
  pair = written();
  EXPECT_EQ(pair.object()->size(), 37u);
  EXPECT_EQ(pair.find("margin_open_maker_fee_rate_quote")->string(), "0");
  EXPECT_EQ(pair.find("margin_open_taker_fee_rate_quote")->string(), "0.0012");
  EXPECT_EQ(pair.find("margin_close_maker_fee_rate_quote")->string(), "0.0001");
  EXPECT_EQ(pair.find("margin_close_taker_fee_rate_quote")->string(), "0.001");
  EXPECT_EQ(pair.find("margin_long_interest")->string(), "0.0004");
  EXPECT_EQ(pair.find("margin_short_interest")->string(), "0.0005");
  EXPECT_EQ(pair.find("margin_current_company_ratio")->string(), "0.5");
  EXPECT_EQ(pair.find("market_allowance_rate")->string(), "0.2");
  EXPECT_EQ(pair.find("stop_margin_long_order")->boolean(), false);
}

// --- The book of an auction.

TEST_F(MarketStateTest, AnAuctionShowsACrossedBookAroundItsEstimate) {
  core::MarketState broken;
  broken.mode = core::MarketMode::circuit_break;
  state(broken);
  // Asks from 1000 upward and bids from 2000 downward: 1,001 levels of each cross.
  for (std::uint64_t price = 1'000; price <= 2'000; ++price) {
    level(core::Side::sell, price, 1);
    level(core::Side::buy, price, 2);
  }
  const BookView before = read_book(exchange.projection, market);
  EXPECT_EQ(before.asks.size(), 200u);
  EXPECT_EQ(before.bids.front().price.value, 2'000u);
  estimate(1'500, 500);
  const BookView view = read_book(exchange.projection, market);
  ASSERT_EQ(view.asks.size(), 400u);
  ASSERT_EQ(view.bids.size(), 400u);
  EXPECT_EQ(view.asks.front().price.value, 1'300u);
  EXPECT_EQ(view.asks.back().price.value, 1'699u);
  EXPECT_EQ(view.asks_under.value, 300u);
  EXPECT_EQ(view.asks_over.value, 301u);
  EXPECT_EQ(view.bids.front().price.value, 1'699u);
  EXPECT_EQ(view.bids.back().price.value, 1'300u);
  EXPECT_EQ(view.bids_over.value, 602u);
  EXPECT_EQ(view.bids_under.value, 600u);
  const Bytes json = depth_json(view, exchange.projection.markets()[0]);
  EXPECT_NE(json.find(R"("asks_under":"0.0300","bids_over":"0.0602")"), Bytes::npos);
}

TEST_F(MarketStateTest, AnEstimateAtTheEdgeOfTheBookShowsWhatThereIs) {
  core::MarketState broken;
  broken.mode = core::MarketMode::resumption;
  state(broken);
  level(core::Side::sell, 100, 1);
  level(core::Side::buy, 100, 1);
  for (const std::uint64_t price : {std::uint64_t{100}, std::uint64_t{1}, ~std::uint64_t{0}}) {
    estimate(price, 1);
    const BookView view = read_book(exchange.projection, market);
    EXPECT_EQ(view.asks.size(), 1u) << price;
    EXPECT_EQ(view.bids.size(), 1u) << price;
    EXPECT_EQ(view.asks_under.value + view.bids_over.value, 0u) << price;
  }
}

TEST_F(MarketStateTest, TheTickerOfACrossedBookIsCrossedToo) {
  core::MarketState broken;
  broken.mode = core::MarketMode::circuit_break;
  state(broken);
  level(core::Side::sell, 100, 1);
  level(core::Side::buy, 110, 1);
  const net::Json ticker = data("/btc_jpy/ticker");
  EXPECT_EQ(ticker.find("sell")->string(), "100");
  EXPECT_EQ(ticker.find("buy")->string(), "110");
}

TEST_F(MarketStateTest, DifferencesLeadFromOneViewOfAnAuctionToTheNext) {
  core::MarketState broken;
  broken.mode = core::MarketMode::circuit_break;
  state(broken);
  for (std::uint64_t price = 1'000; price < 1'300; ++price) level(core::Side::sell, price, 1);
  const BookView before = read_book(exchange.projection, market);
  estimate(1'299, 1);
  level(core::Side::sell, 2'000, 5);
  const BookView after = read_book(exchange.projection, market);
  const Bytes diff = diff_json(before, after, exchange.projection.markets()[0]);
  EXPECT_NE(diff.find(R"(["1000","0"])"), Bytes::npos) << "it left the view";
  EXPECT_NE(diff.find(R"(["2000","0.0005"])"), Bytes::npos);
  EXPECT_NE(diff.find(R"("au":"0.0099")"), Bytes::npos) << diff;
  EXPECT_EQ(diff.find("\"bo\""), Bytes::npos);
}

}  // namespace
}  // namespace oki::edge
