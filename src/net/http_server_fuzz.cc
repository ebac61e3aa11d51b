// Any bytes to a whole server, HTTP and WebSocket, with answers that come at once, late or never.
// Nothing may be left behind when the client is gone, and no request may stay without an answer.
#include <cstddef>
#include <cstdint>
#include <deque>

#include "base/assert.h"
#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "net/http_server.h"

namespace {

using oki::Address;
using oki::Bytes;
using oki::ByteView;
using oki::CloseReason;
using oki::ConnectionId;
using namespace oki::net;

class Handler : public HttpHandler {
 public:
  void on_request(const Address&, HttpRequest request, Responder responder) override {
    ++requests;
    if (request.target.ends_with('1')) {
      late.push_back(std::move(responder));
    } else if (!request.target.ends_with('2')) {
      responder.send(text_response(200, std::move(request.body)));
    }
  }
  bool on_upgrade(SocketId socket, const Address&, const HttpRequest& request) override {
    if (request.target.ends_with('3')) return false;
    ++sockets;
    server->send_frame(socket, encode_text_frame("hello"));
    return true;
  }
  void on_message(SocketId socket, ByteView text) override {
    server->send_frame(socket, encode_text_frame(text));
    if (text.ends_with('4')) server->close_socket(socket, 1000, text);
  }
  void on_socket_closed(SocketId) override { --sockets; }

  HttpServer* server = nullptr;
  std::deque<Responder> late;
  int requests = 0;
  int sockets = 0;
};

constexpr const char* status_line = "HTTP/1.1 ";

class Client : public oki::StreamHandler {
 public:
  void on_open(ConnectionId, const Address&) override {}
  void on_bytes(ConnectionId, ByteView bytes) override { received += bytes; }
  void on_closed(ConnectionId, CloseReason) override { open = false; }
  bool open = true;
  Bytes received;

  int answers() const {
    int count = 0;
    for (auto at = received.find(status_line); at != Bytes::npos;
         at = received.find(status_line, at + 1)) {
      ++count;
    }
    return count;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  oki::testing::StepClock clock;
  oki::testing::StepTimers timers(clock);
  oki::testing::MemoryNetwork network;
  oki::testing::MemoryNet& server_net = network.host();
  oki::testing::MemoryNet& client_net = network.host();
  Handler handler;
  HttpServer server(server_net, timers, clock, handler,
                    {.limits = {.header_bytes_max = 512, .body_bytes_max = 512, .pipelined_max = 3},
                     .socket_message_bytes_max = 200});
  handler.server = &server;
  const Address address = server.listen({"10.0.0.1", 80}).value();
  Client client;
  network.deliver_in_pieces_of(data[0] % 64);
  const ConnectionId id = client_net.connect(address, client, {});
  client_net.send(id, {reinterpret_cast<const char*>(data) + 1, size - 1});
  network.run();
  while (!handler.late.empty()) {
    handler.late.pop_back();
    timers.advance_ms(0);
    network.run();
  }
  ASSERT(client.answers() >= handler.requests || !client.open);
  timers.advance_ms(20'000);
  network.run();
  client_net.close(id);
  network.run();
  ASSERT(!client.open && server.open_connections() == 0 && timers.pending() == 0);
  ASSERT(handler.sockets == 0);
  return 0;
}
