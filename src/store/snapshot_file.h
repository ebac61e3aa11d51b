// The bytes of a snapshot file, written and checked piece by piece: its data may be larger than
// memory. Docs: docs/formats/snapshot.md.
//
// Format (version 2): header {u32 magic, u16 version, u64 index, u64 term, blob members, u32 crc32c
// of all that}, the data, u32 crc32c of every 64 KiB of the data (the last piece may be shorter),
// trailer {u64 bytes of data, u64 hash of the data, u32 crc32c of the checksums and this}. The hash
// is a Hash64 to which the pieces of 64 KiB were added one after the other.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/hash64.h"
#include "base/result.h"
#include "base/sink.h"
#include "base/strong.h"

namespace oki::store {

struct SnapshotMeta {
  LogIndex index;
  Term term;
  Bytes members;  // The configuration of the cluster at `index`, as the engine spells it.

  friend bool operator==(const SnapshotMeta&, const SnapshotMeta&) = default;
};

// What a whole file says of itself.
struct SnapshotInfo {
  SnapshotMeta meta;
  std::uint64_t file_bytes = 0;
  std::uint64_t data_offset = 0;
  std::uint64_t data_bytes = 0;
  std::uint64_t hash = 0;  // Of the data.

  friend bool operator==(const SnapshotInfo&, const SnapshotInfo&) = default;
};
Bytes encode(const SnapshotInfo& info);
Result<SnapshotInfo> decode_snapshot_info(ByteView bytes);

constexpr std::size_t snapshot_piece_bytes = 64u << 10;
constexpr std::size_t snapshot_members_bytes_max = 1u << 20;

// Takes the data, writes the file.
class SnapshotFileWriter final : public Sink {
 public:
  // REQUIRES: `file` outlives this. The header is written at once.
  SnapshotFileWriter(Sink& file, const SnapshotMeta& meta);

  void write(ByteView data) override;

  // Writes what comes behind the data. Nothing may follow.
  SnapshotInfo finish();

 private:
  void end_piece(ByteView piece);

  Sink& file_;
  SnapshotInfo info_;
  Bytes piece_;  // What does not fill a piece yet.
  Bytes checksums_;
  Hash64 hash_;
};

// Takes the bytes of a file from its beginning, and judges them.
class SnapshotFileChecker {
 public:
  explicit SnapshotFileChecker(std::uint64_t file_bytes);

  // REQUIRES: not more in all than the file's bytes.
  void add(ByteView bytes);

  // What the whole file says; Errc::corrupt when it is not whole, Errc::mismatch when another
  // version of the program wrote it.
  Result<SnapshotInfo> finish() const;

 private:
  ByteView take(ByteView& bytes, std::uint64_t size);
  bool read_header();
  void end_piece();

  enum class Part : std::uint8_t { header, data, end, bad, other_version };
  Part part_ = Part::header;
  SnapshotInfo info_;
  Bytes held_;  // Of the part that is being read.
  std::uint64_t data_left_ = 0;
  Bytes checksums_;
  Hash64 hash_;
};

}  // namespace oki::store
