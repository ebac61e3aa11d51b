#include "edge/gateway.h"

#include <gtest/gtest.h>

#include "edge/order_json.h"
#include "edge/testing/exchange.h"
#include "net/json_reader.h"

namespace oki::edge {
namespace {

using testing::alice;
using testing::bob;
using testing::Exchange;
using testing::house;
using testing::test_options;

constexpr const char* order_url = "/v1/user/spot/order";
constexpr const char* cancel_url = "/v1/user/spot/cancel_order";
constexpr const char* cancels_url = "/v1/user/spot/cancel_orders";
constexpr const char* info_url = "/v1/user/spot/orders_info";

std::string refusal(Code code) {
  return R"({"success":0,"data":{"code":)" + std::to_string(static_cast<std::uint32_t>(code)) +
         "}}";
}

net::Json parsed(ByteView text) {
  auto json = net::parse_json(text, 8u << 20);
  EXPECT_TRUE(json.has_value()) << text;
  return json ? *json : net::Json();
}

std::string text_at(const net::Json& json, ByteView name) {
  const net::Json* found = json.find(name);
  return found != nullptr && found->string() ? std::string(*found->string()) : "absent";
}

struct GatewayTest : ::testing::Test {
  explicit GatewayTest(EdgeOptions options = test_options()) : exchange(std::move(options)) {}

