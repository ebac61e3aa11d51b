// Taking snapshots, giving up the log below them, and taking over a leader's.
#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/planted.h"
#include "replica/replica_impl.h"

namespace oki::replica {
namespace {

constexpr ByteView room = "replica";

}  // namespace

// On a grid of indices, so that the nodes' snapshots stand at the same places and their hashes can
// be compared. Followers first: a leader among several waits for twice the distance, unless a new
// node needs one, and longer while it sends one, whose receiver will want the log behind it.
bool Replica::Impl::snapshot_is_due() const {
  const std::uint64_t index = state_.index().value;
  if (!kept_ || index <= kept_->name.index.value) return false;
  if (snapshot_wanted_) return true;
  std::uint64_t factor = ready_leads_ && voters(state_.members()) > 1 ? 2 : 1;
  if (!senders_.empty()) factor *= 4;
  return index % (factor * options_.snapshot_every_entries) == 0 ||
         bytes_since_snapshot_ >= factor * options_.snapshot_every_bytes;
}

void Replica::Impl::maybe_snapshot() {
  if (saving_snapshot_ || stopped_ || snapshot_retry_ticks_ > 0 || !snapshot_is_due()) return;
  saving_snapshot_ = true;
  snapshot_wanted_ = false;
  bytes_since_snapshot_ = 0;
  LogIndex index = state_.index();
  if (PLANTED(snapshot_ahead_of_applied) && last_index_ > index) index.value += 1;
  const store::SnapshotMeta meta{index, applied_term_, encode(state_.members())};
  const MonoTimeNs begun = parts_.clock.mono_now();
  maker_.make(
      store::making_name, [this, meta](Sink& file) { return write_snapshot(meta, file); },
      [weak = weak_from_this(), meta, begun](const Result<Bytes>& made) {
        const std::shared_ptr<Impl> self = weak.lock();
        if (!self || self->stopped_) return;
        self->counters_.snapshot_time.record_ns(self->parts_.clock.mono_now() - begun);
        self->on_snapshot_made(meta, made);
      });
  counters_.snapshot_pause.record_ns(parts_.clock.mono_now() - begun);
}

// Beside the loop, perhaps in another process: changes nothing.
Bytes Replica::Impl::write_snapshot(const store::SnapshotMeta& meta, Sink& file) const {
  state_.verify();
  store::SnapshotFileWriter writer(file, meta);
  state_.encode(writer);
  return encode(writer.finish());
}

// The previous snapshot stays, and the log is kept for longer. But a state that breaks its own
// rules must not serve.
void Replica::Impl::on_snapshot_failed(LogIndex index, const Error& error) {
  saving_snapshot_ = false;
  counters_.snapshots_failed.add();
  if (error.code == Errc::mismatch) {
    return stop({error.code, "the state does not keep its invariants: " + error.message});
  }
  parts_.log.error(room, "a snapshot came to nothing; the one before stays",
                   {{"index", index.value}, {"error", error.message}});
  snapshot_retry_ticks_ = static_cast<std::uint32_t>(
      std::max<std::int64_t>(1, options_.snapshot_retry_ms / options_.tick_ms));
}

void Replica::Impl::on_snapshot_made(const store::SnapshotMeta& meta, const Result<Bytes>& made) {
  if (!made) return on_snapshot_failed(meta.index, made.error());
  Result<store::SnapshotInfo> info = store::decode_snapshot_info(*made);
  if (!info) return on_snapshot_failed(meta.index, info.error());
  info->meta = meta;
  snapshots_.adopt(store::making_name, meta.index,
                   after_disk("the snapshot cannot be named", [snapshot = kept(*info)](Impl& self) {
                     self.on_snapshot_saved(snapshot);
                   }));
}

void Replica::Impl::on_snapshot_saved(const KeptSnapshot& snapshot) {
  saving_snapshot_ = false;
  counters_.snapshots_taken.add();
  own_deep_report_ = HashReport{options_.self, snapshot.name.index, snapshot.name.hash, true};
  deep_votes_.add_own(snapshot.name.index, snapshot.name.hash);
  send_hash_report(*own_deep_report_);
  // Meanwhile a leader's newer one may have taken its place, or be about to: the engine's log then
  // begins after that one already.
  if (installing_ || kept_->name.index >= snapshot.name.index) return;
  kept_ = snapshot;
  status_.snapshot = snapshot.name.index;
  const Result<Members> members = decode_members(snapshot.info.meta.members);
  ASSERT(members);
  const LogIndex keep = keep_up_to(snapshot.name.index);
  const Result<Term> term =
      engine_->compact(snapshot.name.index, snapshot.name.term, *members, keep);
  if (!term) return stop(term.error());
  journal_->compact(keep, *term);
  for (; compacted_ < keep; ++compacted_.value) entry_bytes_.pop_front();
}

// The last entry that may go, when the last ones before the snapshot stay for peers behind.
LogIndex Replica::Impl::keep_up_to(LogIndex snapshot) const {
  std::uint64_t keep = snapshot.value;
  std::uint64_t bytes = 0;
  while (keep > compacted_.value && snapshot.value - keep < options_.keep_entries) {
    bytes += entry_bytes_[keep - compacted_.value - 1];
    if (bytes > options_.keep_bytes) break;
    --keep;
  }
  return {keep};
}

// The engine has accepted the leader's snapshot whose file is here: first it gets its name, then
// the journal starts anew after it, then the state is replaced.
void Replica::Impl::install_snapshot() {
  const store::SnapshotInfo* arrived = offered_ ? receiver_.whole(*offered_) : nullptr;
  if (arrived == nullptr || offered_->index != ready_.snapshot->index) {
    return stop({Errc::mismatch, "the engine wants a snapshot that was never offered to it"});
  }
  offered_.reset();
  installing_ = kept(*arrived);
  receiver_.taken();
  snapshots_.adopt(store::arriving_name, installing_->name.index,
                   after_disk("the leader's snapshot cannot be named",
                              [](Impl& self) { self.on_install_saved(); }));
}

void Replica::Impl::on_install_saved() {
  const SnapshotName& name = installing_->name;
  saved_ = hard_state_;
  journal_->reset(
      name.index, name.term, hard_state_,
      after_disk("the journal cannot be written", [](Impl& self) { self.on_install_durable(); }));
}

void Replica::Impl::on_install_durable() {
  const KeptSnapshot snapshot = *std::exchange(installing_, std::nullopt);
  if (const auto restored = restore_from(snapshot.info); !restored) return stop(restored.error());
  kept_ = snapshot;
  status_.snapshot = compacted_ = last_index_ = snapshot.name.index;
  applied_term_ = snapshot.name.term;
  entry_bytes_.clear();
  bytes_since_snapshot_ = 0;
  votes_.clear();
  deep_votes_.clear();
  own_report_.reset();
  own_deep_report_.reset();
  blocks_.restart(snapshot.name.index);
  counters_.snapshots_installed.add();
  parts_.log.info(room, "the state was replaced by the leader's snapshot",
                  {{"index", snapshot.name.index.value}});
  parts_.host.on_events(nullptr);
  append_ready();
  pump();
}

Result<void> Replica::Impl::restore_from(const store::SnapshotInfo& snapshot) {
  const Result<Disk::View> view = snapshots_.view(snapshot);
  if (!view) return tl::unexpected<Error>(view.error());
  if (auto restored = state_.restore(snapshot.meta.index, view->bytes); !restored) return restored;
  state_.verify();
  return {};
}

}  // namespace oki::replica
