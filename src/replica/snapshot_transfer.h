// A snapshot on its way from the leader to a node that is too far behind for the log, from file to
// file.
//
// The file's bytes travel in chunks of 256 KiB, a few at a time; the receiver says how many it has
// in a row on its disk, and the sender goes on from there, also after either side lost messages or
// the leader changed to one with the same snapshot. Only when all of it has arrived does the
// engine's own message follow. Time is counted in ticks. Neither side ever holds more than the
// window in memory.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/disk.h"
#include "replica/peer_message.h"
#include "store/snapshot_file.h"

namespace oki::replica {

constexpr std::size_t snapshot_chunk_bytes = 256u << 10;
constexpr std::uint64_t snapshot_window_bytes = 4 * snapshot_chunk_bytes;

// A snapshot that is durable here.
struct KeptSnapshot {
  SnapshotName name;
  store::SnapshotInfo info;
};
KeptSnapshot kept(const store::SnapshotInfo& info);

class SnapshotSender {
 public:
  SnapshotSender(const KeptSnapshot& snapshot, Bytes engine_message);

  const SnapshotName& name() const { return name_; }
  const Bytes& engine_message() const { return engine_message_; }
  bool complete() const { return have_ == size_ && heard_; }

  // The piece of the file to read and send next, one at a time: chunk() ends it.
  struct Piece {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };
  std::optional<Piece> next();
  bool reads() const { return reading_.has_value(); }

  // The message for the piece, without addresses; it views `bytes`.
  PeerMessage chunk(ByteView bytes);

  void on_have(std::uint64_t bytes);

  // False: the receiver has made no progress for too long, give up.
  bool on_tick(std::uint32_t election_ticks);

 private:
  SnapshotName name_;
  std::uint64_t size_ = 0;
  Bytes engine_message_;
  std::uint64_t have_ = 0;  // What the receiver said last.
  std::uint64_t sent_ = 0;
  std::optional<Piece> reading_;
  bool heard_ = false;
  std::uint32_t silent_ticks_ = 0;
  std::uint32_t attempts_ = 0;
};

class SnapshotReceiver {
 public:
  // Says how many bytes of the snapshot are on the disk in a row.
  using Have = std::function<void(std::uint64_t bytes)>;

  // Writes to `file` of `disk`, which outlives this. `failed` is told of an error of the disk.
  SnapshotReceiver(Disk& disk, std::string file, std::uint64_t bytes_max,
                   std::function<void(const Error&)> failed);

  // `have` is called once: now, or when the chunk is on the disk. False: the chunk is not
  // acceptable, and `have` is not called.
  bool on_chunk(const PeerMessage& chunk, Have have);

  // The whole snapshot, when it is on the disk and is what its name says; nullptr otherwise.
  const store::SnapshotInfo* whole(const SnapshotName& name) const;

  // The file has been taken away. REQUIRES: whole() gave it.
  void taken() { forget(); }

 private:
  void forget();
  void on_written(std::uint64_t bytes);

  Disk& disk_;
  const std::string file_;
  const std::uint64_t bytes_max_;
  const std::function<void(const Error&)> failed_;
  // What is being received; callbacks of the disk hold it weakly and find it gone.
  struct Arriving {
    SnapshotName name;
    std::uint64_t size = 0;
    std::uint64_t accepted = 0;
    std::uint64_t durable = 0;
    std::optional<store::SnapshotFileChecker> checker;
    std::optional<store::SnapshotInfo> whole;
  };
  std::shared_ptr<Arriving> arriving_;
};

}  // namespace oki::replica
