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
  store.save(about, std::move(data), [&](Result<void> result) { saved = std::move(result); });
  return saved;
}

Bytes long_data(std::size_t size) {
  Bytes data;
  for (std::size_t i = 0; i < size; ++i) data.push_back(static_cast<char>(i * 31 >> 3));
  return data;
}

TEST(SnapshotStore, FindsNothingInAnEmptyDirectory) {
  MemoryDisk disk(1);
  const Result<std::optional<Snapshot>> found = SnapshotStore(disk).load();
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
  const Result<std::optional<Snapshot>> found = SnapshotStore(disk).load();
  ASSERT_TRUE(found.has_value() && found->has_value());
  EXPECT_EQ((*found)->meta, meta(4000));
  EXPECT_EQ((*found)->data, "state 4000");
}

TEST(SnapshotStore, KeepsDataOfManyChunksAndOfNone) {
  for (const std::size_t size : {0, 1, 65535, 65536, 65537, 200000}) {
    MemoryDisk disk(1);
    SnapshotStore store(disk);
    ASSERT_TRUE(save(store, meta(7), long_data(size)).has_value());
    const Result<std::optional<Snapshot>> found = store.load();
    ASSERT_TRUE(found.has_value() && found->has_value());
    EXPECT_EQ((*found)->data, long_data(size));
  }
}

TEST(SnapshotStore, DetectsEveryFlippedByteAndEveryTruncation) {
  MemoryDisk disk(1);
  SnapshotStore store(disk);
  ASSERT_TRUE(save(store, meta(7), long_data(66000)).has_value());
  const std::string name = disk.files().begin()->first;
  const std::uint64_t size = disk.files().begin()->second.size();
  for (std::uint64_t offset = 0; offset < size; offset += offset < 100 ? 1 : 997) {
    disk.flip(name, offset, 0x10);
    EXPECT_EQ(store.load().error().code, Errc::corrupt) << offset;
    disk.flip(name, offset, 0x10);
    MemoryDisk shorter(1, disk.files());
    shorter.truncate(name, offset);
    EXPECT_EQ(SnapshotStore(shorter).load().error().code, Errc::corrupt) << offset;
  }
  EXPECT_TRUE(store.load().has_value());
}

TEST(SnapshotStore, DoesNotFallBackToAnOlderSnapshot) {
  MemoryDisk disk(1);
  SnapshotStore store(disk);
  ASSERT_TRUE(save(store, meta(10), "old").has_value());
  ASSERT_TRUE(save(store, meta(20), "new").has_value());
  disk.flip(disk.files().rbegin()->first, 50, 1);
  EXPECT_EQ(store.load().error().code, Errc::corrupt);
}

TEST(SnapshotStore, ACrashWhileSavingLeavesOneOrTheOther) {
  bool old_seen = false;
  bool new_seen = false;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    MemoryDisk disk(seed);
    SnapshotStore store(disk);
    ASSERT_TRUE(save(store, meta(10), "old").has_value());
    disk.hold();
    store.save(meta(20), "new", [](const Result<void>&) { FAIL() << "answered after a crash"; });
    disk.crash();
    const Result<std::optional<Snapshot>> found = SnapshotStore(disk).load();
    ASSERT_TRUE(found.has_value() && found->has_value());
    old_seen |= (*found)->data == "old";
    new_seen |= (*found)->data == "new";
  }
  EXPECT_TRUE(old_seen && new_seen);
}

TEST(SnapshotStore, AFullDiskIsReportedAndTheOldSnapshotStays) {
  MemoryDisk disk(1);
  SnapshotStore store(disk);
  ASSERT_TRUE(save(store, meta(10), "old").has_value());
  disk.set_bytes_max(disk.bytes_used());
  EXPECT_EQ(save(store, meta(20), "new").error().code, Errc::full);
  EXPECT_EQ((*store.load())->data, "old");
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
