#include "net/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "net/websocket.h"

namespace oki::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Bytes get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

// Answers at once with the path, unless told to hold.
class EchoHandler : public HttpHandler {
 public:
  void on_request(const Address& peer, HttpRequest request, Responder responder) override {
    peers.push_back(peer);
    targets.push_back(request.target);
    if (hold) return held.push_back(std::move(responder));
    if (request.target == "/drop") return;
    responder.send(text_response(200, request.target + request.body));
  }
  bool on_upgrade(SocketId socket, const Address&, const HttpRequest& request) override {
    if (request.path() != "/socket.io/") return false;
    sockets.push_back(socket);
    server->send_frame(socket, encode_text_frame("0{}"));
    return true;
  }
  void on_message(SocketId socket, ByteView text) override {
    messages.emplace_back(text);
    if (text == "close") server->close_socket(socket, 1000, "bye");
  }
  void on_socket_closed(SocketId socket) override { closed.push_back(socket); }

  HttpServer* server = nullptr;
  bool hold = false;
  std::vector<Responder> held;
  std::vector<Address> peers;
  std::vector<std::string> targets;
  std::vector<SocketId> sockets;
  std::vector<std::string> messages;
  std::vector<SocketId> closed;
};

// A client that knows nothing of HTTP.
class RawClient : public StreamHandler {
 public:
  void on_open(ConnectionId, const Address&) override {}
  void on_bytes(ConnectionId connection, ByteView bytes) override { received[connection] += bytes; }
  void on_closed(ConnectionId connection, CloseReason reason) override {
    ends[connection] = reason;
  }

  std::map<ConnectionId, Bytes> received;
  std::map<ConnectionId, CloseReason> ends;
};

class HttpServerTest : public ::testing::Test {
 protected:
  void start(HttpServerOptions options = {}) {
    server = std::make_unique<HttpServer>(server_net, timers, clock, handler, options);
    handler.server = server.get();
    address = server->listen({"10.0.0.1", 80}).value();
  }
  ConnectionId connect() {
    const ConnectionId id = client_net.connect(address, client, {});
    network.run();
    return id;
  }
  void send(ConnectionId id, ByteView bytes) {
    client_net.send(id, bytes);
    network.run();
  }
  // The bytes that came on this connection since the last call, without their Date lines.
  Bytes take(ConnectionId id) {
    Bytes bytes = std::exchange(client.received[id], {});
    for (auto at = bytes.find("Date: "); at != Bytes::npos; at = bytes.find("Date: ")) {
      bytes.erase(at, bytes.find("\r\n", at) + 2 - at);
    }
    return bytes;
  }
  bool is_open(ConnectionId id) const { return !client.ends.contains(id); }
  void advance_ms(std::int64_t ms) {
    timers.advance_ms(ms, [this] { network.run(); });
    network.run();
  }

  oki::testing::StepClock clock;
  oki::testing::StepTimers timers{clock};
  oki::testing::MemoryNetwork network;
  EchoHandler handler;
  std::unique_ptr<HttpServer> server;
  Address address;
  RawClient client;
  oki::testing::MemoryNet& server_net = network.host();
  oki::testing::MemoryNet& client_net = network.host();
};

Bytes ok(ByteView body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + Bytes(body);
}

