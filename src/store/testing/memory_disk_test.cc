#include "store/testing/memory_disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/testing/stepped.h"

namespace oki::store {
namespace {

using ::testing::ElementsAre;

Disk::Done note(std::vector<std::string>& order, std::string what) {
  return [&order, what = std::move(what)](const Result<void>& result) {
    order.push_back(what + (result ? "" : std::string(": ") + name(result.error().code)));
  };
}

TEST(MemoryDisk, RunsOperationsInOrderAlsoWhenAskedForInsideOne) {
  MemoryDisk disk(1);
  std::vector<std::string> order;
  disk.create("a", 4, [&](const Result<void>&) {
    order.push_back("a");
    disk.write("a", 0, "1234", note(order, "write"));
    order.push_back("asked");
  });
  disk.rename("a", "b", note(order, "rename"));
  EXPECT_THAT(order, ElementsAre("a", "asked", "write", "rename"));
  EXPECT_EQ(disk.files().at("b"), "1234");
}

TEST(MemoryDisk, HoldsOperationsUntilToldToFinish) {
  MemoryDisk disk(1);
  disk.hold();
  std::vector<std::string> order;
  disk.create("a", 4, note(order, "create"));
  disk.write("a", 0, "1234", note(order, "write"));
  EXPECT_EQ(disk.waiting(), 2u);
  EXPECT_TRUE(order.empty());
  EXPECT_TRUE(disk.finish_next());
  EXPECT_EQ(disk.files().at("a"), Bytes(4, '\0'));
  EXPECT_EQ(disk.finish_all(), 1u);
  EXPECT_FALSE(disk.finish_next());
  EXPECT_EQ(disk.files().at("a"), "1234");
}

TEST(MemoryDisk, FinishesByTimers) {
  oki::testing::StepClock clock;
  oki::testing::StepTimers timers(clock);
  MemoryDisk disk(1);
  disk.delay_with(timers, 5, 5);
  std::vector<std::string> order;
  disk.create("a", 0, note(order, "a"));
  disk.create("b", 0, note(order, "b"));
  timers.advance_ms(9);
  EXPECT_THAT(order, ElementsAre("a"));
  timers.advance_ms(1);
  EXPECT_THAT(order, ElementsAre("a", "b"));
}

TEST(MemoryDisk, ACrashDropsWhatWaitsAndCallsNobody) {
  oki::testing::StepClock clock;
  oki::testing::StepTimers timers(clock);
  MemoryDisk disk(1);
  disk.delay_with(timers, 5, 5);
  std::vector<std::string> order;
  disk.replace("a", "x", note(order, "a"));
  disk.replace("b", "y", note(order, "b"));
  disk.crash();
  disk.replace("c", "z", note(order, "c"));
  timers.advance_ms(100);
  EXPECT_THAT(order, ElementsAre("c"));
  EXPECT_FALSE(disk.files().contains("b"));
}

TEST(MemoryDisk, ACrashLeavesAnySectorsOfAWrite) {
  std::set<Bytes> seen;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    MemoryDisk disk(seed, {{"a", Bytes(1536, 'o')}});
    disk.hold();
    disk.write("a", 0, Bytes(1536, 'n'), nullptr);
    disk.crash();
    Bytes sectors;
    for (std::size_t i = 0; i < 3; ++i) {
      const Bytes sector = disk.files().at("a").substr(i * 512, 512);
      ASSERT_EQ(sector, Bytes(512, sector[0]));
      sectors.push_back(sector[0]);
    }
    seen.insert(sectors);
  }
  EXPECT_EQ(seen.size(), 8u);
}

TEST(MemoryDisk, ACrashLeavesAReplacementWholeOrNotAtAll) {
  std::set<Bytes> seen;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    MemoryDisk disk(seed, {{"a", "old"}});
    disk.hold();
    disk.replace("a", "new and longer", nullptr);
    disk.crash();
    seen.insert(disk.files().at("a"));
  }
  EXPECT_THAT(seen, ElementsAre("new and longer", "old"));
}

TEST(MemoryDisk, RefusesWhatARealDiskRefuses) {
  MemoryDisk disk(1, {{"a", "12"}});
  std::vector<std::string> order;
  disk.create("a", 1, note(order, "create"));
  disk.write("none", 0, "x", note(order, "write"));
  disk.rename("none", "b", note(order, "rename"));
  disk.remove("none", note(order, "remove"));
  disk.set_bytes_max(3);
  disk.write("a", 0, "4567", note(order, "grow"));
  disk.write("a", 0, "45", note(order, "overwrite"));
  disk.fail_operation(0, Errc::io);
  disk.write("a", 0, "89", note(order, "fail"));
  EXPECT_THAT(order, ElementsAre("create: exists", "write: not found", "rename: not found",
                                 "remove: not found", "grow: full", "overwrite", "fail: i/o"));
  disk.fail_reads("a");
  EXPECT_EQ(disk.read("a", 0, 1).error().code, Errc::io);
  EXPECT_EQ(disk.size("none").error().code, Errc::not_found);
}

}  // namespace
}  // namespace oki::store
