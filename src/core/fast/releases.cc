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

}  // namespace

Refusal handle(State& state, const ReportRelease& x) {
  if (x.node == 0) return Refusal::malformed;
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
  const bool ready = std::all_of(x.nodes.begin(), x.nodes.end(), [&](std::uint64_t node) {
    return node != 0 && state.node_releases[release_row(state, node)].release >= x.release;
  });
  if (!ready) return Refusal::node_not_ready;
  state.change_house().release = x.release;
  state.tell(ReleaseActivated{x.release});
  return Refusal::ok;
}

}  // namespace oki::core::fast
