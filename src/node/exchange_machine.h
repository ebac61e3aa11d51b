// The exchange as the replicated state machine: the core, and the projection of its events that new
// readers start from.
//
// Invariant, checked by verify() and by restore(): the projection says of balances, open orders,
// levels and sequences what the core says. It holds between blocks.
//
// Snapshot: "OKIEXCH1", u64 length of the core's snapshot, that snapshot, the projection's
// snapshot.
#pragma once

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
  Bytes snapshot() const override;

  // All or nothing: an error leaves the machine as it was.
  Result<void> restore(ByteView snapshot) override;

  // Of the core's whole state and of the chain of all events, which fixes the projection. Costs a
  // walk over the core's state.
  std::uint64_t hash() const override;
  Bytes reader_snapshot() const override;
  void verify() const override;

  const core::Core& core() const { return core_; }
  const history::Projection& projection() const { return projection_; }

 private:
  core::CoreLimits core_limits_;
  history::ProjectionLimits projection_limits_;
  core::Core core_;
  history::Projection projection_;
};

}  // namespace oki::node