  net::Json data(const std::string& body) {
    const net::Json json = parsed(body);
    EXPECT_EQ(json.find("success")->integer(), 1) << body;
    return *json.find("data");
  }
  std::int64_t id_of(const net::Json& order) { return order.find("order_id")->integer().value(); }
  std::int64_t place(core::AccountId account, ByteView side, ByteView price) {
    return id_of(data(exchange.post(account, order_url,
                                    R"({"pair":"btc_jpy","side":")" + std::string(side) +
                                        R"(","type":"limit","amount":"0.5","price":")" +
                                        std::string(price) + "\"}")));
  }
  std::string order_body(std::int64_t id) {
    return R"({"pair":"btc_jpy","order_id":)" + std::to_string(id) + "}";
  }
  // As after a second of rest: the account's limits are whole again.
  void rest() { exchange.clock.advance_ns(1'000'000'000); }

  Exchange exchange;
};

// --- Placing.

struct PlaceRow {
  ByteView body;
  std::uint32_t code;
};

TEST_F(GatewayTest, EachBadParameterOfAnOrderHasItsCode) {
  constexpr PlaceRow rows[] = {
      {"", 10002},
      {"[]", 10002},
      {R"({"side":"buy","type":"limit","amount":"1","price":"1"})", 30009},
      {R"({"pair":"nope","side":"buy","type":"limit","amount":"1","price":"1"})", 40017},
      {R"({"pair":7,"side":"buy","type":"limit","amount":"1","price":"1"})", 40017},
      {R"({"pair":"probe_jpy","side":"buy","type":"limit","amount":"1","price":"1"})", 40017},
      {R"({"pair":"btc_jpy","type":"limit","amount":"1","price":"1"})", 30013},
      {R"({"pair":"btc_jpy","side":"BUY","type":"limit","amount":"1","price":"1"})", 40021},
      {R"({"pair":"btc_jpy","side":"buy","amount":"1","price":"1"})", 30015},
      {R"({"pair":"btc_jpy","side":"buy","type":"LIMIT","amount":"1","price":"1"})", 40024},
      {R"({"pair":"btc_jpy","side":"buy","type":"losscut","amount":"1","price":"1"})", 40024},
      {R"({"pair":"btc_jpy","side":"buy","type":"stop","amount":"1"})", 30101},
      {R"({"pair":"btc_jpy","side":"buy","type":"stop_limit","amount":"1","price":"1"})", 30101},
      {R"({"pair":"btc_jpy","side":"buy","type":"stop_limit","amount":"1","trigger_price":"1"})",
       30012},
      {R"({"pair":"btc_jpy","side":"buy","type":"stop","amount":"1","trigger_price":"0"})", 40112},
      {R"({"pair":"btc_jpy","side":"buy","type":"stop","amount":"1","trigger_price":true})", 40112},
      {R"({"pair":"btc_jpy","side":"buy","type":"take_profit"})", 30101},
      {R"({"pair":"btc_jpy","side":"buy","type":"limit","price":"1"})", 30001},
      {R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":null,"price":"1"})", 30001},
      {R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1.00001","price":"1"})", 40001},
      {R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"0","price":"1"})", 40001},
      {R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":true,"price":"1"})", 40001},
      {R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1"})", 30012},
      {R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1","price":null})", 30012},
      {R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1","price":"1.5"})", 40020},
      {R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1","price":"-1"})", 40020},
      {R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1","price":"1",)"
       R"("post_only":"yes"})",
       40113},
      {R"({"pair":"btc_jpy","side":"buy","type":"market","amount":"1","post_only":true})", 40114},
      {R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1","price":"1",)"
       R"("position_side":"up"})",
       40164},
      {R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1","price":"100000001"})", 60005},
      {R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1000.0001","price":"1"})", 60003},
      {R"({"pair":"btc_jpy","side":"buy","type":"market","amount":"10.0001"})", 60002},
      {R"({"pair":"btc_jpy","side":"sell","type":"limit","amount":"101","price":"1"})", 60001},
  };
  for (const PlaceRow& row : rows) {
    rest();
    EXPECT_EQ(exchange.post(alice, order_url, std::string(row.body)),
              refusal(static_cast<Code>(row.code)))
        << row.body;
  }
}

TEST_F(GatewayTest, AnOrderIsAnsweredInBitbanksShape) {
  const std::string body = exchange.post(
      alice, order_url,
      R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":0.5,"price":1e2,"x":{},)"
      R"("trigger_price":null,"position_side":null,"post_only":false})");
  const net::Json order = data(body);
  EXPECT_EQ(text_at(order, "price"), "100");
  EXPECT_EQ(text_at(order, "start_amount"), "0.5000");
  EXPECT_EQ(text_at(order, "status"), "UNFILLED");
  EXPECT_EQ(order.find("canceled_at"), nullptr);
}

TEST_F(GatewayTest, AMarketOrderThatTheBookCannotFillIsRejectedButAnswered) {
  const net::Json order = data(exchange.post(
      alice, order_url, R"({"pair":"btc_jpy","side":"buy","type":"market","amount":"1"})"));
  EXPECT_EQ(text_at(order, "status"), "REJECTED");
  EXPECT_EQ(order.find("price"), nullptr);
  EXPECT_TRUE(order.find("expire_at")->is_null());
}

TEST_F(GatewayTest, APostOnlyOrderThatWouldTradeIsCreatedAndCanceled) {
  place(bob, "sell", "100");
  const net::Json order = data(
      exchange.post(alice, order_url,
                    R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1","price":"100",)"
                    R"("post_only":true})"));
  EXPECT_EQ(text_at(order, "status"), "CANCELED_UNFILLED");
}

TEST_F(GatewayTest, OnlyTheHouseTradesWhereNothingIsListed) {
  const std::string body =
      R"({"pair":"probe_jpy","side":"sell","type":"limit","amount":"1","price":"5"})";
  EXPECT_EQ(exchange.post(alice, order_url, body), refusal(Code::invalid_pair));
  const std::int64_t id = id_of(data(exchange.post(house, order_url, body)));
  const std::string one = R"({"pair":"probe_jpy","order_id":)" + std::to_string(id) + "}";
  EXPECT_EQ(text_at(data(exchange.post(house, cancel_url, one)), "status"), "CANCELED_UNFILLED");
}

// --- Canceling.

TEST_F(GatewayTest, CancelingSaysWhen) {
  const std::int64_t id = place(alice, "buy", "100");
  const net::Json order = data(exchange.post(alice, cancel_url, order_body(id)));
  EXPECT_EQ(text_at(order, "status"), "CANCELED_UNFILLED");
  EXPECT_EQ(order.find("canceled_at")->integer(), exchange.clock.wall_now().value);
}

TEST_F(GatewayTest, AnOrderIdMayBeAString) {
  const std::int64_t id = place(alice, "buy", "100");
  const std::string body = R"({"pair":"btc_jpy","order_id":")" + std::to_string(id) + R"("})";
  EXPECT_EQ(text_at(data(exchange.post(alice, cancel_url, body)), "status"), "CANCELED_UNFILLED");
}

TEST_F(GatewayTest, WhatCannotBeCanceledSaysWhy) {
  const std::int64_t open = place(alice, "buy", "90");
  const std::int64_t filled = place(alice, "buy", "100");
  place(bob, "sell", "100");
  data(exchange.post(alice, cancel_url, order_body(open)));
  EXPECT_EQ(exchange.post(alice, cancel_url, order_body(open)), refusal(Code::already_canceled));
  EXPECT_EQ(exchange.post(alice, cancel_url, order_body(filled)), refusal(Code::already_executed));
  EXPECT_EQ(exchange.post(alice, cancel_url, order_body(999)), refusal(Code::order_not_found));
  EXPECT_EQ(exchange.post(bob, cancel_url, order_body(open)), refusal(Code::order_not_found));
  rest();
  EXPECT_EQ(exchange.post(alice, cancel_url, R"({"pair":"btc_jpy"})"),
            refusal(Code::order_id_missing));
  EXPECT_EQ(exchange.post(alice, cancel_url, R"({"order_id":1})"), refusal(Code::pair_missing));
}

TEST_F(GatewayTest, OfManyCancelsThoseThatSucceedAreAnswered) {
  const std::int64_t first = place(alice, "buy", "90");
  const std::int64_t second = place(alice, "buy", "91");
  const std::string body = R"({"pair":"btc_jpy","order_ids":[)" + std::to_string(first) +
                           ",999,\"" + std::to_string(second) + "\"]}";
  const net::Json canceled = data(exchange.post(alice, cancels_url, body));
  ASSERT_EQ(canceled.find("orders")->array()->size(), 2u);
  EXPECT_EQ(exchange.post(alice, cancels_url, body), refusal(Code::already_canceled));
  std::string many = R"({"pair":"btc_jpy","order_ids":[1)";
  for (int i = 0; i < 30; ++i) many += ",1";
  EXPECT_EQ(exchange.post(alice, cancels_url, many + "]}"), refusal(Code::too_many_order_ids));
}

// --- Reading.

TEST_F(GatewayTest, AnOrderIsFoundByItsOwnerOnItsPairOnly) {
  const std::string id = std::to_string(place(alice, "buy", "100"));
  const std::string url = std::string(order_url) + "?order_id=" + id + "&pair=";
  EXPECT_EQ(text_at(data(exchange.get(alice, url + "btc_jpy")), "status"), "UNFILLED");
  EXPECT_EQ(exchange.get(bob, url + "btc_jpy"), refusal(Code::order_not_found));
  EXPECT_EQ(exchange.get(alice, url + "probe_jpy"), refusal(Code::order_not_found));
  EXPECT_EQ(exchange.get(alice, url + "nope"), refusal(Code::invalid_pair));
  EXPECT_EQ(exchange.get(alice, std::string(order_url) + "?pair=btc_jpy"),
            refusal(Code::order_id_missing));
  EXPECT_EQ(exchange.get(alice, std::string(order_url) + "?pair=%zz"),
            refusal(Code::malformed_request));
}

TEST_F(GatewayTest, OrdersInfoLeavesOutWhatIsNotOnesOwn) {
  const std::int64_t own = place(alice, "buy", "90");
  const std::int64_t other = place(bob, "buy", "91");
  const net::Json info =
      data(exchange.post(alice, info_url,
                         R"({"pair":"btc_jpy","order_ids":[)" + std::to_string(own) + "," +
                             std::to_string(other) + "]}"));
  ASSERT_EQ(info.find("orders")->array()->size(), 1u);
  EXPECT_EQ(id_of((*info.find("orders")->array())[0]), own);
}

TEST_F(GatewayTest, ActiveOrdersAreFiltered) {
  const std::int64_t first = place(alice, "buy", "90");
  rest();
  const std::string second_at = std::to_string(exchange.clock.wall_now().value);
  const std::int64_t second = place(alice, "buy", "91");
  place(bob, "buy", "92");
  const auto ids = [&](const std::string& query) {
    std::vector<std::int64_t> found;
    const net::Json orders = data(exchange.get(alice, "/v1/user/spot/active_orders" + query));
    for (const net::Json& order : *orders.find("orders")->array()) found.push_back(id_of(order));
    return found;
  };
  using Ids = std::vector<std::int64_t>;
  EXPECT_EQ(ids(""), (Ids{second, first}));
  EXPECT_EQ(ids("?pair=btc_jpy&count=1"), Ids{second});
  EXPECT_EQ(ids("?pair=probe_jpy"), Ids{});
  EXPECT_EQ(ids("?since=" + second_at), Ids{second});
  EXPECT_EQ(ids("?since=1700000"), (Ids{second, first})) << "ccxt sends seconds";
  EXPECT_EQ(ids("?end=" + second_at + "&end_id=" + std::to_string(first)), Ids{first});
  rest();
  EXPECT_EQ(ids("?from_id=" + std::to_string(second)), Ids{second});
  EXPECT_EQ(ids("?since=2&end=1"), Ids{}) << "an empty range is no error";
  EXPECT_EQ(ids("?from_id=2&end_id=1"), Ids{});
}

TEST_F(GatewayTest, BadFiltersHaveTheirCodes) {
  const std::pair<const char*, Code> rows[] = {
      {"count=0", Code::invalid_count},     {"count=1001", Code::invalid_count},
      {"count=x", Code::invalid_count},     {"since=x", Code::invalid_since},
      {"end=x", Code::invalid_end},         {"pair=nope", Code::invalid_pair},
      {"from_id=0", Code::invalid_from_id}, {"end_id=x", Code::invalid_end_id}};
  for (const auto& [query, code] : rows) {
    rest();
    EXPECT_EQ(exchange.get(alice, std::string("/v1/user/spot/active_orders?") + query),
              refusal(code))
        << query;
  }
  EXPECT_EQ(exchange.get(alice, "/v1/user/spot/trade_history?order=up"),
            refusal(Code::malformed_request));
  EXPECT_EQ(exchange.get(alice, "/v1/user/spot/trade_history?order_id=x"),
            refusal(Code::invalid_order_id));
}

TEST_F(GatewayTest, TradeHistoryIsNewestFirstUnlessAsked) {
  const std::int64_t resting = place(alice, "sell", "100");
  place(bob, "buy", "100");
  place(alice, "sell", "101");
  place(bob, "buy", "101");
  const auto trades = [&](const std::string& query) {
    return data(exchange.get(alice, "/v1/user/spot/trade_history" + query));
  };
  const net::Json newest_first = trades("?pair=btc_jpy");
  const auto& list = *newest_first.find("trades")->array();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(text_at(list[0], "price"), "101");
  EXPECT_EQ(text_at(list[0], "maker_taker"), "maker");
  EXPECT_EQ(text_at(list[0], "fee_amount_quote"), "-0.0101");
  EXPECT_EQ(text_at(list[0], "fee_occurred_amount_quote"), "-0.0101");
  const net::Json oldest = trades("?order=asc&count=1");
  ASSERT_EQ(oldest.find("trades")->array()->size(), 1u);
  EXPECT_EQ(text_at((*oldest.find("trades")->array())[0], "price"), "100");
  const net::Json of_order = trades("?order_id=" + std::to_string(resting));
  ASSERT_EQ(of_order.find("trades")->array()->size(), 1u);
}

TEST_F(GatewayTest, AssetsShowWhatIsFreeAndWhatIsHeld) {
  place(alice, "buy", "100");
  const net::Json answer = data(exchange.get(alice, "/v1/user/assets"));
  const auto& assets = *answer.find("assets")->array();
  ASSERT_EQ(assets.size(), 2u) << "an asset that is only in markets not listed shows";
  EXPECT_EQ(text_at(assets[0], "asset"), "jpy");
  EXPECT_EQ(text_at(assets[0], "onhand_amount"), "100000000.0000");
  EXPECT_NE(text_at(assets[0], "locked_amount"), "0.0000");
  EXPECT_NE(assets[0].find("withdrawal_fee")->find("threshold"), nullptr);
  EXPECT_EQ(assets[0].find("network_list"), nullptr);
  EXPECT_EQ(text_at(assets[1], "free_amount"), "100.00000000");
  EXPECT_EQ(assets[1].find("amount_precision")->integer(), 8);
  EXPECT_NE(assets[1].find("network_list"), nullptr);
}

TEST_F(GatewayTest, MarginIsAnsweredAsForThoseWithoutIt) {
  EXPECT_EQ(text_at(data(exchange.get(alice, "/v1/user/margin/status")), "status"), "NORMAL");
  EXPECT_TRUE(
      data(exchange.get(alice, "/v1/user/margin/positions")).find("positions")->array()->empty());
}

// --- Who may.

TEST_F(GatewayTest, EveryPrivatePathWantsAKey) {
  for (const char* target :
       {"/v1/user/assets", order_url, "/v1/user/spot/active_orders", "/v1/user/spot/trade_history",
        "/v1/user/margin/status", "/v1/user/margin/positions"}) {
    EXPECT_EQ(exchange.get(target), refusal(Code::key_missing)) << target;
  }
  for (const char* target : {order_url, cancel_url, cancels_url, info_url}) {
    EXPECT_EQ(exchange.body(Exchange::request("POST", target, "{}")), refusal(Code::key_missing));
  }
}

TEST_F(GatewayTest, RefusalsSayWhyInAHeader) {
  const auto answer = exchange.send(Exchange::request("GET", "/v1/user/assets"));
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->header("X-Error-Reason"), "The header ACCESS-KEY is missing");
}

TEST_F(GatewayTest, AReusedNonceIsRefusedForWritesToo) {
  net::HttpRequest request = Exchange::request(
      "POST", order_url,
      R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1","price":"1"})");
  request.headers = {{"ACCESS-KEY", testing::key_of(alice)},
                     {"ACCESS-NONCE", "7"},
                     {"ACCESS-SIGNATURE", testing::signature_of(alice, "7" + request.body)}};
  EXPECT_EQ(text_at(data(exchange.body(request)), "status"), "UNFILLED");
  EXPECT_EQ(exchange.body(request), refusal(Code::nonce_reused));
  EXPECT_EQ(exchange.projection.api_key(testing::key_of(alice))->nonce, 7u);
}

TEST_F(GatewayTest, QueriesAreLimitedPerAccountAndPublicReadsAreNot) {
  for (int i = 0; i < 10; ++i) {
    const auto answer = exchange.send(exchange.signed_request(alice, "GET", "/v1/user/assets"));
    ASSERT_EQ(answer->status, 200);
    EXPECT_EQ(answer->header("X-RateLimit-Limit"), "10");
    EXPECT_EQ(answer->header("X-RateLimit-Remaining"), std::to_string(9 - i));
    EXPECT_FALSE(answer->header("X-RateLimit-Reset").empty());
  }
  const auto refused = exchange.send(exchange.signed_request(alice, "GET", "/v1/user/assets"));
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->header("Retry-After"), "1");
  EXPECT_FALSE(net::parse_json(refused->body, 1000).has_value()) << "ccxt wants no JSON here";
  EXPECT_EQ(exchange.send(exchange.signed_request(bob, "GET", "/v1/user/assets"))->status, 200);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(exchange.send(Exchange::request("GET", "/tickers"))->status, 200);
  }
  rest();
  EXPECT_EQ(exchange.send(exchange.signed_request(alice, "GET", "/v1/user/assets"))->status, 200);
}

