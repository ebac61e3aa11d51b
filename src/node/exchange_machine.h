// The exchange as the replicated state machine: the core, and the projection of its events that new
// readers start from.
//
// Invariant, checked by verify() and by restore(): the projection says of balances, open orders,
// levels and sequences what the core says. It holds between blocks.
//
// Snapshot: "OKIEXCH2", the core's snapshot, the projection's snapshot, u64 length of the core's:
// the length comes last, as both are written piece by piece.
//
// An entry that switches on rules which this program does not know ends it: what it would do from
// there on is not what the other nodes do. A snapshot with such rules is refused.
//
// A step that the core had to quarantine (docs/rules.md, 1.6) is an event like others; this machine
// tells whoever listens of each, with its place in the log, on every node.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "core/core.h"
#include "history/projection.h"
#include "replica/state_machine.h"

namespace oki::node {

class ExchangeMachine final : public replica::StateMachine {
 public:
  ExchangeMachine(const core::CoreLimits& core_limits,
                  const history::ProjectionLimits& projection_limits);

  void apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes& events) override;
  void end_block(const replica::EventBlock& block) override;
  std::optional<WallTimeMs> next_timer() const override;
  Bytes tick_command() const override;
  Bytes snapshot() const override;
  void write_snapshot(Sink& out) const override;

  // All or nothing: an error leaves the machine as it was.
  Result<void> restore(ByteView snapshot) override;

  // Of the core's whole state and of the chain of all events, which fixes the projection. Costs a
  // walk over the core's state.
  std::uint64_t hash() const override;
  std::uint64_t running_hash() const override;
  Bytes reader_snapshot() const override;
  void verify() const override;

  // Called in the middle of apply(), and must not return: nothing may be applied, told or stored
  // any more. Without one, an assertion ends the process.
  using OnUnknownRelease = std::function<void(std::uint32_t release)>;
  void on_unknown_release(OnUnknownRelease action) { on_unknown_release_ = std::move(action); }

  using OnQuarantined = std::function<void(const history::QuarantinedStep&)>;
  void on_quarantined(OnQuarantined action) { on_quarantined_ = std::move(action); }

  const core::Core& core() const { return core_; }
  const history::Projection& projection() const { return projection_; }

 private:
  core::CoreLimits core_limits_;
  history::ProjectionLimits projection_limits_;
  core::Core core_;
  history::Projection projection_;
  OnQuarantined on_quarantined_;
  OnUnknownRelease on_unknown_release_;
};

}  // namespace oki::node
