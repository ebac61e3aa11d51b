#include "host/child.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace oki::host {
namespace {

class ChildTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "child-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string log() const { return directory_ + "/log"; }
  std::string logged() const {
    std::ifstream file(log());
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  std::string directory_;
};

TEST_F(ChildTest, WritesItsOutputToTheLogAndTellsItsExitStatus) {
  auto child = Child::start({"/bin/sh", "-c", "echo out; echo err >&2; exit 7"}, log());
  ASSERT_TRUE(child) << child.error().message;
  ASSERT_TRUE(child->wait(20'000));
  EXPECT_EQ(child->exit_status(), 7);
  EXPECT_EQ(logged(), "out\nerr\n");
}

TEST_F(ChildTest, TerminateAsksFirstAndWaitsForTheEnd) {
  auto child = Child::start(
      {"/bin/sh", "-c", "trap 'echo bye; exit 3' TERM; echo up; while :; do :; done"}, log());
  ASSERT_TRUE(child);
  while (logged().find("up") == std::string::npos) ASSERT_TRUE(child->running());
  child->terminate(20'000);
  EXPECT_EQ(child->exit_status(), 3);
  EXPECT_NE(logged().find("bye"), std::string::npos);
  EXPECT_FALSE(child->running());
}

TEST_F(ChildTest, TerminateKillsWhatWillNotEnd) {
  auto child = Child::start({"/bin/sh", "-c", "trap '' TERM; echo up; while :; do :; done"}, log());
  ASSERT_TRUE(child);
  while (logged().find("up") == std::string::npos) ASSERT_TRUE(child->running());
  child->terminate(1);
  EXPECT_EQ(child->exit_status(), 128 + SIGKILL);
}

TEST_F(ChildTest, AProgramThatIsNotThereEndsWith127) {
  auto child = Child::start({directory_ + "/nothing"}, log());
  ASSERT_TRUE(child);
  ASSERT_TRUE(child->wait(20'000));
  EXPECT_EQ(child->exit_status(), 127);
}

TEST_F(ChildTest, FreePortsAreNeverTheSameAndNeverTheKernelsChoice) {
  std::set<std::uint16_t> ports;
  for (int i = 0; i < 100; ++i) {
    const auto port = free_port();
    ASSERT_TRUE(port) << port.error().message;
    EXPECT_TRUE(ports.insert(*port).second);
    EXPECT_GE(*port, 10'240);
    EXPECT_LT(*port, 32'768);
  }
}

}  // namespace
}  // namespace oki::host
