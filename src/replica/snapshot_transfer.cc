#include "replica/snapshot_transfer.h"

#include <algorithm>
#include <utility>

#include "base/hash64.h"

namespace oki::replica {
namespace {

constexpr std::uint32_t attempts_max = 10;

}  // namespace

SnapshotSender::SnapshotSender(const SnapshotName& name, std::shared_ptr<const Bytes> data,
                               Bytes engine_message)
    : name_(name), data_(std::move(data)), engine_message_(std::move(engine_message)) {}

void SnapshotSender::on_have(std::uint64_t bytes, const Send& send) {
  if (bytes > data_->size()) return;
  const bool progress = !heard_ || bytes > have_;
  heard_ = true;
  if (!progress && bytes == have_) return;
  have_ = bytes;  // It may also fall: a receiver that restarted begins again.
  sent_ = std::max(sent_, have_);
  if (!progress) sent_ = have_;
  silent_ticks_ = 0;
  if (progress) attempts_ = 0;
  send_window(send);
}

bool SnapshotSender::on_tick(std::uint32_t election_ticks, const Send& send) {
  if (sent_ > 0 && ++silent_ticks_ < election_ticks) return true;
  silent_ticks_ = 0;
  if (++attempts_ > attempts_max) return false;
  sent_ = have_;
  send_window(send);
  return true;
}

void SnapshotSender::send_window(const Send& send) {
  while (sent_ < data_->size() && sent_ < have_ + snapshot_window_bytes) {
    PeerMessage chunk;
    chunk.kind = PeerKind::snapshot_chunk;
    chunk.snapshot = name_;
    chunk.size = data_->size();
    chunk.offset = sent_;
    chunk.bytes = ByteView(*data_).substr(sent_, snapshot_chunk_bytes);
    sent_ += chunk.bytes.size();
    send(chunk);
  }
}

std::optional<std::uint64_t> SnapshotReceiver::on_chunk(const PeerMessage& chunk) {
  if (chunk.size > bytes_max_ || chunk.offset > chunk.size ||
      chunk.bytes.size() > chunk.size - chunk.offset || chunk.bytes.empty()) {
    return std::nullopt;
  }
  if (!(chunk.snapshot == name_) || chunk.size != size_) {
    // Another snapshot, perhaps of another leader: the latest one that speaks is followed.
    name_ = chunk.snapshot;
    size_ = chunk.size;
    data_.clear();
  }
  if (chunk.offset == data_.size()) {
    data_.append(chunk.bytes);
    if (data_.size() == size_ && !complete()) data_.clear();
  }
  return data_.size();
}

bool SnapshotReceiver::complete() const {
  return size_ > 0 && data_.size() == size_ && hash64(data_) == name_.hash;
}

const Bytes* SnapshotReceiver::whole(const SnapshotName& name) const {
  return name == name_ && complete() ? &data_ : nullptr;
}

Bytes SnapshotReceiver::take() {
  name_ = {};
  size_ = 0;
  return std::exchange(data_, {});
}

}  // namespace oki::replica
