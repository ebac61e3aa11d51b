// The bytes of one segment of an edge's records: docs/formats/edge-records.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "edge/records_format.h"

namespace oki::edge {

constexpr std::uint32_t records_frame_magic = 0x314B454F;  // "OEK1"
constexpr std::size_t records_frame_header_bytes = 24;

std::string records_segment_name(std::uint64_t number);  // "records-" and 16 hexadecimal digits.
std::optional<std::uint64_t> records_segment_number(ByteView name);

// REQUIRES: `payload` is whole records, at least one.
Bytes records_frame(std::uint64_t segment, std::uint32_t offset, ByteView payload);

// The payload of the frame that begins `bytes`, when a whole one that verifies does.
std::optional<ByteView> records_frame_at(ByteView bytes, std::uint64_t segment,
                                         std::uint32_t offset);

struct RecordsSegment {
  std::uint64_t number = 0;
  std::uint32_t end = 0;  // Behind the last frame.
  std::uint64_t records = 0;
  WallTimeMs first;             // Of the first record.
  WallTimeMs earliest, latest;  // Of all.

  void take(const FailedRequest& record);
};

// Reads a whole segment. Errc::corrupt: a frame does not verify and a valid one follows, or a frame
// holds what is no record.
Result<RecordsSegment> scan_segment(std::uint64_t number, ByteView bytes);

}  // namespace oki::edge
