#include "replica/followers.h"

#include <algorithm>
#include <utility>

namespace oki::replica {
namespace {

constexpr std::size_t block_overhead = 64;  // More than the fields around a block's events.

bool fits_a_frame(const EventBlock& block) {
  return block.events.size() + block_overhead <= frame_bytes_max;
}

std::shared_ptr<const Bytes> frame_of(const EventBlock& block) {
  return std::make_shared<const Bytes>(
      encode_frame(Block{block.index, block.time, block.hash_before, block.hash, block.events}));
}

}  // namespace

Followers::Followers(const Clock& clock, Net& net, Metrics& metrics, FollowedLog log,
                     const FollowerOptions& options)
    : clock_(clock),
      net_(net),
      log_(std::move(log)),
      options_(options),
      snapshots_(metrics.counter("okiagari_replica_reader_snapshots_total",
                                 "Times a reader of the events was started from a snapshot")),
      too_large_(metrics.counter("okiagari_replica_blocks_too_large_total",
                                 "Event blocks too large for a frame, given as a snapshot")),
      count_(metrics.gauge("okiagari_replica_readers", "Readers that follow the events")) {}

void Followers::add(ConnectionId connection, const Follow& from) {
  Reader& reader = readers_[connection];
  reader = {};
  reader.index = reader.told = from.index;
  reader.hash = from.hash;
  reader.has_copy = from.has_copy;
  count_.set(static_cast<std::int64_t>(readers_.size()));
  serve(connection, reader);
}

void Followers::remove(ConnectionId connection) {
  readers_.erase(connection);
  count_.set(static_cast<std::int64_t>(readers_.size()));
}

void Followers::on_drained(ConnectionId connection) {
  const auto found = readers_.find(connection);
  if (found != readers_.end() && !found->second.in_step) serve(connection, found->second);
}

void Followers::on_events(const EventBlock* block) {
  std::shared_ptr<const Bytes> frame;
  for (auto& [connection, reader] : readers_) {
    if (block == nullptr) reader.in_step = false;
    if (reader.in_step && reader.index >= block->index) continue;
    const bool fits = reader.in_step && block->hash_before == reader.hash && fits_a_frame(*block) &&
                      net_.backlog_bytes(connection) < options_.unsent_bytes_max;
    if (!fits) {
      reader.in_step = false;
      someone_lags_ = true;
      continue;
    }
    if (!frame) frame = frame_of(*block);
    send_block(connection, reader, *block, frame);
  }
}

void Followers::serve_all() {
  someone_lags_ = false;
  for (auto& [connection, reader] : readers_) {
    if (!reader.in_step) serve(connection, reader);
    if (!reader.in_step || log_.applied() <= reader.told) continue;
    reader.told = log_.applied();
    net_.send(connection, encode_frame(UpTo{reader.told}));
  }
}

void Followers::serve(ConnectionId connection, Reader& reader) {
  while (net_.backlog_bytes(connection) < options_.unsent_bytes_max) {
    if (!serve_next(connection, reader)) return;
  }
}

// One chunk or block. False when there is nothing to send: the reader is in step.
bool Followers::serve_next(ConnectionId connection, Reader& reader) {
  if (reader.snapshot) {
    send_chunk(connection, reader);
    return true;
  }
  if (!reader.has_copy) {
    begin_snapshot(connection, reader);
    return true;
  }
  const EventBlock* next = log_.block_from({reader.index.value + 1});
  if (next == nullptr) {
    // A reader ahead of this node waits until the node is there; then the chain decides.
    if (log_.applied() < reader.index || log_.event_hash() == reader.hash) {
      reader.in_step = true;
      return false;
    }
    begin_snapshot(connection, reader);
  } else if (next->hash_before != reader.hash) {
    begin_snapshot(connection, reader);
  } else if (!fits_a_frame(*next)) {
    too_large_.add();
    begin_snapshot(connection, reader);
  } else {
    send_block(connection, reader, *next, frame_of(*next));
  }
  return true;
}

void Followers::send_block(ConnectionId connection, Reader& reader, const EventBlock& block,
                           std::shared_ptr<const Bytes> frame) {
  reader.index = reader.told = block.index;
  reader.hash = block.hash;
  net_.send_shared(connection, std::move(frame));
}

void Followers::begin_snapshot(ConnectionId connection, Reader& reader) {
  const bool fresh =
      kept_ && (reader.has_copy ? kept_->index > reader.index : kept_->index >= reader.index) &&
      clock_.mono_now() - kept_->made < options_.snapshot_age_ms_max * ns_per_ms &&
      log_.oldest_block().value <= kept_->index.value + 1;
  if (!fresh) {
    kept_ = KeptSnapshot{log_.applied(), log_.event_hash(), clock_.mono_now(),
                         std::make_shared<const Bytes>(log_.snapshot())};
  }
  snapshots_.add();
  reader.has_copy = true;
  reader.index = reader.told = kept_->index;
  reader.hash = kept_->hash;
  net_.send(connection,
            encode_frame(SnapshotBegin{kept_->index, kept_->hash, kept_->bytes->size()}));
  if (kept_->bytes->empty()) return;
  reader.snapshot = kept_->bytes;
  reader.snapshot_sent = 0;
}

void Followers::send_chunk(ConnectionId connection, Reader& reader) {
  const ByteView chunk =
      ByteView(*reader.snapshot).substr(reader.snapshot_sent, snapshot_chunk_bytes_max);
  net_.send_shared(connection, std::make_shared<const Bytes>(encode_frame(SnapshotChunk{chunk})));
  reader.snapshot_sent += chunk.size();
  if (reader.snapshot_sent == reader.snapshot->size()) reader.snapshot.reset();
}

}  // namespace oki::replica
