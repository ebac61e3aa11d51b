// The Replica's inside: one turn of the engine after the other, and what each Ready asks for.
//
// The cycle: what came in is gathered in `input_`; when no Ready is outstanding, turn() hands it to
// the engine; the Ready is written to the journal (write_ready), then its messages are sent and its
// commits applied (finish_ready), then the next turn advances. Parts that wait for the disk go on
// in its callbacks, which hold the Impl weakly.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "replica/event_blocks.h"
#include "replica/hash_votes.h"
#include "replica/peer_message.h"
#include "replica/proposals.h"
#include "replica/reads.h"
#include "replica/replica.h"
#include "replica/replicated_state.h"
#include "replica/snapshot_transfer.h"
#include "store/inline_file_maker.h"
#include "store/journal.h"
#include "store/snapshots.h"

namespace oki::replica {

// Hash reports waiting to be proposed; what finds no room is sent again.
constexpr std::size_t reports_max = 64;

class Replica::Impl : public std::enable_shared_from_this<Replica::Impl> {
 public:
  Impl(const ReplicaParts& parts, const ReplicaOptions& options);
  ~Impl();

  Result<void> recover(MakeEngine make_engine);
  void begin_soon();

  void on_peer_message(NodeId from, ByteView message);
  void on_peer_unreachable(NodeId peer);
  void submit(ClientCommand command, Proposals::Answer answer);
  void read_barrier(Reads::Done done);
  void admit(std::uint32_t seat, Proposals::Answer answer);
  void transfer_leadership(NodeId to);
  void flush();

  const ReplicaStatus& status() const { return status_; }
  std::uint64_t state_hash() const { return state_.hash(); }
  const EventBlocks& blocks() const { return blocks_; }
  void verify() const;

 private:
  // The cycle (replica.cc).
  void begin();
  void pump();
  void pump_soon();
  bool has_work() const;
  bool wants_proposals() const;
  void turn();
  WallTimeMs next_batch_time();
  void gather_proposals();
  void take_offered(std::size_t proposals);
  void write_ready();
  void append_ready();
  void finish_ready();
  void note_leadership();
  void fail_lost_commands();
  void on_tick();
  void check_status();
  void look_at_timers();
  void propose_tick();
  void stop(Error reason);
  std::optional<SubmitResult> refuse_at_once(const ClientCommand& command, SubmitAnswer& answer);

  // Applying what is committed (replica_apply.cc).
  void apply_committed();
  void apply_entry(const store::Entry& entry);
  void apply_batch(const store::Entry& entry, Batch& batch);
  void apply_members(const store::Entry& entry);
  void answer_before_commit();
  void compare_hashes();
  void on_hash_report(const store::Entry& entry, const HashReport& report);
  void send_hash_report(const HashReport& report);
  void send_hash_reports();
  void drive_members();
  void propose_change(const MemberChange& change);
  void finish_admission(SubmitResult result);

  // Peers (replica_peers.cc).
  void send_engine_messages(bool before_sync);
  void send_to(NodeId to, PeerMessage message);
  std::optional<std::uint32_t> seat_of(NodeId id) const;
  void take_engine_messages(const PeerMessage& message);
  void begin_snapshot_to(const EngineMessage& message);
  void on_snapshot_chunk(const PeerMessage& message);
  void on_snapshot_have(const PeerMessage& message);
  void on_snapshot_ready(const PeerMessage& message);
  void tick_snapshots();
  void send_chunks(NodeId to);
  void on_chunk_read(NodeId to, LogIndex snapshot, Result<Bytes> bytes);
  void end_snapshot_to(NodeId to, bool ok);
  void forget_senders();

  // Own snapshots and those of the leader (replica_snapshots.cc).
  Result<void> start_engine(MakeEngine make_engine,
                            const std::optional<store::SnapshotInfo>& snapshot,
                            store::RecoveredLog log);
  Result<void> restore_from(const store::SnapshotInfo& snapshot);
  bool snapshot_is_due() const;
  void maybe_snapshot();
  Bytes write_snapshot(const store::SnapshotMeta& meta, Sink& file) const;
  void on_snapshot_made(const store::SnapshotMeta& meta, const Result<Bytes>& made);
  void on_snapshot_failed(LogIndex index, const Error& error);
  void on_snapshot_saved(const KeptSnapshot& snapshot);
  LogIndex keep_up_to(LogIndex snapshot) const;
  void install_snapshot();
  void on_install_saved();
  void on_install_durable();

