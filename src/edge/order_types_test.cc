// Every order type and addition through a whole gateway and the core.
#include <gtest/gtest.h>

#include "edge/testing/exchange.h"
#include "net/json_reader.h"

namespace oki::edge {
namespace {

using testing::alice;
using testing::bob;

constexpr const char* order_url = "/v1/user/spot/order";

struct OrderTypesTest : ::testing::Test {
  net::Json post(core::AccountId account, const std::string& path, const std::string& body) {
    const std::string answer = exchange.post(account, "/v1/user/spot/" + path, body);
    auto json = net::parse_json(answer, 1u << 20);
    EXPECT_TRUE(json.has_value()) << answer;
    return json ? *json : net::Json();
  }
  net::Json order(core::AccountId account, const std::string& members) {
    return post(account, "order", R"({"pair":"btc_jpy",)" + members + "}");
  }
  net::Json limit(core::AccountId account, const char* side, int price,
                  const std::string& more = {}) {
    return order(account, R"("side":")" + std::string(side) +
                              R"(","type":"limit","amount":"0.5","price":")" +
                              std::to_string(price) + "\"" + more);
  }
  static std::string at(const net::Json& answer, ByteView name) {
    const net::Json* data = answer.find("data");
    const net::Json* found = data != nullptr ? data->find(name) : nullptr;
    if (found == nullptr) return "absent";
    if (const auto text = found->string()) return std::string(*text);
    if (const auto number = found->number_text()) return std::string(*number);
    return found->is_null() ? "null" : "?";
  }
  std::string now_is(const std::string& order_id) {
    const std::string url = std::string(order_url) + "?pair=btc_jpy&order_id=" + order_id;
    return at(net::parse_json(exchange.get(alice, url), 1u << 16).value_or(net::Json()), "status");
  }
  // The first trade: from here on there is a last price.
  void trade_at(int price) {
    limit(alice, "sell", price);
    limit(bob, "buy", price);
  }

