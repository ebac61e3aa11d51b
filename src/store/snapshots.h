// Snapshots of the state machine on disk, newest last, and the node's identity.
//
// A snapshot file (store/snapshot_file.h) is made or received under a temporary name and appears
// under its own only when it is whole and durable. The newest two are kept, and older ones as long
// as somebody reads them. The Disk of the snapshots may be another one than the journal's, so that
// neither waits for the other.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/disk.h"
#include "base/result.h"
#include "base/strong.h"
#include "store/snapshot_file.h"

namespace oki::store {

// Of a snapshot that is being made, or received. What a crash has left there is removed by load().
constexpr const char* making_name = "making";
constexpr const char* arriving_name = "arriving";

// Sorted by name is sorted by index.
std::string snapshot_name(LogIndex index);

class SnapshotStore {
 public:
  // REQUIRES: `disk` outlives the store.
  explicit SnapshotStore(Disk& disk);

  // Blocking. The newest whole snapshot, nothing when there is none. A damaged newest snapshot is
  // Errc::corrupt: falling back silently to an older one would need log that may be gone. Reads all
  // of it, in pieces.
  Result<std::optional<SnapshotInfo>> load();

  // The data of a snapshot that is there.
  Result<Disk::View> view(const SnapshotInfo& info) const;

  // A small snapshot, whole in memory. Durable when `done`.
  void save(const SnapshotMeta& meta, ByteView data, Disk::Done done);

  // Gives a whole and durable file its name; durable when `done`, and then the snapshots older than
  // the previous one are removed. REQUIRES: an earlier load(), which finds them.
  void adopt(const std::string& temporary, LogIndex index, Disk::Done done);

  // Somebody reads the snapshot of `index`: it stays until released as often.
  void hold(LogIndex index);
  void release(LogIndex index);

 private:
  // Callbacks of the Disk may come late.
  struct Kept {
    std::vector<std::string> names;           // Sorted.
    std::map<std::string, unsigned> readers;  // How many.
  };
  static void remove_old(Disk& disk, Kept& kept);
  Disk::Done when_named(const std::string& name, Disk::Done done);

  Disk& disk_;
  std::shared_ptr<Kept> kept_;
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
