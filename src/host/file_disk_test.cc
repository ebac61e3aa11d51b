#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "host/loop.h"

namespace oki::host {
namespace {

struct FileDisk : ::testing::Test {
  FileDisk() {
    char name[] = "/tmp/okiagari_disk_XXXXXX";
    path = mkdtemp(name);
    loop.timers().after_ms(20'000, [this] {
      ADD_FAILURE() << "the loop was not stopped in time";
      loop.stop();
    });
  }
  ~FileDisk() override {
    disk.reset();
    std::filesystem::remove_all(path);
  }
  void open() {
    auto opened = loop.open_disk(path + "/data/node");
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    disk = std::move(*opened);
  }
  Disk::Done expect_ok(int* order = nullptr, int expected = 0) {
    ++waiting;
    return [=, this](Result<void> result) {
      EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message);
      if (order != nullptr) {
        EXPECT_EQ((*order)++, expected);
      }
      if (--waiting == 0) loop.stop();
    };
  }
  Disk::Done expect_error(Errc code, const std::string& text) {
    ++waiting;
    return [=, this](Result<void> result) {
      ASSERT_FALSE(result.has_value());
      EXPECT_EQ(result.error().code, code);
      EXPECT_NE(result.error().message.find(text), std::string::npos) << result.error().message;
      if (--waiting == 0) loop.stop();
    };
  }

  std::string path;
  Loop loop;
  std::unique_ptr<Disk> disk;
  int waiting = 0;
};

TEST_F(FileDisk, DoesWhatItWasAskedInOrder) {
  open();
  int order = 0;
  disk->create("a", 10, expect_ok(&order, 0));
  disk->write("a", 2, "hello", expect_ok(&order, 1));
  disk->write("a", 8, "beyond", expect_ok(&order, 2));
  disk->rename("a", "b", expect_ok(&order, 3));
  disk->replace("c", "first", expect_ok(&order, 4));
  disk->replace("c", "second", expect_ok(&order, 5));
  disk->create("d", 3, expect_ok(&order, 6));
  disk->remove("d", expect_ok(&order, 7));
  EXPECT_EQ(order, 0);
  loop.run();
  EXPECT_EQ(*disk->list(), (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(*disk->read("b", 0, 100), Bytes("\0\0hello\0beyond", 14));
  EXPECT_EQ(*disk->read("b", 3, 4), "ello");
  EXPECT_EQ(*disk->read("b", 14, 4), "");
  EXPECT_EQ(*disk->read("b", 99, 4), "");
  EXPECT_EQ(*disk->read("c", 0, 100), "second");
  EXPECT_EQ(*disk->size("b"), 14u);
}

TEST_F(FileDisk, ACreatedFileIsReallyWritten) {
  open();
  disk->create("zeros", 3'000'001, expect_ok());
  loop.run();
  struct stat about{};
  ASSERT_EQ(stat((path + "/data/node/zeros").c_str(), &about), 0);
  EXPECT_EQ(about.st_size, 3'000'001);
  EXPECT_GE(about.st_blocks * 512, 3'000'001);
  EXPECT_EQ(*disk->read("zeros", 2'999'999, 100), Bytes(2, '\0'));
}

TEST_F(FileDisk, WritesToMoreFilesThanItKeepsOpen) {
  open();
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 20; ++i) {
      const std::string name = "f" + std::to_string(i);
      if (round == 0) disk->create(name, 2, expect_ok());
      disk->write(name, static_cast<std::uint64_t>(round), name.substr(1, 1), expect_ok());
    }
  }
  loop.run();
  EXPECT_EQ(*disk->read("f7", 0, 9), "77");
  EXPECT_EQ(disk->list()->size(), 20u);
}

TEST_F(FileDisk, AWriteAfterReplaceGoesToTheNewFile) {
  open();
  disk->create("a", 4, expect_ok());
  disk->write("a", 0, "old!", expect_ok());
  disk->replace("a", "new!", expect_ok());
  disk->write("a", 3, "?", expect_ok());
  disk->create("b", 4, expect_ok());
  disk->write("b", 0, "b", expect_ok());
  disk->rename("a", "b", expect_ok());
  disk->write("b", 0, "N", expect_ok());
  loop.run();
  EXPECT_EQ(*disk->read("b", 0, 9), "New?");
}

