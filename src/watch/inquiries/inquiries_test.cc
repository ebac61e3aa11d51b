// From what customers write on the page to an incident: the parts that a watch runs, wired as it
// wires them, with edges that run and a clock that is stepped.
#include "watch/inquiries/inquiries.h"

#include <gtest/gtest.h>

#include <deque>
#include <optional>

#include "response/testing/response_world.h"
#include "watch/feed.h"
#include "watch/inquiries/testing/running_edge.h"

namespace oki::watch::inquiries {
namespace {

class InquiriesTest : public ::testing::Test {
 protected:
  InquiriesTest() {
    world.furnish();
    clock.jump_wall_ms(world.now().value - clock.wall_now().value);
    Feed::Options feed_options;
    feed_options.edges = 2;
    feed_options.nodes = 0;
    feed_options.markets = {"btc_jpy"};
    feed = std::make_unique<Feed>(
        Feed::Parts{clock, timers, metrics,
                    [this](const response::Command& command) { tell(command); }},
        std::move(feed_options));
    InquiriesOptions options;
    options.failures.edges = {first.address, second.address};
    options.failures.house_accounts = {{1}, {2}};
    inquiries = std::move(
        *Inquiries::open({clock, timers, watch_net, disk, metrics,
                          [this](const Counts& counts) {
                            feed->on_inquiries(counts.inquiries, counts.with_failure);
                          },
                          [](const Address& peer, const net::HttpRequest&) { return peer.host; }},
                         options));
    server.listen({watch_net.ip(), 80});
    feed->start();
    inquiries->start();
    probe();
    run(5'000);
  }

  void tell(const response::Command& command) {
    const std::int64_t ahead = clock.wall_now().value - world.now().value;
    if (ahead > 0) world.advance(ahead);
    world.send(command);
    if (const auto* observe = std::get_if<response::Observe>(&command)) {
      if (observe->signal.source == response::Source::inquiry) surges.push_back(observe->signal);
    }
    const auto* check = std::get_if<response::Check>(&command);
    if (check != nullptr && check->kind == response::CheckKind::inquiries) quiet = check->fine;
  }
  // Test trades see nothing of it.
  void probe() {
    for (std::size_t prober = 0; prober < 4; ++prober) {
      ProbeResult result;
      result.check = static_cast<std::size_t>(checked % 2);
      result.ok = result.reached = true;
      result.started = result.ended = clock.mono_now();
      result.started_wall = clock.wall_now();
      feed->on_probe(prober, result);
    }
    ++checked;
    timers.after_ms(500, [this] { probe(); });
  }
  void run(std::int64_t ms) {
    network.run();
    timers.advance_ms(ms, [this] { network.run(); });
    network.run();
  }

  // Each customer writes from a network of his own, through the page. Gives the status.
  int write(std::uint64_t account) {
    net::HttpRequest request;
    request.method = "POST";
    request.target = "/en/inquiry";
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = "account=" + std::to_string(account) + "&contact=a" + std::to_string(account) +
                   "%40example.jp&words=My+order+is+lost";
    int status = 0;
    net::HttpClient client(network.host(), timers, {watch_net.ip(), 80}, {});
    client.request(request, [&status](const Result<net::HttpResponse>& response) {
      status = response ? response->status : -1;
    });
    run(1);
    return status;
  }

  oki::testing::StepClock clock;
  oki::testing::StepTimers timers{clock};
  oki::testing::MemoryNetwork network;
  oki::testing::MemoryNet& first_net = network.host();
  oki::testing::MemoryNet& second_net = network.host();
  oki::testing::MemoryNet& watch_net = network.host();
  RunningEdge first{clock, timers, first_net};
  RunningEdge second{clock, timers, second_net};
  Metrics metrics;
  notify::MemoryDisk disk;
  response::World world;
  std::deque<response::Signal> surges;
  std::optional<bool> quiet;
  int checked = 0;
  std::unique_ptr<Feed> feed;
  std::unique_ptr<Inquiries> inquiries;

  // The page itself, behind a server as in the watch.
  struct Pages : net::HttpHandler {
    explicit Pages(std::unique_ptr<Inquiries>& wired) : all(wired) {}
    void on_request(const Address& peer, net::HttpRequest request,
                    net::Responder responder) override {
      all->pages().on_request(peer, std::move(request), std::move(responder));
    }
    std::unique_ptr<Inquiries>& all;
  } pages{inquiries};
  net::HttpServer server{watch_net, timers, clock, pages, {}};
};

TEST_F(InquiriesTest, CustomersWhoAreRightRaiseASuspectedIncident) {
  ASSERT_EQ(quiet, true);
  const MonoTimeNs began = clock.mono_now();
  for (std::uint64_t account = 100; account < 112; ++account) {
    (account % 2 == 0 ? first : second).fail(account);
    EXPECT_EQ(write(account), 200);
    run(2'000);
    if (!surges.empty()) break;
  }
  run(3'000);
  ASSERT_FALSE(surges.empty());
  EXPECT_TRUE(surges[0].firing);
  EXPECT_EQ(surges[0].kind, response::SignalKind::inquiry_surge);
  EXPECT_EQ(surges[0].trust, response::Trust::evidence);
  EXPECT_EQ(surges[0].words.find("example.jp"), std::string::npos);
  EXPECT_LE(clock.mono_now() - began, 30'000 * ns_per_ms);
  EXPECT_EQ(quiet, false);
  ASSERT_EQ(world.state().incidents.size(), 1u);
  EXPECT_EQ(world.incident(1).phase, response::Phase::suspected);
  EXPECT_TRUE(inquiries->desk().find(InquiryId{1})->failure);
}

TEST_F(InquiriesTest, AsManyOfWhomNothingFailedRaiseNone) {
  for (std::uint64_t account = 100; account < 200; ++account) {
    EXPECT_EQ(write(account), 200);
    run(200);
  }
  run(30'000);
  EXPECT_TRUE(surges.empty());
  EXPECT_EQ(quiet, true);
  EXPECT_TRUE(world.state().incidents.empty());
  EXPECT_FALSE(inquiries->desk().find(InquiryId{1})->failure);
}

TEST_F(InquiriesTest, OneCustomerWhoWritesOftenIsOne) {
  first.fail(100);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(write(100), 200);
    run(200);
  }
  run(30'000);
  EXPECT_TRUE(surges.empty());
  EXPECT_NE(metrics.prometheus_text().find("okiagari_inquiries_with_failure_total 1\n"),
            std::string::npos);
}

TEST_F(InquiriesTest, TestTradesOfTheHouseAreNoCustomers) {
  for (int i = 0; i < 100; ++i) {
    first.fail(1);
    second.fail(2);
  }
  for (std::uint64_t account = 1; account <= 2; ++account) EXPECT_EQ(write(account), 200);
  run(20'000);
  EXPECT_FALSE(inquiries->desk().find(InquiryId{1})->failure);
}

}  // namespace
}  // namespace oki::watch::inquiries
