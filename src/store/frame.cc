#include "store/frame.h"

#include <utility>

#include "base/assert.h"
#include "base/crc32c.h"
#include "base/planted.h"

namespace oki::store {
namespace {

enum class RecordKind : std::uint8_t {
  base = 1,
  hard_state = 2,
  entry = 3,
  compact = 4,
  reset = 5
};

Writer begin_record(Bytes& out, RecordKind kind) {
  Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(kind));
  return writer;
}

void write_hard_state(Writer& writer, const HardState& state) {
  writer.u64(state.term.value);
  writer.u64(state.vote.value);
  writer.u64(state.commit.value);
}

HardState read_hard_state(Reader& reader) {
  HardState state;
  state.term.value = reader.u64();
  state.vote.value = reader.u64();
  state.commit.value = reader.u64();
  return state;
}

BaseRecord read_base(Reader& reader) {
  BaseRecord base;
  if (reader.u16() != journal_version) reader.fail();
  base.segment_bytes = reader.u64();
  base.last.value = reader.u64();
  base.compacted.value = reader.u64();
  base.compacted_term.value = reader.u64();
  base.hard_state = read_hard_state(reader);
  return base;
}

Entry read_entry(Reader& reader) {
  Entry entry;
  entry.index.value = reader.u64();
  entry.term.value = reader.u64();
  entry.type = reader.u8();
  entry.data = reader.blob(reader.left());
  return entry;
}

template <typename Mark>
Mark read_mark(Reader& reader) {
  Mark mark;
  mark.index.value = reader.u64();
  mark.term.value = reader.u64();
  return mark;
}

std::optional<Record> read_record(Reader& reader) {
  switch (static_cast<RecordKind>(reader.u8())) {
    case RecordKind::base:
      return read_base(reader);
    case RecordKind::hard_state:
      return read_hard_state(reader);
    case RecordKind::entry:
      return read_entry(reader);
    case RecordKind::compact:
      return read_mark<CompactRecord>(reader);
    case RecordKind::reset:
      return read_mark<ResetRecord>(reader);
  }
  return std::nullopt;
}

}  // namespace

void append(Bytes& out, const BaseRecord& record) {
  Writer writer = begin_record(out, RecordKind::base);
  writer.u16(journal_version);
  writer.u64(record.segment_bytes);
  writer.u64(record.last.value);
  writer.u64(record.compacted.value);
  writer.u64(record.compacted_term.value);
  write_hard_state(writer, record.hard_state);
}

void append(Bytes& out, const HardState& record) {
  Writer writer = begin_record(out, RecordKind::hard_state);
  write_hard_state(writer, record);
}

void append(Bytes& out, const Entry& record) {
  Writer writer = begin_record(out, RecordKind::entry);
  writer.u64(record.index.value);
  writer.u64(record.term.value);
  writer.u8(record.type);
  writer.blob(record.data);
}

void append(Bytes& out, const CompactRecord& record) {
  Writer writer = begin_record(out, RecordKind::compact);
  writer.u64(record.index.value);
  writer.u64(record.term.value);
}

void append(Bytes& out, const ResetRecord& record) {
  Writer writer = begin_record(out, RecordKind::reset);
  writer.u64(record.index.value);
  writer.u64(record.term.value);
}

std::optional<std::vector<Record>> decode_records(ByteView payload) {
  std::vector<Record> records;
  Reader reader(payload);
  while (reader.left() > 0) {
    std::optional<Record> record = read_record(reader);
    if (!record || !reader.ok()) return std::nullopt;
    records.push_back(std::move(*record));
  }
  return records;
}

std::uint32_t seal_frame(Bytes& frame, const FramePlace& place) {
  ASSERT(frame.size() >= frame_header_bytes);
  ASSERT(place.offset % sector_bytes == 0);
  const std::uint64_t length = frame.size() - frame_header_bytes;
  frame.resize(frame_bytes(length) - frame_trailer_bytes);

  Bytes header;
  Writer writer(header);
  writer.u32(frame_magic);
  writer.u64(place.segment);
  writer.u64(place.frame);
  writer.u32(static_cast<std::uint32_t>(place.offset));
  writer.u32(static_cast<std::uint32_t>(length));
  writer.u32(place.previous);
  const std::uint32_t header_crc = crc32c(header);
  writer.u32(header_crc);
  ASSERT(header.size() == frame_header_bytes);
  frame.replace(0, frame_header_bytes, header);

  const std::uint32_t crc = crc32c(ByteView(frame).substr(frame_header_bytes), header_crc);
  Writer(frame).u32(crc);
  return crc;
}

std::optional<FrameHeader> frame_header_at(ByteView segment_bytes, std::uint64_t segment,
                                           std::uint64_t offset) {
  if (offset > segment_bytes.size()) return std::nullopt;
  const ByteView bytes = segment_bytes.substr(offset, frame_header_bytes);
  Reader reader(bytes);
  if (reader.u32() != frame_magic || reader.u64() != segment) return std::nullopt;
  FrameHeader header;
  header.frame = reader.u64();
  const bool in_place = reader.u32() == offset;
  header.length = reader.u32();
  header.previous = reader.u32();
  header.crc = reader.u32();
  if (!reader.ok() || !in_place) return std::nullopt;
  if (crc32c(bytes.substr(0, frame_header_bytes - 4)) != header.crc) return std::nullopt;
  return header;
}

std::optional<Frame> frame_at(ByteView segment_bytes, std::uint64_t segment, std::uint64_t offset) {
  const std::optional<FrameHeader> header = frame_header_at(segment_bytes, segment, offset);
  if (!header) return std::nullopt;
  Frame frame{*header, frame_bytes(header->length), {}, 0};
  ByteView rest = segment_bytes.substr(offset);
  if (frame.bytes > rest.size()) return std::nullopt;
  rest = rest.substr(frame_header_bytes, frame.bytes - frame_header_bytes);
  const ByteView body = rest.substr(0, rest.size() - frame_trailer_bytes);
  Reader trailer(rest.substr(body.size()));
  frame.crc = trailer.u32();
  if (crc32c(body, header->crc) != frame.crc && !PLANTED(torn_record_accepted)) return std::nullopt;
  frame.payload = body.substr(0, header->length);
  return frame;
}

}  // namespace oki::store
