// Everything that is the same on every node at the same log index: the state machine, the sessions,
// the members, the last time and the running hash of the events.
//
// A snapshot of it (version 2, docs/formats/replica.md): u8 version, boolean genesis, blob members,
// i64 time, u64 event hash, the sessions, and the rest is the machine's. `genesis` marks the state
// before the first command, which every node builds by itself: its machine is empty bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "replica/batch.h"
#include "replica/engine.h"
#include "replica/sessions.h"
#include "replica/state_machine.h"

namespace oki::replica {

class ReplicatedState {
 public:
  // REQUIRES: `machine` is in its first state and outlives this.
  ReplicatedState(StateMachine& machine, const SessionLimits& limits);

  // What a node starts from before anything was committed.
  static Bytes genesis(const Members& members);

  // Each call below takes the state from `index - 1` to `index`.
  // The answers come in the order of the commands, when asked for.
  EventBlock apply_batch(LogIndex index, const Batch& batch, std::vector<SubmitAnswer>* answers);
  bool apply_member_change(LogIndex index, const MemberChange& change);  // False: it is void.
  void skip(LogIndex index);                                             // No effect.

  Bytes encode() const;
  void encode(Sink& out) const;

  // The state at `index`. On an error the state is unusable.
  Result<void> restore(LogIndex index, ByteView snapshot);

  std::uint64_t hash() const;          // Walks everything.
  std::uint64_t running_hash() const;  // Of what is known without a walk.
  void verify() const;

  LogIndex index() const { return index_; }
  WallTimeMs time() const { return time_; }
  std::uint64_t event_hash() const { return event_hash_; }
  const Members& members() const { return members_; }
  const SessionTable& sessions() const { return sessions_; }

 private:
  SubmitAnswer apply(LogIndex index, const BatchCommand& command, Bytes& events);

  StateMachine& machine_;
  SessionTable sessions_;
  Members members_;
  LogIndex index_;
  WallTimeMs time_;
  std::uint64_t event_hash_ = 0;
  bool genesis_ = true;  // No command has been applied.
  Bytes reply_;          // Kept for its memory.
};

}  // namespace oki::replica
