// One connection from a Client to each node, and what each node last said of itself.
//
// A link is up when both have said Hello. A node that has not been heard from for node_silent_ms is
// not used while it is silent (a stopped process keeps its connections); after
// `silences_before_reconnect` such times its connection is taken for dead and made anew.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/net.h"
#include "replica/client.h"
#include "replica/wire.h"

namespace oki::replica {

class ClientLinks : public StreamHandler {
 public:
  struct Events {
    std::function<void(ConnectionId, const Frame&)> frame;  // Of a link that is up; not Status.
    std::function<void(ConnectionId)> down;
    std::function<void(ConnectionId)> drained;
    std::function<void()> changed;  // A link came up or went down, or a Status came.
  };

  ClientLinks(const Clock& clock, Net& net, Log& log, Metrics& metrics,
              const ClientOptions& options, Events events);
  ~ClientLinks() override;

  void tick();  // Connects what is not connected, gives up what is dead, pings.

  struct Link {
    Address address;
    ConnectionId connection;  // 0: none.
    bool up = false;
    bool dropped = false;     // Given up, not closed yet.
    bool complained = false;  // Logged once until it comes up again.
    FrameReader reader;
    MonoTimeNs heard;
    MonoTimeNs next_attempt;
    MonoTimeNs next_ping;
    std::optional<Status> status;
    MonoTimeNs applied_changed;
  };
  const std::vector<Link>& all() const { return links_; }
  const Link* find(ConnectionId connection) const;
  bool usable(const Link& link) const;  // Up, and heard from lately.

  // The node that takes commands, as far as usable nodes tell; nullptr when none does.
  const Link* leader() const;

  void drop(ConnectionId connection);

  void on_open(ConnectionId connection, const Address& peer) override;
  void on_bytes(ConnectionId connection, ByteView bytes) override;
  void on_closed(ConnectionId connection, CloseReason reason) override;
  void on_drained(ConnectionId connection) override;

 private:
  Link* find_mutable(ConnectionId connection);
  Result<void> take(Link& link, const Frame& frame);
  Result<void> greet(Link& link, const Frame& frame);
  void take_status(Link& link, const Status& status);
  void complain(Link& link, const std::string& why);

  const Clock& clock_;
  Net& net_;
  Log& log_;
  const ClientOptions options_;
  const Events events_;
  std::vector<Link> links_;
  Counter& connections_;
  Counter& broken_;
};

}  // namespace oki::replica
