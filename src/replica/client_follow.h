// Follows the events of the log for a Client: from which node, from where on, and whether the chain
// of hashes holds.
//
// A node that does not lead is preferred. The node is changed when its connection goes down, when
// it falls silent or stands still while another goes on, or when what it sends does not fit the
// chain; after the last the copy is dropped and made anew from a snapshot.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/net.h"
#include "base/random.h"
#include "replica/client.h"
#include "replica/client_links.h"
#include "replica/wire.h"

namespace oki::replica {

class ClientFollow {
 public:
  ClientFollow(const Clock& clock, Net& net, Random& random, Log& log, Metrics& metrics,
               ClientLinks& links, const ClientOptions& options);

  void start(EventFollower& follower);
  void on_link_down(ConnectionId connection);

  // Block, SnapshotBegin, SnapshotChunk or UpTo.
  void on_frame(ConnectionId from, const Frame& frame);
  void tick();

  LogIndex followed() const { return index_; }

 private:
  void choose();
  bool avoided(const ClientLinks::Link& link) const;
  bool stands_still(const ClientLinks::Link& link) const;
  void leave();
  void distrust(const std::string& why);
  void take_block(const Block& block);
  void begin_snapshot(const SnapshotBegin& begin);
  void take_chunk(const SnapshotChunk& chunk);
  void finish_snapshot();

  const Clock& clock_;
  Net& net_;
  Random& random_;
  Log& log_;
  ClientLinks& links_;
  const ClientOptions options_;
  EventFollower* follower_ = nullptr;
  ConnectionId from_;        // 0: nobody is followed now.
  MonoTimeNs wanted_since_;  // Nobody is followed since then.
  Address avoided_;          // Sent what did not fit, until avoid_until_.
  MonoTimeNs avoid_until_;
  bool has_copy_ = false;
  LogIndex index_;
  std::uint64_t hash_ = 0;
  std::optional<SnapshotBegin> begun_;
  Bytes snapshot_;
  Counter& blocks_;
  Counter& snapshots_;
  Counter& moves_;
  Counter& distrusts_;
};

}  // namespace oki::replica
