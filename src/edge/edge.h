// One edge: the server that clients speak to, and the follower of the log that answers them.
//
// Bytes come and go through net::HttpServer; requests are the Gateway's, stream connections are
// the Streams'. The edge holds no state that cannot be rebuilt from the events of the log, so any
// edge serves any client.
#pragma once

#include <optional>

#include "base/log.h"
#include "base/random.h"
#include "edge/gateway.h"
#include "edge/options.h"
#include "edge/streams.h"
#include "replica/client.h"

namespace oki::edge {

class Edge : public net::HttpHandler, public replica::EventFollower, private SocketSink {
 public:
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Net& net;
    Random& random;
    Log& log;
    Metrics& metrics;
    Cluster& cluster;
    Control* control = nullptr;  // Without: the settings are the defaults for ever.
  };

  // All parts must outlive this. The caller makes the client follow this edge.
  Edge(const Parts& parts, const EdgeOptions& options);
  ~Edge() override;

  Result<Address> listen();

  const history::Projection& projection() const { return projection_; }
  Gateway& gateway() { return gateway_; }

  // --- replica::EventFollower
  Result<void> on_snapshot(LogIndex index, std::uint64_t hash, ByteView snapshot) override;
  void on_block(const replica::EventBlock& block) override;
  void on_up_to(LogIndex index) override;
  bool has_copy() const override { return has_copy_; }

  // --- net::HttpHandler
  void on_request(const Address& peer, net::HttpRequest request, net::Responder responder) override;
  bool on_upgrade(net::SocketId socket, const Address& peer,
                  const net::HttpRequest& request) override;
  void on_message(net::SocketId socket, ByteView text) override;
  void on_socket_closed(net::SocketId socket) override;
  void on_connection_closed(ConnectionId connection) override;

 private:
  void send_frame(net::SocketId socket, std::shared_ptr<const Bytes> frame) override;
  void close_socket(net::SocketId socket, std::uint16_t code, ByteView reason) override;
  std::size_t backlog_bytes(net::SocketId socket) const override;

  void drop(const Error& reason);

  Parts parts_;
  EdgeOptions options_;
  history::Projection projection_;
  Books books_;
  Gateway gateway_;
  net::HttpServer server_;
  Streams streams_;
  bool has_copy_ = false;
  Gauge& index_;
  Counter& restarts_;
};

}  // namespace oki::edge
