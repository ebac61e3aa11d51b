#include "store/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/prng.h"
#include "store/recovery.h"
#include "store/testing/memory_disk.h"

namespace oki::store {

bool operator==(const RecoveredLog& a, const RecoveredLog& b) {
  return a.hard_state == b.hard_state && a.compacted == b.compacted &&
         a.compacted_term == b.compacted_term && a.entries == b.entries;
}

namespace {

JournalOptions small_options() {
  JournalOptions options;
  options.segment_bytes = 4096;
  options.entry_bytes_max = 700;
  options.frame_bytes_max = 1024;
  options.spare_segments_max = 2;
  return options;
}

Entry entry(std::uint64_t index, std::uint64_t term, std::size_t bytes = 10) {
  return {{index}, {term}, 0, Bytes(bytes, static_cast<char>('a' + index % 26))};
}

std::vector<Entry> entries(std::uint64_t first, std::uint64_t count, std::uint64_t term,
                           std::size_t bytes = 10) {
  std::vector<Entry> all;
  for (std::uint64_t i = 0; i < count; ++i) all.push_back(entry(first + i, term, bytes));
  return all;
}

HardState state(std::uint64_t term, std::uint64_t vote, std::uint64_t commit) {
  return {{term}, {vote}, {commit}};
}

Journal::Opened open(Disk& disk, const JournalOptions& options = small_options()) {
  Result<Journal::Opened> opened = Journal::open(disk, options);
  EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().message);
  return std::move(*opened);
}

// The answer of an append, which must have come.
struct Answered {
  int count = 0;
  Result<void> result;
  Journal::Done done() {
    return [this](Result<void> answer) {
      ++count;
      result = std::move(answer);
    };
  }
  bool ok() const { return count == 1 && result.has_value(); }
};

void append_ok(Journal& journal, const std::vector<Entry>& all,
               const std::optional<HardState>& hard_state = std::nullopt) {
  Answered answered;
  journal.append(hard_state, all, answered.done());
  EXPECT_TRUE(answered.ok());
}

TEST(Journal, StartsEmptyInAnEmptyDirectory) {
  MemoryDisk disk(1);
  const Journal::Opened opened = open(disk);
  EXPECT_EQ(opened.log, RecoveredLog{});
  EXPECT_EQ(opened.journal->bytes_on_disk(), 4096u);
}

TEST(Journal, KeepsEntriesAndHardStateOverARestart) {
  MemoryDisk disk(1);
  append_ok(*open(disk).journal, entries(1, 3, 2), state(2, 1, 0));
  Journal::Opened second = open(disk);
  EXPECT_EQ(second.log.hard_state, state(2, 1, 0));
  EXPECT_EQ(second.log.entries, entries(1, 3, 2));
  append_ok(*second.journal, entries(4, 1, 3), state(3, 3, 2));
  const RecoveredLog third = open(disk).log;
  EXPECT_EQ(third.hard_state, state(3, 3, 2));
  EXPECT_EQ(third.entries.size(), 4u);
  EXPECT_FALSE(third.tail_dropped);
}

TEST(Journal, AnOverwriteRemovesEverythingFromItsIndexOn) {
  MemoryDisk disk(1);
  Journal::Opened opened = open(disk);
  append_ok(*opened.journal, entries(1, 9, 1));
  append_ok(*opened.journal, entries(4, 2, 2));
  const std::vector<Entry> found = open(disk).log.entries;
  ASSERT_EQ(found.size(), 5u);
  EXPECT_EQ(found[2], entry(3, 1));
  EXPECT_EQ(found[3], entry(4, 2));
  EXPECT_EQ(found[4], entry(5, 2));
}

TEST(Journal, ReadsBackOverManySegments) {
  MemoryDisk disk(1);
  Journal::Opened opened = open(disk);
  std::vector<Entry> all;
  for (std::uint64_t index = 1; index <= 100; ++index) {
    all.push_back(entry(index, 1, index * 7 % 700));
    append_ok(*opened.journal, {all.back()});
  }
  EXPECT_EQ(open(disk).log.entries, all);
  EXPECT_GT(disk.files().size(), 10u);
}

TEST(Journal, RecyclesCompactedSegmentsAndRemovesTheRest) {
  MemoryDisk disk(1);
  Journal::Opened opened = open(disk);
  for (std::uint64_t index = 1; index <= 400; ++index) {
    append_ok(*opened.journal, {entry(index, 1, 500)});
    if (index % 40 == 0) opened.journal->compact({index - 10}, {1});
    EXPECT_LE(disk.files().size(), 18u);
  }
  EXPECT_LE(disk.files().size(), 6u);
  EXPECT_EQ(opened.journal->bytes_on_disk(), disk.bytes_used());
  const RecoveredLog found = open(disk).log;
  EXPECT_EQ(found.compacted, LogIndex{390});
  EXPECT_EQ(found.compacted_term, Term{1});
  EXPECT_EQ(found.entries, entries(391, 10, 1, 500));
}

TEST(Journal, ResetStartsANewLogAfterASnapshot) {
  MemoryDisk disk(1);
  Journal::Opened opened = open(disk);
  for (std::uint64_t index = 1; index <= 30; ++index) {
    append_ok(*opened.journal, {entry(index, 1, 300)});
  }
  Answered reset;
  opened.journal->reset({1000}, {7}, state(8, 2, 1000), reset.done());
  EXPECT_TRUE(reset.ok());
  append_ok(*opened.journal, entries(1001, 2, 8));
  const RecoveredLog found = open(disk).log;
  EXPECT_EQ(found.compacted, LogIndex{1000});
  EXPECT_EQ(found.compacted_term, Term{7});
  EXPECT_EQ(found.hard_state, state(8, 2, 1000));
  EXPECT_EQ(found.entries, entries(1001, 2, 8));
  EXPECT_LE(disk.files().size(), 4u);
}

TEST(Journal, ARollWritesNothingButTheFrame) {
  MemoryDisk disk(1);
  Journal::Opened opened = open(disk);
  append_ok(*opened.journal, entries(1, 1, 1));
  disk.hold();
  std::uint64_t rolls = 0;
  for (std::uint64_t index = 2; index <= 50; ++index) {
    disk.finish_all();  // What is prepared in the background.
    const std::size_t files = disk.files().size();
    Answered answered;
    opened.journal->append(std::nullopt, {entry(index, 1, 600)}, answered.done());
    ASSERT_TRUE(disk.finish_next());
    EXPECT_TRUE(answered.ok());
    disk.finish_all();
    if (disk.files().size() > files) ++rolls;
  }
  EXPECT_GT(rolls, 5u);
}

TEST(Journal, SplitsAVeryLargeAppendAndKeepsTheCommitForTheLastPart) {
  for (std::uint64_t crash_after = 0; crash_after < 12; ++crash_after) {
    MemoryDisk disk(crash_after + 1);
    Journal::Opened opened = open(disk);
    disk.hold();
    Answered answered;
    opened.journal->append(state(5, 2, 9), entries(1, 10, 5, 400), answered.done());
    for (std::uint64_t i = 0; i < crash_after; ++i) disk.finish_next();
    disk.crash();
    const RecoveredLog found = open(disk).log;
    EXPECT_LE(found.hard_state.commit.value, found.entries.size());
    EXPECT_TRUE(found.entries.empty() || found.hard_state.term == Term{5});
    const bool whole = found.entries.size() == 10;
    EXPECT_TRUE(whole || answered.count == 0);
    EXPECT_TRUE(whole || found.hard_state.commit.value == 0);
  }
}

TEST(Journal, RefusesLimitsThatDoNotFit) {
  MemoryDisk disk(1);
  JournalOptions options = small_options();
  options.entry_bytes_max = 1024;
  EXPECT_EQ(Journal::open(disk, options).error().code, Errc::invalid);
  options = small_options();
  options.frame_bytes_max = 4096;
  EXPECT_EQ(Journal::open(disk, options).error().code, Errc::invalid);
  options = small_options();
  options.segment_bytes = 4097;
  EXPECT_EQ(Journal::open(disk, options).error().code, Errc::invalid);
}

TEST(Journal, GoesOnWithAnotherSegmentSize) {
  MemoryDisk disk(1);
  append_ok(*open(disk).journal, entries(1, 5, 1, 500));
  JournalOptions larger = small_options();
  larger.segment_bytes = 16384;
  Journal::Opened opened = open(disk, larger);
  EXPECT_EQ(opened.log.entries.size(), 5u);
  for (std::uint64_t index = 6; index <= 60; ++index) {
    append_ok(*opened.journal, {entry(index, 1, 600)});
  }
  EXPECT_EQ(open(disk).log.entries.size(), 60u);
}

// --- Faults of the disk.

TEST(Journal, ReportsAFailedWriteOnceAndRefusesEverythingAfterIt) {
  MemoryDisk disk(3);
  Journal::Opened opened = open(disk);
  append_ok(*opened.journal, entries(1, 4, 1));
  disk.fail_operation(0, Errc::io);
  Answered failed;
  opened.journal->append(std::nullopt, entries(5, 1, 1), failed.done());
  EXPECT_EQ(failed.count, 1);
  EXPECT_EQ(failed.result.error().code, Errc::io);
  Answered refused;
  opened.journal->append(std::nullopt, entries(5, 1, 1), refused.done());
  EXPECT_EQ(refused.result.error().code, Errc::unavailable);
  opened.journal->compact({2}, {1});
  EXPECT_GE(open(disk).log.entries.size(), 4u);
}

TEST(Journal, AFailureOfAnyOperationLosesNothingAcknowledged) {
  for (std::uint64_t failing = 0; failing < 80; ++failing) {
    MemoryDisk disk(failing + 1);
    disk.fail_operation(failing, failing % 2 == 0 ? Errc::io : Errc::full);
    Journal::Opened opened = open(disk);
    std::uint64_t acknowledged = 0;
    for (std::uint64_t index = 1; index <= 60; ++index) {
      Answered answered;
      opened.journal->append(std::nullopt, {entry(index, 1, 600)}, answered.done());
      ASSERT_EQ(answered.count, 1);
      if (!answered.result) break;
      acknowledged = index;
      if (index % 20 == 0) opened.journal->compact({index - 5}, {1});
    }
    const RecoveredLog found = open(disk).log;
    EXPECT_GE(found.compacted.value + found.entries.size(), acknowledged);
  }
}

TEST(Journal, AFullDiskStopsItWithoutLoss) {
  MemoryDisk disk(1);
  Journal::Opened opened = open(disk);
  append_ok(*opened.journal, entries(1, 1, 1));
  disk.set_bytes_max(disk.bytes_used());
  Answered answered;
  std::uint64_t acknowledged = 1;
  for (; answered.result.has_value(); ++acknowledged) {
    ASSERT_LT(acknowledged, 100u);
    answered.count = 0;
    opened.journal->append(std::nullopt, {entry(acknowledged + 1, 1, 600)}, answered.done());
    ASSERT_EQ(answered.count, 1);
  }
  acknowledged -= 1;
  EXPECT_GT(acknowledged, 4u);
  EXPECT_EQ(answered.result.error().code, Errc::full);
  EXPECT_EQ(open(disk).log.entries.size(), acknowledged);
  disk.set_bytes_max(1u << 20);
  Journal::Opened again = open(disk);
  append_ok(*again.journal, {entry(acknowledged + 1, 2, 600)});
  EXPECT_EQ(open(disk).log.entries.size(), acknowledged + 1);
}

TEST(Journal, AShortLackOfSpaceIsForgiven) {
  MemoryDisk disk(1);
  Journal::Opened opened = open(disk);
  disk.set_bytes_max(disk.bytes_used());
  append_ok(*opened.journal, entries(1, 1, 1));  // The next segment cannot be prepared.
  disk.set_bytes_max(1u << 20);
  for (std::uint64_t index = 2; index <= 30; ++index) {
    append_ok(*opened.journal, {entry(index, 1, 600)});
  }
}

TEST(Journal, LateCallbacksFindItGone) {
  MemoryDisk disk(1);
  Journal::Opened opened = open(disk);
  disk.hold();
  Answered answered;
  opened.journal->append(std::nullopt, entries(1, 1, 1), answered.done());
  opened.journal.reset();
  EXPECT_GT(disk.finish_all(), 0u);
  EXPECT_EQ(answered.count, 0);
}

TEST(Journal, RefusesAFileThatCannotBeRead) {
  MemoryDisk disk(1);
  append_ok(*open(disk).journal, entries(1, 1, 1));
  disk.fail_reads(segment_name(1));
  EXPECT_EQ(Journal::open(disk, small_options()).error().code, Errc::io);
}

// --- Damage.

// A journal whose segments have had an earlier life, with a last append of one frame.
MemoryDisk::Files worn_files() {
  MemoryDisk disk(1);
  Journal::Opened opened = open(disk);
  for (std::uint64_t index = 1; index <= 60; ++index) {
    append_ok(*opened.journal, {entry(index, 1, 600)});
    if (index % 20 == 0) opened.journal->compact({index - 1}, {1});
  }
  append_ok(*opened.journal, entries(61, 3, 2, 20), state(2, 3, 60));
  append_ok(*opened.journal, entries(64, 2, 2, 300));
  append_ok(*opened.journal, entries(66, 2, 2, 300), state(2, 3, 65));
  return disk.files();
}

TEST(Journal, AnyFlippedByteIsDetectedOrDropsOnlyTheLastAppend) {
  const MemoryDisk::Files files = worn_files();
  MemoryDisk sound(1, files);
  const RecoveredLog whole = open(sound).log;
  ASSERT_EQ(whole.entries.back(), entry(67, 2, 300));
  int detected = 0;
  int dropped = 0;
  int meaningless = 0;
  for (const auto& [name, bytes] : files) {
    for (std::uint64_t offset = 0; offset < bytes.size(); ++offset) {
      MemoryDisk disk(1, files);
      disk.flip(name, offset, static_cast<std::uint8_t>(1u << (offset % 8)));
      Result<Journal::Opened> opened = Journal::open(disk, small_options());
      if (!opened) {
        EXPECT_EQ(opened.error().code, Errc::corrupt);
        ++detected;
      } else if (opened->log == whole) {
        ++meaningless;  // Bytes that no frame covers.
      } else {
        ++dropped;
        EXPECT_EQ(opened->log.entries.back(), entry(65, 2, 300));
        EXPECT_EQ(opened->log.hard_state, state(2, 3, 60));
      }
    }
  }
  EXPECT_EQ(dropped, 1024);      // The last frame: two sectors.
  EXPECT_EQ(detected % 512, 0);  // Every byte of every other frame.
  EXPECT_GT(detected, 2 * 512);
  EXPECT_GT(meaningless, 0);
}

TEST(Journal, TwoBrokenFramesAreDetectedByTheHeaderOfTheLast) {
  MemoryDisk disk(1);
  Journal::Opened opened = open(disk);
  for (std::uint64_t index = 1; index <= 3; ++index)
    append_ok(*opened.journal, entries(index, 1, 1));
  disk.flip(segment_name(1), 512 + 60, 1);
  disk.flip(segment_name(1), 1024 + 60, 1);
  EXPECT_EQ(Journal::open(disk, small_options()).error().code, Errc::corrupt);
}

TEST(Journal, AMissingOrTruncatedFileIsDetected) {
  MemoryDisk::Files files;
  {
    MemoryDisk disk(1);
    Journal::Opened opened = open(disk);
    for (std::uint64_t index = 1; index <= 40; ++index) {
      append_ok(*opened.journal, {entry(index, 1, 600)});
    }
    opened.journal->compact({12}, {1});
    files = disk.files();
  }
  Result<Recovery> recovery = [&] {
    MemoryDisk disk(1, files);
    return recover_journal(disk);
  }();
  ASSERT_TRUE(recovery.has_value());
  ASSERT_GE(recovery->segments.size(), 3u);
  for (std::size_t i = 0; i + 1 < recovery->segments.size(); ++i) {
    const std::string name = segment_name(recovery->segments[i].number);
    MemoryDisk::Files fewer = files;
    fewer.erase(name);
    MemoryDisk missing(1, fewer);
    EXPECT_EQ(Journal::open(missing, small_options()).error().code, Errc::corrupt) << name;
    for (const std::uint64_t size : {0, 511, 512, 2048, 4095}) {
      MemoryDisk truncated(1, files);
      truncated.truncate(name, size);
      EXPECT_EQ(Journal::open(truncated, small_options()).error().code, Errc::corrupt) << name;
    }
  }
}

TEST(Journal, OtherFilesOfTheDirectoryAreLeftAlone) {
  MemoryDisk disk(1, {{"identity", "x"},
                      {"journal-1", "y"},
                      {"journal-000000000000000G", "z"},
                      {"journal-new", "half of a segment"}});
  append_ok(*open(disk).journal, entries(1, 1, 1));
  EXPECT_EQ(open(disk).log.entries.size(), 1u);
  EXPECT_EQ(disk.files().at("journal-1"), "y");
  EXPECT_EQ(disk.files().count("journal-new"), 0u);
}

// --- Crashes.

// A plain model of the log beside the Journal: what it must hold after each append.
class Workload {
 public:
  Workload(MemoryDisk& disk, std::uint64_t seed) : disk_(disk), prng_(seed) {
    states_.push_back(RecoveredLog{});
  }

