// Incidents as a replicated state machine: commands in, events out, by the rules of
// docs/incidents.md. Pure: time comes with the command; no clock, disk or net.
//
// Invariants, checked by verify() and by restore():
// 1. every limit of types.h, house.h and incident.h holds;
// 2. a signal that belongs to an incident belongs to one that is open;
// 3. incidents are numbered from 1 to the last; at most incidents_open_max are open;
// 4. resolved and closed ones have their times, open ones have not; rows have rising times, and
//    every row but those of the block under way has its link;
// 5. whoever must speak has a time when he was last heard;
// 6. nothing is severer than the worst severity the incident ever had.
//
// Snapshot: "OKIRESP1" and the fields of the state.
#pragma once

#include "replica/state_machine.h"
#include "response/commands.h"
#include "response/state.h"

namespace oki::response {

class ResponseMachine final : public replica::StateMachine {
 public:
  void apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes& events) override;
  void end_block(const replica::EventBlock& block) override;
  std::optional<WallTimeMs> next_timer() const override;
  Bytes tick_command() const override;
  Bytes snapshot() const override;

  // All or nothing: an error leaves the machine as it was.
  Result<void> restore(ByteView snapshot) override;

  std::uint64_t hash() const override;
  std::uint64_t running_hash() const override { return state_.chain; }
  Bytes reader_snapshot() const override { return snapshot(); }
  void verify() const override;

  const State& state() const { return state_; }

 private:
  State state_;
};

}  // namespace oki::response
