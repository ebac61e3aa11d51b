#include "edge/margin_figures.h"

#include <gtest/gtest.h>

#include "edge/testing/exchange.h"
#include "edge/testing/tell.h"

namespace oki::edge {
namespace {

using testing::alice;
using testing::bob;
using testing::tell;

// One market with margin: 1 tick is 1 jpy, 1 lot 0.0001 btc, so that a tick times a lot is one unit
// of jpy.
struct MarginFiguresTest : ::testing::Test {
  MarginFiguresTest() {
    core::MarketSpec spec;
    spec.name = "btc_jpy";
    spec.base = {1};
    spec.quote = {0};
    spec.amount_digits = 4;
    spec.margin.enabled = true;
    spec.margin.ratio_ppm = 500'000;
    tell(projection, {1},
         {core::AssetAdded{{0}, {"jpy", 4}}, core::AssetAdded{{1}, {"btc", 8}},
          core::MarketAdded{{0}, spec}, core::AccountAdded{alice, 0, 0},
          core::AccountAdded{bob, 0, 0}, core::CollateralChanged{{0}, 1'000'000},
          core::CollateralChanged{{1}, 500'000},
          core::BalanceChanged{alice, {0}, {90'000'000}, {10'000'000}, {7}},
          core::BalanceChanged{alice, {1}, {100'000'000}, {}, {}},
          core::MarginChanged{alice, true, core::MarginStatus::normal, {}}});
    trade(1'000);
  }

  // Between two orders of somebody else, which stay open.
  void trade(std::uint64_t price) {
    core::Traded traded;
    traded.id = {++trade_id};
    traded.price = {price};
    traded.amount = {1};
    traded.maker_account = traded.taker_account = bob;
    for (core::OrderId* id : {&traded.maker_order, &traded.taker_order}) {
      core::OrderView order;
      order.id = *id = {++order_id};
      order.account = bob;
      order.price = {price};
      order.amount = {10};
      tell(projection, {2}, {core::OrderAccepted{order}});
    }
    tell(projection, {2}, {traded});
  }
  void position(core::PositionSide side, std::uint64_t open, std::uint64_t cost,
                std::uint64_t fees = 0, std::uint64_t interest = 0) {
    tell(projection, {3},
         {core::PositionChanged{{alice, {0}, side, {open}, {cost}, {fees}, {interest}, {0}}}});
  }
  std::int64_t narrow(SignedWide value) { return static_cast<std::int64_t>(value); }
  std::string status() {
    Bytes out;
    JsonWriter json(out);
    write_margin_status(json, projection, alice);
    return out;
  }
  std::string positions() {
    Bytes out;
    JsonWriter json(out);
    write_margin_positions(json, projection, alice);
    return out;
  }

  history::Projection projection{history::ProjectionLimits{}};
  std::uint64_t trade_id = 0;
  std::uint64_t order_id = 1'000;
};

TEST_F(MarginFiguresTest, CollateralIsWorthItsPartAtTheLastPrice) {
  // 10,000 jpy and half of 1 btc at 1,000 jpy; what is being withdrawn counts for nothing.
  EXPECT_EQ(narrow(margin_figures(projection, alice).collateral), 100'000'000 + 5'000'000);
}

TEST_F(MarginFiguresTest, ALongPositionWinsWithThePrice) {
  position(core::PositionSide::long_side, 10'000, 9'000'000, 300, 20);
  const MarginFigures figures = margin_figures(projection, alice);
  EXPECT_EQ(narrow(figures.profit), 1'000'000);
  EXPECT_EQ(narrow(figures.cost), 320);
  EXPECT_EQ(narrow(figures.positions[0].value), 10'000'000);
  EXPECT_EQ(narrow(figures.required()), 5'000'000);
  EXPECT_EQ(narrow(figures.balance()), 105'000'000 + 1'000'000 - 320);
  trade(800);
  EXPECT_EQ(narrow(margin_figures(projection, alice).profit), -1'000'000);
}

TEST_F(MarginFiguresTest, AShortPositionWinsAgainstThePrice) {
  position(core::PositionSide::short_side, 10'000, 9'000'000);
  EXPECT_EQ(narrow(margin_figures(projection, alice).profit), -1'000'000);
  trade(800);
  EXPECT_EQ(narrow(margin_figures(projection, alice).profit), 1'000'000);
}

TEST_F(MarginFiguresTest, OnlyRestingOrdersThatOpenNeedMargin) {
  core::OrderView order;
  order.id = {1};
  order.account = alice;
  order.position = core::PositionSide::long_side;
  order.price = {900};
  order.amount = {10'000};
  tell(projection, {4}, {core::OrderAccepted{order}});
  order.id = {2};
  order.side = core::Side::sell;  // Closes a long position.
  tell(projection, {5}, {core::OrderAccepted{order}});
  order.id = {3};
  order.position = core::PositionSide::short_side;
  order.type = core::OrderType::stop_limit;
  order.status = core::OrderStatus::inactive;
  tell(projection, {6}, {core::OrderAccepted{order}});
  const MarginFigures figures = margin_figures(projection, alice);
  EXPECT_EQ(narrow(figures.orders[0].value), 9'000'000);
  EXPECT_EQ(narrow(figures.orders[1].value), 0);
  EXPECT_EQ(narrow(figures.required()), 4'500'000);
}

TEST_F(MarginFiguresTest, WhatIsLeftOfTheBalanceMayBeOpenedAtTheRatio) {
  EXPECT_EQ(narrow(margin_figures(projection, alice).available(500'000)), 210'000'000);
  tell(projection, {4},
       {core::MarginChanged{alice, true, core::MarginStatus::debt, {200'000'000}}});
  EXPECT_EQ(narrow(margin_figures(projection, alice).available(500'000)), 0) << "never negative";
}

TEST_F(MarginFiguresTest, PositionsAtTheLimitsOfTheirTypesAreCappedNotWrapped) {
  position(core::PositionSide::long_side, ~std::uint64_t{0}, std::uint64_t{1} << 62);
  trade(std::uint64_t{1} << 40);
  const MarginFigures figures = margin_figures(projection, alice);
  EXPECT_EQ(narrow(figures.positions[0].value), std::numeric_limits<std::int64_t>::max());
  EXPECT_GT(figures.profit, 0);
}

TEST_F(MarginFiguresTest, TheStatusWithoutPositionsHasNoPercentages) {
  const std::string json = status();
  EXPECT_TRUE(json.starts_with(
      R"({"status":"NORMAL","total_margin_balance_percentage":null,)"
      R"("total_margin_balance":"10500.0000","margin_position_profit_loss":"0.0000",)"))
      << json;
  EXPECT_TRUE(json.ends_with(
      R"("margin_call_percentage":null,"losscut_percentage":null,"buy_credit":"21000.0000",)"
      R"("sell_credit":"21000.0000","available_balances":[{"pair":"btc_jpy",)"
      R"("long":"21000.0000","short":"21000.0000"}]})"))
      << json;
}

TEST_F(MarginFiguresTest, TheStatusWithPositionsHasThem) {
  position(core::PositionSide::long_side, 200'000, 200'000'000);
  const std::string json = status();
  // 10,500 of 20,000.
  EXPECT_NE(json.find(R"("total_margin_balance_percentage":"52.50")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("margin_call_percentage":"50","losscut_percentage":"25")"),
            std::string::npos);
  EXPECT_NE(json.find(R"("total_long_position_maintenance_margin":"10000.0000")"),
            std::string::npos);
}

TEST_F(MarginFiguresTest, WhoIsNotAllowedHasNothingAvailable) {
  tell(projection, {4}, {core::MarginChanged{alice, false, core::MarginStatus::normal, {}}});
  EXPECT_NE(status().find(R"("buy_credit":"0.0000")"), std::string::npos);
}

TEST_F(MarginFiguresTest, PositionsAreWrittenAsBitbankWritesThem) {
  position(core::PositionSide::short_side, 20'000, 18'000'000, 1'200, 34);
  EXPECT_EQ(positions(),
            R"({"notice":{"what":null,"occurred_at":null,"amount":null,"due_date_at":null},)"
            R"("payables":{"amount":"0.0000"},"positions":[{"pair":"btc_jpy",)"
            R"("position_side":"short","open_amount":"2.0000","product":"1800.0000",)"
            R"("average_price":"900","unrealized_fee_amount":"0.1200",)"
            R"("unrealized_interest_amount":"0.0034"}],)"
            R"("losscut_threshold":{"individual":"25","company":"25"}})");
}

TEST_F(MarginFiguresTest, ADebtAndACallAreNoticed) {
  tell(projection, {9}, {core::MarginChanged{alice, true, core::MarginStatus::debt, {12'345}}});
  EXPECT_NE(positions().find(R"("what":"debt","occurred_at":9,"amount":"1.2345")"),
            std::string::npos)
      << positions();
  EXPECT_NE(positions().find(R"("payables":{"amount":"1.2345"})"), std::string::npos);
  tell(projection, {10}, {core::MarginChanged{alice, true, core::MarginStatus::call, {}}});
  EXPECT_NE(positions().find(R"("what":"margin_call","occurred_at":10,"amount":null)"),
            std::string::npos);
  EXPECT_NE(status().find(R"({"status":"CALL")"), std::string::npos);
}

}  // namespace
}  // namespace oki::edge
