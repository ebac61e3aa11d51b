#include "edge/order_params.h"

#include <gtest/gtest.h>

#include "edge/testing/exchange.h"

namespace oki::edge {
namespace {

using testing::alice;

constexpr core::SessionId own_session{70};
constexpr core::SessionId stream_session{71};

struct OrderParamsTest : ::testing::Test {
  Checked<Update> read(Endpoint endpoint, const std::string& body, bool of_the_house = false) {
    const auto params = Params::from_body(body);
    EXPECT_TRUE(params.has_value()) << body;
    if (!params) return tl::unexpected(params.error());
    return read_update(endpoint, *params,
                       {exchange.projection, caller, of_the_house, find_session});
  }
  // The order that a limit order with `more` members asks for.
  core::PlaceOrder order(const std::string& more) {
    const auto update = read(Endpoint::place_order, limit_with(more));
    EXPECT_TRUE(update.has_value()) << more;
    return update ? std::get<core::PlaceOrder>(*update->command) : core::PlaceOrder{};
  }
  Code fault(Endpoint endpoint, const std::string& body) {
    const auto update = read(endpoint, body);
    EXPECT_FALSE(update.has_value()) << body;
    return update ? Code::system_error : update.error().code;
  }
  static std::string limit_with(const std::string& more) {
    return R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1","price":"100")" + more +
           "}";
  }

