#include "edge/order_json.h"

#include <gtest/gtest.h>

namespace oki::edge {
namespace {

struct OrderJsonTest : ::testing::Test {
  OrderJsonTest() {
    market.name = "xrp_jpy";
    market.price_digits = 3;
    market.amount_digits = 4;
    order.id = {44280998810};
    order.side = core::Side::sell;
    order.price = {359412};
    order.amount = {2};
    order.ordered_at = {1'700'000'000'000};
    order.expire_at = {1'715'552'000'000};
  }

  std::string written() const {
    Bytes out;
    JsonWriter json(out);
    write_order(json, order, text);
    return out;
  }

  core::MarketSpec market;
  core::AssetSpec xrp{"xrp", 6};
  core::AssetSpec jpy{"jpy", 4};
  MarketText text{market, xrp, jpy};
  core::OrderView order;
};

TEST_F(OrderJsonTest, ARestingLimitOrder) {
  EXPECT_EQ(written(),
            R"({"order_id":44280998810,"pair":"xrp_jpy","side":"sell","type":"limit",)"
            R"("start_amount":"0.0002","remaining_amount":"0.0002","executed_amount":"0.0000",)"
            R"("price":"359.412","post_only":false,"user_cancelable":true,)"
            R"("average_price":"0.000","ordered_at":1700000000000,"expire_at":1715552000000,)"
            R"("status":"UNFILLED"})");
}

TEST_F(OrderJsonTest, AMarketOrderHasNoPriceAndDoesNotExpire) {
  order.type = core::OrderType::market;
  order.price = {};
  order.expire_at = {};
  order.executed = {2};
  order.executed_quote = {718};  // 0.0718 jpy
  order.executed_at = {1'700'000'000'001};
  order.status = core::OrderStatus::fully_filled;
  EXPECT_EQ(written(),
            R"({"order_id":44280998810,"pair":"xrp_jpy","side":"sell","type":"market",)"
            R"("start_amount":"0.0002","remaining_amount":"0.0000","executed_amount":"0.0002",)"
            R"("user_cancelable":true,"average_price":"359.000","ordered_at":1700000000000,)"
            R"("expire_at":null,"executed_at":1700000000001,"status":"FULLY_FILLED"})");
}

TEST_F(OrderJsonTest, ACanceledPostOnlyOrderSaysWhen) {
  order.post_only = true;
  order.status = core::OrderStatus::canceled_unfilled;
  order.canceled_at = {1'700'000'000'002};
  const std::string json = written();
  EXPECT_NE(json.find(R"("post_only":true)"), std::string::npos);
  EXPECT_NE(json.find(R"("canceled_at":1700000000002,"status":"CANCELED_UNFILLED"})"),
            std::string::npos);
}

TEST_F(OrderJsonTest, AWaitingStopLimitOrderShowsItsTrigger) {
  order.type = core::OrderType::stop_limit;
  order.trigger = {400000};
  order.status = core::OrderStatus::inactive;
  EXPECT_EQ(written(),
            R"({"order_id":44280998810,"pair":"xrp_jpy","side":"sell","type":"stop_limit",)"
            R"("start_amount":"0.0002","remaining_amount":"0.0002","executed_amount":"0.0000",)"
            R"("price":"359.412","user_cancelable":true,"average_price":"0.000",)"
            R"("ordered_at":1700000000000,"expire_at":1715552000000,)"
            R"("trigger_price":"400.000","status":"INACTIVE"})");
}

TEST_F(OrderJsonTest, WhatClosesAWholePositionHasNoAmountBeforeItsTrigger) {
  order.type = core::OrderType::take_profit;
  order.position = core::PositionSide::long_side;
  order.amount = {};
  order.price = {};
  order.trigger = {400000};
  order.status = core::OrderStatus::inactive;
  const std::string waiting = written();
  EXPECT_NE(waiting.find(R"("position_side":"long","type":"take_profit",)"
                         R"("start_amount":null,"remaining_amount":null,)"),
            std::string::npos)
      << waiting;
  order.amount = {3};
  order.triggered_at = {1'700'000'000'009};
  order.status = core::OrderStatus::unfilled;
  const std::string triggered = written();
  EXPECT_NE(triggered.find(R"("start_amount":"0.0003","remaining_amount":"0.0003")"),
            std::string::npos);
  EXPECT_NE(triggered.find(R"("triggered_at":1700000000009,"trigger_price":"400.000")"),
            std::string::npos);
}

TEST_F(OrderJsonTest, OurOwnFieldsShowOnlyWhereTheySaySomething) {
  order.client_order_id = "bot-1";
  order.time_in_force = core::TimeInForce::gtd;
  order.self_trade = core::SelfTrade::cancel_both;
  order.display = {1};
  order.reason = core::Reason::self_trade;
  EXPECT_NE(written().find(R"("client_order_id":"bot-1","time_in_force":"gtd",)"
                           R"("self_trade_prevention":"cancel_both","display_amount":"0.0001",)"
                           R"("cancel_reason":"self_trade"})"),
            std::string::npos)
      << written();
}

TEST_F(OrderJsonTest, NobodyCancelsALosscut) {
  order.type = core::OrderType::losscut;
  EXPECT_NE(written().find(R"("user_cancelable":false)"), std::string::npos);
}

TEST_F(OrderJsonTest, StatusesAreSpelledAsBitbankSpellsThem) {
  const ByteView names[] = {"UNFILLED",          "PARTIALLY_FILLED",          "FULLY_FILLED",
                            "CANCELED_UNFILLED", "CANCELED_PARTIALLY_FILLED", "REJECTED",
                            "INACTIVE"};
  for (std::uint8_t i = 0; i < std::size(names); ++i) {
    EXPECT_EQ(name(static_cast<core::OrderStatus>(i)), names[i]);
  }
}

TEST_F(OrderJsonTest, TypesAreSpelledAsBitbankSpellsThem) {
  const ByteView names[] = {"limit",       "market",    "stop",   "stop_limit",
                            "take_profit", "stop_loss", "losscut"};
  for (std::uint8_t i = 0; i < std::size(names); ++i) {
    EXPECT_EQ(name(static_cast<core::OrderType>(i)), names[i]);
  }
}

TEST_F(OrderJsonTest, TheAveragePriceIsRoundedToTheNearestTick) {
  order.executed = {3};
  order.executed_quote = {1'000};
  EXPECT_EQ(average_price(order, text).value, 333'333u);  // 0.1 / 0.0003
  order.executed_quote = {2'000};
  EXPECT_EQ(average_price(order, text).value, 666'667u);
}

TEST_F(OrderJsonTest, TheAveragePriceDoesNotOverflow) {
  market.price_digits = 8;
  market.amount_digits = 8;
  order.executed = {1'000'000'000'000'000'000};
  order.executed_quote = {10'000'000'000'000'000'000u};
  // 10^15 jpy for 10^10 coins.
  EXPECT_EQ(text.price(average_price(order, text)), "100000.00000000");
}

TEST_F(OrderJsonTest, ATradeNamesItsFeesEvenWhenTheyAreRebates) {
  history::AccountTrade trade;
  trade.id = {7};
  trade.order = {9};
  trade.side = core::Side::buy;
  trade.maker = true;
  trade.price = {359412};
  trade.amount = {10'000};
  trade.fee_quote = -719;
  trade.fee_occurred = -719;
  trade.executed_at = {1'700'000'000'003};
  Bytes out;
  JsonWriter json(out);
  write_trade(json, trade, text);
  EXPECT_EQ(out, R"({"trade_id":7,"pair":"xrp_jpy","order_id":9,"side":"buy","type":"limit",)"
                 R"("amount":"1.0000","price":"359.412","maker_taker":"maker",)"
                 R"("fee_amount_base":"0.000000","fee_amount_quote":"-0.0719",)"
                 R"("fee_occurred_amount_quote":"-0.0719","executed_at":1700000000003})");
}

TEST_F(OrderJsonTest, ATradeThatClosesAPositionTellsWhatItBrought) {
  history::AccountTrade trade;
  trade.id = {8};
  trade.order = {9};
  trade.side = core::Side::sell;
  trade.position = core::PositionSide::long_side;
  trade.price = {359412};
  trade.amount = {10'000};
  trade.fee_quote = 900;
  trade.fee_occurred = 500;
  trade.profit = -12'345;
  trade.interest = {77};
  Bytes out;
  JsonWriter json(out);
  write_trade(json, trade, text);
  EXPECT_NE(out.find(R"("side":"sell","position_side":"long","type":"limit")"), std::string::npos);
  EXPECT_NE(out.find(R"("fee_amount_quote":"0.0900","fee_occurred_amount_quote":"0.0500",)"
                     R"("profit_loss":"-1.2345","interest":"0.0077","executed_at":0})"),
            std::string::npos)
      << out;
  out.clear();
  trade.side = core::Side::buy;
  write_trade(json, trade, text);
  EXPECT_EQ(out.find("profit_loss"), std::string::npos) << "opening realises nothing";
}

TEST_F(OrderJsonTest, OurWordsAreSpelledOnce) {
  const ByteView reasons[] = {"none",
                              "by_owner",
                              "would_cross",
                              "not_filled",
                              "self_trade",
                              "expired",
                              "dead_man",
                              "session_closed",
                              "circuit_break",
                              "insufficient_amount",
                              "nothing_to_close",
                              "losscut",
                              "fills_limit",
                              "by_operator",
                              "market_stopped"};
  for (std::uint8_t i = 0; i < std::size(reasons); ++i) {
    EXPECT_EQ(name(static_cast<core::Reason>(i)), reasons[i]);
  }
  EXPECT_EQ(name(core::SelfTrade::decrement), "decrement");
  EXPECT_EQ(name(core::TimeInForce::fok), "fok");
  EXPECT_EQ(name(core::PositionSide::short_side), "short");
}

}  // namespace
}  // namespace oki::edge
