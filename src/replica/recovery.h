// What a node's disk says after a restart: where its state stands and which log follows.
#pragma once

#include <optional>

#include "base/result.h"
#include "store/journal.h"
#include "store/snapshots.h"

namespace oki::replica {

struct Recovery {
  store::RecoveredLog log;       // Starts at or below the snapshot and reaches it.
  bool replace_journal = false;  // The journal is not this log yet: reset it to the snapshot.
};

// Fits journal and snapshot together. A crash between the two writes of a snapshot taken over from
// a leader leaves a journal that does not lead to it; then the snapshot wins, for it was durable
// first and holds only what is committed. Errc::corrupt when entries are missing.
Result<Recovery> reconcile(const std::optional<store::SnapshotMeta>& snapshot,
                           store::RecoveredLog log);

}  // namespace oki::replica
