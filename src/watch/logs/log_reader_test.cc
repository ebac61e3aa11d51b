#include "watch/logs/log_reader.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

namespace oki::watch::logs {
namespace {

// Actions come from the reader's thread and run on the test's.
class Posted {
 public:
  void post(std::function<void()> action) {
    {
      const std::lock_guard lock(mutex_);
      action_ = std::move(action);
    }
    came_.notify_one();
  }
  void run_one() {
    std::function<void()> action;
    {
      std::unique_lock lock(mutex_);
      came_.wait(lock, [this] { return action_ != nullptr; });
      action = std::exchange(action_, nullptr);
    }
    action();
  }
  // REQUIRES: nobody posts any more.
  void run_if_any() {
    if (action_) action_();
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::function<void()> action_;
};

struct LogReaderTest : ::testing::Test {
  LogReaderTest() { std::filesystem::create_directories(folder); }
  ~LogReaderTest() override { std::filesystem::remove_all(folder); }
  void append(const std::string& text) const {
    std::ofstream(folder + "/a.log", std::ios::app) << text;
  }

  std::string folder = ::testing::TempDir() + "oki_log_reader_" + std::to_string(::getpid());
  Posted posted;
  std::unique_ptr<LogReader> reader = std::make_unique<LogReader>(
      std::vector<std::string>{folder + "/*.log"},
      [this](std::function<void()> action) { posted.post(std::move(action)); });
};

TEST_F(LogReaderTest, GivesWhatWasAddedOnTheLoopsOwnThread) {
  append("zero\n");
  const auto loop = std::this_thread::get_id();
  LogBatch got;
  const auto read = [&] {
    reader->read([&](LogBatch batch) {
      EXPECT_TRUE(std::this_thread::get_id() == loop);
      got = std::move(batch);
    });
    posted.run_one();
  };
  read();
  ASSERT_EQ(got.lines.size(), 1u);
  EXPECT_TRUE(got.lines[0].old);
  append("one\n");
  read();
  ASSERT_EQ(got.lines.size(), 1u);
  EXPECT_EQ(got.lines[0].file, "a.log");
  EXPECT_EQ(got.lines[0].text, "one");
  EXPECT_FALSE(got.lines[0].old);
  EXPECT_EQ(got.read_bytes, 4u);
  EXPECT_EQ(got.files, 1u);
}

TEST_F(LogReaderTest, WhatComesAfterItsEndCallsNobody) {
  append("zero\n");
  reader->read([](LogBatch) { FAIL(); });
  reader.reset();
  posted.run_if_any();
}

}  // namespace
}  // namespace oki::watch::logs
