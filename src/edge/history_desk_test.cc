// What memory has forgotten is answered from the SQL history, as if memory had never forgotten.
#include "edge/history_desk.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>

#include "edge/testing/exchange.h"
#include "history/log_reader.h"

namespace oki::edge {
namespace {

using testing::alice;
using testing::bob;
using testing::Exchange;
using testing::test_options;

EdgeOptions forgetful() {
  EdgeOptions options = test_options();
  options.rate_limits = false;
  options.projection.closed_orders_per_account_max = 2;
  options.projection.account_trades_max = 3;
  return options;
}

EdgeOptions of_good_memory() {
  EdgeOptions options = test_options();
  options.rate_limits = false;
  return options;
}

// A hundredth of the trading that fills a memory, with the history beside it.
struct HistoryDeskTest : ::testing::Test {
  HistoryDeskTest() {
    char name[] = "/tmp/oki_history_desk_XXXXXX";
    directory = mkdtemp(name);
    auto opened = history::SqlStore::open(file(), {});
    EXPECT_TRUE(opened);
    reader.emplace(log, metrics, (*opened)->index(), (*opened)->event_hash());
    queue.emplace(
        std::move(*opened), history::SqlQueueOptions{},
        [this](std::function<void()> action) { posted.push_back(std::move(action)); },
        reader->news());
    reader->write_to(*queue);
    desk.emplace(HistoryDesk::Parts{exchange.clock, exchange.timers, exchange.projection, *queue},
                 HistoryDeskOptions{});
    reader->on_written([this](LogIndex index) { desk->written(index); });
    exchange.gateway.ask_of_old(*desk);
    for (Exchange* one : {&exchange, &whole}) {
      one->cluster.follower = [this, one](const replica::EventBlock& block) {
        one->read(block);
        if (one == &exchange) reader->on_block(block);
      };
    }
    start_from_opening();
    for (Exchange* one : {&exchange, &whole}) trade(*one);
  }
  ~HistoryDeskTest() override {
    queue.reset();
    for (const char* end : {"", "-wal", "-shm", "-lock"}) std::remove((file() + end).c_str());
    rmdir(directory.c_str());
  }
  std::string file() const { return directory + "/history.sqlite"; }

  // The blocks before the reader was there come as a node's snapshot does.
  void start_from_opening() {
    ASSERT_TRUE(reader->on_snapshot(exchange.projection.index(), exchange.projection.event_hash(),
                                    exchange.projection.snapshot()));
  }

  static void trade(Exchange& one) {
    for (int i = 0; i < 8; ++i) {
      one.clock.advance_ns(5'000'000);
      (void)one.place(alice, core::Side::sell, 100, 10);
      (void)one.place(bob, core::Side::buy, 100, 10);
    }
  }

  // The answer after history has done what waits; the memory that forgets nothing gives the other.
  std::string get(core::AccountId account, const std::string& target) {
    return after(exchange.signed_request(account, "GET", target));
  }
  std::string after(const net::HttpRequest& request) {
    std::optional<net::HttpResponse> answer;
    exchange.gateway.handle(request, [&](net::HttpResponse got) { answer = std::move(got); });
    for (int i = 0; i < 3; ++i) {
      while (queue->step() == history::SqlQueue::Step::worked) {
      }
      std::vector<std::function<void()>> now;
      now.swap(posted);
      for (const auto& action : now) action();
    }
    return answer ? answer->body : "no answer";
  }

