// Releases of the rules: docs/rules.md 13.
#include "core/plain/apply.h"

namespace oki::core::plain {

Refusal apply(State& state, const ReportRelease& command, Reply&) {
  if (command.node == 0) return Refusal::malformed;
  if (command.release == 0) {  // It has left the log for good.
    if (!state.node_releases.has(command.node)) return Refusal::wrong_state;
    state.node_releases.erase(command.node);
    state.tell(ReleaseReported{command.node, 0});
    return Refusal::ok;
  }
  const bool is_new = !state.node_releases.has(command.node);
  if (is_new && state.node_releases.size() >= state.limits.node_releases_max) {
    return Refusal::limit_reached;
  }
  state.node_releases.put(command.node) = command.release;
  state.tell(ReleaseReported{command.node, command.release});
  return Refusal::ok;
}

Refusal apply(State& state, const ActivateRelease& command, Reply&) {
  if (command.release != std::uint64_t{state.counters.release} + 1) return Refusal::wrong_state;
  for (const auto& [node, reported] : state.node_releases.rows()) {
    if (reported < command.release) return Refusal::node_not_ready;
  }
  for (const std::uint64_t node : command.nodes) {
    if (!state.node_releases.has(node)) return Refusal::node_not_ready;
  }
  state.counters.release = command.release;
  state.tell(ReleaseActivated{command.release});
  return Refusal::ok;
}

}  // namespace oki::core::plain
