// What is replicated: a deterministic machine behind opaque bytes. The replica never looks inside.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/hash64.h"
#include "base/result.h"
#include "base/sink.h"
#include "base/strong.h"

namespace oki::replica {

// The events of one log entry (one batch of commands), chained: a reader that applies blocks in
// order and sees `hash_before` differ from its own has a wrong copy and must drop it.
struct EventBlock {
  LogIndex index;
  WallTimeMs time;
  std::uint64_t hash_before = 0;
  std::uint64_t hash = 0;  // event_hash(hash_before, index, time, events)
  Bytes events;            // As the machine wrote them, command after command.
};

inline std::uint64_t event_hash(std::uint64_t before, LogIndex index, WallTimeMs time,
                                ByteView events) {
  Hash64 hash(before);
  hash.add(index.value);
  hash.add(static_cast<std::uint64_t>(time.value));
  hash.add(events);
  return hash.value();
}

class StateMachine {
 public:
  virtual ~StateMachine() = default;

  // One command at `time`, which never goes back. Appends the answer to `reply` and what happened
  // to `events`. Deterministic and total: bad bytes are answered, not refused.
  virtual void apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes& events) = 0;

  // After the last command of a log entry, with all its events.
  virtual void end_block(const EventBlock& block) = 0;

  // When something is due although no command comes; the leader then proposes tick_command(). Not
  // after the time of the last command: at once, again and again until it is.
  virtual std::optional<WallTimeMs> next_timer() const { return std::nullopt; }

  // Makes happen what is due. REQUIRED of a machine that has timers.
  virtual Bytes tick_command() const { return {}; }

  // Canonical: equal states give equal bytes. May be asked for in a forked copy of the process,
  // where only the thread that calls it exists.
  virtual Bytes snapshot() const = 0;
  virtual void write_snapshot(Sink& out) const { out.write(snapshot()); }
  virtual Result<void> restore(ByteView snapshot) = 0;

  // Of everything that snapshot() would write; costs a walk over it.
  virtual std::uint64_t hash() const = 0;

  // Costs nothing worth mentioning. The replica adds the chain of all events, so this needs to hold
  // only what no event tells.
  virtual std::uint64_t running_hash() const { return 0; }

  // What a follower of the events starts from when the blocks it needs are gone.
  virtual Bytes reader_snapshot() const = 0;

  // Asserts the invariants: at the start, beside each snapshot, and after every hash_every_entries
  // with deep_hashes.
  virtual void verify() const = 0;
};

}  // namespace oki::replica
