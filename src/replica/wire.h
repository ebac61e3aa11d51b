// What nodes say to each other and to their clients over a byte stream.
//
// Format (docs/formats/wire.md): a frame is {u32 length, u32 crc32c, u8 kind, body}; the length
// counts kind and body, the checksum covers them. The first frame in each direction is a Hello; a
// Goodbye may come instead of anything and is the last. Numbers are little-endian. Everything that
// arrives is untrusted: lengths are checked before memory is taken, every field against its limit,
// and a frame must end where its fields end.
//
// Decoded frames view the bytes they were read from: copy what must outlive the call.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "replica/client.h"
#include "replica/replica.h"

namespace oki::replica {

constexpr std::uint32_t wire_magic = 0x57494B4F;  // "OKIW" in the order of its bytes.
constexpr std::uint16_t wire_version = 1;
constexpr std::size_t frame_header_bytes = 8;
constexpr std::size_t frame_bytes_max = 16u << 20;  // Of kind and body.
constexpr std::size_t snapshot_chunk_bytes_max = 256u << 10;
constexpr std::uint64_t snapshot_bytes_max = 1u << 30;  // Of one reader snapshot.
constexpr std::size_t goodbye_bytes_max = 400;
constexpr std::size_t members_bytes_max = 64u << 10;

enum class Role : std::uint8_t { client = 0, node = 1 };

struct Hello {
  std::uint32_t magic = wire_magic;
  std::uint16_t version = wire_version;
  std::uint64_t cluster = 0;
  Role role = Role::client;
  NodeId node{};           // Who speaks; 0 for a client.
  std::uint32_t seat = 0;  // The speaker's; 0 for a client.
  NodeId to{};             // Whom a node means to reach; 0: whoever sits there.
  friend bool operator==(const Hello&, const Hello&) = default;
};

struct Goodbye {
  Errc code = Errc::invalid;
  ByteView why;
  friend bool operator==(const Goodbye&, const Goodbye&) = default;
};

// A message of the Replica to the Replica of another node.
struct PeerBytes {
  ByteView bytes;
  friend bool operator==(const PeerBytes&, const PeerBytes&) = default;
};

struct Submit {
  SessionId session;
  std::uint64_t number = 0;
  std::uint64_t floor = 0;
  ByteView body;
  friend bool operator==(const Submit&, const Submit&) = default;
};

struct Submitted {
  SessionId session;
  std::uint64_t number = 0;
  SubmitResult result = SubmitResult::unknown;
  LogIndex index;
  std::uint32_t leader_seat = 0;  // 0: not known.
  ByteView reply;
  friend bool operator==(const Submitted&, const Submitted&) = default;
};

struct OpenSession {
  std::uint64_t request = 0;
  friend bool operator==(const OpenSession&, const OpenSession&) = default;
};

struct SessionOpened {
  std::uint64_t request = 0;
  SubmitResult result = SubmitResult::unknown;
  SessionId session;
  std::uint32_t leader_seat = 0;
  friend bool operator==(const SessionOpened&, const SessionOpened&) = default;
};

// The client has everything up to `index`, with event hash `hash`; without a copy it gets a
// snapshot first.
struct Follow {
  bool has_copy = false;
  LogIndex index;
  std::uint64_t hash = 0;
  friend bool operator==(const Follow&, const Follow&) = default;
};

struct Block {
  LogIndex index;
  WallTimeMs time;
  std::uint64_t hash_before = 0;
  std::uint64_t hash = 0;
  ByteView events;
  friend bool operator==(const Block&, const Block&) = default;
};

// Chunks of together `bytes` follow, in order, nothing of this stream between them.
struct SnapshotBegin {
  LogIndex index;
  std::uint64_t hash = 0;
  std::uint64_t bytes = 0;
  friend bool operator==(const SnapshotBegin&, const SnapshotBegin&) = default;
};

struct SnapshotChunk {
  ByteView bytes;
  friend bool operator==(const SnapshotChunk&, const SnapshotChunk&) = default;
};

// Every block up to `index` has been sent: entries without events make no blocks.
struct UpTo {
  LogIndex index;
  friend bool operator==(const UpTo&, const UpTo&) = default;
};

struct Status {
  NodeId node;
  std::uint32_t seat = 0;
  std::uint32_t leader_seat = 0;  // 0: not known.
  Term term;
  bool serving = false;  // This node is the leader and takes commands.
  LogIndex applied;
  friend bool operator==(const Status&, const Status&) = default;
};

struct ReadIndex {
  std::uint64_t request = 0;
  friend bool operator==(const ReadIndex&, const ReadIndex&) = default;
};

struct ReadIndexIs {
  std::uint64_t request = 0;
  SubmitResult result = SubmitResult::unknown;
  LogIndex index;
  friend bool operator==(const ReadIndexIs&, const ReadIndexIs&) = default;
};

struct Admit {
  std::uint64_t request = 0;
  std::uint32_t seat = 0;
  friend bool operator==(const Admit&, const Admit&) = default;
};

struct Admitted {
  std::uint64_t request = 0;
  SubmitResult result = SubmitResult::unknown;
  std::uint32_t leader_seat = 0;
  ByteView reply;  // The Replica's: u64 id and encoded Members.
  friend bool operator==(const Admitted&, const Admitted&) = default;
};

struct Ping {
  std::uint64_t token = 0;
  friend bool operator==(const Ping&, const Ping&) = default;
};

struct Pong {
  std::uint64_t token = 0;
  friend bool operator==(const Pong&, const Pong&) = default;
};

// An operator wants another node to lead. The answer says whether the leader has begun to hand
// over; that it is done is seen in the Status of the nodes.
struct Transfer {
  std::uint64_t request = 0;
  std::uint32_t seat = 0;
  friend bool operator==(const Transfer&, const Transfer&) = default;
};

struct Transferred {
  std::uint64_t request = 0;
  TransferResult result = TransferResult::not_leader;
  std::uint32_t leader_seat = 0;  // 0: not known.
  friend bool operator==(const Transferred&, const Transferred&) = default;
};

// The position in this list is the kind.
using Frame = std::variant<Hello, Goodbye, PeerBytes, Submit, Submitted, OpenSession, SessionOpened,
                           Follow, Block, SnapshotBegin, SnapshotChunk, Status, ReadIndex,
                           ReadIndexIs, Admit, Admitted, Ping, Pong, UpTo, Transfer, Transferred>;

// Appends the frame. REQUIRES: it keeps its limits.
void append_frame(Bytes& out, const Frame& frame);
Bytes encode_frame(const Frame& frame);

// Kind and body, without the header.
Result<Frame> decode_frame(ByteView kind_and_body);

// Cuts a stream of bytes into frames. After an error the stream is lost and must be closed.
class FrameReader {
 public:
  explicit FrameReader(std::size_t bytes_max = frame_bytes_max) : bytes_max_(bytes_max) {}

  // Calls `each` for every whole frame; its error ends the feeding and is passed on.
  Result<void> feed(ByteView bytes, const std::function<Result<void>(const Frame&)>& each);

  // Bytes of a frame that is not whole yet.
  std::size_t waiting_bytes() const { return rest_.size(); }

 private:
  Result<std::size_t> take(ByteView bytes,
                           const std::function<Result<void>(const Frame&)>& each) const;

  std::size_t bytes_max_;
  Bytes rest_;
};

}  // namespace oki::replica
