// One node of the replicated log: batches commands, lets the engine order them, keeps them in the
// journal, applies them to the state machine, answers each client exactly once.
//
// No thread, clock, socket or file of its own: the same object runs in the node process and, three
// at a time, in the simulator. All calls come from one loop; callbacks come from inside calls of
// the Disk, the Timers or the Replica itself.
//
// Entry data is a batch: {version, time, commands} (replica/batch.h); each command carries its
// session and number. The leader stamps the time; it never goes back, whatever the clocks do.
// Exactly once: the session table is part of the replicated state and of the snapshot. It keeps the
// answers of every number from the session's `floor` on; a number below it has been answered and
// forgotten and is refused as `too_old`.
//
// Every limit is a field of ReplicaOptions; full means refuse by name. The fields marked (same) are
// rules of the replicated state: all nodes must run with the same values.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/file_maker.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "replica/engine.h"
#include "replica/state_machine.h"

namespace oki::replica {

// The log index of the entry that opened the session; 0 is none.
using SessionId = Strong<struct SessionIdTag, std::uint64_t>;

// The session of the ticks that leaders propose themselves: no client's, without numbers, replies
// kept nowhere.
constexpr SessionId tick_session{0xffff'ffff'ffff'ffff};

struct ReplicaOptions {
  std::uint64_t cluster = 0;
  NodeId self;
  std::uint32_t seat = 0;
  std::int64_t tick_ms = 15;
  std::uint32_t election_ticks = 10;
  std::uint32_t heartbeat_ticks = 2;
  std::size_t command_bytes_max = 64u << 10;
  std::size_t batch_bytes_max = 1u << 20;
  std::size_t batch_commands_max = 8192;
  std::size_t batches_in_flight_max = 2;
  std::size_t pending_commands_max = 65536;  // Waiting for a batch; more are refused `busy`.
  std::size_t pending_bytes_max = 16u << 20;
  std::size_t pending_reads_max = 65536;    // Read barriers; more are refused `busy`.
  std::size_t inbox_bytes_max = 64u << 20;  // From peers while the disk works; more is dropped.
  std::size_t sessions_max = 1024;          // (same) The one longest unused gives way.
  std::size_t session_window_max = 16384;   // (same) Numbers from floor on, of one session.
  std::size_t session_reply_bytes_max = 4u
                                        << 20;  // (same) More: `window_full` till the floor rises.
  std::uint64_t snapshot_every_bytes = 256u << 20;  // Of log since the last snapshot.
  std::uint64_t snapshot_every_entries = 200'000;   // A leader among several waits for the double.
  std::uint64_t snapshot_bytes_max = 1ull << 40;  // Of a leader's snapshot; more is not taken over.
  std::int64_t snapshot_retry_ms = 10'000;        // After one that failed.
  std::uint64_t keep_entries = 20'000;            // Below a snapshot, for peers a little behind.
  std::uint64_t keep_bytes = 64u << 20;           // Of these entries, at most.
  std::uint64_t hash_every_entries = 10'000;      // (same) At least hash_every_entries_min.
  bool deep_hashes = false;  // (same) Compare hashes of all of the state then, and verify it.
  std::uint32_t ticks_in_a_row_max = 32;           // Of a burst of due timers, per tick_ms.
  std::size_t event_blocks_bytes_max = 64u << 20;  // Kept for followers that resume.
  store::JournalOptions journal;

  // The host calls flush() after each turn of its loop, so that all that arrived in one turn enters
  // the engine at once. Otherwise every call enters it by itself.
  bool flushed_by_host = false;
};

// Each comparison adds an entry per node to the log: a shorter distance would never come to rest.
constexpr std::uint64_t hash_every_entries_min = 100;

struct ClientCommand {
  SessionId session;         // 0: open a session; `body` is ignored, the answer's index is its id.
  std::uint64_t number = 0;  // From 1, a new one per command; a retry repeats it.
  std::uint64_t floor = 0;   // All numbers below are answered: their answers may be forgotten.
  Bytes body;
};

enum class SubmitResult : std::uint8_t {
  applied = 0,          // `reply` and `index` are the first answer, also on a retry.
  not_leader = 1,       // Surely not taken; `leader` is a hint.
  busy = 2,             // Surely not taken: a limit of this node is reached.
  too_large = 3,        // Surely not taken.
  session_unknown = 4,  // Never was, or was evicted: earlier numbers' outcomes cannot be told.
  too_old = 5,          // Below the floor, answered before.
  window_full = 6,      // Surely not taken: too far above the floor.
  unknown = 7,          // Leadership was lost with the command in flight: retry the same number.
};
const char* name(SubmitResult result);

struct SubmitAnswer {
  SubmitResult result = SubmitResult::unknown;
  LogIndex index;  // Of the entry that held the command.
  NodeId leader;   // 0: not known.
  Bytes reply;
};

struct ReplicaStatus {
  NodeId self;
  NodeId leader;
  Term term;
  bool is_leader = false;
  bool serving = false;  // Leader, and an entry of its own term is committed and applied.
  LogIndex commit;
  LogIndex applied;
  LogIndex snapshot;
  std::uint64_t event_hash = 0;  // After `applied`.
  LogIndex state_hash_index;     // The last compared state hash.
  std::uint64_t state_hash = 0;
  Members members;
};

// What the Replica needs from who runs it. Calls never nest: none of these calls the Replica's
// on_peer_*() before it has returned.
class ReplicaHost {
 public:
  virtual ~ReplicaHost() = default;

  // A message to a peer: may be lost, delayed, doubled or overtaken. At most once is enough.
  virtual void send_to_node(NodeId to, std::uint32_t seat, Bytes message) = 0;

  // The replica cannot go on without breaking a promise (disk error, wrong state hash). It ignores
  // every further call and gives no more answers; the process ends with this sentence.
  // REQUIRES of the host: it does not destroy the replica inside this or any other call of it.
  virtual void stop(const Error& reason) = 0;

  // A new block of events was applied, or the state was replaced by a snapshot (nullptr).
  virtual void on_events(const EventBlock* block) = 0;

  virtual void on_status(const ReplicaStatus& status) = 0;  // Leader, term, serving changed.
};

// What the Replica runs on; all must outlive it.
struct ReplicaParts {
  const Clock& clock;
  Timers& timers;
  Disk& disk;  // The node's own directory: journal, snapshots, identity.
  Log& log;
  Metrics& metrics;
  ReplicaHost& host;
  StateMachine& machine;
  Disk* snapshot_disk = nullptr;        // Without one, snapshots share `disk`.
  FileMaker* snapshot_maker = nullptr;  // Of that disk's directory. Without one, on the loop.
};

class Replica {
 public:
  // Writes a first node's identity and the first members to an empty directory: once in the life of
  // a cluster, on each of its seats. Never for a seat that has lost its disk: its old id has
  // promised what only that disk knew, and acknowledged commands could be lost; see admit(). The
  // ids are the seats' numbers, 1 to voters.
  static void bootstrap(Disk& disk, std::uint64_t cluster, std::uint32_t seat, std::uint32_t voters,
                        Disk::Done done) {
    bootstrap(disk, disk, cluster, seat, voters, std::move(done));
  }
  static void bootstrap(Disk& disk, Disk& snapshot_disk, std::uint64_t cluster, std::uint32_t seat,
                        std::uint32_t voters, Disk::Done done);

  // Writes the identity of a node that the leader has admitted as `id` to an empty directory.
  static void join(Disk& disk, std::uint64_t cluster, std::uint32_t seat, NodeId id,
                   Disk::Done done);

  // Recovers from the disk (blocking) and starts ticking. `make_engine` is make_raft_engine or
  // make_fake_engine. `options.self` and `seat` may be 0: the disk knows them. Errc::not_found: the
  // directory belongs to nobody yet; bootstrap() or join() it. Nothing is called back inside
  // start().
  using MakeEngine = Result<std::unique_ptr<Engine>> (*)(const EngineOptions&, const EngineStart&);
  static Result<std::unique_ptr<Replica>> start(const ReplicaParts& parts,
                                                const ReplicaOptions& options,
                                                MakeEngine make_engine);
  ~Replica();

  void on_peer_message(NodeId from, ByteView message);
  void on_peer_unreachable(NodeId peer);

  void submit(ClientCommand command, std::function<void(const SubmitAnswer&)> answer);

  // Calls back once every command answered before this call, by any node, is applied here, or with
  // `unknown` when that cannot be found out within an election timeout.
  void read_barrier(std::function<void(SubmitResult, LogIndex)> done);

  // A seat with an empty disk asks for an id: the answer's reply is u64 id and a blob of encoded
  // Members. Leader only; one at a time, more are `busy`. The new node starts as a learner; once it
  // has caught up, the seat's old id is removed and it becomes a voter; all of it by itself.
  void admit(std::uint32_t seat, std::function<void(const SubmitAnswer&)> answer);

  // To a voter; ignored by a node that does not lead. No command fails for it: those that arrive
  // meanwhile wait, and are answered `not_leader` once another node leads.
  void transfer_leadership(NodeId to);

  void flush();

  const ReplicaStatus& status() const;

  // Of everything replicated, right after `status().applied`; costs a walk over it.
  std::uint64_t state_hash() const;

  // The first block at or after `from`, if there is one. A reader that stands after index i resumes
  // at i + 1 without a gap when oldest_block() <= i + 1: every block from there on is kept.
  const EventBlock* block_from(LogIndex from) const;
  LogIndex oldest_block() const;

  void verify() const;

 private:
  class Impl;
  explicit Replica(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace oki::replica