  std::string directory;
  Log log{exchange.clock, "test", {}};
  Metrics metrics;
  Exchange exchange{forgetful()};
  Exchange whole{of_good_memory()};
  std::vector<std::function<void()>> posted;
  std::optional<history::LogReader> reader;
  std::optional<history::SqlQueue> queue;
  std::optional<HistoryDesk> desk;
};

TEST_F(HistoryDeskTest, AnOrderThatMemoryForgotIsAnsweredAllTheSame) {
  ASSERT_EQ(exchange.projection.order(core::OrderId{1}), nullptr);
  ASSERT_NE(whole.projection.order(core::OrderId{1}), nullptr);
  for (const int id : {1, 3, 15, 77}) {
    const std::string url = "/v1/user/spot/order?pair=btc_jpy&order_id=" + std::to_string(id);
    EXPECT_EQ(get(alice, url), whole.get(alice, url));
    EXPECT_EQ(get(bob, url), whole.get(bob, url)) << "of another account";
  }
  for (const char* url :
       {"/v1/user/spot/order?pair=probe_jpy&order_id=1", "/v1/user/spot/order?pair=btc_jpy",
        "/v1/user/spot/order?order_id=1", "/v1/user/spot/order?pair=btc_jpy&order_id=x"}) {
    EXPECT_EQ(get(alice, url), whole.get(alice, url)) << url;
  }
}

TEST_F(HistoryDeskTest, OrdersInfoMixesMemoryAndHistoryInTheOrderAsked) {
  const char* url = "/v1/user/spot/orders_info";
  for (const char* body :
       {R"({"pair":"btc_jpy","order_ids":[15,1,99,3,2,13]})",
        R"({"pair":"btc_jpy","order_ids":[15]})", R"({"pair":"btc_jpy","order_ids":[]})"}) {
    EXPECT_EQ(after(exchange.signed_request(alice, "POST", url, body)),
              whole.post(alice, url, body))
        << body;
  }
}

TEST_F(HistoryDeskTest, TradesBeyondTheNewestComeFromHistory) {
  ASSERT_FALSE(exchange.projection.has_all_trades(alice));
  for (const char* end :
       {"", "?pair=btc_jpy", "?count=2", "?count=5&order=asc", "?order_id=3",
        "?order_id=3&order=asc", "?since=1700000000020&end=1700000000030", "?since=2&end=1",
        "?pair=probe_jpy", "?count=0", "?order=up", "?pair=nope"}) {
    const std::string url = std::string("/v1/user/spot/trade_history") + end;
    EXPECT_EQ(get(alice, url), whole.get(alice, url)) << url;
  }
}

TEST_F(HistoryDeskTest, AnOrderClosedMoreThanThreeMonthsAgoIsNotFound) {
  const std::string url = "/v1/user/spot/order?pair=btc_jpy&order_id=1";
  EXPECT_NE(get(alice, url).find("FULLY_FILLED"), std::string::npos);
  exchange.clock.jump_wall_ms(closed_order_shown_ms);
  EXPECT_EQ(get(alice, url), R"({"success":0,"data":{"code":50009}})");
}

TEST_F(HistoryDeskTest, AHistoryThatIsBehindIsSaidToBeAndNotMistakenForNothing) {
  (void)get(alice, "/v1/user/spot/order?pair=btc_jpy&order_id=1");
  (void)exchange.place(alice, core::Side::sell, 100, 10);
  std::optional<net::HttpResponse> answer;
  exchange.gateway.handle(
      exchange.signed_request(alice, "GET", "/v1/user/spot/order?pair=btc_jpy&order_id=1"),
      [&](net::HttpResponse got) { answer = std::move(got); });
  exchange.timers.advance_ms(HistoryDeskOptions{}.wait_ms - 1);
  EXPECT_FALSE(answer);
  exchange.timers.advance_ms(1);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
}

TEST_F(HistoryDeskTest, AQuestionThatOutlivesTheProjectionIsNotAnsweredFromNothing) {
  std::optional<net::HttpResponse> answer;
  const auto request =
      exchange.signed_request(alice, "GET", "/v1/user/spot/order?pair=btc_jpy&order_id=1");
  exchange.gateway.handle(request, [&](net::HttpResponse got) { answer = std::move(got); });
  exchange.projection = history::Projection(exchange.options.projection);
  for (int i = 0; i < 3; ++i) {
    (void)queue->step();
    std::vector<std::function<void()>> now;
    now.swap(posted);
    for (const auto& action : now) action();
  }
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
}

}  // namespace
}  // namespace oki::edge
