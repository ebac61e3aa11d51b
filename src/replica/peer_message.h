// What nodes say to each other, around the engine's own messages.
//
// Format (version 1): u8 version, u8 kind, u64 cluster, u64 from, u32 seat of `from`, u64 to, then
//   engine:          u32 count, blobs, each a message of the engine
//   snapshot_chunk:  u64 index, u64 term, u64 hash64 of the whole, u64 size of the whole, u64
//   offset,
//                    blob
//   snapshot_have:   u64 index, u64 term, u64 hash64 of the whole, u64 bytes received
//   snapshot_ready:  u64 index, u64 term, u64 hash64 of the whole, blob: the engine's message
//   hash_report:     blob: the entry to propose
// Anything else is dropped and counted by the receiver.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/strong.h"

namespace oki::replica {

enum class PeerKind : std::uint8_t {
  engine = 1,
  snapshot_chunk = 2,
  snapshot_have = 3,
  snapshot_ready = 4,
  hash_report = 5,
};

// What a node puts into one message, unless one message of the engine alone is longer: a link does
// not carry frames of any length (replica/wire.h).
constexpr std::size_t peer_message_bytes = 2u << 20;

struct PeerHeader {
  std::uint64_t cluster = 0;
  NodeId from;
  std::uint32_t from_seat = 0;
  NodeId to;
};

// Names one snapshot: its place in the log and its bytes.
struct SnapshotName {
  LogIndex index;
  Term term;
  std::uint64_t hash = 0;

  friend bool operator==(const SnapshotName&, const SnapshotName&) = default;
};

struct PeerMessage {
  PeerKind kind = PeerKind::engine;
  PeerHeader header;
  std::vector<ByteView> engine;  // engine
  SnapshotName snapshot;         // snapshot_*
  std::uint64_t size = 0;        // snapshot_chunk
  std::uint64_t offset = 0;      // snapshot_chunk: where; snapshot_have: bytes received
  ByteView bytes;                // snapshot_chunk, snapshot_ready, hash_report
};

Bytes encode(const PeerMessage& message);

// The views live as long as `bytes`.
std::optional<PeerMessage> decode_peer_message(ByteView bytes);

}  // namespace oki::replica
