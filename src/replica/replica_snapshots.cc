// Taking snapshots, giving up the log below them, and taking over a leader's.
#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/hash64.h"
#include "base/planted.h"
#include "replica/replica_impl.h"

namespace oki::replica {
namespace {

constexpr ByteView room = "replica";

}  // namespace

// Followers first: a leader among several waits for twice the distance, unless a new node needs
// one.
void Replica::Impl::maybe_snapshot() {
  if (saving_snapshot_ || stopped_ || !kept_) return;
  const std::uint64_t factor = ready_leads_ && voters(state_.members()) > 1 ? 2 : 1;
  const std::uint64_t entries = state_.index().value - kept_->name.index.value;
  if (!snapshot_wanted_ && entries < factor * options_.snapshot_every_entries &&
      bytes_since_snapshot_ < factor * options_.snapshot_every_bytes) {
    return;
  }
  saving_snapshot_ = true;
  snapshot_wanted_ = false;
  bytes_since_snapshot_ = 0;
  state_.verify();
  LogIndex index = state_.index();
  if (PLANTED(snapshot_ahead_of_applied) && last_index_ > index) index.value += 1;
  auto data = std::make_shared<const Bytes>(state_.encode());
  const KeptSnapshot snapshot{{index, applied_term_, hash64(*data)}, data};
  const Members members = state_.members();
  snapshots_.save({index, applied_term_, encode(members)}, *data,
                  after_disk("the snapshot cannot be written", [snapshot, members](Impl& self) {
                    self.on_snapshot_saved(snapshot, members);
                  }));
}

void Replica::Impl::on_snapshot_saved(const KeptSnapshot& snapshot, const Members& members) {
  saving_snapshot_ = false;
  counters_.snapshots_taken.add();
  // Meanwhile a leader's newer one may have taken its place, or be about to: the engine's log then
  // begins after that one already.
  if (installing_ || kept_->name.index >= snapshot.name.index) return;
  kept_ = snapshot;
  status_.snapshot = snapshot.name.index;
  const LogIndex keep = keep_up_to(snapshot.name.index);
  const Result<Term> term =
      engine_->compact(snapshot.name.index, snapshot.name.term, members, keep);
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

// The engine has accepted the leader's snapshot whose bytes are here: first it becomes durable,
// then the journal starts anew after it, then the state is replaced.
void Replica::Impl::install_snapshot() {
  if (!offered_ || offered_->index != ready_.snapshot->index) {
    return stop({Errc::mismatch, "the engine wants a snapshot that was never offered to it"});
  }
  const SnapshotName name = *std::exchange(offered_, std::nullopt);
  installing_ = KeptSnapshot{name, std::make_shared<const Bytes>(receiver_.take())};
  const auto members = ReplicatedState::members_of(*installing_->data);
  ASSERT(members);  // Checked before it was offered.
  snapshots_.save({name.index, name.term, encode(*members)}, *installing_->data,
                  after_disk("the leader's snapshot cannot be written",
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
  if (const auto restored = state_.restore(snapshot.name.index, *snapshot.data); !restored) {
    return stop(restored.error());
  }
  state_.verify();
  kept_ = snapshot;
  status_.snapshot = compacted_ = last_index_ = snapshot.name.index;
  applied_term_ = snapshot.name.term;
  entry_bytes_.clear();
  bytes_since_snapshot_ = 0;
  votes_.clear();
  own_report_.reset();
  blocks_.restart(snapshot.name.index);
  counters_.snapshots_installed.add();
  parts_.log.info(room, "the state was replaced by the leader's snapshot",
                  {{"index", snapshot.name.index.value}});
  parts_.host.on_events(nullptr);
  append_ready();
  pump();
}

}  // namespace oki::replica
