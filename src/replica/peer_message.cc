#include "replica/peer_message.h"

namespace oki::replica {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t blob_bytes_max = 64u << 20;
constexpr std::uint32_t engine_messages_max = 65536;

void write_name(Writer& writer, const SnapshotName& name) {
  writer.u64(name.index.value);
  writer.u64(name.term.value);
  writer.u64(name.hash);
}

void read_name(Reader& reader, SnapshotName& name) {
  name.index = {reader.u64()};
  name.term = {reader.u64()};
  name.hash = reader.u64();
}

void read_engine(Reader& reader, PeerMessage& message) {
  const std::uint32_t count = reader.u32();
  if (count > engine_messages_max || count > reader.left() / 4) reader.fail();
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    message.engine.push_back(reader.blob(blob_bytes_max));
  }
}

void read_body(Reader& reader, PeerMessage& message) {
  switch (message.kind) {
    case PeerKind::engine:
      return read_engine(reader, message);
    case PeerKind::snapshot_chunk:
      read_name(reader, message.snapshot);
      message.size = reader.u64();
      message.offset = reader.u64();
      message.bytes = reader.blob(blob_bytes_max);
      return;
    case PeerKind::snapshot_have:
      read_name(reader, message.snapshot);
      message.offset = reader.u64();
      return;
    case PeerKind::snapshot_ready:
      read_name(reader, message.snapshot);
      message.bytes = reader.blob(blob_bytes_max);
      return;
    case PeerKind::hash_report:
      message.bytes = reader.blob(blob_bytes_max);
      return;
  }
  reader.fail();
}

}  // namespace

Bytes encode(const PeerMessage& message) {
  Bytes out;
  Writer writer(out);
  writer.u8(version);
  writer.u8(static_cast<std::uint8_t>(message.kind));
  writer.u64(message.header.cluster);
  writer.u64(message.header.from.value);
  writer.u32(message.header.from_seat);
  writer.u64(message.header.to.value);
  switch (message.kind) {
    case PeerKind::engine:
      writer.u32(static_cast<std::uint32_t>(message.engine.size()));
      for (ByteView bytes : message.engine) writer.blob(bytes);
      break;
    case PeerKind::snapshot_chunk:
      write_name(writer, message.snapshot);
      writer.u64(message.size);
      writer.u64(message.offset);
      writer.blob(message.bytes);
      break;
    case PeerKind::snapshot_have:
      write_name(writer, message.snapshot);
      writer.u64(message.offset);
      break;
    case PeerKind::snapshot_ready:
      write_name(writer, message.snapshot);
      writer.blob(message.bytes);
      break;
    case PeerKind::hash_report:
      writer.blob(message.bytes);
      break;
  }
  return out;
}

std::optional<PeerMessage> decode_peer_message(ByteView bytes) {
  Reader reader(bytes);
  PeerMessage message;
  if (reader.u8() != version) reader.fail();
  message.kind = static_cast<PeerKind>(reader.u8());
  message.header.cluster = reader.u64();
  message.header.from = {reader.u64()};
  message.header.from_seat = reader.u32();
  message.header.to = {reader.u64()};
  read_body(reader, message);
  if (!reader.done()) return std::nullopt;
  return message;
}

}  // namespace oki::replica
