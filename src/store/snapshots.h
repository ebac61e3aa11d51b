// Snapshots of the state machine on disk, newest last, and the node's identity.
//
// A snapshot file is {magic, version, meta, size, crc32c of every 64 KiB chunk, crc32c of the
// header} and the bytes (docs/formats/snapshot.md). It appears under its name only when it is whole
// and durable. The newest two are kept.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/disk.h"
#include "base/result.h"
#include "base/strong.h"

namespace oki::store {

struct SnapshotMeta {
  LogIndex index;
  Term term;
  Bytes members;  // The configuration of the cluster at `index`, as the engine spells it.

  friend bool operator==(const SnapshotMeta&, const SnapshotMeta&) = default;
};

struct Snapshot {
  SnapshotMeta meta;
  Bytes data;
};

class SnapshotStore {
 public:
  // REQUIRES: `disk` outlives the store.
  explicit SnapshotStore(Disk& disk);

  // Blocking. The newest whole snapshot, nothing when there is none. A damaged newest snapshot is
  // Errc::corrupt: falling back silently to an older one would need log that may be gone.
  Result<std::optional<Snapshot>> load();

  // Durable when `done`; then the snapshots older than the previous one are removed. REQUIRES: an
  // earlier load(), which finds them.
  void save(const SnapshotMeta& meta, Bytes data, Disk::Done done);

 private:
  Disk& disk_;
  std::shared_ptr<std::vector<std::string>> kept_;  // Names; callbacks of the Disk may come late.
};

// Who this directory belongs to. Written once; a directory without it joins as a new node.
struct Identity {
  std::uint64_t cluster = 0;
  NodeId node;
  std::uint32_t seat = 0;  // Place in the cluster's configuration (address); survives the disk.

  friend bool operator==(const Identity&, const Identity&) = default;
};

Result<std::optional<Identity>> load_identity(Disk& disk);
void save_identity(Disk& disk, const Identity& identity, Disk::Done done);

}  // namespace oki::store
