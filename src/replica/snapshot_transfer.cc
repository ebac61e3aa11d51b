#include "replica/snapshot_transfer.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace oki::replica {
namespace {

constexpr std::uint32_t attempts_max = 10;

// Accepted, but not on the disk yet: a sender that asks for more than its window waits.
constexpr std::uint64_t unwritten_bytes_max = 2 * snapshot_window_bytes;

}  // namespace

KeptSnapshot kept(const store::SnapshotInfo& info) {
  return {{info.meta.index, info.meta.term, info.hash}, info};
}

SnapshotSender::SnapshotSender(const KeptSnapshot& snapshot, Bytes engine_message)
    : name_(snapshot.name),
      size_(snapshot.info.file_bytes),
      engine_message_(std::move(engine_message)) {}

void SnapshotSender::on_have(std::uint64_t bytes) {
  if (bytes > size_) return;
  const bool progress = !heard_ || bytes > have_;
  heard_ = true;
  if (!progress && bytes == have_) return;
  have_ = bytes;  // It may also fall: a receiver that restarted begins again.
  sent_ = std::max(sent_, have_);
  if (!progress) sent_ = have_;
  silent_ticks_ = 0;
  if (progress) attempts_ = 0;
}

bool SnapshotSender::on_tick(std::uint32_t election_ticks) {
  if (sent_ > 0 && ++silent_ticks_ < election_ticks) return true;
  silent_ticks_ = 0;
  if (++attempts_ > attempts_max) return false;
  sent_ = have_;
  return true;
}

std::optional<SnapshotSender::Piece> SnapshotSender::next() {
  if (reading_ || sent_ >= size_ || sent_ >= have_ + snapshot_window_bytes) return std::nullopt;
  reading_ = Piece{sent_, std::min<std::uint64_t>(snapshot_chunk_bytes, size_ - sent_)};
  return reading_;
}

PeerMessage SnapshotSender::chunk(ByteView bytes) {
  ASSERT(reading_);
  const Piece piece = *std::exchange(reading_, std::nullopt);
  PeerMessage chunk;
  chunk.kind = PeerKind::snapshot_chunk;
  chunk.snapshot = name_;
  chunk.size = size_;
  chunk.offset = piece.offset;
  chunk.bytes = bytes;
  if (sent_ == piece.offset) sent_ += bytes.size();
  return chunk;
}

SnapshotReceiver::SnapshotReceiver(Disk& disk, std::string file, std::uint64_t bytes_max,
                                   std::function<void(const Error&)> failed)
    : disk_(disk), file_(std::move(file)), bytes_max_(bytes_max), failed_(std::move(failed)) {
  forget();
}

void SnapshotReceiver::forget() { arriving_ = std::make_shared<Arriving>(); }

bool SnapshotReceiver::on_chunk(const PeerMessage& chunk, Have have) {
  if (chunk.size > bytes_max_ || chunk.offset > chunk.size ||
      chunk.bytes.size() > chunk.size - chunk.offset || chunk.bytes.empty() ||
      chunk.bytes.size() > snapshot_chunk_bytes) {
    return false;
  }
  if (!(chunk.snapshot == arriving_->name) || chunk.size != arriving_->size) {
    // Another snapshot, perhaps of another leader: the latest one that speaks is followed.
    forget();
    arriving_->name = chunk.snapshot;
    arriving_->size = chunk.size;
    arriving_->checker.emplace(chunk.size);
  }
  Arriving& now = *arriving_;
  if (chunk.offset != now.accepted || now.accepted - now.durable > unwritten_bytes_max) {
    have(now.durable);
    return true;
  }
  now.checker->add(chunk.bytes);
  now.accepted += chunk.bytes.size();
  auto written = [this, weak = std::weak_ptr(arriving_), bytes = now.accepted,
                  have = std::move(have)](const Result<void>& result) {
    const std::shared_ptr<Arriving> same = weak.lock();
    if (!same || same != arriving_) return;  // Or all of this is gone.
    if (!result) return failed_(result.error());
    on_written(bytes);
    have(arriving_->durable);
  };
  if (chunk.offset == 0) {
    disk_.replace(file_, Bytes(chunk.bytes), std::move(written));
  } else {
    disk_.write(file_, chunk.offset, Bytes(chunk.bytes), std::move(written));
  }
  return true;
}

void SnapshotReceiver::on_written(std::uint64_t bytes) {
  arriving_->durable = bytes;
  if (bytes < arriving_->size) return;
  const Result<store::SnapshotInfo> info = arriving_->checker->finish();
  if (info && kept(*info).name == arriving_->name) {
    arriving_->whole = *info;
  } else {
    // Begin again, under the same name.
    const SnapshotName name = arriving_->name;
    const std::uint64_t size = arriving_->size;
    forget();
    arriving_->name = name;
    arriving_->size = size;
    arriving_->checker.emplace(size);
  }
}

const store::SnapshotInfo* SnapshotReceiver::whole(const SnapshotName& name) const {
  return name == arriving_->name && arriving_->whole ? &*arriving_->whole : nullptr;
}

}  // namespace oki::replica
