// Orders that are tied to a connection: when it closes, the exchange cancels them.
//
// A connection gets a session with its first such order. Its number is this edge's, which is chosen
// anew at every start, and a counter's. When the connection has closed and every order of it that
// was on its way has been answered, CloseSession is submitted until the exchange has taken it; when
// the outcome of an order was not known in time, once more after `settle_ms`, for the order may
// have come late. While there are sessions EdgeAlive is submitted once a second: an edge that dies
// falls silent, and the exchange cancels for it.
//
// Not more than `sessions_max` are kept, those that wait to be closed included; one more is
// refused.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

#include "base/clock.h"
#include "base/metrics.h"
#include "core/commands.h"
#include "edge/cluster.h"

namespace oki::edge {

class Sessions {
 public:
  struct Options {
    std::uint32_t edge = 1;  // Not 0; no other edge has it, nor this one before.
    std::size_t sessions_max = 10'000;
    std::int64_t alive_ms = 1'000;
    std::int64_t retry_ms = 250;
    std::int64_t settle_ms = 10'000;
  };
  struct Parts {
    Timers& timers;
    Cluster& cluster;
    Metrics& metrics;
  };

  // All must outlive this.
  Sessions(const Parts& parts, const Options& options);
  ~Sessions();
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;

  // The session of an open connection, by any number that no other connection ever has. Nothing
  // when there are too many.
  std::optional<core::SessionId> of(std::uint64_t connection);

  // An order of the session is on its way, and has been answered. `known`: it surely is or is not.
  void sent(core::SessionId session);
  void answered(core::SessionId session, bool known);

  // The connection is no more. Connections without a session are passed over.
  void closed(std::uint64_t connection);

  std::size_t size() const { return sessions_.size(); }

 private:
  struct Session {
    std::size_t on_the_way = 0;
    bool closed = false;
    bool closing = false;    // CloseSession is on its way, or waits to be repeated.
    bool uncertain = false;  // Some order may come late.
  };

  void close_if_done(std::uint64_t id);
  void submit_close(std::uint64_t id);
  void close_answered(std::uint64_t id, bool done);
  void close_again_after(std::uint64_t id, std::int64_t ms);
  void keep_alive();

  Parts parts_;
  Options options_;
  std::uint32_t last_ = 0;
  std::map<std::uint64_t, Session> sessions_;              // By SessionId.
  std::unordered_map<std::uint64_t, std::uint64_t> open_;  // Connection to SessionId.
  std::map<std::uint64_t, TimerId> again_;                 // By SessionId.
  TimerId alive_timer_;
  bool alive_on_the_way_ = false;
  std::shared_ptr<Sessions*> self_;  // Empties the callbacks of sessions that are gone.
  Gauge& gauge_;
};

}  // namespace oki::edge
