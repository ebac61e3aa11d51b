#include "edge/order_answers.h"

#include <gtest/gtest.h>

#include "edge/testing/exchange.h"
#include "edge/testing/tell.h"
#include "net/json_reader.h"

namespace oki::edge {
namespace {

using core::Refusal;
using testing::alice;
using testing::bob;

struct OrderAnswersTest : ::testing::Test {
  OrderAnswersTest() {
    order.id = {40};
    order.account = alice;
    order.price = {100};
    order.amount = {10'000};
    order.client_order_id = "mine";
    asked.account = alice;
    asked.placed.push_back({});
  }

  net::Json body(const net::HttpResponse& answer) {
    auto json = net::parse_json(answer.body, 1u << 20);
    EXPECT_TRUE(json.has_value()) << answer.body;
    return json ? *json : net::Json();
  }
  net::Json answered(const core::Reply& reply) {
    return body(answer_of(asked, reply, exchange.projection));
  }
  std::int64_t code(const core::Reply& reply) {
    const net::Json json = answered(reply);
    const net::Json* found = json.find("data");
    const net::Json* number = found != nullptr ? found->find("code") : nullptr;
    return number != nullptr ? number->integer().value_or(0) : 0;
  }
  std::int64_t id_in(const net::Json& json) {
    const net::Json* data = json.find("data");
    const net::Json* id = data != nullptr ? data->find("order_id") : nullptr;
    return id != nullptr ? id->integer().value_or(0) : 0;
  }
  // As the core says that the id was used: by an open order, or by one it has forgotten.
  core::Reply used(const core::OrderView& first) {
    return {Refusal::client_order_id_used, {{Refusal::client_order_id_used, first}}, 0};
  }

  testing::Exchange exchange;
  Asked asked;
  core::OrderView order;
};

TEST_F(OrderAnswersTest, AUsedClientOrderIdIsAnsweredWithItsOpenOrder) {
  EXPECT_EQ(id_in(answered(used(order))), 40);
}

TEST_F(OrderAnswersTest, AUsedClientOrderIdIsAnsweredWithItsClosedOrder) {
  testing::tell(exchange.projection, {1}, {core::OrderAccepted{order}});
  core::OrderView closed = order;
  closed.status = core::OrderStatus::canceled_unfilled;
  testing::tell(exchange.projection, {2}, {core::changed(closed)});
  core::OrderView only_its_id;
  only_its_id.id = order.id;
  const net::Json json = answered(used(only_its_id));
  EXPECT_EQ(id_in(json), 40);
  EXPECT_EQ(json.find("data")->find("status")->string(), "CANCELED_UNFILLED");
}

TEST_F(OrderAnswersTest, AUsedClientOrderIdWhoseOrderIsForgottenSaysSo) {
  core::OrderView only_its_id;
  only_its_id.id = {999};
  const net::HttpResponse answer = answer_of(asked, used(only_its_id), exchange.projection);
  EXPECT_NE(answer.body.find("50009"), std::string::npos) << answer.body;
  EXPECT_NE(answer.header("X-Error-Reason").find("client_order_id was used"), ByteView::npos);
}

TEST_F(OrderAnswersTest, NobodyIsAnsweredWithAnothersOrder) {
  testing::tell(exchange.projection, {1}, {core::OrderAccepted{order}});
  asked.account = bob;
  core::OrderView only_its_id;
  only_its_id.id = order.id;
  EXPECT_EQ(code(used(only_its_id)), 50009);
  EXPECT_EQ(code(used(order)), 50009);
}

TEST_F(OrderAnswersTest, ABatchAnswersEachOrderInItsPlace) {
  asked.endpoint = Endpoint::place_orders;
  asked.placed = {
      {}, {{}, {}, Fault{Code::price_missing}}, {core::Side::buy, core::OrderType::market, {}}};
  core::Reply reply;
  reply.rows = {{Refusal::ok, order}, {Refusal::amount_above_max, {}}};
  const net::Json json = answered(reply);
  const auto& rows = *json.find("data")->find("orders")->array();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(id_in(rows[0]), 40);
  EXPECT_EQ(rows[0].find("success")->integer(), 1);
  EXPECT_EQ(rows[1].find("data")->find("code")->integer(), 30012);
  EXPECT_EQ(rows[1].find("data")->find("reason")->string(), "price is missing");
  EXPECT_EQ(rows[2].find("data")->find("code")->integer(), 60002) << "a market buy";
  EXPECT_EQ(rows[2].find("success")->integer(), 0);
}

TEST_F(OrderAnswersTest, ABatchBeforeItsReleaseIsRefusedAsSwitchedOff) {
  asked.endpoint = Endpoint::place_orders;
  EXPECT_EQ(code({Refusal::malformed, {}, 0}), 70026);
}

TEST_F(OrderAnswersTest, ABatchOfFaultsAloneIsAnsweredWithoutTheCore) {
  asked.endpoint = Endpoint::place_orders;
  asked.placed = {{{}, {}, Fault{Code::pair_missing}}};
  EXPECT_EQ(answered({}).find("data")->find("orders")->array()->size(), 1u);
}

TEST_F(OrderAnswersTest, CancelAllAnswersWhatWasCanceled) {
  asked.endpoint = Endpoint::cancel_all;
  core::Reply reply;
  order.status = core::OrderStatus::canceled_unfilled;
  reply.rows = {{Refusal::ok, order}, {Refusal::ok, order}};
  EXPECT_EQ(answered(reply).find("data")->find("orders")->array()->size(), 2u);
  EXPECT_EQ(answered({}).find("data")->find("orders")->array()->size(), 0u);
  EXPECT_EQ(code({Refusal::unknown_market, {}, 0}), 40017);
}

TEST_F(OrderAnswersTest, TheDeadMansSwitchSaysWhenItStrikes) {
  asked.endpoint = Endpoint::cancel_all_after;
  asked.timeout_ms = 5'000;
  testing::tell(exchange.projection, {1}, {core::DeadManSet{alice, {77}}});
  EXPECT_EQ(answer_of(asked, {}, exchange.projection).body,
            R"({"success":1,"data":{"timeout_ms":5000,"cancel_at":77}})");
  asked.timeout_ms = 0;
  EXPECT_EQ(answer_of(asked, {}, exchange.projection).body,
            R"({"success":1,"data":{"timeout_ms":0,"cancel_at":null}})");
}

TEST_F(OrderAnswersTest, AnAmendedOrderIsAnsweredOrItsReason) {
  asked.endpoint = Endpoint::amend_order;
  EXPECT_EQ(id_in(answered({Refusal::ok, {{Refusal::ok, order}}, 0})), 40);
  EXPECT_EQ(code({Refusal::not_amendable, {}, 0}), 50010);
  EXPECT_EQ(code({Refusal::would_cross, {}, 0}), 40020);
}

TEST_F(OrderAnswersTest, RepliesOfAnotherShapeAreSystemErrors) {
  EXPECT_EQ(code({}), 10001);
  asked.endpoint = Endpoint::amend_order;
  EXPECT_EQ(code({}), 10001);
  asked.endpoint = Endpoint::place_orders;
  EXPECT_EQ(code({}), 10001);
  asked.endpoint = Endpoint::cancel_orders;
  asked.orders = {{1}};
  EXPECT_EQ(code({}), 10001);
}

TEST_F(OrderAnswersTest, AnEdgeThatLostItsCopySaysThatItCannotSay) {
  const history::Projection empty{history::ProjectionLimits{}};
  EXPECT_EQ(answer_of(asked, {Refusal::ok, {{Refusal::ok, order}}, 0}, empty).status, 504);
}

}  // namespace
}  // namespace oki::edge
