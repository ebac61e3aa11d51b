#include "notify/record_log.h"

#include <gtest/gtest.h>

#include "notify/testing/queued_disk.h"

namespace oki::notify {
namespace {

struct Told {
  int good = 0;
  int bad = 0;
  RecordLog::Done done() {
    return [this](Result<void> result) { ++(result ? good : bad); };
  }
};

TEST(RecordLogTest, GivesBackWhatWasAppendedInOrder) {
  QueuedDisk disk;
  Told told;
  {
    RecordLog::Opened opened = RecordLog::open(disk, "box").value();
    EXPECT_TRUE(opened.recovered.snapshot.empty());
    opened.log->compact("state");
    for (const char* record : {"one", "", "three"}) opened.log->append(record, told.done());
    disk.run();
  }
  EXPECT_EQ(told.good, 3);
  const RecordLog::Opened again = RecordLog::open(disk, "box").value();
  EXPECT_EQ(again.recovered.snapshot, "state");
  EXPECT_EQ(again.recovered.records, (std::vector<Bytes>{"one", "", "three"}));
  EXPECT_FALSE(again.recovered.tail_dropped);
}

TEST(RecordLogTest, RecordsAppendedDuringAWriteGoInOne) {
  QueuedDisk disk;
  Told told;
  RecordLog::Opened opened = RecordLog::open(disk, "box").value();
  opened.log->compact("");
  disk.run();
  for (int i = 0; i < 10; ++i) opened.log->append("record", told.done());
  EXPECT_TRUE(disk.step());
  EXPECT_EQ(told.good, 1);
  EXPECT_TRUE(disk.step());
  EXPECT_EQ(told.good, 10);
  EXPECT_FALSE(disk.step());
}

// A walk in which the process may die between any two operations of the disk, and the last write
// may be torn anywhere: what comes back is a prefix that holds everything that was confirmed.
TEST(RecordLogTest, AConfirmedRecordSurvivesADeathAtAnyPoint) {
  for (int death = 0; death < 40; ++death) {
    QueuedDisk disk;
    std::vector<Bytes> all;
    std::size_t confirmed = 0;
    RecordLog::Opened opened = RecordLog::open(disk, "box").value();
    opened.log->compact("");
    std::size_t covered = 0;
    for (int step = 0; step < death; ++step) {
      all.push_back("record " + std::to_string(step));
      opened.log->append(all.back(), [&confirmed, n = all.size()](Result<void> r) {
        if (r) confirmed = n;
      });
      if (step % 7 == 6) {
        covered = all.size();
        opened.log->compact(std::to_string(covered));
      }
      disk.step();
    }
    disk.forget_waiting();
    const RecordLog::Opened again = RecordLog::open(disk, "box").value();
    const std::size_t base =
        again.recovered.snapshot.empty() ? 0 : std::stoul(again.recovered.snapshot);
    const std::size_t total = base + again.recovered.records.size();
    EXPECT_GE(total, confirmed) << death;
    EXPECT_LE(total, all.size());
    for (std::size_t i = base; i < total; ++i) EXPECT_EQ(again.recovered.records[i - base], all[i]);
  }
}

std::string newest_journal(const QueuedDisk& disk) {
  std::string newest;
  for (const auto& [name, bytes] : disk.files) {
    if (name != "box.snapshot") newest = name;
  }
  return newest;
}

QueuedDisk disk_with_three_records() {
  QueuedDisk disk;
  RecordLog::Opened opened = RecordLog::open(disk, "box").value();
  opened.log->compact("state");
  for (const char* record : {"first", "second", "third"}) {
    opened.log->append(record, [](Result<void>) {});
  }
  disk.run();
  return disk;
}

TEST(RecordLogTest, ATornTailIsDroppedAndTheLogGoesOn) {
  const QueuedDisk whole = disk_with_three_records();
  const std::string journal = newest_journal(whole);
  const std::size_t size = whole.files.at(journal).size();
  for (std::size_t cut = 0; cut < size; ++cut) {
    QueuedDisk disk = whole;
    disk.files[journal].resize(cut);
    RecordLog::Opened opened = RecordLog::open(disk, "box").value();
    EXPECT_LT(opened.recovered.records.size(), 3u);
    opened.log->compact("after");
    opened.log->append("next", [](Result<void>) {});
    disk.run();
    const RecordLog::Opened again = RecordLog::open(disk, "box").value();
    EXPECT_EQ(again.recovered.snapshot, "after");
    EXPECT_EQ(again.recovered.records, std::vector<Bytes>{"next"});
  }
}

TEST(RecordLogTest, DamageBeforeAValidRecordRefusesToOpen) {
  const QueuedDisk whole = disk_with_three_records();
  const std::string journal = newest_journal(whole);
  const std::size_t last = whole.files.at(journal).size() - 33;  // Within the second record.
  for (std::size_t at = 0; at < last; ++at) {
    QueuedDisk disk = whole;
    disk.files[journal][at] = static_cast<char>(disk.files[journal][at] ^ 0x10);
    const auto opened = RecordLog::open(disk, "box");
    ASSERT_FALSE(opened) << at;
    EXPECT_EQ(opened.error().code, Errc::corrupt);
  }
}

TEST(RecordLogTest, ADamagedSnapshotRefusesToOpen) {
  const QueuedDisk whole = disk_with_three_records();
  for (std::size_t at = 0; at < whole.files.at("box.snapshot").size(); ++at) {
    QueuedDisk disk = whole;
    disk.files["box.snapshot"][at] = static_cast<char>(disk.files["box.snapshot"][at] ^ 1);
    EXPECT_FALSE(RecordLog::open(disk, "box")) << at;
  }
}

TEST(RecordLogTest, AfterAFailedWriteEverythingFails) {
  QueuedDisk disk;
  Told told;
  RecordLog::Opened opened = RecordLog::open(disk, "box").value();
  opened.log->compact("");
  disk.run();
  disk.broken = true;
  opened.log->append("one", told.done());
  opened.log->append("two", told.done());
  disk.run();
  disk.broken = false;
  opened.log->append("three", told.done());
  disk.run();
  EXPECT_EQ(told.good, 0);
  EXPECT_EQ(told.bad, 3);
}

}  // namespace
}  // namespace oki::notify
