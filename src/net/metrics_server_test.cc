#include "net/metrics_server.h"

#include <gtest/gtest.h>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "net/http_client.h"

namespace oki::net {
namespace {

struct MetricsServerTest : ::testing::Test {
  HttpResponse ask(const std::string& method, const std::string& target) {
    HttpRequest request;
    request.method = method;
    request.target = target;
    HttpResponse answer;
    HttpClient client(client_net, timers, address, {});
    client.request(request, [&answer](Result<HttpResponse> response) {
      ASSERT_TRUE(response.has_value());
      answer = std::move(*response);
    });
    network.run();
    return answer;
  }

  oki::testing::StepClock clock;
  oki::testing::StepTimers timers{clock};
  oki::testing::MemoryNetwork network;
  oki::testing::MemoryNet& client_net = network.host();
  Metrics metrics;
  MetricsServer server{network.host(), timers, clock, metrics};
  Address address = server.listen({"10.0.0.2", 0}).value_or(Address{});
};

TEST_F(MetricsServerTest, GivesTheCountersAsPrometheusText) {
  metrics.counter("okiagari_test_total", "Counted").add(3);
  const HttpResponse answer = ask("GET", "/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(answer.body.find("okiagari_test_total 3\n"), std::string::npos) << answer.body;
}

TEST_F(MetricsServerTest, AddsWhatIsWrittenWhenItIsAskedFor) {
  int asked = 0;
  server.add_text([&asked] { return "okiagari_asked " + std::to_string(++asked) + "\n"; });
  metrics.counter("okiagari_test_total", "Counted").add(3);
  EXPECT_NE(ask("GET", "/metrics").body.find("total 3\nokiagari_asked 1\n"), std::string::npos);
  EXPECT_NE(ask("GET", "/metrics").body.find("okiagari_asked 2\n"), std::string::npos);
}

TEST_F(MetricsServerTest, HasNothingElse) {
  EXPECT_EQ(ask("GET", "/").status, 404);
  EXPECT_EQ(ask("POST", "/metrics").status, 404);
}

}  // namespace
}  // namespace oki::net
