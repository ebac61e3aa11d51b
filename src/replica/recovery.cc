#include "replica/recovery.h"

#include <algorithm>
#include <utility>

namespace oki::replica {
namespace {

bool leads_to(const store::RecoveredLog& log, const store::SnapshotMeta& snapshot) {
  if (log.compacted == snapshot.index) return log.compacted_term == snapshot.term;
  for (const store::Entry& entry : log.entries) {
    if (entry.index == snapshot.index) return entry.term == snapshot.term;
  }
  return false;
}

}  // namespace

Result<Recovery> reconcile(const std::optional<store::SnapshotMeta>& snapshot,
                           store::RecoveredLog log) {
  if (!snapshot) {
    if (!log.entries.empty() || log.compacted.value > 0 || log.hard_state.commit.value > 0) {
      return error(Errc::corrupt,
                   "the journal holds entries, but the snapshot they follow is gone");
    }
    return Recovery{std::move(log), false};
  }
  if (log.compacted > snapshot->index) {
    return error(Errc::corrupt,
                 "the journal starts after the newest snapshot: entries are missing");
  }
  Recovery recovery;
  recovery.replace_journal = !leads_to(log, *snapshot);
  if (recovery.replace_journal) {
    log.entries.clear();
    log.compacted = snapshot->index;
    log.compacted_term = snapshot->term;
  }
  store::HardState& hard = log.hard_state;
  if (hard.term < snapshot->term) hard = {snapshot->term, {}, hard.commit};
  hard.commit = std::max(hard.commit, snapshot->index);
  const LogIndex last = log.entries.empty() ? log.compacted : log.entries.back().index;
  if (recovery.replace_journal) hard.commit = snapshot->index;
  if (hard.commit > last) {
    return error(Errc::corrupt, "the journal ends before an entry that was committed");
  }
  recovery.log = std::move(log);
  return recovery;
}

}  // namespace oki::replica
