#include "replica/batch.h"

#include <utility>

namespace oki::replica {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::uint8_t kind_batch = 1;
constexpr std::uint8_t kind_hash_report = 2;
constexpr std::uint8_t kind_deep_hash_report = 3;
constexpr std::size_t count_offset = 10;
constexpr std::size_t command_header_bytes = 28;
constexpr std::size_t body_bytes_max = 1u << 30;

Batch read_batch(Reader& reader) {
  Batch batch;
  batch.time = {reader.i64()};
  const std::uint32_t count = reader.u32();
  if (count > reader.left() / command_header_bytes) reader.fail();
  if (reader.ok()) batch.commands.reserve(count);
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    BatchCommand& command = batch.commands.emplace_back();
    command.session = {reader.u64()};
    command.number = reader.u64();
    command.floor = reader.u64();
    command.body = reader.blob(body_bytes_max);
  }
  return batch;
}

HashReport read_report(Reader& reader, bool deep) {
  HashReport report;
  report.deep = deep;
  report.node = {reader.u64()};
  report.index = {reader.u64()};
  report.hash = reader.u64();
  return report;
}

}  // namespace

Bytes encode(const HashReport& report) {
  Bytes out;
  Writer writer(out);
  writer.u8(version);
  writer.u8(report.deep ? kind_deep_hash_report : kind_hash_report);
  writer.u64(report.node.value);
  writer.u64(report.index.value);
  writer.u64(report.hash);
  return out;
}

Result<EntryData> decode_entry(ByteView data) {
  Reader reader(data);
  if (reader.u8() != version) reader.fail();
  const std::uint8_t kind = reader.u8();
  EntryData entry;
  if (kind == kind_batch) {
    entry = read_batch(reader);
  } else if (kind == kind_hash_report || kind == kind_deep_hash_report) {
    entry = read_report(reader, kind == kind_deep_hash_report);
  } else {
    reader.fail();
  }
  if (!reader.done()) return error(Errc::invalid, "an entry of the log is malformed");
  return entry;
}

BatchWriter::BatchWriter(WallTimeMs time) {
  Writer writer(out_);
  writer.u8(version);
  writer.u8(kind_batch);
  writer.i64(time.value);
  writer.u32(0);
}

void BatchWriter::add(const ClientCommand& command) {
  Writer writer(out_);
  writer.u64(command.session.value);
  writer.u64(command.number);
  writer.u64(command.floor);
  writer.blob(command.body);
  ++count_;
}

std::size_t BatchWriter::size_of(const ClientCommand& command) {
  return command_header_bytes + command.body.size();
}

Bytes BatchWriter::take() {
  Writer(out_).patch_u32(count_offset, count_);
  return std::exchange(out_, {});
}

}  // namespace oki::replica
