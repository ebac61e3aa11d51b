// A snapshot on its way from the leader to a node that is too far behind for the log.
//
// The bytes travel in chunks of 256 KiB, a few at a time; the receiver says how many it has in a
// row, and the sender goes on from there, also after either side lost messages or the leader
// changed to one with the same snapshot. Only when all of it has arrived does the engine's own
// message follow. Time is counted in ticks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "replica/peer_message.h"

namespace oki::replica {

constexpr std::size_t snapshot_chunk_bytes = 256u << 10;
constexpr std::uint64_t snapshot_window_bytes = 4 * snapshot_chunk_bytes;

class SnapshotSender {
 public:
  // Fills in the chunk's name, size, offset and bytes; the owner sends it.
  using Send = std::function<void(PeerMessage chunk)>;

  SnapshotSender(const SnapshotName& name, std::shared_ptr<const Bytes> data, Bytes engine_message);

  const SnapshotName& name() const { return name_; }
  const Bytes& engine_message() const { return engine_message_; }
  bool complete() const { return have_ == data_->size() && heard_; }

  void on_have(std::uint64_t bytes, const Send& send);

  // False: the receiver has made no progress for too long, give up.
  bool on_tick(std::uint32_t election_ticks, const Send& send);

 private:
  void send_window(const Send& send);

  SnapshotName name_;
  std::shared_ptr<const Bytes> data_;
  Bytes engine_message_;
  std::uint64_t have_ = 0;  // What the receiver said last.
  std::uint64_t sent_ = 0;
  bool heard_ = false;
  std::uint32_t silent_ticks_ = 0;
  std::uint32_t attempts_ = 0;
};

class SnapshotReceiver {
 public:
  explicit SnapshotReceiver(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  // Gives the number of bytes received in a row, to be told to the sender; nothing when the chunk
  // is not acceptable.
  std::optional<std::uint64_t> on_chunk(const PeerMessage& chunk);

  // The whole snapshot, when it is there and its hash is right; nullptr otherwise.
  const Bytes* whole(const SnapshotName& name) const;

  // REQUIRES: whole() gave it.
  Bytes take();

 private:
  bool complete() const;

  std::uint64_t bytes_max_;
  SnapshotName name_;
  std::uint64_t size_ = 0;
  Bytes data_;
};

}  // namespace oki::replica
