#include "store/snapshots.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/crc32c.h"

namespace oki::store {
namespace {

constexpr std::uint32_t snapshot_magic = 0x31534B4F;  // "OKS1"
constexpr std::uint16_t snapshot_version = 1;
constexpr std::uint32_t identity_magic = 0x31494B4F;  // "OKI1"
constexpr std::uint16_t identity_version = 1;
constexpr std::size_t chunk_bytes = 64u << 10;
constexpr std::size_t members_bytes_max = 1u << 20;
constexpr std::size_t kept_max = 2;
constexpr ByteView snapshot_prefix = "snapshot-";
constexpr const char* identity_name = "identity";

// Sorted by name is sorted by index.
std::string snapshot_name(LogIndex index) {
  return fmt::format("{}{:016x}", snapshot_prefix, index.value);
}

bool is_snapshot_name(ByteView name) {
  return name.starts_with(snapshot_prefix) && name.size() == snapshot_prefix.size() + 16 &&
         name.substr(snapshot_prefix.size()).find_first_not_of("0123456789abcdef") ==
             ByteView::npos;
}

tl::unexpected<Error> damaged(ByteView file) {
  return error(Errc::corrupt, fmt::format("The file {} is damaged. Remove this node's directory "
                                          "and let it be seeded again from its peers.",
                                          file));
}

Bytes snapshot_file(const SnapshotMeta& meta, ByteView data) {
  Bytes file;
  Writer writer(file);
  writer.u32(snapshot_magic);
  writer.u16(snapshot_version);
  writer.u64(meta.index.value);
  writer.u64(meta.term.value);
  writer.blob(meta.members);
  writer.u64(data.size());
  for (std::size_t at = 0; at < data.size(); at += chunk_bytes) {
    writer.u32(crc32c(data.substr(at, chunk_bytes)));
  }
  writer.u32(crc32c(file));
  writer.raw(data);
  return file;
}

bool chunks_match(ByteView checksums, ByteView data) {
  Reader reader(checksums);
  for (std::size_t at = 0; at < data.size(); at += chunk_bytes) {
    if (reader.u32() != crc32c(data.substr(at, chunk_bytes))) return false;
  }
  return reader.done();
}

std::optional<Snapshot> decode_snapshot(ByteView file) {
  Snapshot snapshot;
  Reader reader(file);
  if (reader.u32() != snapshot_magic || reader.u16() != snapshot_version) return std::nullopt;
  snapshot.meta.index.value = reader.u64();
  snapshot.meta.term.value = reader.u64();
  snapshot.meta.members = reader.blob(members_bytes_max);
  const std::uint64_t size = reader.u64();
  if (size > file.size()) return std::nullopt;
  const ByteView checksums = reader.raw((size + chunk_bytes - 1) / chunk_bytes * 4);
  const std::size_t header_bytes = file.size() - reader.left();
  const std::uint32_t crc = reader.u32();
  if (!reader.ok() || crc32c(file.substr(0, header_bytes)) != crc) return std::nullopt;
  snapshot.data = reader.raw(size);
  if (!reader.done() || !chunks_match(checksums, snapshot.data)) return std::nullopt;
  return snapshot;
}

Result<Bytes> read_whole(Disk& disk, const std::string& name) {
  Result<std::uint64_t> size = disk.size(name);
  if (!size) return tl::unexpected<Error>(std::move(size.error()));
  return disk.read(name, 0, *size);
}

}  // namespace

SnapshotStore::SnapshotStore(Disk& disk)
    : disk_(disk), kept_(std::make_shared<std::vector<std::string>>()) {}

Result<std::optional<Snapshot>> SnapshotStore::load() {
  Result<std::vector<std::string>> names = disk_.list();
  if (!names) return tl::unexpected<Error>(std::move(names.error()));
  std::erase_if(*names, [](const std::string& name) { return !is_snapshot_name(name); });
  *kept_ = std::move(*names);
  if (kept_->empty()) return std::optional<Snapshot>{};
  Result<Bytes> file = read_whole(disk_, kept_->back());
  if (!file) return tl::unexpected<Error>(std::move(file.error()));
  std::optional<Snapshot> snapshot = decode_snapshot(*file);
  if (!snapshot || snapshot_name(snapshot->meta.index) != kept_->back()) {
    return damaged(kept_->back());
  }
  return snapshot;
}

void SnapshotStore::save(const SnapshotMeta& meta, Bytes data, Disk::Done done) {
  std::string name = snapshot_name(meta.index);
  Bytes file = snapshot_file(meta, data);
  auto saved = [&disk = disk_, weak = std::weak_ptr(kept_), name,
                done = std::move(done)](Result<void> result) {
    const auto kept = weak.lock();
    if (!kept) return;
    if (result) {
      if (!std::binary_search(kept->begin(), kept->end(), name)) {
        kept->insert(std::upper_bound(kept->begin(), kept->end(), name), name);
      }
      // A removal that fails costs space only; the next start finds the file and tries again.
      while (kept->size() > kept_max) {
        disk.remove(kept->front(), [](const Result<void>&) {});
        kept->erase(kept->begin());
      }
    }
    done(std::move(result));
  };
  disk_.replace(name, std::move(file), std::move(saved));
}

Result<std::optional<Identity>> load_identity(Disk& disk) {
  Result<std::vector<std::string>> names = disk.list();
  if (!names) return tl::unexpected<Error>(std::move(names.error()));
  if (std::find(names->begin(), names->end(), identity_name) == names->end()) {
    return std::optional<Identity>{};
  }
  Result<Bytes> file = read_whole(disk, identity_name);
  if (!file) return tl::unexpected<Error>(std::move(file.error()));
  Identity identity;
  Reader reader(*file);
  const bool known = reader.u32() == identity_magic && reader.u16() == identity_version;
  identity.cluster = reader.u64();
  identity.node.value = reader.u64();
  identity.seat = reader.u32();
  const std::uint32_t crc = reader.u32();
  if (!known || !reader.done() || crc32c(ByteView(*file).substr(0, file->size() - 4)) != crc) {
    return damaged(identity_name);
  }
  return std::optional(identity);
}

void save_identity(Disk& disk, const Identity& identity, Disk::Done done) {
  Bytes file;
  Writer writer(file);
  writer.u32(identity_magic);
  writer.u16(identity_version);
  writer.u64(identity.cluster);
  writer.u64(identity.node.value);
  writer.u32(identity.seat);
  writer.u32(crc32c(file));
  disk.replace(identity_name, std::move(file), std::move(done));
}

}  // namespace oki::store
