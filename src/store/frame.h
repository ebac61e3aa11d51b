// The bytes of the journal: frames and the records inside them. docs/formats/journal.md.
//
// A frame starts on a sector boundary and fills whole sectors:
//   header   u32 magic, u64 segment, u64 frame, u32 offset, u32 length, u32 previous, u32 crc
//   payload  `length` bytes of records
//   zeros    up to four bytes before a sector boundary
//   u32 crc  of payload and zeros, continued from the header's crc
// `segment` and `offset` are where the frame lies, `frame` counts frames over all segments and
// `previous` is the last crc of the frame before. So neither the bytes of an earlier life of the
// segment nor bytes inside an entry pass for the next frame.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "store/journal.h"

namespace oki::store {

constexpr std::uint64_t sector_bytes = 512;
constexpr std::size_t frame_header_bytes = 36;
constexpr std::size_t frame_trailer_bytes = 4;
constexpr std::uint32_t frame_magic = 0x314A4B4F;  // "OKJ1"

// What the records say; the first frame of every segment starts with a Base.
struct BaseRecord {
  std::uint64_t segment_bytes = 0;
  LogIndex last;  // The log's last entry when the segment was begun.
  LogIndex compacted;
  Term compacted_term;
  HardState hard_state;
};
struct CompactRecord {
  LogIndex index;
  Term term;
};
struct ResetRecord {
  LogIndex index;
  Term term;
};
using Record = std::variant<BaseRecord, HardState, Entry, CompactRecord, ResetRecord>;

constexpr std::uint16_t journal_version = 1;
constexpr std::size_t base_record_bytes = 59;
constexpr std::size_t hard_state_record_bytes = 25;
constexpr std::size_t entry_record_bytes = 22;  // Without the data.

void append(Bytes& out, const BaseRecord& record);
void append(Bytes& out, const HardState& record);
void append(Bytes& out, const Entry& record);
void append(Bytes& out, const CompactRecord& record);
void append(Bytes& out, const ResetRecord& record);

// All records of a payload, or nothing when it is malformed.
std::optional<std::vector<Record>> decode_records(ByteView payload);

struct FramePlace {
  std::uint64_t segment = 0;
  std::uint64_t frame = 0;
  std::uint64_t offset = 0;
  std::uint32_t previous = 0;
};

constexpr std::uint64_t frame_bytes(std::uint64_t payload_bytes) {
  const std::uint64_t bytes = frame_header_bytes + payload_bytes + frame_trailer_bytes;
  return (bytes + sector_bytes - 1) / sector_bytes * sector_bytes;
}

// Turns `frame`, which holds frame_header_bytes of anything and then the payload, into a whole
// frame. Gives its last crc.
std::uint32_t seal_frame(Bytes& frame, const FramePlace& place);

struct FrameHeader {
  std::uint64_t frame = 0;
  std::uint32_t length = 0;
  std::uint32_t previous = 0;
  std::uint32_t crc = 0;
};

// The header of a frame of segment number `segment` that begins at `offset`, if one is there.
std::optional<FrameHeader> frame_header_at(ByteView segment_bytes, std::uint64_t segment,
                                           std::uint64_t offset);

struct Frame {
  FrameHeader header;
  std::uint64_t bytes = 0;
  ByteView payload;
  std::uint32_t crc = 0;  // The last one.
};

// The same, and the whole of the frame verifies.
std::optional<Frame> frame_at(ByteView segment_bytes, std::uint64_t segment, std::uint64_t offset);

}  // namespace oki::store