TEST_F(HttpServerTest, AnswersRequestAfterRequestOnOneConnection) {
  start();
  const ConnectionId id = connect();
  send(id, get);
  EXPECT_EQ(take(id), ok("/a"));
  send(id, "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_EQ(take(id), ok("/bx"));
  EXPECT_TRUE(is_open(id));
  EXPECT_EQ(server->open_connections(), 1u);
  EXPECT_EQ(handler.peers.front().host, client_net.ip());
}

TEST_F(HttpServerTest, GivesTheDateOfItsClock) {
  start();
  const ConnectionId id = connect();
  client_net.send(id, get);
  network.run();
  EXPECT_THAT(client.received[id], HasSubstr("\r\nDate: Tue, 14 Nov 2023 22:13:2"));
}

TEST_F(HttpServerTest, ReadsRequestsHoweverTheyAreCut) {
  start();
  network.deliver_in_pieces_of(1);
  const ConnectionId id = connect();
  send(id, get + get);
  EXPECT_EQ(take(id), ok("/a") + ok("/a"));
}

TEST_F(HttpServerTest, AnswersLeaveInTheOrderOfTheirRequests) {
  start();
  handler.hold = true;
  const ConnectionId id = connect();
  send(id, get + get + get);
  ASSERT_EQ(handler.held.size(), 3u);
  handler.held[2].send(text_response(200, "third"));
  handler.held[1].send(text_response(200, "second"));
  network.run();
  EXPECT_EQ(take(id), "");
  handler.held[0].send(text_response(200, "first"));
  network.run();
  EXPECT_EQ(take(id), ok("first") + ok("second") + ok("third"));
}

TEST_F(HttpServerTest, ADroppedResponderAnswers503) {
  start();
  const ConnectionId id = connect();
  send(id, "GET /drop HTTP/1.1\r\nHost: h\r\n\r\n" + get);
  const Bytes received = take(id);
  EXPECT_TRUE(received.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_TRUE(received.ends_with(ok("/a")));
  handler.hold = true;
  send(id, get);
  handler.held.clear();
  network.run();
  EXPECT_THAT(take(id), HasSubstr("503 Service Unavailable"));
  EXPECT_TRUE(is_open(id));
}

TEST_F(HttpServerTest, OnlyTheFirstAnswerCounts) {
  start();
  handler.hold = true;
  const ConnectionId id = connect();
  send(id, get);
  handler.held[0].send(text_response(200, "one"));
  handler.held[0].send(text_response(200, "two"));
  network.run();
  EXPECT_EQ(take(id), ok("one"));
}

TEST_F(HttpServerTest, AnAssignedResponderAnswersForTheOneItReplaces) {
  start();
  handler.hold = true;
  const ConnectionId id = connect();
  send(id, get + get);
  handler.held[0] = std::move(handler.held[1]);
  handler.held[0].send(text_response(200, "second"));
  network.run();
  const Bytes received = take(id);
  EXPECT_TRUE(received.starts_with("HTTP/1.1 503"));
  EXPECT_TRUE(received.ends_with(ok("second")));
}

TEST_F(HttpServerTest, AnAnswerAfterTheEndOfTheConnectionIsDropped) {
  start();
  handler.hold = true;
  const ConnectionId id = connect();
  send(id, get);
  client_net.close(id);
  network.run();
  EXPECT_EQ(server->open_connections(), 0u);
  handler.held[0].send(text_response(200, "late"));
  network.run();
}

TEST_F(HttpServerTest, ConnectionCloseEndsAfterItsAnswerAndNothingBehindItIsRead) {
  start();
  const ConnectionId id = connect();
  send(id, "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" + get);
  EXPECT_THAT(take(id), HasSubstr("Connection: close\r\n"));
  EXPECT_FALSE(is_open(id));
  EXPECT_EQ(handler.targets.size(), 1u);
}

TEST_F(HttpServerTest, HeadHasTheHeaderOfGetAndNoBody) {
  start();
  const ConnectionId id = connect();
  send(id, "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n" + get);
  EXPECT_EQ(take(id), ok("/a").substr(0, ok("/a").size() - 2) + ok("/a"));
}

TEST_F(HttpServerTest, ARefusalComesAfterTheAnswersBeforeIt) {
  start();
  handler.hold = true;
  const ConnectionId id = connect();
  send(id, get + "BAD\r\n\r\n");
  EXPECT_EQ(take(id), "");
  EXPECT_TRUE(is_open(id));
  handler.held[0].send(text_response(200, "good"));
  network.run();
  const Bytes received = take(id);
  EXPECT_TRUE(received.starts_with(ok("good") + "HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_THAT(received, HasSubstr("Connection: close\r\n"));
  EXPECT_FALSE(is_open(id));
}

TEST_F(HttpServerTest, RequestsBeyondThePipelineLimitWaitForAnswers) {
  start({.limits = {.pipelined_max = 2}});
  handler.hold = true;
  const ConnectionId id = connect();
  send(id, get + get + get + get);
  EXPECT_EQ(handler.held.size(), 2u);
  handler.held[0].send(text_response(200, "1"));
  EXPECT_EQ(handler.held.size(), 2u);  // The handler is not called from inside send().
  advance_ms(0);
  ASSERT_EQ(handler.held.size(), 3u);
  for (std::size_t i = 1; i < 3; ++i) handler.held[i].send(text_response(200, "x"));
  advance_ms(0);
  ASSERT_EQ(handler.held.size(), 4u);
  handler.held[3].send(text_response(200, "4"));
  network.run();
  EXPECT_EQ(take(id), ok("1") + ok("x") + ok("x") + ok("4"));
}

// Found by http_server_fuzz.
TEST_F(HttpServerTest, RespondersMayBeDroppedAllAtOnceWhileRequestsWait) {
  start({.limits = {.pipelined_max = 3}});
  handler.hold = true;
  const ConnectionId id = connect();
  Bytes many;
  for (int i = 0; i < 10; ++i) many += get;
  send(id, many);
  while (!handler.held.empty()) {
    handler.held.clear();
    advance_ms(0);
  }
  EXPECT_EQ(handler.targets.size(), 10u);
  EXPECT_EQ(timers.pending(), 0u);
}

TEST_F(HttpServerTest, BytesThatWaitBeyondOneRequestAreRefused) {
  start({.limits = {.header_bytes_max = 200, .body_bytes_max = 100, .pipelined_max = 1}});
  handler.hold = true;
  const ConnectionId id = connect();
  Bytes many;
  while (many.size() <= 300 + get.size()) many += get;
  send(id, many);
  ASSERT_EQ(handler.held.size(), 1u);
  handler.held[0].send(text_response(200, "1"));
  network.run();
  EXPECT_TRUE(take(id).starts_with(ok("1") + "HTTP/1.1 503"));
  EXPECT_FALSE(is_open(id));
}

TEST_F(HttpServerTest, ARequestThatTakesTooLongIsEnded) {
  start();
  const ConnectionId id = connect();
  send(id, "GET /slow HT");
  advance_ms(9'999);
  send(id, "TP/1.1\r\n");
  EXPECT_TRUE(is_open(id));
  advance_ms(1);
  EXPECT_TRUE(take(id).starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_FALSE(is_open(id));
  EXPECT_EQ(timers.pending(), 0u);
}

TEST_F(HttpServerTest, EachRequestHasItsOwnTime) {
  start();
  const ConnectionId id = connect();
  send(id, "GET /1 HT");
  advance_ms(9'000);
  send(id, "TP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\n");
  advance_ms(9'000);
  send(id, "Host: h\r\n\r\n");
  EXPECT_EQ(take(id), ok("/1") + ok("/2"));
  EXPECT_EQ(timers.pending(), 0u);
  advance_ms(60'000);
  EXPECT_TRUE(is_open(id));
}

TEST_F(HttpServerTest, TheTimeOfTheServerIsNotTheClients) {
  start({.limits = {.pipelined_max = 1}});
  handler.hold = true;
  const ConnectionId id = connect();
  send(id, get + get);
  advance_ms(60'000);
  EXPECT_TRUE(is_open(id));
  handler.held[0].send(text_response(200, "1"));
  network.run();
  EXPECT_EQ(take(id), ok("1"));
}

TEST_F(HttpServerTest, SaysContinueBeforeALongBody) {
  start();
  const ConnectionId id = connect();
  send(id, "POST /b HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(take(id), "HTTP/1.1 100 Continue\r\n\r\n");
  send(id, "ok");
  EXPECT_EQ(take(id), ok("/bok"));
}

TEST_F(HttpServerTest, CountsWhatHappens) {
  Metrics metrics;
  start({.metrics = &metrics});
  const ConnectionId good = connect();
  send(good, get + get);
  send(connect(), "BAD\r\n\r\n");
  const Bytes text = metrics.prometheus_text();
  EXPECT_THAT(text, HasSubstr("\nokiagari_http_requests_total 2\n"));
  EXPECT_THAT(text, HasSubstr("\nokiagari_http_refusals_total 1\n"));
  EXPECT_THAT(text, HasSubstr("\nokiagari_http_connections 1\n"));
}

class WebSocketServerTest : public HttpServerTest {
 protected:
  const Bytes handshake =
      "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Version: 13\r\n\r\n";
  const Bytes switched =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

  static Bytes masked(FrameKind kind, ByteView payload) {
    Bytes out;
    append_masked_frame(out, kind, payload, 0x01020304);
    return out;
  }
  static Bytes plain(FrameKind kind, ByteView payload) {
    Bytes out;
    append_frame(out, kind, payload);
    return out;
  }
  ConnectionId open_socket() {
    start();
    const ConnectionId id = connect();
    send(id, handshake);
    EXPECT_EQ(take(id), switched + plain(FrameKind::text, "0{}"));
    return id;
  }
};

TEST_F(WebSocketServerTest, TheHandshakeComesBeforeFramesSentDuringTheUpgrade) {
  const ConnectionId id = open_socket();
  send(id, masked(FrameKind::text, "40"));
  EXPECT_THAT(handler.messages, ElementsAre("40"));
  server->send_frame(handler.sockets[0], encode_text_frame("hello"));
  network.run();
  EXPECT_EQ(take(id), plain(FrameKind::text, "hello"));
  EXPECT_EQ(server->backlog_bytes(handler.sockets[0]), 0u);
}

TEST_F(WebSocketServerTest, FramesSentWithTheHandshakeAreRead) {
  start();
  const ConnectionId id = connect();
  send(id, get + handshake + masked(FrameKind::text, "early"));
  EXPECT_EQ(take(id), ok("/a") + switched + plain(FrameKind::text, "0{}"));
  EXPECT_THAT(handler.messages, ElementsAre("early"));
}

TEST_F(WebSocketServerTest, AnUpgradeThatIsNotTakenIsAnOrdinaryRequest) {
  start();
  const ConnectionId id = connect();
  Bytes other = handshake;
  other.replace(other.find("/socket.io/"), 11, "/elsewhere/");
  send(id, other);
  EXPECT_THAT(take(id), HasSubstr("/elsewhere/"));
  send(id, get);
  EXPECT_EQ(take(id), ok("/a"));
}

TEST_F(WebSocketServerTest, AnswersPingsAndEchoesCloses) {
  const ConnectionId id = open_socket();
  send(id, masked(FrameKind::ping, "p") + masked(FrameKind::pong, ""));
  EXPECT_EQ(take(id), plain(FrameKind::pong, "p"));
  send(id, masked(FrameKind::close, close_payload(1000, "bye")) + masked(FrameKind::text, "late"));
  EXPECT_EQ(take(id), plain(FrameKind::close, close_payload(1000, "")));
  EXPECT_FALSE(is_open(id));
  EXPECT_EQ(handler.closed, handler.sockets);
  EXPECT_THAT(handler.messages, IsEmpty());
}

TEST_F(WebSocketServerTest, TheServerMayCloseFromInsideAMessage) {
  const ConnectionId id = open_socket();
  send(id, masked(FrameKind::text, "close") + masked(FrameKind::text, "late"));
  EXPECT_EQ(take(id), plain(FrameKind::close, close_payload(1000, "bye")));
  EXPECT_FALSE(is_open(id));
  EXPECT_THAT(handler.messages, ElementsAre("close"));
  EXPECT_EQ(handler.closed, handler.sockets);
  server->send_frame(handler.sockets[0], encode_text_frame("gone"));
  server->close_socket(handler.sockets[0], 1000, "twice");
}

TEST_F(WebSocketServerTest, BrokenFramesCloseWithTheCodeOfTheirFault) {
  const std::pair<Bytes, std::uint16_t> rows[] = {
      {plain(FrameKind::text, "unmasked"), std::uint16_t{1002}},
      {masked(FrameKind::text, "\xFF"), std::uint16_t{1007}},
      {masked(FrameKind::text, Bytes((64u << 10) + 1, 'x')), std::uint16_t{1009}},
      {masked(FrameKind::binary, "x"), std::uint16_t{1003}},
  };
  start();
  for (const auto& [frame, code] : rows) {
    const ConnectionId id = connect();
    send(id, handshake);
    take(id);
    send(id, frame);
    const Bytes received = take(id);
    ASSERT_GE(received.size(), 4u) << code;
    EXPECT_EQ(received.substr(2, 2), close_payload(code, "")) << code;
    EXPECT_FALSE(is_open(id)) << code;
  }
  EXPECT_EQ(handler.closed.size(), 4u);
}

TEST_F(WebSocketServerTest, TheEndOfTheConnectionIsToldOnce) {
  const ConnectionId id = open_socket();
  client_net.close(id);
  network.run();
  EXPECT_EQ(handler.closed, handler.sockets);
}

}  // namespace
}  // namespace oki::net
