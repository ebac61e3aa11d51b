// A client of an edge in a network in memory: sends what the test says, keeps what it receives.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "base/testing/memory_net.h"
#include "net/websocket.h"

namespace oki::edge::testing {

// Everything after the first line of a WebSocket handshake.
constexpr const char* websocket_upgrade =
    "Host: edge\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

class Peer : public StreamHandler {
 public:
  // `settle` lets everything in the network arrive.
  Peer(oki::testing::MemoryNet& net, const Address& server, std::function<void()> settle)
      : net_(net), settle_(std::move(settle)), id_(net_.connect(server, *this, {})) {
    settle_();
  }
  ~Peer() override { net_.detach(*this); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void on_open(ConnectionId, const Address&) override {}
  void on_bytes(ConnectionId, ByteView bytes) override { received.append(bytes); }
  void on_closed(ConnectionId, CloseReason) override { closed = true; }

  void send(ByteView bytes) {
    net_.send(id_, bytes);
    settle_();
  }
  void send_text(ByteView text) {
    Bytes frame;
    net::append_masked_frame(frame, net::FrameKind::text, text, 0x01020304);
    send(frame);
  }
  void hang_up() {
    net_.close(id_);
    settle_();
  }
  std::string take() { return std::exchange(received, {}); }

  Bytes received;
  bool closed = false;

 private:
  oki::testing::MemoryNet& net_;
  std::function<void()> settle_;
  ConnectionId id_;
};

}  // namespace oki::edge::testing
