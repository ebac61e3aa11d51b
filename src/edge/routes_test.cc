#include "edge/routes.h"

#include <gtest/gtest.h>

namespace oki::edge {
namespace {

struct Row {
  ByteView method, path;
  Endpoint endpoint;
  Access access;
};

constexpr Row rows[] = {
    {"GET", "/healthz", Endpoint::health, Access::everyone},
    {"GET", "/spot/pairs", Endpoint::pairs, Access::everyone},
    {"GET", "/v1/spot/pairs", Endpoint::pairs, Access::everyone},
    {"GET", "/v1/spot/status", Endpoint::statuses, Access::everyone},
    {"GET", "/tickers", Endpoint::tickers, Access::everyone},
    {"GET", "/tickers_jpy", Endpoint::tickers_jpy, Access::everyone},
    {"GET", "/btc_jpy/ticker", Endpoint::ticker, Access::everyone},
    {"GET", "/btc_jpy/depth", Endpoint::depth, Access::everyone},
    {"GET", "/btc_jpy/transactions", Endpoint::transactions, Access::everyone},
    {"GET", "/btc_jpy/transactions/20261121", Endpoint::transactions_of_day, Access::everyone},
    {"GET", "/btc_jpy/candlestick/1min/20261121", Endpoint::candlestick, Access::everyone},
    {"GET", "/btc_jpy/circuit_break_info", Endpoint::circuit_break_info, Access::everyone},
    {"GET", "/v1/user/assets", Endpoint::assets, Access::query},
    {"GET", "/v1/user/spot/order", Endpoint::order, Access::query},
    {"POST", "/v1/user/spot/order", Endpoint::place_order, Access::update},
    {"POST", "/v1/user/spot/cancel_order", Endpoint::cancel_order, Access::update},
    {"POST", "/v1/user/spot/cancel_orders", Endpoint::cancel_orders, Access::update},
    {"POST", "/v1/user/spot/orders_info", Endpoint::orders_info, Access::query},
    {"GET", "/v1/user/spot/active_orders", Endpoint::active_orders, Access::query},
    {"GET", "/v1/user/spot/trade_history", Endpoint::trade_history, Access::query},
    {"GET", "/v1/user/margin/status", Endpoint::margin_status, Access::query},
    {"GET", "/v1/user/margin/positions", Endpoint::margin_positions, Access::query},
};

TEST(Routes, EveryUrlLeadsToItsEndpoint) {
  for (const Row& row : rows) {
    const auto match = find_route(row.method, row.path);
    ASSERT_TRUE(match.has_value()) << row.path;
    EXPECT_EQ(match->route->endpoint, row.endpoint) << row.path;
    EXPECT_EQ(match->route->access, row.access) << row.path;
  }
}

TEST(Routes, SegmentsInBracesAreArguments) {
  const auto match = find_route("GET", "/btc_jpy/candlestick/1min/20261121");
  ASSERT_TRUE(match.has_value());
  EXPECT_EQ(match->args, (PathArgs{"btc_jpy", "1min", "20261121"}));
}

TEST(Routes, AnythingElseIsNotFound) {
  for (const ByteView path : {"",
                              "/",
                              "//",
                              "/v1",
                              "/v1/",
                              "btc_jpy/ticker",
                              "/btc_jpy",
                              "/btc_jpy/ticker/",
                              "//ticker",
                              "/btc_jpy/ticker/x",
                              "/btc_jpy/tickers",
                              "/v1/btc_jpy/ticker",
                              "/v1/user",
                              "/v1/user/assets/",
                              "/v1//user/assets",
                              "/V1/user/assets",
                              "/v1/user/subscribe",
                              "/v1/user/withdrawal_account",
                              "/btc_jpy/candlestick/1min",
                              "/spot/status",
                              "*"}) {
    const auto match = find_route("GET", path);
    ASSERT_FALSE(match.has_value()) << path;
    EXPECT_EQ(match.error(), Code::url_not_found) << path;
  }
}

TEST(Routes, AnotherMethodIsNotFound) {
  EXPECT_EQ(find_route("POST", "/v1/user/assets").error(), Code::url_not_found);
  EXPECT_EQ(find_route("GET", "/v1/user/spot/cancel_order").error(), Code::url_not_found);
  EXPECT_EQ(find_route("DELETE", "/v1/user/spot/order").error(), Code::url_not_found);
  EXPECT_EQ(find_route("get", "/tickers").error(), Code::url_not_found);
}

TEST(Routes, APrivatePathWithoutItsVersionSaysSo) {
  EXPECT_EQ(find_route("GET", "/user/assets").error(), Code::path_without_version);
  EXPECT_EQ(find_route("POST", "/user/spot/order").error(), Code::path_without_version);
}

}  // namespace
}  // namespace oki::edge
