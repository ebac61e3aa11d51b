// An HTTP/1.1 and WebSocket server over base/net.h: one loop, no threads.
//
// Answers may come later and in any order; they leave in the order of their requests. A request
// that is never answered is answered 503 when its Responder is dropped.
//
// Limits, each with its refusal: malformed or too long requests (400, 413, 414, 431, 501, 505), a
// request that takes longer than `header_timeout_ms` from its first byte to its last (408), more
// than `pipelined_max` requests waiting for answers (the next ones wait unread; 503 when the bytes
// that wait exceed one whole request); after each of these the connection is closed. WebSocket
// messages too long or malformed (close 1009, 1002, 1007), binary ones (1003). Connections, idle
// time and backlog are limited by the Net.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/net.h"
#include "net/http.h"

namespace oki::net {

using SocketId = Strong<struct SocketIdTag, std::uint64_t>;  // One WebSocket connection.

// The right and the duty to answer one request.
class Responder {
 public:
  class Target;
  Responder(std::weak_ptr<Target> target, std::uint64_t slot, ConnectionId connection);
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&& other) noexcept;
  ~Responder();

  // At most once. Without effect when the connection is gone. Never calls the handler back, nor
  // does dropping a Responder: both are safe while walking over a container of them.
  void send(HttpResponse response);

  // That the request came on; stays when the connection is gone.
  ConnectionId connection() const { return connection_; }

 private:
  void abandon();

  std::weak_ptr<Target> target_;
  std::uint64_t slot_ = 0;
  ConnectionId connection_;
};

class HttpHandler {
 public:
  virtual ~HttpHandler() = default;

  virtual void on_request(const Address& peer, HttpRequest request, Responder responder) = 0;

  // A WebSocket handshake that is valid in itself: take it by returning true. Frames may be sent to
  // the socket from here on. Otherwise the request comes to on_request().
  virtual bool on_upgrade(SocketId, const Address&, const HttpRequest&) { return false; }
  virtual void on_message(SocketId, ByteView /*text*/) {}
  virtual void on_socket_closed(SocketId) {}

  // Of every connection, after on_socket_closed() of one that became a socket: a SocketId is the
  // ConnectionId it had before.
  virtual void on_connection_closed(ConnectionId) {}
};

struct HttpServerOptions {
  HttpLimits limits = {};
  StreamOptions stream{
      .backlog_bytes_max = 4u << 20, .idle_timeout_ms = 75'000, .connections_max = 4096};
  std::size_t socket_message_bytes_max = 64u << 10;
  std::int64_t header_timeout_ms = 10'000;  // From the first byte of a request to its last.
  Metrics* metrics = nullptr;  // okiagari_http_…: requests, refusals, timeouts, connections.
};

class HttpServer {
 public:
  // All must outlive the server, and the loop of `net` must not run any more when it is destroyed.
  HttpServer(Net& net, Timers& timers, const Clock& clock, HttpHandler& handler,
             const HttpServerOptions& options);
  ~HttpServer();

  Result<Address> listen(const Address& address);

  // Text frames. `frame` comes from encode_text_frame(): encoded once for many receivers. A socket
  // that is closed is passed over.
  void send_frame(SocketId socket, std::shared_ptr<const Bytes> frame);

  // on_socket_closed() follows, never inside this call.
  void close_socket(SocketId socket, std::uint16_t code, ByteView reason);
  std::size_t backlog_bytes(SocketId socket) const;
  std::size_t open_connections() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

std::shared_ptr<const Bytes> encode_text_frame(ByteView text);

}  // namespace oki::net