TEST_F(GatewayTest, UpdatesAreLimitedByTheCore) {
  const auto order = [&] {
    return exchange.send(exchange.signed_request(
        alice, "POST", order_url,
        R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1","price":"1"})"));
  };
  for (int i = 0; i < 6; ++i) EXPECT_EQ(order()->status, 200);
  const auto refused = order();
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->header("Retry-After"), "1");
  EXPECT_EQ(refused->header("X-RateLimit-Limit"), "6");
}

struct UnlimitedTest : GatewayTest {
  UnlimitedTest()
      : GatewayTest([] {
          EdgeOptions options = test_options();
          options.rate_limits = false;
          options.in_flight_max = 3;
          options.in_flight_per_account_max = 2;
          return options;
        }()) {}

  net::HttpRequest order(core::AccountId account) const {
    return exchange.signed_request(
        account, "POST", order_url,
        R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1","price":"1"})");
  }
  // Sends without letting the cluster work.
  void hand_in(core::AccountId account) {
    exchange.gateway.handle(order(account), [this](net::HttpResponse response) {
      statuses.push_back(response.status);
    });
  }
  std::vector<std::uint16_t> statuses;
};

TEST_F(UnlimitedTest, QueriesAreNotCountedWhenLimitsAreOff) {
  for (int i = 0; i < 30; ++i) {
    const auto answer = exchange.send(exchange.signed_request(alice, "GET", "/v1/user/assets"));
    EXPECT_EQ(answer->status, 200);
    EXPECT_FALSE(answer->has_header("X-RateLimit-Limit"));
  }
}

