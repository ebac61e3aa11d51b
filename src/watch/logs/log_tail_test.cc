#include "watch/logs/log_tail.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace oki::watch::logs {
namespace {

using testing::ElementsAre;

struct LogTailTest : testing::Test {
  LogTailTest() {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  ~LogTailTest() override { std::filesystem::remove_all(folder); }

  void append(const std::string& text) const {
    std::ofstream(path, std::ios::app | std::ios::binary) << text;
  }
  std::vector<std::string> poll() {
    std::vector<std::string> lines;
    tail.poll([&](ByteView from, ByteView line, bool old) {
      EXPECT_EQ(from, path);
      lines.push_back((old ? "old " : "") + std::string(line));
    });
    return lines;
  }

  std::string folder = testing::TempDir() + "oki_log_tail_" + std::to_string(::getpid());
  std::string path = folder + "/a.log";
  HostLogFiles files;
  LogTail tail{files, {path}};
};

TEST_F(LogTailTest, GivesWholeLinesAndSaysWhichWereThereBeforeItBegan) {
  append("zero\n");
  EXPECT_THAT(poll(), ElementsAre("old zero"));
  append("one\ntwo\nthr");
  EXPECT_THAT(poll(), ElementsAre("one", "two"));
  append("ee\n\n");
  EXPECT_THAT(poll(), ElementsAre("three"));
  EXPECT_THAT(poll(), ElementsAre());
}

TEST_F(LogTailTest, AFileThatAppearsLaterIsReadFromItsBeginning) {
  EXPECT_THAT(poll(), ElementsAre());
  append("first\n");
  EXPECT_THAT(poll(), ElementsAre("first"));
}

TEST_F(LogTailTest, GoesOnOverRenamingAndTruncation) {
  append("x\n");
  (void)poll();
  append("last of the old\n");
  std::filesystem::rename(path, path + ".1");
  append("first of the new\n");
  EXPECT_THAT(poll(), ElementsAre("last of the old", "first of the new"));
  std::ofstream(path, std::ios::trunc) << "new\n";
  EXPECT_THAT(poll(), ElementsAre("new"));
  std::filesystem::remove(path);
  EXPECT_THAT(poll(), ElementsAre());
  append("again\n");
  EXPECT_THAT(poll(), ElementsAre("again"));
}

TEST_F(LogTailTest, ALineWithoutEndIsCutAndTheNextOneIsWhole) {
  append("x\n");
  (void)poll();
  append(std::string(tail_line_bytes_max + 100, 'a'));
  EXPECT_THAT(poll(), ElementsAre(std::string(tail_line_bytes_max, 'a')));
  append(std::string(100, 'a') + "\nnext\n");
  EXPECT_THAT(poll(), ElementsAre("next"));
  EXPECT_EQ(tail.cut_lines(), 1u);
}

TEST_F(LogTailTest, WhatIsTooFarAheadIsSkippedAndCounted) {
  append("x\n");
  (void)poll();
  append(std::string(tail_behind_max + tail_bytes_max, 'b') + "\nend\n");
  EXPECT_THAT(poll(), ElementsAre("end"));
  EXPECT_GT(tail.skipped_bytes(), 0u);
}

TEST_F(LogTailTest, WhatIsNoFileIsNotThere) {
  ASSERT_EQ(::mkfifo((folder + "/pipe.log").c_str(), 0600), 0);
  LogTail other(files, {folder, folder + "/none", folder + "/none/*.log", folder + "/*.log"});
  other.poll([](ByteView, ByteView, bool) { FAIL(); });
  EXPECT_EQ(other.files(), 0u);
}

TEST_F(LogTailTest, OfALongFileTheEndIsGivenFirst) {
  append(std::string(3 * tail_history_max, 'a') + "\nlast\n");
  EXPECT_THAT(poll(), ElementsAre("old last"));
}

TEST_F(LogTailTest, BytesThatAreNoTextAreLinesToo) {
  EXPECT_THAT(poll(), ElementsAre());
  append(std::string("\0\xff\x1b[2J\n\n\n{\n", 11));
  EXPECT_THAT(poll(), ElementsAre(std::string("\0\xff\x1b[2J", 6), "{"));
}

// A pattern that also fits the names that files get when they are rotated.
struct PatternTest : LogTailTest {
  std::vector<std::string> poll_all() {
    std::vector<std::string> lines;
    for (std::uint32_t i = 0; i < tail_lookup_polls; ++i) {
      all.poll([&](ByteView from, ByteView line, bool) {
        lines.push_back(std::string(from.substr(folder.size() + 1)) + " " + std::string(line));
      });
    }
    return lines;
  }
  void append_to(const std::string& name, const std::string& text) const {
    std::ofstream(folder + "/" + name, std::ios::app | std::ios::binary) << text;
  }
  LogTail all{files, {folder + "/*.log*"}};
};

TEST_F(PatternTest, FilesThatComeLaterAreFoundAndHiddenOnesAreNot) {
  EXPECT_THAT(poll_all(), ElementsAre());
  append_to("node1.log", "one\n");
  append_to("node2.log", "two\n");
  append_to(".swap.log", "three\n");
  append_to("other", "four\n");
  EXPECT_THAT(poll_all(), ElementsAre("node1.log one", "node2.log two"));
  EXPECT_EQ(all.files(), 2u);
}

TEST_F(PatternTest, ARenamedFileIsReadOnAndNotASecondTime) {
  append_to("a.log", "x\n");
  (void)poll_all();
  append_to("a.log", "before\n");
  std::filesystem::rename(folder + "/a.log", folder + "/a.log.1");
  append_to("a.log", "new\n");
  EXPECT_THAT(poll_all(), ElementsAre("a.log before", "a.log new"));
  append_to("a.log.1", "late\n");
  EXPECT_THAT(poll_all(), ElementsAre("a.log.1 late"));
}

TEST_F(PatternTest, ManyFilesShareOnePollAndTooManyAreLeftOut) {
  (void)poll_all();
  for (std::size_t i = 0; i < tail_files_max + 5; ++i) {
    append_to(std::to_string(i) + ".log", std::string(tail_bytes_max, 'a') + "\n");
  }
  while (all.files() == 0) all.poll([](ByteView, ByteView, bool) {});
  EXPECT_EQ(all.files(), tail_files_max);
  EXPECT_EQ(all.left_out(), 5u);
  const std::uint64_t before = all.read_bytes();
  all.poll([](ByteView, ByteView, bool) {});
  EXPECT_LE(all.read_bytes() - before, tail_bytes_max);
  EXPECT_GT(all.read_bytes() - before, tail_bytes_max / 2);
  EXPECT_TRUE(all.has_more());
}

TEST(ReadLogPatterns, TakesPathsAndPatternsOfTheLastPart) {
  EXPECT_EQ(read_log_patterns("a.log,/var/log/node*.log").value().size(), 2u);
  for (const char* wrong : {"", ",", "a.log,,b.log", "/var/*/a.log"}) {
    EXPECT_FALSE(read_log_patterns(wrong)) << wrong;
  }
  std::string many = "a";
  for (std::size_t i = 0; i < tail_patterns_max; ++i) many += ",a";
  EXPECT_FALSE(read_log_patterns(many));
}

}  // namespace
}  // namespace oki::watch::logs