  // Opens the journal; what is found must be a state between the last acknowledged one and the
  // last one asked for.
  void restart() {
    Result<Journal::Opened> opened = Journal::open(disk_, small_options());
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    std::size_t match = acknowledged_;
    while (match < states_.size() && !(opened->log == states_[match])) ++match;
    ASSERT_LT(match, states_.size()) << "after " << acknowledged_ << " acknowledged appends";
    states_ = {states_[match]};
    acknowledged_ = 0;
    journal_ = std::move(opened->journal);
  }

  void run(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) {
      if (states_.size() - acknowledged_ < 4 && prng_.chance(1, 2)) ask();
      disk_.finish_next();
    }
  }

  void crash() {
    disk_.crash();
    journal_.reset();
  }

 private:
  void ask();
  void append(RecoveredLog next, const Journal::Done& done);

  static std::uint64_t last(const RecoveredLog& log) {
    return log.entries.empty() ? log.compacted.value : log.entries.back().index.value;
  }

  MemoryDisk& disk_;
  Prng prng_;
  std::unique_ptr<Journal> journal_;
  std::vector<RecoveredLog> states_;
  std::size_t acknowledged_ = 0;  // Position in states_.
  std::uint64_t term_ = 1;
};

void Workload::ask() {
  RecoveredLog next = states_.back();
  const std::size_t position = states_.size();
  const auto done = [this, position](const Result<void>& result) {
    ASSERT_TRUE(result.has_value());
    acknowledged_ = std::max(acknowledged_, position);
  };
  const std::uint64_t what = prng_.below(20);
  if (what == 0) {
    const std::uint64_t index = last(next) + 1 + prng_.below(50);
    next = {{{++term_}, {1}, {index}}, {index}, {term_}, {}, false};
    states_.push_back(next);
    journal_->reset({index}, {term_}, next.hard_state, done);
  } else if (what < 4 && !next.entries.empty()) {
    const std::size_t count = 1 + prng_.below(next.entries.size());
    const Entry last = next.entries[count - 1];
    next.compacted = last.index;
    next.compacted_term = last.term;
    next.entries.erase(next.entries.begin(),
                       next.entries.begin() + static_cast<std::ptrdiff_t>(count));
    states_.push_back(next);
    journal_->compact(last.index, last.term);
  } else {
    append(next, done);
  }
}

