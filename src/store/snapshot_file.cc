#include "store/snapshot_file.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/crc32c.h"

namespace oki::store {
namespace {

constexpr std::uint32_t magic = 0x31534B4F;  // "OKS1"
constexpr std::uint16_t version = 2;
constexpr std::size_t fixed_header_bytes = 4 + 2 + 8 + 8 + 4;
constexpr std::size_t checksum_bytes = 4;
constexpr std::size_t trailer_bytes = 8 + 8 + 4;

Bytes header(const SnapshotMeta& meta) {
  Bytes out;
  Writer writer(out);
  writer.u32(magic);
  writer.u16(version);
  writer.u64(meta.index.value);
  writer.u64(meta.term.value);
  writer.blob(meta.members);
  writer.u32(crc32c(out));
  return out;
}

// Of what stands behind the header, when the file has `file_bytes` in all.
std::optional<std::uint64_t> data_bytes(std::uint64_t file_bytes, std::uint64_t header_bytes) {
  if (file_bytes < header_bytes + trailer_bytes) return std::nullopt;
  const std::uint64_t rest = file_bytes - header_bytes - trailer_bytes;
  constexpr std::uint64_t with_checksum = snapshot_piece_bytes + checksum_bytes;
  const std::uint64_t pieces = (rest + with_checksum - 1) / with_checksum;
  if (rest < pieces * checksum_bytes) return std::nullopt;
  return rest - pieces * checksum_bytes;
}

}  // namespace

Bytes encode(const SnapshotInfo& info) {
  Bytes out;
  Writer writer(out);
  writer.u64(info.file_bytes);
  writer.u64(info.data_offset);
  writer.u64(info.data_bytes);
  writer.u64(info.hash);
  return out;
}

Result<SnapshotInfo> decode_snapshot_info(ByteView bytes) {
  Reader reader(bytes);
  SnapshotInfo info;
  info.file_bytes = reader.u64();
  info.data_offset = reader.u64();
  info.data_bytes = reader.u64();
  info.hash = reader.u64();
  if (!reader.done()) return error(Errc::invalid, "a summary of a snapshot does not decode");
  return info;
}

SnapshotFileWriter::SnapshotFileWriter(Sink& file, const SnapshotMeta& meta) : file_(file) {
  const Bytes begin = header(meta);
  info_.meta = meta;
  info_.data_offset = begin.size();
  file_.write(begin);
}

void SnapshotFileWriter::write(ByteView data) {
  info_.data_bytes += data.size();
  while (!data.empty()) {
    if (piece_.empty() && data.size() >= snapshot_piece_bytes) {
      end_piece(data.substr(0, snapshot_piece_bytes));
      data.remove_prefix(snapshot_piece_bytes);
      continue;
    }
    const std::size_t count = std::min(data.size(), snapshot_piece_bytes - piece_.size());
    piece_.append(data.substr(0, count));
    data.remove_prefix(count);
    if (piece_.size() < snapshot_piece_bytes) continue;
    end_piece(piece_);
    piece_.clear();
  }
}

void SnapshotFileWriter::end_piece(ByteView piece) {
  hash_.add(piece);
  Writer(checksums_).u32(crc32c(piece));
  file_.write(piece);
}

SnapshotInfo SnapshotFileWriter::finish() {
  if (!piece_.empty()) end_piece(piece_);
  info_.hash = hash_.value();
  Bytes end = std::exchange(checksums_, {});
  Writer writer(end);
  writer.u64(info_.data_bytes);
  writer.u64(info_.hash);
  writer.u32(crc32c(end));
  file_.write(end);
  info_.file_bytes = info_.data_offset + info_.data_bytes + end.size();
  return info_;
}

SnapshotFileChecker::SnapshotFileChecker(std::uint64_t file_bytes) {
  info_.file_bytes = file_bytes;
}

// Moves bytes into held_ until it has `size`.
ByteView SnapshotFileChecker::take(ByteView& bytes, std::uint64_t size) {
  const std::size_t count = std::min<std::uint64_t>(bytes.size(), size - held_.size());
  held_.append(bytes.substr(0, count));
  bytes.remove_prefix(count);
  return held_.size() == size ? ByteView(held_) : ByteView();
}

void SnapshotFileChecker::add(ByteView bytes) {
  while (!bytes.empty() && part_ != Part::bad && part_ != Part::other_version) {
    if (part_ == Part::header) {
      const std::uint64_t wanted = held_.size() < fixed_header_bytes
                                       ? fixed_header_bytes
                                       : fixed_header_bytes + info_.data_offset + checksum_bytes;
      if (!take(bytes, wanted).empty() && !read_header()) part_ = Part::bad;
    } else if (part_ == Part::data) {
      if (!take(bytes, std::min<std::uint64_t>(data_left_, snapshot_piece_bytes)).empty()) {
        end_piece();
      }
    } else {
      ASSERT(held_.size() + bytes.size() <= info_.file_bytes);
      held_.append(bytes);
      return;
    }
  }
}

// Called with the fixed fields, which tell the length of the members, and then with all of it.
bool SnapshotFileChecker::read_header() {
  Reader reader(held_);
  if (reader.u32() != magic) return false;
  if (reader.u16() != version) {
    part_ = Part::other_version;
    return true;
  }
  info_.meta.index = {reader.u64()};
  info_.meta.term = {reader.u64()};
  const std::uint32_t members_bytes = reader.u32();
  if (members_bytes > snapshot_members_bytes_max) return false;
  info_.data_offset = members_bytes;  // Until the header is whole.
  if (held_.size() == fixed_header_bytes) return true;
  info_.meta.members = reader.raw(members_bytes);
  const std::size_t checked = held_.size() - reader.left();
  if (reader.u32() != crc32c(ByteView(held_).substr(0, checked)) || !reader.done()) return false;
  info_.data_offset = held_.size();
  const std::optional<std::uint64_t> data = data_bytes(info_.file_bytes, held_.size());
  if (!data) return false;
  info_.data_bytes = data_left_ = *data;
  part_ = data_left_ > 0 ? Part::data : Part::end;
  held_.clear();
  return true;
}

void SnapshotFileChecker::end_piece() {
  hash_.add(ByteView(held_));
  Writer(checksums_).u32(crc32c(held_));
  data_left_ -= held_.size();
  if (data_left_ == 0) part_ = Part::end;
  held_.clear();
}

Result<SnapshotInfo> SnapshotFileChecker::finish() const {
  if (part_ == Part::other_version) {
    return error(Errc::mismatch, "was written by another version of this program");
  }
  const auto damaged = [] { return error(Errc::corrupt, "is damaged"); };
  if (part_ != Part::end) return damaged();
  Reader reader(held_);
  if (reader.raw(checksums_.size()) != checksums_) return damaged();
  const bool same = reader.u64() == info_.data_bytes && reader.u64() == hash_.value();
  const std::size_t checked = held_.size() - reader.left();
  if (reader.u32() != crc32c(ByteView(held_).substr(0, checked)) || !reader.done() || !same) {
    return damaged();
  }
  SnapshotInfo info = info_;
  info.hash = hash_.value();
  return info;
}

}  // namespace oki::store
