#include "watch/cluster_watch.h"

#include <algorithm>

namespace oki::watch {

ClusterWatch::ClusterWatch(const Clock& clock, std::size_t nodes) : clock_(clock), nodes_(nodes) {}

ClusterChanges ClusterWatch::look(const replica::ClusterView& view) {
  ClusterChanges changes;
  changes.leader = look_for_leader(view);
  for (std::size_t seat = 1; seat <= nodes_.size(); ++seat) {
    const bool connected = seat <= view.connected.size() && view.connected[seat - 1];
    if (const auto change = look_at(seat, connected)) changes.nodes.push_back(*change);
  }
  return changes;
}

std::optional<LeaderChange> ClusterWatch::look_for_leader(const replica::ClusterView& view) {
  leader_known_ = view.leader_known;
  if (!view.leader_known) return std::nullopt;
  const MonoTimeNs now = clock_.mono_now();
  const bool is_same = seat_ == view.leader_seat && term_ == view.term;
  const MonoTimeNs seen_before = leader_seen_;
  leader_seen_ = now;
  if (is_same) return std::nullopt;
  LeaderChange change;
  change.old_seat = seat_;
  change.new_seat = seat_ = view.leader_seat;
  change.term = term_ = view.term;
  if (change.old_seat != 0) {
    const std::int64_t gap_ms = (now - seen_before) / ns_per_ms;
    change.gap_ms = static_cast<std::uint32_t>(std::min<std::int64_t>(gap_ms, UINT32_MAX));
  }
  change.at = clock_.wall_now();
  return change;
}

std::optional<NodeChange> ClusterWatch::look_at(std::size_t seat, bool connected) {
  Node& node = nodes_[seat - 1];
  const MonoTimeNs now = clock_.mono_now();
  if (connected) {
    const bool returns = !node.up && node.ever_seen;
    node = {.up = true, .ever_seen = true, .missing_since = std::nullopt, .missing_since_wall = {}};
    if (!returns) return std::nullopt;
    return NodeChange{seat, true, clock_.wall_now()};
  }
  if (!node.up) return std::nullopt;
  if (!node.missing_since) {
    node.missing_since = now;
    node.missing_since_wall = clock_.wall_now();
  }
  if (now - *node.missing_since < node_down_ms * ns_per_ms) return std::nullopt;
  node.up = false;
  return NodeChange{seat, false, node.missing_since_wall};
}

}  // namespace oki::watch