  testing::Exchange exchange;
  Caller caller{alice, {{5}, 9}};
  FindSession find_session = [](ByteView sid) -> Checked<core::SessionId> {
    if (sid.empty()) return own_session;
    if (sid == "the-stream") return stream_session;
    return tl::unexpected(field::cancel_on_disconnect.invalid);
  };
};

TEST_F(OrderParamsTest, AnOrderWithoutAdditionsHasBitbanksDefaults) {
  core::PlaceOrder expected;
  expected.account = alice;
  expected.auth = {{5}, 9};
  expected.price = {100};
  expected.amount = {10'000};
  EXPECT_EQ(order(""), expected);
  EXPECT_EQ(order(R"(,"trigger_price":null,"position_side":null,"client_order_id":null,)"
                  R"("time_in_force":null,"expire_at":null,"self_trade_prevention":null,)"
                  R"("display_amount":null,"cancel_on_disconnect":null)"),
            expected);
}

TEST_F(OrderParamsTest, EveryAdditionReachesTheCommand) {
  const core::PlaceOrder made =
      order(R"(,"post_only":true,"position_side":"short","client_order_id":"a.B_3:-z",)"
            R"("time_in_force":"gtd","expire_at":1700000000001,)"
            R"("self_trade_prevention":"decrement","display_amount":"0.5",)"
            R"("cancel_on_disconnect":true)");
  EXPECT_TRUE(made.post_only);
  EXPECT_EQ(made.position, core::PositionSide::short_side);
  EXPECT_EQ(made.client_order_id, "a.B_3:-z");
  EXPECT_EQ(made.time_in_force, core::TimeInForce::gtd);
  EXPECT_EQ(made.expire_at.value, 1'700'000'000'001);
  EXPECT_EQ(made.self_trade, core::SelfTrade::decrement);
  EXPECT_EQ(made.display.value, 5'000u);
  EXPECT_EQ(made.session, own_session);
  EXPECT_EQ(order(R"(,"cancel_on_disconnect":"the-stream")").session, stream_session);
  EXPECT_EQ(order(R"(,"cancel_on_disconnect":false)").session.value, 0u);
}

TEST_F(OrderParamsTest, EachTypeHasItsPriceAndTrigger) {
  struct Row {
    const char* members;
    core::OrderType type;
    std::uint64_t price, trigger, amount;
  };
  const Row rows[] = {
      {R"("type":"market","amount":"1","price":"7")", core::OrderType::market, 0, 0, 10'000},
      {R"("type":"stop","amount":"1","trigger_price":"9")", core::OrderType::stop, 0, 9, 10'000},
      {R"("type":"stop_limit","amount":"1","price":"7","trigger_price":9)",
       core::OrderType::stop_limit, 7, 9, 10'000},
      {R"("type":"take_profit","trigger_price":"9")", core::OrderType::take_profit, 0, 9, 0},
      {R"("type":"stop_loss","trigger_price":"9","amount":"2")", core::OrderType::stop_loss, 0, 9,
       20'000},
  };
  for (const Row& row : rows) {
    const auto update = read(Endpoint::place_order, R"({"pair":"btc_jpy","side":"sell",)" +
                                                        std::string(row.members) + "}");
    ASSERT_TRUE(update.has_value()) << row.members;
    const auto& made = std::get<core::PlaceOrder>(*update->command);
    EXPECT_EQ(made.type, row.type);
    EXPECT_EQ(made.price.value, row.price) << row.members;
    EXPECT_EQ(made.trigger.value, row.trigger) << row.members;
    EXPECT_EQ(made.amount.value, row.amount) << row.members;
  }
}

TEST_F(OrderParamsTest, ATriggerThatDoesNotBelongIsLeftToTheCore) {
  EXPECT_EQ(order(R"(,"trigger_price":"50")").trigger.value, 50u);
}

TEST_F(OrderParamsTest, EachBadAdditionIsRefused) {
  const std::pair<const char*, std::uint32_t> rows[] = {
      {R"("position_side":"LONG")", 40164},
      {R"("position_side":{})", 40164},
      {R"("trigger_price":"-1")", 40112},
      {R"("trigger_price":"0.5")", 40112},
      {R"("trigger_price":[])", 40112},
      {R"("post_only":1)", 40113},
      {R"("client_order_id":"")", 10002},
      {R"("client_order_id":"white space")", 10002},
      {R"("client_order_id":"あ")", 10002},
      {R"("client_order_id":"012345678901234567890123456789012")", 10002},
      {R"("client_order_id":{})", 10002},
      {R"("time_in_force":"GTC")", 10002},
      {R"("time_in_force":"")", 10002},
      {R"("time_in_force":true)", 10002},
      {R"("expire_at":"soon")", 10002},
      {R"("expire_at":-1)", 10002},
      {R"("expire_at":9007199254740992)", 10002},
      {R"("self_trade_prevention":"none")", 10002},
      {R"("self_trade_prevention":7)", 10002},
      {R"("display_amount":"0")", 10002},
      {R"("display_amount":"0.00001")", 10002},
      {R"("display_amount":false)", 10002},
      {R"("cancel_on_disconnect":"")", 10002},
      {R"("cancel_on_disconnect":1)", 10002},
      {R"("cancel_on_disconnect":"another-stream")", 10002},
      {R"("cancel_on_disconnect":[])", 10002},
  };
  for (const auto& [member, code] : rows) {
    EXPECT_EQ(static_cast<std::uint32_t>(
                  fault(Endpoint::place_order, limit_with("," + std::string(member)))),
              code)
        << member;
  }
}

TEST_F(OrderParamsTest, ValuesAtTheirLimitsAreTaken) {
  EXPECT_EQ(order(R"(,"client_order_id":"01234567890123456789012345678901")").client_order_id,
            "01234567890123456789012345678901");
  EXPECT_EQ(order(R"(,"client_order_id":7)").client_order_id, "7");
  EXPECT_EQ(order(R"(,"expire_at":9007199254740991)").expire_at.value, 9'007'199'254'740'991);
  EXPECT_EQ(order(R"(,"display_amount":"0.0001")").display.value, 1u);
  EXPECT_EQ(order(R"(,"trigger_price":"18446744073709551615")").trigger.value, ~std::uint64_t{0});
  EXPECT_EQ(fault(Endpoint::place_order, limit_with(R"(,"trigger_price":"18446744073709551616")")),
            Code::invalid_trigger);
}

TEST_F(OrderParamsTest, AnUnlistedMarketIsTheHousesOnly) {
  const std::string body =
      R"({"pair":"probe_jpy","side":"buy","type":"limit","amount":"1","price":"1"})";
  EXPECT_EQ(fault(Endpoint::place_order, body), Code::invalid_pair);
  EXPECT_TRUE(read(Endpoint::place_order, body, true).has_value());
  EXPECT_EQ(fault(Endpoint::cancel_all, R"({"pair":"probe_jpy"})"), Code::invalid_pair);
  EXPECT_EQ(fault(Endpoint::amend_order, R"({"pair":"probe_jpy","order_id":1,"price":"2"})"),
            Code::invalid_pair);
}

TEST_F(OrderParamsTest, ABatchKeepsTheFaultsOfItsRows) {
  const auto update =
      read(Endpoint::place_orders,
           R"({"orders":[)" + limit_with("") + R"(,{"pair":"btc_jpy"},)" + limit_with("") + "]}");
  ASSERT_TRUE(update.has_value());
  const auto& batch = std::get<core::PlaceOrders>(*update->command);
  EXPECT_EQ(batch.orders.size(), 2u);
  EXPECT_EQ(batch.orders[0].auth, batch.auth);
  ASSERT_EQ(update->asked.placed.size(), 3u);
  EXPECT_EQ(update->asked.placed[1].fault->code, Code::side_missing);
  const auto nothing = read(Endpoint::place_orders, R"({"orders":[{}]})");
  ASSERT_TRUE(nothing.has_value());
  EXPECT_FALSE(nothing->command.has_value());
}

TEST_F(OrderParamsTest, ABatchHasOneToThirtyObjectsOfOneSession) {
  const auto of = [](int count) {
    std::string body = R"({"orders":[{})";
    for (int i = 1; i < count; ++i) body += ",{}";
    return body + "]}";
  };
  EXPECT_TRUE(read(Endpoint::place_orders, of(30)).has_value());
  for (const std::string& body :
       {of(31), std::string(R"({"orders":[]})"), std::string(R"({"orders":[1]})"),
        std::string(R"({"orders":{}})"), std::string("{}")}) {
    EXPECT_EQ(fault(Endpoint::place_orders, body), Code::malformed_request) << body;
  }
  EXPECT_EQ(fault(Endpoint::place_orders,
                  R"({"orders":[)" + limit_with(R"(,"cancel_on_disconnect":true)") + "," +
                      limit_with(R"(,"cancel_on_disconnect":"the-stream")") + "]}"),
            Code::malformed_request);
}

TEST_F(OrderParamsTest, AnAmendmentNamesItsOrderAndWhatChanges) {
  const auto update = read(Endpoint::amend_order,
                           R"({"pair":"btc_jpy","order_id":"12","price":"7","amount":"0.5"})");
  ASSERT_TRUE(update.has_value());
  const auto& amend = std::get<core::AmendOrder>(*update->command);
  EXPECT_EQ(amend.order.value, 12u);
  EXPECT_EQ(amend.price.value, 7u);
  EXPECT_EQ(amend.trigger.value, 0u);
  EXPECT_EQ(amend.amount.value, 5'000u);
  EXPECT_EQ(fault(Endpoint::amend_order, R"({"pair":"btc_jpy"})"), Code::order_id_missing);
  EXPECT_EQ(fault(Endpoint::amend_order, R"({"order_id":1})"), Code::pair_missing);
  EXPECT_EQ(fault(Endpoint::amend_order, R"({"pair":"btc_jpy","order_id":1,"price":"0"})"),
            Code::invalid_price);
  EXPECT_EQ(fault(Endpoint::amend_order, R"({"pair":"btc_jpy","order_id":1,"amount":""})"),
            Code::invalid_amount);
}

TEST_F(OrderParamsTest, CancelAllIsOfOneMarketOrOfAll) {
  const auto all = read(Endpoint::cancel_all, "{}");
  ASSERT_TRUE(all.has_value());
  EXPECT_TRUE(std::get<core::CancelAll>(*all->command).all_markets);
  const auto one = read(Endpoint::cancel_all, R"({"pair":"btc_jpy"})");
  ASSERT_TRUE(one.has_value());
  EXPECT_FALSE(std::get<core::CancelAll>(*one->command).all_markets);
  EXPECT_EQ(fault(Endpoint::cancel_all, R"({"pair":"nope"})"), Code::invalid_pair);
  EXPECT_EQ(fault(Endpoint::cancel_all, R"({"pair":[]})"), Code::invalid_pair);
}

TEST_F(OrderParamsTest, ADeadMansSwitchIsSetForADayAtMost) {
  const auto set = read(Endpoint::cancel_all_after, R"({"timeout_ms":86400000})");
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(std::get<core::CancelAllAfter>(*set->command).timeout_ms, 86'400'000u);
  EXPECT_TRUE(read(Endpoint::cancel_all_after, R"({"timeout_ms":"0"})").has_value());
  for (const char* body :
       {"{}", R"({"timeout_ms":86400001})", R"({"timeout_ms":-1})", R"({"timeout_ms":1.5})",
        R"({"timeout_ms":null})", R"({"timeout_ms":true})"}) {
    EXPECT_EQ(fault(Endpoint::cancel_all_after, body), Code::malformed_request) << body;
  }
}

}  // namespace
}  // namespace oki::edge
