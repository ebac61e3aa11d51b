#include "net/http_client.h"

#include <gtest/gtest.h>

#include <map>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"

namespace oki::net {
namespace {

// A server that answers only when the test says so.
class ScriptedServer : public StreamHandler {
 public:
  void on_open(ConnectionId connection, const Address&) override { open.push_back(connection); }
  void on_bytes(ConnectionId connection, ByteView bytes) override { received[connection] += bytes; }
  void on_closed(ConnectionId connection, CloseReason) override { std::erase(open, connection); }

  std::vector<ConnectionId> open;
  std::map<ConnectionId, Bytes> received;
};

class HttpClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    address = server_net.listen({"10.0.0.1", 80}, server, {}).value();
    make_client({});
  }
  void make_client(const HttpClientOptions& options) {
    client = std::make_unique<HttpClient>(client_net, timers, address, options);
  }
  // Starts a request; its outcome comes to outcomes[target].
  void request(const std::string& target, const char* method = "GET") {
    HttpRequest request;
    request.method = method;
    request.target = target;
    client->request(std::move(request), [this, target](Result<HttpResponse> response) {
      outcomes[target].push_back(std::move(response));
    });
    EXPECT_TRUE(outcomes[target].empty());
  }
  void answer(std::size_t connection, ByteView bytes) {
    server_net.send(server.open.at(connection), bytes);
    network.run();
  }
  Errc failure(const std::string& target) {
    EXPECT_EQ(outcomes[target].size(), 1u) << target;
    EXPECT_FALSE(outcomes[target].at(0).has_value()) << target;
    return outcomes[target].at(0).error().code;
  }
  std::string body(const std::string& target) {
    EXPECT_EQ(outcomes[target].size(), 1u) << target;
    return outcomes[target].at(0).has_value() ? outcomes[target].at(0)->body : "failed";
  }
  void advance_ms(std::int64_t ms) {
    timers.advance_ms(ms, [this] { network.run(); });
    network.run();
  }

  oki::testing::StepClock clock;
  oki::testing::StepTimers timers{clock};
  oki::testing::MemoryNetwork network;
  oki::testing::MemoryNet& server_net = network.host();
  oki::testing::MemoryNet& client_net = network.host();
  ScriptedServer server;
  Address address;
  std::unique_ptr<HttpClient> client;
  std::map<std::string, std::vector<Result<HttpResponse>>> outcomes;
};

const Bytes ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST_F(HttpClientTest, AsksAndIsAnswered) {
  request("/a");
  network.run();
  EXPECT_EQ(server.received[server.open.at(0)], "GET /a HTTP/1.1\r\nHost: 10.0.0.1:80\r\n\r\n");
  answer(0, ok);
  EXPECT_EQ(body("/a"), "ok");
  EXPECT_EQ(timers.pending(), 0u);
}

TEST_F(HttpClientTest, UsesAConnectionAgain) {
  for (const char* target : {"/1", "/2", "/3"}) {
    request(target);
    network.run();
    ASSERT_EQ(server.open.size(), 1u);
    answer(0, ok);
    EXPECT_EQ(body(target), "ok");
  }
}

TEST_F(HttpClientTest, OpensAsManyConnectionsAsAllowedAndTheRestWaits) {
  make_client({.connections_max = 2});
  for (const char* target : {"/1", "/2", "/3"}) request(target);
  network.run();
  ASSERT_EQ(server.open.size(), 2u);
  answer(1, ok);
  EXPECT_EQ(body("/2"), "ok");
  answer(0, ok);
  EXPECT_EQ(body("/1"), "ok");
  answer(1, ok);
  EXPECT_EQ(body("/3"), "ok");
}