TEST_F(UnlimitedTest, OrdersInFlightAreBoundedPerAccountAndInAll) {
  for (int i = 0; i < 3; ++i) hand_in(alice);
  EXPECT_EQ(statuses, (std::vector<std::uint16_t>{429}));
  hand_in(bob);
  hand_in(bob);
  EXPECT_EQ(statuses, (std::vector<std::uint16_t>{429, 503}));
  exchange.cluster.run();
  EXPECT_EQ(statuses, (std::vector<std::uint16_t>{429, 503, 200, 200, 200}));
  hand_in(bob);
  exchange.cluster.run();
  EXPECT_EQ(statuses.back(), 200);
}

// --- When the log does not answer.

TEST_F(GatewayTest, NotTakenIs503AndUnknownIs504BothAsText) {
  const std::string body =
      R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1","price":"1"})";
  exchange.cluster.outcome = replica::Outcome::not_taken;
  auto answer = exchange.send(exchange.signed_request(alice, "POST", order_url, body));
  EXPECT_EQ(answer->status, 503);
  EXPECT_TRUE(answer->has_header("Retry-After"));
  EXPECT_FALSE(net::parse_json(answer->body, 1000).has_value());
  exchange.cluster.outcome = replica::Outcome::unknown;
  answer = exchange.send(exchange.signed_request(alice, "POST", order_url, body));
  EXPECT_EQ(answer->status, 504);
  EXPECT_FALSE(net::parse_json(answer->body, 1000).has_value());
}

