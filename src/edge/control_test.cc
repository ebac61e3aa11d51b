#include "edge/control.h"

#include <gtest/gtest.h>

#include "edge/admin.h"
#include "edge/testing/exchange.h"
#include "net/json_reader.h"
#include "store/testing/memory_disk.h"

namespace oki::edge {
namespace {

using testing::alice;
using testing::Exchange;
using testing::house;

const Bytes token(40, 't');
constexpr const char* order_url = "/v1/user/spot/order";
constexpr const char* assets_url = "/v1/user/assets";
constexpr const char* order_body =
    R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"0.5","price":"100"})";

// An edge's gateway with switches, and the requests of an operator.
struct ControlTest : ::testing::Test {
  ControlTest() { restart(); }

  void restart() {
    gateway.reset();
    admin.reset();
    control.reset();
    auto opened =
        Control::open({exchange.clock, exchange.timers, log, exchange.metrics, &disk}, {});
    ASSERT_TRUE(opened) << opened.error().message;
    control = std::move(*opened);
    admin = std::make_unique<Admin>(*control, exchange.metrics, token);
    gateway = std::make_unique<Gateway>(
        Gateway::Parts{exchange.clock, exchange.timers, exchange.metrics, exchange.cluster,
                       exchange.projection, exchange.books, control.get()},
        exchange.options);
    gateway->reached(exchange.projection.index());
    exchange.after_block = [this] { gateway->reached(exchange.projection.index()); };
  }

  net::HttpResponse ask(const std::string& method, const std::string& path,
                        const std::string& body = "", const std::string& with = token) {
    net::HttpRequest request = Exchange::request(method, path, body);
    if (!with.empty()) request.headers.push_back({"Authorization", "Bearer " + with});
    net::HttpResponse answer{0, {}, "no answer"};
    admin->handle(request, [&](net::HttpResponse response) { answer = std::move(response); });
    disk.finish_all();
    return answer;
  }
  std::uint16_t post(const std::string& what, const std::string& members) {
    const std::string said = R"("by":"aki","words":"a test")";
    const std::string body = "{" + members + (members.empty() ? "" : ",") + said + "}";
    return ask("POST", "/admin/" + what, body).status;
  }

  std::uint16_t customer(const net::HttpRequest& request) {
    std::uint16_t status = 0;
    gateway->handle(request, [&](net::HttpResponse response) { status = response.status; });
    exchange.cluster.run();
    return status;
  }
  std::uint16_t order(core::AccountId account) {
    return customer(exchange.signed_request(account, "POST", order_url, order_body));
  }
  std::uint16_t ticker() { return customer(Exchange::request("GET", "/btc_jpy/ticker")); }
  std::uint16_t health() { return customer(Exchange::request("GET", "/healthz")); }
  void advance(std::int64_t ms) {
    exchange.timers.advance_ms(ms, [this] { disk.finish_all(); });
  }

  Exchange exchange{testing::test_options(), 0};
  Log log{exchange.clock, "edge", {}};
  store::MemoryDisk disk{7};
  std::unique_ptr<Control> control;
  std::unique_ptr<Admin> admin;
  std::unique_ptr<Gateway> gateway;
};

TEST_F(ControlTest, NobodyWithoutTheTokenSeesOrChangesAnything) {
  EXPECT_EQ(ask("GET", "/admin/state").status, 200);
  for (const std::string& wrong : {std::string(), std::string(39, 't'), std::string(41, 't')}) {
    EXPECT_EQ(ask("GET", "/admin/state", "", wrong).status, 401);
    EXPECT_EQ(ask("POST", "/admin/drain", R"({"for_ms":5,"by":"a","words":""})", wrong).status,
              401);
  }
  EXPECT_FALSE(control->draining());
}

TEST_F(ControlTest, AWrongSettingBreaksOrdersAndARollbackMendsThem) {
  EXPECT_EQ(order(alice), 200);
  EXPECT_EQ(post("apply", R"("set":{"in_flight_max":0})"), 200);
  EXPECT_EQ(order(alice), 503);
  EXPECT_EQ(order(house), 503);
  EXPECT_EQ(post("rollback", R"("to":0)"), 200);
  EXPECT_EQ(order(alice), 200);
}

TEST_F(ControlTest, AShortTimeWindowRefusesHonestRequests) {
  const net::HttpRequest late = exchange.signed_request(alice, "GET", assets_url);
  EXPECT_EQ(post("apply", R"("set":{"time_window_max_ms":50})"), 200);
  advance(100);
  std::string body;
  gateway->handle(late, [&](net::HttpResponse response) { body = response.body; });
  EXPECT_NE(body.find("20035"), std::string::npos) << body;
}

TEST_F(ControlTest, ChangesAreKeptOverARestart) {
  EXPECT_EQ(post("apply", R"("set":{"in_flight_max":0})"), 200);
  restart();
  EXPECT_EQ(control->settings().in_flight_max, 0u);
  EXPECT_EQ(order(alice), 503);
}

TEST_F(ControlTest, WhatTheDiskRefusesDoesNotHold) {
  disk.fail_operation(0, Errc::io);
  EXPECT_EQ(post("apply", R"("set":{"in_flight_max":0})"), 503);
  EXPECT_EQ(control->settings().in_flight_max, Settings{}.in_flight_max);
}

TEST_F(ControlTest, StoredSettingsThatAreNoneStopTheStart) {
  disk.replace(settings_file, "{}", [](const Result<void>&) {});
  disk.finish_all();
  const auto opened =
      Control::open({exchange.clock, exchange.timers, log, exchange.metrics, &disk}, {});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::corrupt);
}

