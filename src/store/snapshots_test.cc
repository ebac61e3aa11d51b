#include "store/snapshots.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "store/testing/memory_disk.h"

namespace oki::store {
namespace {

SnapshotMeta meta(std::uint64_t index) { return {{index}, {index / 10}, "members"}; }

Result<void> save(SnapshotStore& store, const SnapshotMeta& about, Bytes data) {
  Result<void> saved = error(Errc::unavailable, "No answer came.");
  store.save(about, data, [&](Result<void> result) { saved = std::move(result); });
  return saved;
}

// What a start would find: the meta and the data of the newest.
struct Found {
  SnapshotMeta meta;
  Bytes data;
};
Result<std::optional<Found>> find(MemoryDisk& disk) {
  SnapshotStore store(disk);
  const auto info = store.load();
  if (!info) return tl::unexpected<Error>(info.error());
  if (!*info) return std::optional<Found>{};
  const auto view = store.view(**info);
  if (!view) return tl::unexpected<Error>(view.error());
  return Found{(*info)->meta, Bytes(view->bytes)};
}

Bytes long_data(std::size_t size) {
  Bytes data;
  for (std::size_t i = 0; i < size; ++i) data.push_back(static_cast<char>(i * 31 >> 3));
  return data;
}

TEST(SnapshotStore, FindsNothingInAnEmptyDirectory) {
  MemoryDisk disk(1);
  const auto found = find(disk);
  ASSERT_TRUE(found.has_value());
  EXPECT_FALSE(found->has_value());
}

TEST(SnapshotStore, FindsTheNewestAndKeepsTheOneBefore) {
  MemoryDisk disk(1);
  SnapshotStore store(disk);
  ASSERT_TRUE(store.load().has_value());
  for (const std::uint64_t index : {100, 200, 300, 4000}) {
    ASSERT_TRUE(save(store, meta(index), "state " + std::to_string(index)).has_value());
  }
  EXPECT_EQ(disk.files().size(), 2u);
  const auto found = find(disk);
  ASSERT_TRUE(found.has_value() && found->has_value());
  EXPECT_EQ((*found)->meta, meta(4000));
  EXPECT_EQ((*found)->data, "state 4000");
}

TEST(SnapshotStore, KeepsDataOfManyPiecesAndOfNone) {
  for (const std::size_t size : {0, 1, 65535, 65536, 65537, 200000}) {
    MemoryDisk disk(1);
    SnapshotStore store(disk);
    ASSERT_TRUE(save(store, meta(7), long_data(size)).has_value());
    const auto found = find(disk);
    ASSERT_TRUE(found.has_value() && found->has_value()) << size;
    EXPECT_EQ((*found)->data, long_data(size));
  }
}

TEST(SnapshotStore, WritesTheSameFileWhateverPiecesTheDataComesIn) {
  const Bytes data = long_data(200'000);
  Bytes whole;
  for (const std::size_t step : {200'000, 65'536, 65'537, 1000, 7}) {
    Bytes file;
    BytesSink sink(file);
    SnapshotFileWriter writer(sink, meta(7));
    for (std::size_t at = 0; at < data.size(); at += step) {
      writer.write(ByteView(data).substr(at, step));
    }
    const SnapshotInfo info = writer.finish();
    EXPECT_EQ(info.file_bytes, file.size());
    if (whole.empty()) whole = file;
    EXPECT_TRUE(file == whole) << step;
    SnapshotFileChecker checker(file.size());
    for (std::size_t at = 0; at < file.size(); at += step) {
      checker.add(ByteView(file).substr(at, step));
    }
    const auto checked = checker.finish();
    ASSERT_TRUE(checked.has_value()) << step;
    EXPECT_EQ(*checked, info);
  }
}

TEST(SnapshotStore, DetectsEveryFlippedByteAndEveryTruncation) {
  MemoryDisk disk(1);
  SnapshotStore store(disk);
  ASSERT_TRUE(save(store, meta(7), long_data(66000)).has_value());
  const std::string name = disk.files().begin()->first;
  const std::uint64_t size = disk.files().begin()->second.size();
  for (std::uint64_t offset = 0; offset < size;
       offset += offset < 100 || offset + 100 > size ? 1 : 997) {
    disk.flip(name, offset, 0x10);
    const bool version = offset == 4 || offset == 5;
    EXPECT_EQ(store.load().error().code, version ? Errc::mismatch : Errc::corrupt) << offset;
    disk.flip(name, offset, 0x10);
    MemoryDisk shorter(1, disk.files());
    shorter.truncate(name, offset);
    EXPECT_EQ(SnapshotStore(shorter).load().error().code, Errc::corrupt) << offset;
  }
  EXPECT_TRUE(store.load().has_value());
  MemoryDisk longer(1, {{name, disk.files().at(name) + "x"}});
  EXPECT_EQ(SnapshotStore(longer).load().error().code, Errc::corrupt);
}

TEST(SnapshotStore, DoesNotFallBackToAnOlderSnapshot) {
  MemoryDisk disk(1);
  SnapshotStore store(disk);
  ASSERT_TRUE(save(store, meta(10), "old").has_value());
  ASSERT_TRUE(save(store, meta(20), "new").has_value());
  disk.flip(disk.files().rbegin()->first, 50, 1);
  EXPECT_EQ(store.load().error().code, Errc::corrupt);
}

TEST(SnapshotStore, ACrashWhileNamingLeavesOneOrTheOther) {
  bool old_seen = false;
  bool new_seen = false;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    MemoryDisk fresh(seed);
    SnapshotStore again(fresh);
    ASSERT_TRUE(save(again, meta(10), "old").has_value());
    ASSERT_TRUE(save(again, meta(20), "new").has_value());
    fresh.rename(snapshot_name({20}), making_name, [](const Result<void>&) {});
    fresh.hold();
    again.adopt(making_name, {20}, [](const Result<void>&) { FAIL() << "answered after a crash"; });
    fresh.crash();
    fresh.finish_at_once();
    const auto found = find(fresh);
    ASSERT_TRUE(found.has_value() && found->has_value());
    old_seen |= (*found)->data == "old";
    new_seen |= (*found)->data == "new";
    EXPECT_FALSE(fresh.files().contains(making_name));
  }
  EXPECT_TRUE(old_seen && new_seen);
}

TEST(SnapshotStore, AFullDiskIsReportedAndTheOldSnapshotStays) {
  MemoryDisk disk(1);
  SnapshotStore store(disk);
  ASSERT_TRUE(save(store, meta(10), "old").has_value());
  disk.set_bytes_max(disk.bytes_used());
  EXPECT_EQ(save(store, meta(20), "new").error().code, Errc::full);
  EXPECT_EQ((*find(disk))->data, "old");
}

TEST(SnapshotStore, KeepsWhatSomebodyReadsUntilHeHasDone) {
  MemoryDisk disk(1);
  SnapshotStore store(disk);
  ASSERT_TRUE(store.load().has_value());
  ASSERT_TRUE(save(store, meta(10), "read").has_value());
  store.hold({10});
  store.hold({10});
  for (const std::uint64_t index : {20, 30, 40}) {
    ASSERT_TRUE(save(store, meta(index), "state").has_value());
  }
  EXPECT_EQ(disk.files().size(), 3u);
  store.release({10});
  EXPECT_TRUE(disk.files().contains(snapshot_name({10})));
  store.release({10});
  EXPECT_FALSE(disk.files().contains(snapshot_name({10})));
  EXPECT_EQ(disk.files().size(), 2u);
}

TEST(Identity, IsReadBackAndDetectsEveryFlippedByte) {
  MemoryDisk disk(1);
  ASSERT_FALSE(load_identity(disk)->has_value());
  const Identity identity{0x1234567890ABCDEFu, {7}, 3};
  save_identity(disk, identity, [](const Result<void>& result) { EXPECT_TRUE(result); });
  EXPECT_EQ(**load_identity(disk), identity);
  const std::uint64_t size = disk.files().at("identity").size();
  for (std::uint64_t offset = 0; offset < size; ++offset) {
    disk.flip("identity", offset, 1);
    EXPECT_EQ(load_identity(disk).error().code, Errc::corrupt);
    disk.flip("identity", offset, 1);
    MemoryDisk shorter(1, disk.files());
    shorter.truncate("identity", offset);
    EXPECT_EQ(load_identity(shorter).error().code, Errc::corrupt);
  }
}

}  // namespace
}  // namespace oki::store