TEST_F(GatewayTest, AnAnswerWaitsUntilThisEdgeHasReadIt) {
  exchange.follows = false;
  std::optional<net::HttpResponse> answer;
  exchange.gateway.handle(
      exchange.signed_request(
          alice, "POST", order_url,
          R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1","price":"1"})"),
      [&](net::HttpResponse response) { answer = std::move(response); });
  exchange.cluster.run();
  EXPECT_FALSE(answer.has_value());
  exchange.catch_up();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(text_at(data(answer->body), "status"), "UNFILLED");
}

TEST_F(GatewayTest, WhenThisEdgeIsBehindTheAnswerGoesAloneAndReadsWait) {
  exchange.follows = false;
  std::optional<net::HttpResponse> answer, read, other, late;
  const auto into = [](std::optional<net::HttpResponse>& where) {
    return [&where](net::HttpResponse response) { where = std::move(response); };
  };
  exchange.gateway.handle(
      exchange.signed_request(
          alice, "POST", order_url,
          R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1","price":"1"})"),
      into(answer));
  exchange.cluster.run();
  exchange.timers.advance_ms(500);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(text_at(data(answer->body), "status"), "UNFILLED");

  const auto active = [&](core::AccountId account) {
    return exchange.signed_request(account, "GET", "/v1/user/spot/active_orders");
  };
  exchange.gateway.handle(active(bob), into(other));
  EXPECT_TRUE(other.has_value()) << "who wrote nothing here does not wait";
  exchange.gateway.handle(active(alice), into(late));
  exchange.timers.advance_ms(500);
  ASSERT_TRUE(late.has_value());
  EXPECT_EQ(late->status, 503);
  exchange.gateway.handle(active(alice), into(read));
  EXPECT_FALSE(read.has_value());
  exchange.catch_up();
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(data(read->body).find("orders")->array()->size(), 1u);
}