  // Calls `then` with this, unless it is gone or stopped; a disk error stops.
  template <typename Then>
  Disk::Done after_disk(const char* what, Then then);

  ReplicaParts parts_;
  ReplicaOptions options_;
  std::unique_ptr<store::Journal> journal_;
  Disk& snapshot_disk_;
  store::SnapshotStore snapshots_;
  store::InlineFileMaker inline_maker_;
  FileMaker& maker_;
  std::unique_ptr<Engine> engine_;
  ReplicatedState state_;

  // The cycle.
  EngineInput input_;
  std::size_t input_bytes_ = 0;
  Ready ready_;
  bool outstanding_ = false;  // ready_ is being worked on.
  bool pumping_ = false;
  bool stopped_ = false;
  store::HardState hard_state_;  // As the engine said last.
  store::HardState saved_;       // As the journal has it.
  LogIndex last_index_;          // Of the log.
  Term applied_term_;            // Of the last applied entry.

  // Leadership.
  bool ready_leads_ = false;  // As of the last finished turn.
  Term served_term_;          // An entry of this term, led by us, is applied.
  WallTimeMs last_batch_time_;
  NodeId transfer_to_;
  std::uint32_t transfer_ticks_ = 0;  // No new batches while a transfer is under way.
  ReplicaStatus status_;
  TimerId timer_;

  Proposals proposals_;
  std::vector<Bytes> reports_;  // Hash reports to propose.
  Reads reads_;
  EventBlocks blocks_;
  HashVotes votes_;
  HashVotes deep_votes_;
  std::optional<HashReport> own_report_;       // Until it is seen in the log.
  std::optional<HashReport> own_deep_report_;  // The same.
  std::uint32_t report_ticks_ = 0;

  // Ticks of the state machine: one at a time, proposed by the leader.
  bool tick_due_ = false;
  bool tick_offered_ = false;  // In the input of this turn.
  LogIndex tick_at_;           // In flight at this place of the log; 0: none is.
  std::uint32_t ticks_left_;   // Until the next tick of the engine.
  TimerId machine_timer_;

  // Members.
  std::optional<MemberChange> admission_;
  Proposals::Answer admission_answer_;
  std::uint32_t change_ticks_ = 0;  // A change was proposed so recently; wait for its outcome.
  std::map<std::uint64_t, std::uint32_t> seats_heard_;  // Of nodes that are no members (yet).

  // Snapshots.
  std::optional<KeptSnapshot> kept_;
  bool saving_snapshot_ = false;
  bool snapshot_wanted_ = false;            // At once, for a node that the last one does not know.
  std::uint32_t snapshot_retry_ticks_ = 0;  // The last one failed: so long until the next attempt.
  std::uint64_t bytes_since_snapshot_ = 0;
  LogIndex compacted_;
  std::deque<std::uint32_t> entry_bytes_;  // Of the applied entries after compacted_.
  std::map<std::uint64_t, SnapshotSender> senders_;
  SnapshotReceiver receiver_;
  std::optional<SnapshotName> offered_;  // Given to the engine, which has not decided yet.
  std::optional<KeptSnapshot> installing_;

  struct Counters {
    Counter& commands;
    Counter& batches;
    Counter& peer_refused;
    Counter& inbox_dropped;
    Counter& engine_refused;
    Counter& entries_malformed;
    Counter& ticks;
    Counter& snapshots_taken;
    Counter& snapshots_failed;
    Histogram& snapshot_pause;
    Histogram& snapshot_time;
    Counter& snapshots_installed;
    Gauge& term;
    Gauge& leader;
    Gauge& applied;
    Gauge& commit;
    Gauge& waiting;
    Gauge& flying;
    Histogram& commit_time;
    Counter& fsyncs_begun;
    Histogram& fsync_time;
  };
  static Counters make_counters(Metrics& metrics);
  Counters counters_;
};

template <typename Then>
Disk::Done Replica::Impl::after_disk(const char* what, Then then) {
  return [weak = weak_from_this(), what, then = std::move(then)](Result<void> result) {
    const std::shared_ptr<Impl> self = weak.lock();
    if (!self || self->stopped_) return;
    if (!result) {
      const Error& error = result.error();
      return self->stop({error.code, std::string(what) + ": " + error.message});
    }
    then(*self);
  };
}

}  // namespace oki::replica
