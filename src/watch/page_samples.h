// What the pages of edges and nodes say, as differences and delays that detectors understand. Pure.
//
// Counters only rise. One that is lower than before belongs to a process that began anew, and one
// that rose by more than counts_max between two looks is not believed: both give no sample and are
// the base of the next. So a page that lies can at most say what an honest one could.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "watch/detect/level.h"

namespace oki::watch {

constexpr std::uint64_t counts_max = 1'000'000;  // Between two looks at one page.

struct EdgeCounts {
  std::uint64_t requests = 0;
  std::uint64_t updates = 0;  // Orders and cancels.
  std::uint64_t errors = 0;   // Requests that the edge could not serve, by its own fault.
  std::uint64_t commands = 0;
  std::uint64_t command_ns = 0;  // From request to answer, all of them together.
  // Of `errors` those of updates: among many reads that are answered they would not be seen.
  std::uint64_t update_errors = 0;
};

// GET /metrics of an edge; nothing when it is not one.
std::optional<EdgeCounts> read_edge_counts(ByteView page);

class EdgeCounter {
 public:
  // What was counted since the last look.
  std::optional<EdgeCounts> add(const EdgeCounts& now);

 private:
  std::optional<EdgeCounts> last_;
};

// GET /metrics of a node: what its disk did. Nothing when it is not one.
struct DiskTimes {
  std::uint64_t syncs = 0;
  std::uint64_t sync_ns = 0;
  std::uint64_t begun = 0;  // One more than `syncs` while one is under way.
};
std::optional<DiskTimes> read_disk_times(ByteView page);

class DiskCounter {
 public:
  // Microseconds of a sync since the last look, on average; 0 when there was none.
  std::optional<std::int64_t> add(const DiskTimes& now);

  // For how long, by the looks until now, one and the same sync has been under way: a disk that
  // does not answer ends none, and has no mean. Called once after each add().
  // REQUIRES: `now` does not go back.
  std::int64_t stuck_ms(detect::MonoMs now);

 private:
  std::optional<DiskTimes> last_;
  std::optional<std::uint64_t> under_way_;  // Its number.
  detect::MonoMs under_way_since_ = 0;
};

// GET /state.json of a node. Nothing when it is not one.
// What operators stopped, by market: "halt, order". Markets in which nothing is are left out.
using MarketStops = std::map<std::string, std::string>;
constexpr std::size_t stops_bytes_max = 160;
struct NodeReading {
  std::uint64_t applied = 0;
  std::string event_hash;  // Of everything up to `applied`.
  std::uint64_t quarantined = 0;
  MarketStops stops{};
  bool knows_leader = true;  // Without one it may still be reading its own journal.
};
std::optional<NodeReading> read_node_state(ByteView page);

// All nodes beside each other.
class NodeCompare {
 public:
  explicit NodeCompare(std::size_t nodes) : nodes_(nodes) {}

  // REQUIRES: `now` does not go back, and the node knows its leader.
  void add(std::size_t node, const NodeReading& reading, detect::MonoMs now);

  // For how long another node has been known to be ahead of what this one had last applied.
  std::int64_t lag_ms(std::size_t node, detect::MonoMs now) const;

  // Steps that were quarantined since the first look, and when the last one was noticed. Every node
  // quarantines the same steps, so where there are more than one, two must say so.
  std::uint64_t quarantined() const { return quarantined_; }
  detect::MonoMs quarantined_at() const { return quarantined_at_; }

  // Readings of two nodes at the same index that were not the same, and when the last was noticed.
  std::uint64_t disagreements() const { return disagreements_; }
  detect::MonoMs disagreed_at() const { return disagreed_at_; }

 private:
  static constexpr std::size_t progress_max = 128;
  static constexpr std::size_t hashes_max = 64;

  struct Progress {
    std::uint64_t index;
    detect::MonoMs at;
  };
  struct Hash {
    std::uint64_t index;
    std::string hash;
  };

  std::optional<std::uint64_t> quarantined_by_two() const;
  void compare(const NodeReading& reading, detect::MonoMs now);

  std::vector<std::optional<NodeReading>> nodes_;
  std::deque<Progress> progress_;  // Of whoever was first at an index; both rise.
  std::deque<Hash> hashes_;        // The newest last.
  std::optional<std::uint64_t> quarantined_before_;
  std::uint64_t quarantined_ = 0;
  std::uint64_t disagreements_ = 0;
  detect::MonoMs quarantined_at_ = 0;
  detect::MonoMs disagreed_at_ = 0;
};

}  // namespace oki::watch