// --- The edge itself.

TEST_F(GatewayTest, HealthSaysWhetherTheLogIsFollowed) {
  auto answer = exchange.send(Exchange::request("GET", "/healthz"));
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(parsed(answer->body).find("leader_known")->boolean(), true);
  exchange.cluster.view_.leader_known = false;
  EXPECT_EQ(exchange.send(Exchange::request("GET", "/healthz"))->status, 200)
      << "an election is not this edge's fault";
  exchange.cluster.view_.connected = {false};
  EXPECT_EQ(exchange.send(Exchange::request("GET", "/healthz"))->status, 503);
}

TEST(GatewayBeforeItsFirstState, AnswersNothingButItsHealth) {
  oki::testing::StepClock clock;
  oki::testing::StepTimers timers{clock};
  Metrics metrics;
  testing::CoreCluster cluster{clock};
  const EdgeOptions options = test_options();
  history::Projection projection{options.projection};
  Books books{projection};
  Gateway gateway({clock, timers, metrics, cluster, projection, books}, options);
  for (const char* target : {"/tickers", "/v1/user/assets", "/healthz"}) {
    std::uint16_t status = 0;
    gateway.handle(Exchange::request("GET", target),
                   [&](const net::HttpResponse& response) { status = response.status; });
    EXPECT_EQ(status, 503) << target;
  }
}