TEST_F(HttpClientTest, NoAnswerInTimeIsAnUnknownOutcome) {
  request("/a");
  network.run();
  advance_ms(2'999);
  EXPECT_TRUE(outcomes["/a"].empty());
  advance_ms(1);
  EXPECT_EQ(failure("/a"), Errc::io);
  EXPECT_TRUE(server.open.empty());
}

TEST_F(HttpClientTest, WaitingTooLongForAConnectionIsSurelyNotProcessed) {
  make_client({.connections_max = 1});
  request("/1");
  network.run();
  advance_ms(1'000);
  request("/2");
  answer(0, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
  network.cut(server_net, client_net, true);
  advance_ms(2'000);
  EXPECT_EQ(failure("/1"), Errc::io);
  advance_ms(1'000);
  EXPECT_EQ(failure("/2"), Errc::unavailable);
}

TEST_F(HttpClientTest, ARefusedConnectionFailsAtOnce) {
  network.crash(server_net);
  request("/1");
  request("/2");
  network.run();
  EXPECT_EQ(failure("/1"), Errc::unavailable);
  EXPECT_EQ(failure("/2"), Errc::unavailable);
  EXPECT_EQ(timers.pending(), 0u);
}

TEST_F(HttpClientTest, AConnectionThatEndsBeforeTheAnswerIsAnUnknownOutcome) {
  make_client({.connections_max = 1});
  request("/1");
  network.run();
  request("/2");
  server_net.close(server.open.at(0));
  network.run();
  EXPECT_EQ(failure("/1"), Errc::io);
  EXPECT_EQ(failure("/2"), Errc::unavailable);
}

TEST_F(HttpClientTest, AfterTheServerCameBackRequestsSucceed) {
  request("/1");
  network.run();
  answer(0, ok);
  network.crash(server_net);
  network.run();
  request("/2");
  network.run();
  EXPECT_EQ(failure("/2"), Errc::unavailable);
  server.open.clear();
  ASSERT_TRUE(server_net.listen(address, server, {}).has_value());
  request("/3");
  network.run();
  answer(0, ok);
  EXPECT_EQ(body("/3"), "ok");
}

TEST_F(HttpClientTest, ABodyMayEndWithTheConnection) {
  request("/a");
  network.run();
  answer(0, "HTTP/1.0 200 OK\r\n\r\nhello");
  EXPECT_TRUE(outcomes["/a"].empty());
  server_net.close(server.open.at(0));
  network.run();
  EXPECT_EQ(body("/a"), "hello");
}

TEST_F(HttpClientTest, ConnectionCloseIsObeyedAndWhatWaitsGetsAnother) {
  make_client({.connections_max = 1});
  request("/1");
  network.run();
  request("/2");
  answer(0, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(body("/1"), "ok");
  ASSERT_EQ(server.open.size(), 1u);
  answer(0, ok);
  EXPECT_EQ(body("/2"), "ok");
}

TEST_F(HttpClientTest, MalformedAnswersAndUnaskedBytesEndTheConnection) {
  request("/1");
  network.run();
  answer(0, "HELLO\r\n\r\n");
  EXPECT_EQ(failure("/1"), Errc::io);
  EXPECT_TRUE(server.open.empty());
  request("/2");
  network.run();
  answer(0, ok);
  answer(0, ok);
  EXPECT_EQ(body("/2"), "ok");
  EXPECT_TRUE(server.open.empty());
}

TEST_F(HttpClientTest, AnAnswerBeyondTheLimitIsRefused) {
  make_client({.limits = {.body_bytes_max = 1}});
  request("/a");
  network.run();
  answer(0, ok);
  EXPECT_EQ(failure("/a"), Errc::io);
}

TEST_F(HttpClientTest, HeadHasNoBody) {
  request("/a", "HEAD");
  network.run();
  answer(0, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(body("/a"), "");
}

TEST_F(HttpClientTest, MoreThanMayWaitAreRefusedAtOnce) {
  make_client({.connections_max = 1, .waiting_max = 1});
  request("/1");
  network.run();
  request("/2");
  request("/3");
  advance_ms(0);
  EXPECT_EQ(failure("/3"), Errc::full);
  answer(0, ok);
  answer(0, ok);
  EXPECT_EQ(body("/2"), "ok");
}

TEST_F(HttpClientTest, AnAnswerMayAskTheNextRequest) {
  HttpRequest first;
  first.method = "GET";
  first.target = "/1";
  client->request(std::move(first), [this](Result<HttpResponse> response) {
    EXPECT_TRUE(response.has_value());
    request("/2");
  });
  network.run();
  answer(0, ok);
  answer(0, ok);
  EXPECT_EQ(body("/2"), "ok");
  EXPECT_EQ(server.open.size(), 1u);
}

TEST_F(HttpClientTest, NobodyIsCalledAfterTheClientIsGone) {
  make_client({.connections_max = 1, .waiting_max = 1});
  for (const char* target : {"/1", "/2", "/3"}) request(target);
  client.reset();
  timers.advance_ms(10'000);
  EXPECT_EQ(timers.pending(), 0u);
  for (const auto& [target, outcome] : outcomes) EXPECT_TRUE(outcome.empty()) << target;
}

}  // namespace
}  // namespace oki::net
