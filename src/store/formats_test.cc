// The bytes of the journal, snapshots and the identity are those written down in test/golden, and
// those of an earlier build are still read.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>

#include "store/journal.h"
#include "store/recovery.h"
#include "store/snapshots.h"
#include "store/testing/memory_disk.h"

namespace oki::store {
namespace {

JournalOptions options() {
  JournalOptions limits;
  limits.segment_bytes = 2560;
  limits.entry_bytes_max = 1024;
  limits.frame_bytes_max = 1200;
  return limits;
}

const std::vector<Entry> entries = {{{1}, {1}, 0, "first"}, {{2}, {2}, 1, ""}};
const HardState hard_state{{2}, {3}, {1}};
const SnapshotMeta meta{{0x1234}, {5}, "members"};
const Identity identity{0x0102030405060708u, {7}, 3};

MemoryDisk::Files written() {
  MemoryDisk disk(1);
  const auto ok = [](const Result<void>& result) { ASSERT_TRUE(result.has_value()); };
  {
    auto opened = Journal::open(disk, options());
    opened->journal->append(hard_state, entries, ok);
    opened->journal->compact({1}, {1});
  }
  SnapshotStore(disk).save(meta, "state", ok);
  save_identity(disk, identity, ok);
  MemoryDisk::Files files = disk.files();
  files.erase(segment_name(2));  // Zeros, made ready.
  return files;
}

std::string to_hex(ByteView bytes) {
  const std::size_t end = bytes.find_last_not_of('\0');
  std::string text;
  for (const char c : bytes.substr(0, end == ByteView::npos ? 0 : end + 1)) {
    constexpr char digits[] = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    text += {digits[byte / 16], digits[byte % 16]};
  }
  return text;
}

Bytes from_hex(const std::string& text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::map<std::string, std::string> golden() {
  std::ifstream in("test/golden/store_formats.txt");
  std::map<std::string, std::string> lines;
  for (std::string name, hex; in >> name >> hex;) lines[name] = hex;
  return lines;
}

TEST(StoreFormats, AreWrittenAsTheGoldenBytesSay) {
  std::map<std::string, std::string> now;
  for (const auto& [name, bytes] : written()) now[name] = to_hex(bytes);
  EXPECT_EQ(now, golden());
}

TEST(StoreFormats, OfTheGoldenBytesAreRead) {
  MemoryDisk::Files files;
  for (const auto& [name, hex] : golden()) files[name] = from_hex(hex);
  files[segment_name(1)].resize(options().segment_bytes);
  MemoryDisk disk(1, files);
  const auto opened = Journal::open(disk, options());
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  EXPECT_EQ(opened->log.hard_state, hard_state);
  EXPECT_EQ(opened->log.compacted, LogIndex{1});
  EXPECT_EQ(opened->log.entries, std::vector<Entry>{entries[1]});
  SnapshotStore snapshots(disk);
  const auto snapshot = snapshots.load();
  ASSERT_TRUE(snapshot.has_value() && snapshot->has_value());
  EXPECT_EQ((*snapshot)->meta, meta);
  EXPECT_EQ(snapshots.view(**snapshot)->bytes, "state");
  EXPECT_EQ(**load_identity(disk), identity);
}

}  // namespace
}  // namespace oki::store
