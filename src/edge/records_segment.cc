#include "edge/records_segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/assert.h"
#include "base/crc32c.h"

namespace oki::edge {
namespace {

constexpr ByteView name_prefix = "records-";
constexpr std::size_t crc_offset = records_frame_header_bytes - 4;

Result<RecordsSegment> damaged(std::uint64_t number, std::uint32_t offset) {
  return error(Errc::corrupt,
               fmt::format("{} is damaged at byte {}: move it away to go on without it",
                           records_segment_name(number), offset));
}

// Whether a frame of this segment that verifies begins anywhere behind `offset`.
bool frame_follows(std::uint64_t number, ByteView bytes, std::size_t offset) {
  Bytes magic;
  Writer(magic).u32(records_frame_magic);
  for (std::size_t at = bytes.find(magic, offset + 1); at != ByteView::npos;
       at = bytes.find(magic, at + 1)) {
    if (records_frame_at(bytes.substr(at), number, static_cast<std::uint32_t>(at))) return true;
  }
  return false;
}

}  // namespace

std::string records_segment_name(std::uint64_t number) {
  return fmt::format("{}{:016x}", name_prefix, number);
}

std::optional<std::uint64_t> records_segment_number(ByteView name) {
  if (!name.starts_with(name_prefix) || name.size() != name_prefix.size() + 16) return std::nullopt;
  std::uint64_t number = 0;
  const char* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + name_prefix.size(), end, number, 16);
  if (parsed.ec != std::errc() || parsed.ptr != end || number == 0) return std::nullopt;
  return number;
}

Bytes records_frame(std::uint64_t segment, std::uint32_t offset, ByteView payload) {
  ASSERT(!payload.empty() && payload.size() % record_bytes == 0);
  Bytes frame;
  frame.reserve(records_frame_header_bytes + payload.size());
  Writer writer(frame);
  writer.u32(records_frame_magic);
  writer.u32(static_cast<std::uint32_t>(payload.size()));
  writer.u64(segment);
  writer.u32(offset);
  writer.u32(crc32c(payload, crc32c(frame)));
  writer.raw(payload);
  return frame;
}

std::optional<ByteView> records_frame_at(ByteView bytes, std::uint64_t segment,
                                         std::uint32_t offset) {
  Reader reader(bytes);
  if (reader.u32() != records_frame_magic) return std::nullopt;
  const std::uint32_t length = reader.u32();
  if (reader.u64() != segment || reader.u32() != offset) return std::nullopt;
  const std::uint32_t crc = reader.u32();
  if (!reader.ok() || length == 0 || length % record_bytes != 0 || length > reader.left()) {
    return std::nullopt;
  }
  const ByteView payload = bytes.substr(records_frame_header_bytes, length);
  if (crc32c(payload, crc32c(bytes.substr(0, crc_offset))) != crc) return std::nullopt;
  return payload;
}

void RecordsSegment::take(const FailedRequest& record) {
  if (records++ == 0) first = earliest = latest = record.at;
  earliest = std::min(earliest, record.at);
  latest = std::max(latest, record.at);
}

Result<RecordsSegment> scan_segment(std::uint64_t number, ByteView bytes) {
  RecordsSegment segment;
  segment.number = number;
  while (segment.end < bytes.size()) {
    const auto payload = records_frame_at(bytes.substr(segment.end), number, segment.end);
    if (!payload) break;
    for (std::size_t at = 0; at < payload->size(); at += record_bytes) {
      const auto record = read_record(payload->substr(at, record_bytes));
      if (!record) return damaged(number, segment.end);
      segment.take(*record);
    }
    segment.end += static_cast<std::uint32_t>(records_frame_header_bytes + payload->size());
  }
  if (frame_follows(number, bytes, segment.end)) return damaged(number, segment.end);
  return segment;
}

}  // namespace oki::edge
