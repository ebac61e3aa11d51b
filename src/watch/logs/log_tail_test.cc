#include "watch/logs/log_tail.h"

#include <gmock/gmock.h>

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
    tail.poll([&](ByteView from, ByteView line) {
      EXPECT_EQ(from, path);
      lines.emplace_back(line);
    });
    return lines;
  }

  std::string folder = testing::TempDir() + "oki_log_tail_" + std::to_string(::getpid());
  std::string path = folder + "/a.log";
  HostLogFiles files;
  LogTail tail{files, {path}};
};

TEST_F(LogTailTest, GivesWholeLinesThatAreAddedAfterItBegan) {
  append("old\n");
  EXPECT_THAT(poll(), ElementsAre());
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
  LogTail other(files, {folder, folder + "/none"});
  other.poll([](ByteView, ByteView) { FAIL(); });
}

}  // namespace
}  // namespace oki::watch::logs
