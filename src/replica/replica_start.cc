// A node's beginnings: an empty directory made into a node, and a directory brought back to life.
#include <utility>

#include "base/assert.h"
#include "base/planted.h"
#include "replica/recovery.h"
#include "replica/replica_impl.h"

namespace oki::replica {
namespace {

// The first snapshot stands after an entry that no node ever writes, so that a new node can only
// start from a snapshot, which names the members.
constexpr LogIndex genesis_index{1};
constexpr Term genesis_term{1};

Members first_members(std::uint32_t count) {
  Members members;
  for (std::uint32_t seat = 1; seat <= count; ++seat) {
    members.all.push_back({NodeId{seat}, seat, false});
  }
  members.id_max = {count};
  return members;
}

Result<store::Identity> check_identity(Disk& disk, const ReplicaOptions& options) {
  auto identity = store::load_identity(disk);
  if (!identity) return tl::unexpected(identity.error());
  if (!*identity) return error(Errc::not_found, "this directory does not belong to any node yet");
  const store::Identity& found = **identity;
  if (found.cluster != options.cluster) {
    return error(Errc::mismatch, "this directory belongs to a node of another cluster");
  }
  if ((options.self.value > 0 && options.self != found.node) ||
      (options.seat > 0 && options.seat != found.seat)) {
    return error(Errc::mismatch, "this directory belongs to another node of this cluster");
  }
  return found;
}

}  // namespace

void Replica::bootstrap(Disk& disk, Disk& snapshot_disk, std::uint64_t cluster, std::uint32_t seat,
                        std::uint32_t voters, Disk::Done done) {
  ASSERT(seat >= 1 && seat <= voters);
  const auto existing = store::load_identity(disk);
  if (!existing) return done(tl::unexpected(existing.error()));
  if (*existing) return done(error(Errc::exists, "this directory belongs to a node already"));
  auto snapshots = std::make_shared<store::SnapshotStore>(snapshot_disk);
  if (const auto loaded = snapshots->load(); !loaded) return done(tl::unexpected(loaded.error()));
  const Members members = first_members(voters);
  const store::SnapshotMeta meta{genesis_index, genesis_term, encode(members)};
  // The identity comes last: a directory without it is as good as empty.
  snapshots->save(meta, ReplicatedState::genesis(members),
                  [&disk, cluster, seat, snapshots, done = std::move(done)](Result<void> saved) {
                    if (!saved) return done(saved);
                    store::save_identity(disk, {cluster, NodeId{seat}, seat}, done);
                  });
}

void Replica::join(Disk& disk, std::uint64_t cluster, std::uint32_t seat, NodeId id,
                   Disk::Done done) {
  const auto existing = store::load_identity(disk);
  if (!existing) return done(tl::unexpected(existing.error()));
  if (*existing) return done(error(Errc::exists, "this directory belongs to a node already"));
  store::save_identity(disk, {cluster, id, seat}, std::move(done));
}

Result<std::unique_ptr<Replica>> Replica::start(const ReplicaParts& parts,
                                                const ReplicaOptions& options,
                                                MakeEngine make_engine) {
  if (options.hash_every_entries < hash_every_entries_min || options.batches_in_flight_max == 0 ||
      options.batch_commands_max == 0 ||
      // A batch holds at least one command, whatever its size.
      options.batch_bytes_max + options.command_bytes_max > options.journal.entry_bytes_max) {
    return error(Errc::invalid, "the options of the replica are out of their limits");
  }
  const auto identity = check_identity(parts.disk, options);
  if (!identity) return tl::unexpected(identity.error());
  ReplicaOptions known = options;
  known.self = identity->node;
  known.seat = identity->seat;
  auto impl = std::make_shared<Impl>(parts, known);
  if (const auto recovered = impl->recover(make_engine); !recovered) {
    return tl::unexpected(recovered.error());
  }
  impl->begin_soon();
  return std::unique_ptr<Replica>(new Replica(std::move(impl)));
}

Result<void> Replica::Impl::recover(MakeEngine make_engine) {
  auto snapshot = snapshots_.load();
  if (!snapshot) return tl::unexpected(snapshot.error());
  auto opened = store::Journal::open(parts_.disk, options_.journal);
  if (!opened) return tl::unexpected(opened.error());
  journal_ = std::move(opened->journal);
  if (*snapshot) {
    if (auto restored = restore_from(**snapshot); !restored) return restored;
  }
  return start_engine(make_engine, *snapshot, std::move(opened->log));
}

Result<void> Replica::Impl::start_engine(MakeEngine make_engine,
                                         const std::optional<store::SnapshotInfo>& snapshot,
                                         store::RecoveredLog log) {
  std::optional<store::SnapshotMeta> meta;
  if (snapshot) meta = snapshot->meta;
  saved_ = log.hard_state;
  auto recovery = reconcile(meta, std::move(log));
  if (!recovery) return tl::unexpected(recovery.error());
  EngineOptions options;
  options.self = options_.self;
  options.election_ticks = options_.election_ticks;
  options.heartbeat_ticks = options_.heartbeat_ticks;
  options.message_bytes_max = options_.batch_bytes_max;
  EngineStart start{std::move(recovery->log), {}, {}, state_.members()};
  if (meta) {
    start.applied = meta->index;
    start.applied_term = applied_term_ = meta->term;
    kept_ = kept(*snapshot);
    status_.snapshot = meta->index;
  }
  compacted_ = start.log.compacted;
  last_index_ = compacted_;
  for (const store::Entry& entry : start.log.entries) {
    last_index_ = entry.index;
    if (entry.index > start.applied) continue;
    entry_bytes_.push_back(static_cast<std::uint32_t>(entry.data.size() + sizeof(store::Entry)));
  }
  if (PLANTED(apply_twice_after_restart) && start.applied > compacted_) {
    start.applied.value -= 1;
  }
  hard_state_ = start.log.hard_state;
  ready_.term = hard_state_.term;
  blocks_.restart(state_.index());
  auto engine = make_engine(options, start);
  if (!engine) return tl::unexpected(engine.error());
  engine_ = std::move(*engine);
  if (!recovery->replace_journal) return {};
  outstanding_ = true;  // Nothing is asked of the engine before its log is on the disk.
  saved_ = hard_state_;
  journal_->reset(compacted_, start.log.compacted_term, hard_state_,
                  after_disk("the journal cannot be written", [](Impl& self) {
                    self.outstanding_ = false;
                    self.pump();
                  }));
  return {};
}

Replica::Replica(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Replica::~Replica() = default;

void Replica::on_peer_message(NodeId from, ByteView message) {
  impl_->on_peer_message(from, message);
}
void Replica::on_peer_unreachable(NodeId peer) { impl_->on_peer_unreachable(peer); }
void Replica::submit(ClientCommand command, std::function<void(const SubmitAnswer&)> answer) {
  impl_->submit(std::move(command), std::move(answer));
}
void Replica::read_barrier(std::function<void(SubmitResult, LogIndex)> done) {
  impl_->read_barrier(std::move(done));
}
void Replica::admit(std::uint32_t seat, std::function<void(const SubmitAnswer&)> answer) {
  impl_->admit(seat, std::move(answer));
}
void Replica::transfer_leadership(NodeId to) { impl_->transfer_leadership(to); }
void Replica::flush() { impl_->flush(); }
const ReplicaStatus& Replica::status() const { return impl_->status(); }
std::uint64_t Replica::state_hash() const { return impl_->state_hash(); }
const EventBlock* Replica::block_from(LogIndex from) const { return impl_->blocks().from(from); }
LogIndex Replica::oldest_block() const { return impl_->blocks().oldest(); }
void Replica::verify() const { impl_->verify(); }

}  // namespace oki::replica
