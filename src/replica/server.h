// A node's port: its Replica's way to the peers and to the clients.
//
// Everybody who connects says Hello first: a node that belongs to this cluster and means this node,
// or a client of this cluster; anyone else gets a Goodbye with the reason and is closed. Peers'
// messages go to the Replica; clients submit, follow, read and are told who leads: at every change,
// and every status_ms, from which they see that this node lives.
//
// Mutual TLS belongs in a Net that wraps the real one: nothing here touches a socket. Such a Net
// gives a connection only after the handshake, and must make the node id of Hello that of the
// certificate.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/net.h"
#include "replica/followers.h"
#include "replica/peer_links.h"
#include "replica/replica.h"
#include "replica/wire.h"

namespace oki::replica {

struct ServerOptions {
  std::uint64_t cluster = 0;
  NodeId self;
  std::uint32_t seat = 0;
  std::vector<Address> nodes;  // By seat, from seat 1.
  std::int64_t status_ms = 100;
  std::size_t connections_max = 1024;
  std::size_t client_backlog_bytes_max = 32u << 20;  // A client that does not read is closed.
  std::int64_t client_idle_ms = 10'000;              // Clients and peers ping far more often.
  FollowerOptions followers;
};

class NodeServer : public ReplicaHost, public StreamHandler {
 public:
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Net& net;
    Log& log;
    Metrics& metrics;
    StateMachine& machine;
  };

  // `on_stop` is called once, when the Replica cannot go on; the process must then end with that
  // sentence. It must not destroy the Replica. All of `parts` must outlive the server.
  NodeServer(const Parts& parts, const ServerOptions& options,
             std::function<void(const Error&)> on_stop);
  ~NodeServer() override;

  // The replica that this server is the host of; from here on it is served. Once.
  void serve(Replica& replica);
  Result<Address> listen(const Address& address);

  bool peer_up(std::uint32_t seat) const { return peers_.up(seat); }

  // ReplicaHost.
  void send_to_node(NodeId to, std::uint32_t seat, Bytes message) override;
  void stop(const Error& reason) override;
  void on_events(const EventBlock* block) override;
  void on_status(const ReplicaStatus& status) override;

  // StreamHandler, of the connections that others make.
  void on_open(ConnectionId connection, const Address& peer) override;
  void on_bytes(ConnectionId connection, ByteView bytes) override;
  void on_closed(ConnectionId connection, CloseReason reason) override;
  void on_drained(ConnectionId connection) override;

 private:
  struct Guest {
    Address address;
    bool greeted = false;
    Role role = Role::client;
    NodeId node;
    FrameReader reader;
  };

  Result<void> take(ConnectionId connection, Guest& guest, const Frame& frame);
  Result<void> greet(ConnectionId connection, Guest& guest, const Frame& frame);
  Result<void> take_from_peer(ConnectionId connection, Guest& guest, const Frame& frame);
  Result<void> take_from_client(ConnectionId connection, const Frame& frame);
  void submit(ConnectionId connection, const Submit& submit);
  void open_session(ConnectionId connection, std::uint64_t request);
  void read_index(ConnectionId connection, std::uint64_t request);
  void admit(ConnectionId connection, const Admit& admit);
  TransferResult begin_transfer(std::uint32_t seat);
  void send(ConnectionId connection, const Frame& frame);
  Status status_frame() const;
  std::uint32_t seat_of(NodeId node) const;
  void tell_status();
  void tick();
  void serve_lagging_soon();

  const Clock& clock_;
  Timers& timers_;
  Net& net_;
  Log& log_;
  StateMachine& machine_;
  const ServerOptions options_;
  const std::function<void(const Error&)> on_stop_;
  PeerLinks peers_;
  Followers followers_;
  Replica* replica_ = nullptr;
  bool stopped_ = false;
  std::map<ConnectionId, Guest> guests_;
  TimerId tick_timer_;
  TimerId lagging_timer_;
  bool lagging_soon_ = false;
  MonoTimeNs next_status_;
  Bytes scratch_;
  Counter& refused_;
  Counter& submitted_;
  Gauge& clients_;
};

}  // namespace oki::replica