// What a watch reads to find that somebody tries keys or numbers of orders (refusals.h).
TEST_F(GatewayTest, RefusalsAreCountedByWhoMakesThem) {
  const Address peer{"192.0.2.1", 50'000};
  const auto send = [&](net::HttpRequest request) {
    exchange.gateway.handle(request, [](const net::HttpResponse&) {}, 0, &peer);
  };
  const auto gauge = [&](const char* name, const char* labels) {
    return exchange.metrics.gauge(name, "", labels).value();
  };
  for (int i = 0; i < 3; ++i) send(Exchange::request("GET", "/nothing"));
  for (int i = 0; i < 6; ++i) {
    net::HttpRequest request = exchange.signed_request(alice, "GET", "/v1/user/assets");
    for (net::HttpHeader& header : request.headers) {
      if (header.name == "ACCESS-SIGNATURE") header.value = "wrong";
    }
    send(request);
  }
  EXPECT_EQ(gauge("okiagari_edge_refused_most", "by=\"address\""), 9);
  EXPECT_EQ(gauge("okiagari_edge_refused_most", "by=\"account\""), 6);
  EXPECT_EQ(gauge("okiagari_edge_refused_many", "by=\"account\""), 1);
  for (int i = 0; i < 4; ++i) (void)exchange.post(bob, cancel_url, order_body(900 + i));
  EXPECT_EQ(gauge("okiagari_edge_unknown_ids_most", ""), 4);
  (void)exchange.get(bob, "/v1/user/spot/order?pair=btc_jpy&order_id=999");
  EXPECT_EQ(gauge("okiagari_edge_unknown_ids_most", ""), 5);
}

TEST_F(GatewayTest, UnknownUrlsHaveBitbanksCode) {
  EXPECT_EQ(exchange.get("/nothing"), refusal(Code::url_not_found));
  EXPECT_EQ(exchange.get("/user/assets"), refusal(Code::path_without_version));
  EXPECT_EQ(exchange.get("/v1/user/subscribe"), refusal(Code::url_not_found));
}

}  // namespace
}  // namespace oki::edge
