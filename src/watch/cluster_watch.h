// Leader changes and nodes that go and come, as seen from outside at every look.
//
// The gap of a leader change is the time from the last look that saw the old leader to the first
// that saw the new one: an upper bound, at most one look too long at each end. A node counts as
// down when it was not connected for node_down_ms, and its going is dated back to the first look
// that missed it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "replica/client.h"

namespace oki::watch {

constexpr std::int64_t look_every_ms = 100;
constexpr std::int64_t node_down_ms = 300;

struct LeaderChange {
  std::uint32_t old_seat = 0;  // 0: the first leader this watch saw.
  std::uint32_t new_seat = 0;
  Term term;
  std::uint32_t gap_ms = 0;
  WallTimeMs at;
};

struct NodeChange {
  std::size_t seat = 0;  // From 1.
  bool up = false;
  WallTimeMs at;
};

struct ClusterChanges {
  std::optional<LeaderChange> leader;
  std::vector<NodeChange> nodes;
};

class ClusterWatch {
 public:
  ClusterWatch(const Clock& clock, std::size_t nodes);

  // To be called every look_every_ms.
  ClusterChanges look(const replica::ClusterView& view);

  bool node_up(std::size_t seat) const { return nodes_[seat - 1].up; }
  std::size_t nodes() const { return nodes_.size(); }
  std::uint32_t leader_seat() const { return leader_known_ ? seat_ : 0; }
  Term leader_term() const { return term_; }

 private:
  struct Node {
    bool up = false;
    bool ever_seen = false;
    std::optional<MonoTimeNs> missing_since;
    WallTimeMs missing_since_wall;
  };

  std::optional<LeaderChange> look_for_leader(const replica::ClusterView& view);
  std::optional<NodeChange> look_at(std::size_t seat, bool connected);

  const Clock& clock_;
  std::vector<Node> nodes_;
  bool leader_known_ = false;
  std::uint32_t seat_ = 0;  // The last known leader, also while none is known.
  Term term_;
  MonoTimeNs leader_seen_;
};

}  // namespace oki::watch