TEST_F(ControlTest, TightenedOrdersAreLimitedForCustomersAndNotForTheHouse) {
  EXPECT_EQ(post("tighten", R"("set":{"updates_per_second_max":1},"for_ms":60000)"), 200);
  EXPECT_EQ(order(alice), 200);
  EXPECT_EQ(order(alice), 429);
  EXPECT_EQ(order(house), 200);
  EXPECT_EQ(order(house), 200);
  advance(1'000);
  EXPECT_EQ(order(alice), 200);
}

TEST_F(ControlTest, ATighteningEndsByItself) {
  EXPECT_EQ(post("tighten", R"("set":{"public_per_second_max":1},"for_ms":5000)"), 200);
  EXPECT_EQ(ticker(), 200);
  EXPECT_EQ(ticker(), 429);
  advance(5'000);
  EXPECT_EQ(ticker(), 200);
  EXPECT_EQ(ticker(), 200);
  EXPECT_EQ(control->book().changes().back().kind, ChangeKind::restore);
  restart();
  EXPECT_FALSE(control->book().tightened_until());
}

TEST_F(ControlTest, ADrainingEdgeAnswersNobodyAndSaysSo) {
  int closed = 0;
  control->on_drain([&] { ++closed; });
  EXPECT_EQ(health(), 200);
  EXPECT_EQ(post("drain", R"("for_ms":60000)"), 200);
  EXPECT_EQ(closed, 1);
  EXPECT_EQ(health(), 503);
  EXPECT_EQ(ticker(), 503);
  EXPECT_EQ(order(house), 503);
  EXPECT_EQ(post("undrain", ""), 200);
  EXPECT_EQ(health(), 200);
  EXPECT_EQ(order(alice), 200);
  EXPECT_EQ(closed, 1);
}

TEST_F(ControlTest, QueryPercentLeavesAtLeastOneQueryASecond) {
  EXPECT_EQ(post("apply", R"("set":{"query_percent":1})"), 200);
  const auto query = [&] { return customer(exchange.signed_request(alice, "GET", assets_url)); };
  EXPECT_EQ(query(), 200);
  EXPECT_EQ(query(), 429);
}

TEST_F(ControlTest, BadRequestsOfOperatorsAreRefusedByName) {
  const struct {
    const char* path;
    const char* body;
    std::uint16_t status;
  } rows[] = {{"/admin/apply", "", 400},
              {"/admin/apply", "[]", 400},
              {"/admin/apply", R"({"set":{"query_percent":5},"words":""})", 400},
              {"/admin/apply", R"({"set":{"query_percent":5},"by":"a","words":"","more":1})", 400},
              {"/admin/apply", R"({"set":{"query_percent":"5"},"by":"a","words":""})", 400},
              {"/admin/apply", R"({"set":{"query_percent":-5},"by":"a","words":""})", 400},
              {"/admin/apply", R"({"set":{"query_percent":0},"by":"a","words":""})", 400},
              {"/admin/apply", R"({"set":{"query_percent":100},"by":"a","words":""})", 409},
              {"/admin/rollback", R"({"by":"a","words":""})", 400},
              {"/admin/rollback", R"({"to":5,"by":"a","words":""})", 409},
              {"/admin/tighten", R"({"set":{"query_percent":5},"by":"a","words":""})", 400},
              {"/admin/drain", R"({"for_ms":0,"by":"a","words":""})", 400},
              {"/admin/restore", R"({"by":"a","words":""})", 409},
              {"/admin/undrain", R"({"by":"a","words":""})", 409},
              {"/admin/stop", R"({"by":"a","words":""})", 404},
              {"/admin", R"({"by":"a","words":""})", 404}};
  for (const auto& row : rows) {
    EXPECT_EQ(ask("POST", row.path, row.body).status, row.status) << row.path << " " << row.body;
  }
  EXPECT_EQ(ask("GET", "/admin/apply").status, 404);
  EXPECT_EQ(control->book().changes().size(), 1u);
}

TEST_F(ControlTest, WhoeverFollowsChangesIsToldOfTheNewerOnesOnly) {
  EXPECT_EQ(post("apply", R"("set":{"query_percent":50})"), 200);
  EXPECT_EQ(post("drain", R"("for_ms":60000)"), 200);
  const auto changes = [&](const std::string& query) {
    const auto json = net::parse_json(ask("GET", "/admin/state" + query).body, 1u << 20);
    EXPECT_EQ(json->find("last_change")->integer(), 3);
    return json->find("changes")->array()->size();
  };
  EXPECT_EQ(changes(""), 3u);
  EXPECT_EQ(changes("?after=0"), 3u);
  EXPECT_EQ(changes("?after=2"), 1u);
  EXPECT_EQ(changes("?after=3"), 0u);
  EXPECT_EQ(ask("GET", "/admin/state?after=x").status, 400);
  EXPECT_EQ(ask("GET", "/admin/state?before=3").status, 400);
}

TEST_F(ControlTest, OneChangeIsUnderWayAtATime) {
  std::vector<std::uint16_t> statuses;
  disk.hold();
  for (const char* percent : {"50", "60"}) {
    net::HttpRequest request = Exchange::request(
        "POST", "/admin/apply",
        R"({"set":{"query_percent":)" + std::string(percent) + R"(},"by":"a","words":""})");
    request.headers.push_back({"Authorization", "Bearer " + token});
    admin->handle(request, [&](const net::HttpResponse& r) { statuses.push_back(r.status); });
  }
  disk.finish_all();
  EXPECT_EQ(statuses, (std::vector<std::uint16_t>{503, 200}));
  EXPECT_EQ(control->settings().query_percent, 50u);
}

}  // namespace
}  // namespace oki::edge