void Workload::append(RecoveredLog next, const Journal::Done& done) {
  std::optional<HardState> hard_state;
  if (prng_.chance(1, 4)) {
    if (!next.entries.empty()) {
      next.entries.resize(next.entries.size() - prng_.below(next.entries.size()));
    }
    hard_state = {{++term_}, {prng_.below(3)}, next.compacted};
    next.hard_state = *hard_state;
  }
  std::vector<Entry> added;
  for (std::uint64_t i = prng_.below(3) + 1; i > 0; --i) {
    added.push_back(entry(last(next) + 1, term_, prng_.below(300)));
    next.entries.push_back(added.back());
  }
  states_.push_back(next);
  journal_->append(hard_state, added, done);
}

TEST(Journal, ACrashAtAnyPointLosesNoAcknowledgedAppend) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    MemoryDisk disk(seed);
    disk.hold();
    Workload workload(disk, seed);
    Prng prng(seed * 977);
    for (int life = 0; life < 40 && !testing::Test::HasFatalFailure(); ++life) {
      workload.restart();
      if (testing::Test::HasFatalFailure()) break;
      workload.run(prng.below(life % 4 == 0 ? 300 : 12));
      workload.crash();
    }
    ASSERT_FALSE(testing::Test::HasFatalFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace oki::store
