// A node's own connections to the other seats: what its Replica sends goes out here; what peers say
// comes in on the connections they make (server.h).
//
// Messages that cannot go out at once wait in a queue for each seat; a full queue drops its oldest:
// the engine expects losses and repeats itself, and newer messages carry more. A connection that
// does not answer pings is dead, however open it looks, and is made anew; so is one to a node id
// that the seat no longer holds.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/net.h"
#include "replica/wire.h"

namespace oki::replica {

struct PeerLinkOptions {
  std::uint64_t cluster = 0;
  NodeId self;
  std::uint32_t seat = 0;
  std::vector<Address> nodes;               // By seat, from seat 1; the own one is not used.
  std::size_t queue_bytes_max = 16u << 20;  // Waiting for one seat.
  std::size_t unsent_bytes_max = 4u << 20;  // Handed to the connection, not yet taken.
  std::int64_t reconnect_ms_min = 20;
  std::int64_t reconnect_ms_max = 500;
  std::int64_t ping_ms = 200;
  std::int64_t silent_ms = 1500;
};

class PeerLinks : public StreamHandler {
 public:
  // `unreachable` is called when the connection to a node is lost or cannot be made.
  PeerLinks(const Clock& clock, Net& net, Log& log, Metrics& metrics,
            const PeerLinkOptions& options, std::function<void(NodeId)> unreachable);
  ~PeerLinks() override;

  void send(NodeId to, std::uint32_t seat, Bytes message);
  void tick();  // Every few milliseconds.

  // The node of this seat has just reached us: try it at once.
  void heard_from(std::uint32_t seat);

  bool up(std::uint32_t seat) const;

  void on_open(ConnectionId connection, const Address& peer) override;
  void on_bytes(ConnectionId connection, ByteView bytes) override;
  void on_closed(ConnectionId connection, CloseReason reason) override;
  void on_drained(ConnectionId connection) override;

 private:
  struct Link {
    std::uint32_t seat = 0;
    NodeId to;    // Whom the Replica means by this seat; 0: it has not said yet.
    NodeId node;  // Who answered.
    ConnectionId connection;
    bool up = false;
    bool closing = false;
    bool complained = false;
    FrameReader reader;
    std::deque<Bytes> waiting;
    std::size_t waiting_bytes = 0;
    MonoTimeNs heard;
    MonoTimeNs next_ping;
    MonoTimeNs next_attempt;
    std::int64_t backoff_ms = 0;
  };

  Link* find(std::uint32_t seat);
  Link* find(ConnectionId connection);
  void connect(Link& link);
  void give_up(Link& link);
  void write(Link& link, ByteView message);
  void send_waiting(Link& link);
  Result<void> take(Link& link, const Frame& frame);

  const Clock& clock_;
  Net& net_;
  Log& log_;
  const PeerLinkOptions options_;
  const std::function<void(NodeId)> unreachable_;
  std::vector<Link> links_;
  Counter& dropped_;
  Counter& sent_;
  Counter& connections_;
};

}  // namespace oki::replica
