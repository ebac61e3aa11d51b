// Which rules are in force: rules 13. That a kind of an inactive release does not decode is in
// fast/core_fast.cc.
#include <algorithm>

#include "core/fast/handlers.h"

namespace oki::core::fast {
namespace {

Row release_row(const State& state, std::uint64_t node) {
  for (Row row = 1; row <= state.node_releases.last(); ++row) {
    if (state.node_releases[row].node == node) return row;
  }
  return 0;
}

// The node has left the log for good.
Refusal forget(State& state, std::uint64_t node) {
  const Row row = release_row(state, node);
  if (row == 0) return Refusal::wrong_state;
  NodeRelease& report = state.node_releases.change(row);
  report.node = 0;
  report.release = 0;
  state.node_releases.drop(row);
  state.tell(ReleaseReported{node, 0});
  return Refusal::ok;
}

// All nodes that ever reported and were not forgotten, named or not, and all that are named.
bool all_know(const State& state, const ActivateRelease& x) {
  for (Row row = 1; row <= state.node_releases.last(); ++row) {
    const NodeRelease& report = state.node_releases[row];
    if (report.node != 0 && report.release < x.release) return false;
  }
  return std::all_of(x.nodes.begin(), x.nodes.end(), [&](std::uint64_t node) {
    return node != 0 && release_row(state, node) != 0;
  });
}

}  // namespace

Refusal handle(State& state, const ReportRelease& x) {
  if (x.node == 0) return Refusal::malformed;
  if (x.release == 0) return forget(state, x.node);
  Row row = release_row(state, x.node);
  if (row == 0) {
    if (state.node_releases.full()) return Refusal::limit_reached;
    row = state.node_releases.create();
  }
  NodeRelease& report = state.node_releases.change(row);
  report.node = x.node;
  report.release = x.release;
  state.tell(ReleaseReported{x.node, x.release});
  return Refusal::ok;
}

Refusal handle(State& state, const ActivateRelease& x) {
  if (x.release != state.house().release + 1) return Refusal::wrong_state;
  if (!all_know(state, x)) return Refusal::node_not_ready;
  state.change_house().release = x.release;
  state.tell(ReleaseActivated{x.release});
  return Refusal::ok;
}

}  // namespace oki::core::fast