TEST_F(FileDisk, ErrorsNameTheFileAndTheReason) {
  open();
  disk->write("none", 0, "x", expect_error(Errc::not_found, "/data/node/none: No such file"));
  disk->remove("none", expect_error(Errc::not_found, "cannot remove"));
  disk->rename("none", "some", expect_error(Errc::not_found, "cannot rename"));
  disk->create("a", 1, expect_ok());
  disk->create("a", 1, expect_error(Errc::exists, "cannot create"));
  disk->write("a", 0, "after", expect_ok());
  loop.run();
  EXPECT_EQ(disk->read("none", 0, 1).error().code, Errc::not_found);
  EXPECT_EQ(disk->size("none").error().code, Errc::not_found);
  EXPECT_EQ(*disk->read("a", 0, 9), "after");
}

TEST_F(FileDisk, AFullDiskIsFull) {
  ASSERT_EQ(access("/dev/full", W_OK), 0) << "every Linux has it";
  open();
  ASSERT_EQ(symlink("/dev/full", (path + "/data/node/full").c_str()), 0);
  disk->write("full", 0, "x", expect_error(Errc::full, "No space left on device"));
  loop.run();
  EXPECT_TRUE(disk->list()->empty());
}

TEST_F(FileDisk, AFileThatCannotBeFilledIsTakenBack) {
  open();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 1'000'000;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  disk->create("big", 5'000'000, expect_error(Errc::io, "cannot fill"));
  disk->replace("big", Bytes(5'000'000, 'x'), expect_error(Errc::io, "cannot replace"));
  loop.run();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_DFL);
  EXPECT_TRUE(disk->list()->empty());
  EXPECT_FALSE(std::filesystem::exists(path + "/data/node/.replace"));
}

TEST_F(FileDisk, ASecondProcessIsToldInOneSentence) {
  open();
  const auto second = loop.open_disk(path + "/data/node");
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().message,
            "directory " + path + "/data/node is in use by another process");
  disk.reset();
  EXPECT_TRUE(loop.open_disk(path + "/data/node").has_value());
}

TEST_F(FileDisk, AFileInThePlaceOfTheDirectoryIsAnError) {
  ASSERT_TRUE(write_file(path + "/data", "not a directory", 0600));
  const auto opened = loop.open_disk(path + "/data/node");
  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().message.find("/data"), std::string::npos);
}

TEST_F(FileDisk, LeftoversOfAReplaceAreCleanedAtOpening) {
  open();
  disk.reset();
  ASSERT_TRUE(write_file(path + "/data/node/.replace", "half", 0600));
  std::filesystem::create_directory(path + "/data/node/subdirectory");
  open();
  disk->create("a", 0, expect_ok());
  loop.run();
  EXPECT_FALSE(std::filesystem::exists(path + "/data/node/.replace"));
  EXPECT_EQ(*disk->list(), std::vector<std::string>{"a"});
}

TEST_F(FileDisk, ADestroyedDiskCallsNobody) {
  open();
  for (int i = 0; i < 100; ++i) {
    disk->create("f" + std::to_string(i), 4096, [](Result<void>) { FAIL(); });
  }
  disk.reset();
  loop.timers().after_ms(5, [this] { loop.stop(); });
  loop.run();
}

TEST_F(FileDisk, FileHelpersReadWriteAndRefuseWhatIsTooLong) {
  const std::string name = path + "/file";
  ASSERT_TRUE(write_file(name, "0123456789", 0640));
  struct stat about{};
  ASSERT_EQ(stat(name.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0640u);
  EXPECT_EQ(*read_file(name, 10), "0123456789");
  EXPECT_EQ(read_file(name, 9).error().code, Errc::full);
  EXPECT_EQ(read_file(path + "/none", 9).error().code, Errc::not_found);
  EXPECT_FALSE(write_file(path + "/none/file", "x", 0600));
}

}  // namespace
}  // namespace oki::host