  testing::Exchange exchange{[] {
                               EdgeOptions options = testing::test_options();
                               options.rate_limits = false;
                               return options;
                             }(),
                             0};
};

TEST_F(OrderTypesTest, ALimitOrderExpiresAfterHundredAndEightyDays) {
  const net::Json placed = limit(alice, "buy", 100);
  EXPECT_EQ(std::stoll(at(placed, "expire_at")) - std::stoll(at(placed, "ordered_at")),
            15'552'000'000);
}

TEST_F(OrderTypesTest, AStopOrderWaitsForItsPriceAndThenTrades) {
  trade_at(100);
  const net::Json stop =
      order(alice, R"("side":"sell","type":"stop","amount":"0.1","trigger_price":"90")");
  EXPECT_EQ(at(stop, "status"), "INACTIVE");
  EXPECT_EQ(at(stop, "trigger_price"), "90");
  limit(bob, "buy", 88);
  limit(bob, "buy", 90);
  limit(alice, "sell", 90);
  EXPECT_EQ(now_is(at(stop, "order_id")), "FULLY_FILLED");
}

TEST_F(OrderTypesTest, AStopOrderThatWouldFireAtOnceIsRefused) {
  trade_at(100);
  const net::Json refused =
      order(alice, R"("side":"sell","type":"stop","amount":"0.1","trigger_price":"100")");
  EXPECT_EQ(at(refused, "code"), "60018");
}

TEST_F(OrderTypesTest, WhatDoesNotFitItsTypeIsRefusedByTheCoreWithItsCode) {
  const std::pair<const char*, const char*> rows[] = {
      {R"("side":"buy","type":"limit","amount":"1","price":"1","trigger_price":"1")", "40112"},
      {R"("side":"buy","type":"limit","amount":"1","price":"1","position_side":"long")", "40165"},
      {R"("side":"sell","type":"take_profit","trigger_price":"1")", "40164"},
      {R"("side":"buy","type":"limit","amount":"1","price":"1","time_in_force":"gtd")", "10002"},
      {R"("side":"buy","type":"limit","amount":"1","price":"1","expire_at":9)", "10002"},
      {R"("side":"buy","type":"market","amount":"1","time_in_force":"ioc")", "10002"},
      {R"("side":"buy","type":"limit","amount":"1","price":"1","display_amount":"2")", "10002"},
      {R"("side":"buy","type":"stop","amount":"1","trigger_price":"100000001")", "60016"},
  };
  for (const auto& [members, code] : rows) EXPECT_EQ(at(order(alice, members), "code"), code);
}

TEST_F(OrderTypesTest, TimeInForceDecidesWhatBecomesOfTheRest) {
  limit(bob, "sell", 100);
  const auto buy = [&](const char* time_in_force) {
    return order(alice, R"("side":"buy","type":"limit","amount":"0.8","price":"100",)"
                        R"("time_in_force":")" +
                            std::string(time_in_force) + "\"");
  };
  const net::Json fok = buy("fok");
  EXPECT_EQ(at(fok, "status"), "CANCELED_UNFILLED");
  EXPECT_EQ(at(fok, "cancel_reason"), "not_filled");
  const net::Json ioc = buy("ioc");
  EXPECT_EQ(at(ioc, "status"), "CANCELED_PARTIALLY_FILLED");
  EXPECT_EQ(at(ioc, "executed_amount"), "0.5000");
}

TEST_F(OrderTypesTest, SelfTradesAreAllowedUnlessTheTakerAsksOtherwise) {
  limit(alice, "sell", 100);
  EXPECT_EQ(at(limit(alice, "buy", 100), "status"), "FULLY_FILLED");
  limit(alice, "sell", 100);
  const net::Json kept = limit(alice, "buy", 100, R"(,"self_trade_prevention":"cancel_newest")");
  EXPECT_EQ(at(kept, "status"), "CANCELED_UNFILLED");
  EXPECT_EQ(at(kept, "cancel_reason"), "self_trade");
}

TEST_F(OrderTypesTest, AnIcebergShowsItsTipOnly) {
  limit(alice, "sell", 100, R"(,"display_amount":"0.1")");
  EXPECT_NE(exchange.get("/btc_jpy/depth").find(R"("asks":[["100","0.1000"]])"), std::string::npos);
}

TEST_F(OrderTypesTest, AClientOrderIdPlacesOnce) {
  const net::Json first = limit(alice, "buy", 100, R"(,"client_order_id":"n-1")");
  const net::Json again = limit(alice, "buy", 100, R"(,"client_order_id":"n-1")");
  EXPECT_EQ(at(first, "order_id"), at(again, "order_id"));
  EXPECT_EQ(exchange.projection.active_orders(alice).size(), 1u);
  post(alice, "cancel_order", R"({"pair":"btc_jpy","order_id":)" + at(first, "order_id") + "}");
  const net::Json closed = limit(alice, "buy", 100, R"(,"client_order_id":"n-1")");
  EXPECT_EQ(at(closed, "order_id"), at(first, "order_id"));
  EXPECT_EQ(at(closed, "status"), "CANCELED_UNFILLED");
  EXPECT_NE(at(limit(bob, "buy", 100, R"(,"client_order_id":"n-1")"), "order_id"),
            at(first, "order_id"))
      << "names are each account's own";
}

TEST_F(OrderTypesTest, AnOrderIsFoundByItsClientOrderId) {
  const net::Json placed = limit(alice, "buy", 100, R"(,"client_order_id":"n-1")");
  const auto find = [&](core::AccountId account, const std::string& query) {
    return net::parse_json(exchange.get(account, std::string(order_url) + query), 1u << 16)
        .value_or(net::Json());
  };
  EXPECT_EQ(at(find(alice, "?pair=btc_jpy&client_order_id=n-1"), "order_id"),
            at(placed, "order_id"));
  EXPECT_EQ(at(find(alice, "?pair=probe_jpy&client_order_id=n-1"), "code"), "50009");
  EXPECT_EQ(at(find(alice, "?pair=btc_jpy&client_order_id=n-2"), "code"), "50009");
  EXPECT_EQ(at(find(alice, "?pair=btc_jpy&client_order_id=%20"), "code"), "10002");
  EXPECT_EQ(at(find(bob, "?pair=btc_jpy&client_order_id=n-1"), "code"), "50009");
}

TEST_F(OrderTypesTest, AmendingKeepsTheId) {
  const std::string id = at(limit(alice, "buy", 100), "order_id");
  const auto amend = [&](const std::string& members) {
    return post(alice, "amend_order",
                R"({"pair":"btc_jpy","order_id":)" + id + "," + members + "}");
  };
  const net::Json amended = amend(R"("price":"101","amount":"0.4")");
  EXPECT_EQ(at(amended, "order_id"), id);
  EXPECT_EQ(at(amended, "price"), "101");
  EXPECT_EQ(at(amended, "start_amount"), "0.4000");
  EXPECT_EQ(at(amend(R"("price":"101")"), "code"), "50010") << "nothing would change";
  EXPECT_EQ(at(amend(R"("trigger_price":"7")"), "code"), "50010");
  EXPECT_EQ(
      at(post(bob, "amend_order", R"({"pair":"btc_jpy","order_id":)" + id + R"(,"price":"99"})"),
         "code"),
      "50009");
}

TEST_F(OrderTypesTest, CancelAllLeavesTheOrdersOfOthers) {
  limit(alice, "buy", 90);
  limit(alice, "buy", 91);
  limit(bob, "buy", 92);
  const net::Json canceled = post(alice, "cancel_all", "{}");
  EXPECT_EQ(canceled.find("data")->find("orders")->array()->size(), 2u);
  EXPECT_TRUE(exchange.projection.active_orders(alice).empty());
  EXPECT_EQ(exchange.projection.active_orders(bob).size(), 1u);
}

TEST_F(OrderTypesTest, TheDeadMansSwitchStrikesUnlessItIsSetAgain) {
  limit(alice, "buy", 90);
  const net::Json set = post(alice, "cancel_all_after", R"({"timeout_ms":5000})");
  EXPECT_EQ(at(set, "cancel_at"), std::to_string(exchange.clock.wall_now().value + 5'000));
  exchange.clock.advance_ns(4'999'000'000);
  exchange.cluster.apply_now(core::Tick{});
  EXPECT_EQ(exchange.projection.active_orders(alice).size(), 1u);
  exchange.clock.advance_ns(1'000'000);
  exchange.cluster.apply_now(core::Tick{});
  EXPECT_TRUE(exchange.projection.active_orders(alice).empty());
}

TEST_F(OrderTypesTest, ABatchIsOneCommandOnceItsReleaseIsActive) {
  const std::string body =
      R"({"orders":[{"pair":"btc_jpy","side":"buy","type":"limit","amount":"1","price":"90"},)"
      R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1"},)"
      R"({"pair":"btc_jpy","side":"sell","type":"limit","amount":"101","price":"200"}]})";
  EXPECT_EQ(at(post(alice, "orders", body), "code"), "70026");
  (void)exchange.cluster.apply_now(core::ReportRelease{1, 2});
  const core::Reply activated = exchange.cluster.apply_now(core::ActivateRelease{2, {1}});
  ASSERT_EQ(activated.refusal, core::Refusal::ok);
  const net::Json answer = post(alice, "orders", body);
  const auto& rows = *answer.find("data")->find("orders")->array();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(at(rows[0], "status"), "UNFILLED");
  EXPECT_EQ(at(rows[1], "code"), "30012");
  EXPECT_EQ(at(rows[2], "code"), "60001");
}

TEST_F(OrderTypesTest, AHaltedMarketTakesNeitherOrdersNorCancels) {
  const std::string id = at(limit(alice, "buy", 90), "order_id");
  (void)exchange.cluster.apply_now(core::SetMarketHalt{{0}, true});
  EXPECT_EQ(at(limit(alice, "buy", 90), "code"), "70004");
  EXPECT_EQ(at(post(alice, "cancel_order", R"({"pair":"btc_jpy","order_id":)" + id + "}"), "code"),
            "70004");
  EXPECT_NE(exchange.get("/v1/spot/status").find(R"("status":"HALT")"), std::string::npos);
  (void)exchange.cluster.apply_now(core::SetMarketHalt{{0}, false});
  (void)exchange.cluster.apply_now(
      core::SetMarketStops{{0}, static_cast<std::uint16_t>(core::Stop::order)});
  EXPECT_EQ(at(limit(alice, "buy", 90), "code"), "70017");
  EXPECT_EQ(
      at(post(alice, "cancel_order", R"({"pair":"btc_jpy","order_id":)" + id + "}"), "status"),
      "CANCELED_UNFILLED");
}

}  // namespace
}  // namespace oki::edge
