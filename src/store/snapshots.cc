#include "store/snapshots.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/crc32c.h"

namespace oki::store {
namespace {

constexpr std::uint32_t identity_magic = 0x31494B4F;  // "OKI1"
constexpr std::uint16_t identity_version = 1;
constexpr std::size_t read_bytes = 1u << 20;
constexpr std::size_t kept_max = 2;
constexpr ByteView snapshot_prefix = "snapshot-";
constexpr const char* identity_name = "identity";

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

Result<Bytes> read_whole(Disk& disk, const std::string& name) {
  Result<std::uint64_t> size = disk.size(name);
  if (!size) return tl::unexpected<Error>(std::move(size.error()));
  return disk.read(name, 0, *size);
}

Result<SnapshotInfo> check_file(Disk& disk, const std::string& name) {
  const Result<std::uint64_t> size = disk.size(name);
  if (!size) return tl::unexpected<Error>(size.error());
  SnapshotFileChecker checker(*size);
  for (std::uint64_t at = 0; at < *size; at += read_bytes) {
    const Result<Bytes> piece = disk.read(name, at, read_bytes);
    if (!piece) return tl::unexpected<Error>(piece.error());
    checker.add(*piece);
  }
  Result<SnapshotInfo> info = checker.finish();
  if (!info && info.error().code == Errc::mismatch) {
    return error(Errc::mismatch, fmt::format("The file {} {}.", name, info.error().message));
  }
  if (!info || snapshot_name(info->meta.index) != name) return damaged(name);
  return info;
}

}  // namespace

std::string snapshot_name(LogIndex index) {
  return fmt::format("{}{:016x}", snapshot_prefix, index.value);
}

SnapshotStore::SnapshotStore(Disk& disk) : disk_(disk), kept_(std::make_shared<Kept>()) {}

Result<std::optional<SnapshotInfo>> SnapshotStore::load() {
  Result<std::vector<std::string>> names = disk_.list();
  if (!names) return tl::unexpected<Error>(std::move(names.error()));
  for (const std::string& name : *names) {
    if (name == making_name || name == arriving_name) disk_.remove(name, [](const auto&) {});
  }
  std::erase_if(*names, [](const std::string& name) { return !is_snapshot_name(name); });
  kept_->names = std::move(*names);
  if (kept_->names.empty()) return std::optional<SnapshotInfo>{};
  Result<SnapshotInfo> info = check_file(disk_, kept_->names.back());
  if (!info) return tl::unexpected<Error>(std::move(info.error()));
  return std::optional(std::move(*info));
}

Result<Disk::View> SnapshotStore::view(const SnapshotInfo& info) const {
  Result<Disk::View> view = disk_.view(snapshot_name(info.meta.index));
  if (!view) return view;
  if (view->bytes.size() != info.file_bytes) return damaged(snapshot_name(info.meta.index));
  view->bytes = view->bytes.substr(info.data_offset, info.data_bytes);
  return view;
}

void SnapshotStore::save(const SnapshotMeta& meta, ByteView data, Disk::Done done) {
  Bytes file;
  BytesSink sink(file);
  SnapshotFileWriter writer(sink, meta);
  writer.write(data);
  writer.finish();
  const std::string name = snapshot_name(meta.index);
  disk_.replace(name, std::move(file), when_named(name, std::move(done)));
}

void SnapshotStore::adopt(const std::string& temporary, LogIndex index, Disk::Done done) {
  const std::string name = snapshot_name(index);
  disk_.rename(temporary, name, when_named(name, std::move(done)));
}

Disk::Done SnapshotStore::when_named(const std::string& name, Disk::Done done) {
  return [&disk = disk_, weak = std::weak_ptr(kept_), name,
          done = std::move(done)](Result<void> result) {
    const auto kept = weak.lock();
    if (!kept) return;
    std::vector<std::string>& names = kept->names;
    if (result && !std::binary_search(names.begin(), names.end(), name)) {
      names.insert(std::upper_bound(names.begin(), names.end(), name), name);
    }
    if (result) remove_old(disk, *kept);
    done(std::move(result));
  };
}

// A removal that fails costs space only; the next start finds the file and tries again.
void SnapshotStore::remove_old(Disk& disk, Kept& kept) {
  for (std::size_t i = 0; i + kept_max < kept.names.size();) {
    if (kept.readers.contains(kept.names[i])) {
      ++i;
      continue;
    }
    disk.remove(kept.names[i], [](const Result<void>&) {});
    kept.names.erase(kept.names.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void SnapshotStore::hold(LogIndex index) { kept_->readers[snapshot_name(index)] += 1; }

void SnapshotStore::release(LogIndex index) {
  const auto found = kept_->readers.find(snapshot_name(index));
  ASSERT(found != kept_->readers.end());
  if (--found->second > 0) return;
  kept_->readers.erase(found);
  remove_old(disk_, *kept_);
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
