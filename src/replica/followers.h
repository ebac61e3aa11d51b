// The readers that follow this node's events: each gets the blocks it lacks from the ring, or a
// snapshot and then the blocks, at the pace at which it takes them.
//
// A reader that is in step gets each new block as it is applied, encoded once for all. One that
// takes bytes more slowly is not sent more than `unsent_bytes_max` at a time: it goes on from the
// ring, and from a new snapshot when the ring has moved past it. So a slow reader costs one
// connection and never memory.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/net.h"
#include "replica/replica.h"
#include "replica/state_machine.h"
#include "replica/wire.h"

namespace oki::replica {

// What is followed: the Replica and its machine, or a model of them in tests.
struct FollowedLog {
  std::function<const EventBlock*(LogIndex from)> block_from;
  std::function<LogIndex()> oldest_block;
  std::function<LogIndex()> applied;
  std::function<std::uint64_t()> event_hash;  // After `applied`.
  std::function<Bytes()> snapshot;            // At `applied`.
};

struct FollowerOptions {
  std::size_t unsent_bytes_max = 2u << 20;  // Of one reader's connection.
  std::int64_t snapshot_age_ms_max = 1000;  // So long one snapshot serves several readers.
};

class Followers {
 public:
  Followers(const Clock& clock, Net& net, Metrics& metrics, FollowedLog log,
            const FollowerOptions& options);

  void add(ConnectionId connection, const Follow& from);
  void remove(ConnectionId connection);
  void on_drained(ConnectionId connection);

  // From inside the Replica: a new block, or nullptr for a state replaced as a whole.
  void on_events(const EventBlock* block);

  // Soon after on_events() said that somebody lags, and every now and then.
  void serve_all();
  bool someone_lags() const { return someone_lags_; }

  std::size_t size() const { return readers_.size(); }

 private:
  struct Reader {
    LogIndex index;
    std::uint64_t hash = 0;
    bool has_copy = false;
    bool in_step = false;                   // Has every block; gets new ones as they come.
    LogIndex told;                          // The last index it knows to have everything up to.
    std::shared_ptr<const Bytes> snapshot;  // On the way.
    std::uint64_t snapshot_sent = 0;
  };
  struct KeptSnapshot {
    LogIndex index;
    std::uint64_t hash = 0;
    MonoTimeNs made;
    std::shared_ptr<const Bytes> bytes;
  };

  void serve(ConnectionId connection, Reader& reader);
  bool serve_next(ConnectionId connection, Reader& reader);
  void begin_snapshot(ConnectionId connection, Reader& reader);
  void send_chunk(ConnectionId connection, Reader& reader);
  void send_block(ConnectionId connection, Reader& reader, const EventBlock& block,
                  std::shared_ptr<const Bytes> frame);

  const Clock& clock_;
  Net& net_;
  const FollowedLog log_;
  const FollowerOptions options_;
  std::map<ConnectionId, Reader> readers_;
  std::optional<KeptSnapshot> kept_;
  bool someone_lags_ = false;
  Counter& snapshots_;
  Counter& too_large_;
  Gauge& count_;
};

}  // namespace oki::replica
