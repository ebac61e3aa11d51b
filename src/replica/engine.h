// The consensus engine: Raft as a state machine without clock, disk or network.
//
// One call of `turn` per loop turn: everything that came in goes down, everything that must happen
// next comes up as a Ready. Rules for the caller (Raft dissertation 10.2.1; etcd raft README):
//   (1) At most one Ready is outstanding. `advance` in the next turn's input says it is done.
//   (2) Entries and hard state of a Ready are durable before its messages are sent, its committed
//       entries applied or it is advanced. The one exception: a leader may send its append messages
//       (`may_send_before_sync`) while its own disk is still writing.
//   (3) A Ready's snapshot is installed durably before anything else of that Ready.
//   (4) Committed entries are applied in order, once; after a restart the ones above `applied` come
//       again.
// Two implementations: make_raft_engine() (etcd's raft library) and FakeEngine (one voter that
// commits at once; for TSan and fuzz builds, which cannot link the Go archive).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "store/journal.h"

namespace oki::replica {

constexpr std::uint8_t entry_normal = 0;
constexpr std::uint8_t entry_members = 1;  // A change of members; `data` is the engine's.

struct EngineOptions {
  NodeId self;
  std::uint32_t election_ticks = 10;  // A follower starts an election after 1 to 2 times this.
  std::uint32_t heartbeat_ticks = 1;
  std::uint64_t message_bytes_max = 1u << 20;
  std::uint32_t messages_in_flight_max = 8;  // To one peer, of so many bytes each.
};

// Who votes and who only learns, with the seat (address) of each id. Canonically encoded in
// snapshots.
struct Members {
  struct Member {
    NodeId id;
    std::uint32_t seat = 0;
    bool learner = false;
    friend bool operator==(const Member&, const Member&) = default;
  };
  std::vector<Member> all;  // Sorted by id.
  NodeId id_max;            // The highest id ever given out: ids are never used twice.

  friend bool operator==(const Members&, const Members&) = default;
};
Bytes encode(const Members& members);
Result<Members> decode_members(ByteView bytes);
const Members::Member* find_member(const Members& members, NodeId id);
std::size_t voters(const Members& members);

struct MemberChange {
  enum class Kind : std::uint8_t { add_voter = 0, remove = 1, add_learner = 2 };
  Kind kind = Kind::add_voter;
  NodeId id;
  std::uint32_t seat = 0;

  friend bool operator==(const MemberChange&, const MemberChange&) = default;
};
Bytes encode(const MemberChange& change);
Result<MemberChange> decode_member_change(ByteView bytes);

// Carries out a committed change. False: it is void (an id used before, a voter that never learned,
// nobody left to vote) and has no effect, on any node.
bool apply_change(Members& members, const MemberChange& change);

// REQUIRES: `log.compacted` <= `applied` <= the last index of the log; `log.hard_state.commit` >=
// `applied`; or all of them are 0: a node that knows nothing yet.
struct EngineStart {
  store::RecoveredLog log;
  LogIndex applied;  // The state machine has everything up to here (its snapshot's index).
  Term applied_term;
  Members members;  // At `applied`.
};

// What happens in a turn happens in this order: member changes applied, advance, reports, messages,
// ticks, campaign, transfer, member change proposed, reads, proposals.
struct EngineInput {
  bool advance = false;  // The last Ready is done. REQUIRES: one is outstanding.
  std::vector<MemberChange> apply_member_changes;  // Committed in that Ready, and not void.
  std::uint32_t ticks = 0;
  struct PeerMessage {
    NodeId from;
    Bytes bytes;  // As the engine of `from` wrote it.
  };
  std::vector<PeerMessage> messages;
  std::vector<Bytes> proposals;  // None is empty: an empty entry is a new leader's own.
  std::optional<MemberChange> member_change;
  std::vector<Bytes> read_requests;  // Contexts, never used twice, for linearizable reads.
  NodeId transfer_to;                // 0: none. REQUIRES leadership.
  bool campaign = false;             // Start an election at once (bootstrap of one voter, tests).
  std::vector<NodeId> unreachable;   // Peers whose connection is down.
  struct SnapshotSent {
    NodeId to;
    bool ok = false;
  };
  std::vector<SnapshotSent> snapshots_sent;
};

struct EngineMessage {
  NodeId to;
  bool may_send_before_sync = false;
  bool is_snapshot = false;  // The state itself must reach `to` before this message does.
  LogIndex snapshot_index;
  Bytes bytes;
};

struct ReadState {
  LogIndex index;  // A read is linearizable once this index is applied.
  Bytes context;
};

struct Ready {
  bool any = false;
  std::optional<store::HardState> hard_state;
  std::vector<store::Entry> entries;    // When proposals were accepted, they are the last ones.
  std::vector<store::Entry> committed;  // A change of members holds encode(MemberChange), or
                                        // nothing when it cannot be understood.
  std::vector<EngineMessage> messages;
  std::vector<ReadState> read_states;
  struct SnapshotInstall {
    LogIndex index;
    Term term;
  };
  std::optional<SnapshotInstall> snapshot;

  // Always filled, also when `any` is false.
  NodeId leader;  // 0: unknown.
  bool is_leader = false;
  Term term;
  std::uint32_t proposals_dropped = 0;  // The last ones of the input; surely not in any log.
  bool member_change_dropped = false;
  std::uint32_t messages_refused = 0;  // Malformed, or from nobody we know.
};

class Engine {
 public:
  virtual ~Engine() = default;

  // An error is final: the engine has lost its footing and the process must stop.
  virtual Result<Ready> turn(const EngineInput& input) = 0;

  // A snapshot of `index` is durable; a peer that is too far behind gets it. Entries up to `keep`,
  // which is at most `index`, are given up; gives the term of `keep`.
  virtual Result<Term> compact(LogIndex index, Term term, const Members& members,
                               LogIndex keep) = 0;

  // Progress of the peers, for the leader only: how far each one's log matches.
  struct Peer {
    NodeId id;
    LogIndex match;
    bool recently_active = false;
  };
  virtual std::vector<Peer> peers() = 0;
};

Result<std::unique_ptr<Engine>> make_raft_engine(const EngineOptions& options,
                                                 const EngineStart& start);
Result<std::unique_ptr<Engine>> make_fake_engine(const EngineOptions& options,
                                                 const EngineStart& start);

// For the simulator: reseeds the engine's own random source (election jitter). Process-wide.
void seed_raft_engine(std::uint64_t seed);

}  // namespace oki::replica
