#include "watch/inputs/input_server.h"

#include <gtest/gtest.h>

#include <optional>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "net/http_client.h"
#include "watch/inputs/testing/outside.h"

namespace oki::watch::inputs {
namespace {

// An Alertmanager that answers what it is told to, late or never when it is told so.
class FakeAlertmanager : public net::HttpHandler {
 public:
  void on_request(const Address&, net::HttpRequest request, net::Responder responder) override {
    ++asked;
    target = request.target;
    if (hangs) {
      held.push_back(std::move(responder));
    } else {
      responder.send(net::json_response(status, list));
    }
  }

  std::string list = "[]", target;
  std::uint16_t status = 200;
  bool hangs = false;
  int asked = 0;
  std::vector<net::Responder> held;
};

struct InputServerTest : ::testing::Test {
  static std::string toml() {
    return std::string(test_settings)
        .replace(std::string(test_settings).find("expires_ms = 60000"), 18,
                 "expires_ms = 60000\npoll = [\"10.0.0.2:9093\"]");
  }

  void pass(std::int64_t ms) {
    network.run();
    timers.advance_ms(ms, [this] { network.run(); });
  }

  std::uint16_t send(const net::HttpRequest& request) {
    std::optional<std::uint16_t> status;
    net::HttpClient client(client_net, timers, door, {});
    client.request(request, [&status](const Result<net::HttpResponse>& answer) {
      status = answer ? answer->status : std::uint16_t{0};
    });
    network.run();
    return status.value_or(1);
  }

  std::string shown() const { return metrics.prometheus_text(); }
  bool shows(const std::string& text) const { return shown().find(text) != std::string::npos; }

  oki::testing::StepClock clock;
  oki::testing::StepTimers timers{clock};
  oki::testing::MemoryNetwork network;
  oki::testing::MemoryNet& watch_net = network.host();
  oki::testing::MemoryNet& alertmanager_net = network.host();
  oki::testing::MemoryNet& client_net = network.host();
  Metrics metrics;
  FakeAlertmanager alertmanager;
  net::HttpServer alertmanager_server{alertmanager_net, timers, clock, alertmanager, {}};
  std::vector<response::Signal> signals;
  int alive = 0;
  InputServer server{{clock, timers, watch_net, metrics},
                     settings_for_tests(toml()),
                     tokens_for_tests(),
                     [this](const response::Command& command) {
                       if (const auto* said = std::get_if<response::Observe>(&command)) {
                         signals.push_back(said->signal);
                       } else {
                         ++alive;
                       }
                     }};
  Address door = server.listen({"10.0.0.1", 9201}).value_or(Address{});

  InputServerTest() { EXPECT_TRUE(alertmanager_server.listen({"10.0.0.2", 9093})); }

  void holds(const std::string& state) {
    alertmanager.list =
        R"([{"fingerprint":"f00d","startsAt":"2023-11-14T22:13:00Z","status":{"state":")" + state +
        R"("},"labels":{"alertname":"EdgeDown","seat":"1"}},)"
        R"({"fingerprint":"beat","startsAt":"2023-11-14T22:13:00Z","status":{"state":"active"},)"
        R"("labels":{"alertname":"Heartbeat"}}])";
  }
};

TEST_F(InputServerTest, AsksAlertmanagersWhatTheyHold) {
  holds("active");
  server.start();
  pass(100);
  EXPECT_EQ(alertmanager.target,
            "/api/v2/alerts?active=true&silenced=false&inhibited=false&unprocessed=false");
  ASSERT_EQ(signals.size(), 1u);
  EXPECT_EQ(signals[0].key, "am/f00d");
  EXPECT_EQ(alive, 1);
  pass(9'000);
  EXPECT_EQ(alertmanager.asked, 4);
  EXPECT_EQ(signals.size(), 1u);  // Nothing has changed, and it is not yet time to say it again.
  pass(3'000);
  EXPECT_EQ(signals.size(), 2u);
  EXPECT_TRUE(shows("okiagari_signals_poll_up{source=\"am\",address=\"10.0.0.2:9093\"} 1\n"));
}

TEST_F(InputServerTest, TakesNoSilencedAlert) {
  holds("suppressed");
  server.start();
  pass(5'000);
  EXPECT_TRUE(signals.empty());
}

TEST_F(InputServerTest, WaitsForNoSlowAlertmanagerAndBelievesNothingOfADeadOne) {
  holds("active");
  server.start();
  pass(100);
  alertmanager.hangs = true;
  pass(15'000);
  EXPECT_TRUE(shows("okiagari_signals_poll_up{source=\"am\",address=\"10.0.0.2:9093\"} 0\n"));
  network.crash(alertmanager_net);
  pass(100'000);
  EXPECT_EQ(alive, 1);  // Nobody says that the source is alive, so its silence is a signal.
  for (const response::Signal& signal : signals) EXPECT_TRUE(signal.firing);
  EXPECT_EQ(server.inputs().book(0).held(), 0u);
}

TEST_F(InputServerTest, FindsAgainWhatAWebhookLost) {
  server.start();
  pass(1'000);
  EXPECT_TRUE(signals.empty());
  holds("active");  // And its webhook never arrives.
  pass(3'000);
  ASSERT_EQ(signals.size(), 1u);
  EXPECT_TRUE(signals[0].firing);
}

TEST_F(InputServerTest, TakesPostsOnItsOwnDoor) {
  EXPECT_EQ(send(post("/alertmanager", "am", webhook(""))), 200);
  EXPECT_EQ(send(post("/alertmanager", "nobody", webhook(""))), 401);
  EXPECT_EQ(send(post("/alertmanager", "am", std::string(body_bytes_limit + 1, ' '))), 413);
  EXPECT_TRUE(shows("okiagari_signals_requests_total{status=\"401\"} 1\n"));
}

TEST_F(InputServerTest, TakesNoAnswerThatIsTooLong) {
  alertmanager.list = "[" + std::string(body_bytes_limit, ' ') + "]";
  server.start();
  pass(2'000);
  EXPECT_EQ(alive, 0);
  EXPECT_TRUE(
      shows("okiagari_signals_poll_failures_total{source=\"am\",address=\"10.0.0.2:9093\"} 1\n"));
}

}  // namespace
}  // namespace oki::watch::inputs
