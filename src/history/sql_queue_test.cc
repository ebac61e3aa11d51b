#include "history/sql_queue.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/testing/stepped.h"
#include "history/log_reader.h"
#include "history/sql_thread.h"
#include "history/testing/event_mix.h"
#include "history/testing/place.h"

namespace oki::history {
namespace {

// The loop of a test: what is posted waits for run().
struct Posted {
  Post post() {
    return [this](std::function<void()> action) {
      const std::lock_guard lock(mutex);
      actions.push_back(std::move(action));
    };
  }
  void run() {
    std::vector<std::function<void()>> now;
    {
      const std::lock_guard lock(mutex);
      now.swap(actions);
    }
    for (const auto& action : now) action();
  }
  std::mutex mutex;
  std::vector<std::function<void()>> actions;
};

using Trades = std::vector<AccountTrade>;

struct SqlQueueTest : ::testing::Test {
  void start(SqlStoreOptions store_options = {}) {
    auto opened = SqlStore::open(place.file(), store_options);
    ASSERT_TRUE(opened) << opened.error().message;
    store = opened->get();
    reader.emplace(log, metrics, store->index(), store->event_hash());
    SqlQueue::News news = reader->news();
    for (auto* told : {&news.stuck, &news.refused}) {
      *told = [told = *told, this](const Error& error) {
        errors.push_back(error.code);
        told(error);
      };
    }
    queue.emplace(std::move(*opened), options, posted.post(), std::move(news));
    reader->write_to(*queue);
    reader->on_written([this](LogIndex index) { written = index; });
  }
  void stop() {
    queue.reset();
    reader.reset();
  }
  SqlQueue::Step step() {
    const SqlQueue::Step step = queue->step();
    posted.run();
    return step;
  }
  void step_all() {
    while (step() == SqlQueue::Step::worked) {
    }
  }
  // What account 2 traded, as the database has it.
  std::size_t trades() {
    std::size_t count = 0;
    HistoryRange range;
    range.account = {2};
    queue->trades({range, {}, {}}, [&](Result<Trades> rows) { count = rows ? rows->size() : 999; });
    step_all();
    return count;
  }

  Place place;
  Posted posted;
  testing::StepClock clock;
  Log log{clock, "test", {}};
  Metrics metrics;
  SqlQueueOptions options;
  SqlStore* store = nullptr;
  std::optional<LogReader> reader;
  std::optional<SqlQueue> queue;
  EventMix mix{31};
  Projection projection{ProjectionLimits{}};
  LogIndex written;
  std::vector<Errc> errors;

  replica::EventBlock next() {
    replica::EventBlock block = mix.next_block(1'000);
    EXPECT_TRUE(projection.apply(block));
    return block;
  }
};

using Step = SqlQueue::Step;

TEST_F(SqlQueueTest, WritesWhatWaitsInTransactionsAndTellsTheLoop) {
  options.blocks_per_transaction_max = 8;
  start();
  EXPECT_EQ(step(), Step::idle);
  for (int i = 0; i < 20; ++i) reader->on_block(next());
  EXPECT_EQ(step(), Step::worked);
  EXPECT_EQ(written, LogIndex{8});
  EXPECT_EQ(step(), Step::worked);
  EXPECT_EQ(step(), Step::worked);
  EXPECT_EQ(written, LogIndex{20});
  EXPECT_EQ(step(), Step::idle);
  EXPECT_EQ(queue->waiting_bytes(), 0u);
  EXPECT_EQ(trades(), projection.account_trades({2}).size());
}

TEST_F(SqlQueueTest, EntriesWithoutEventsCountOnceEverythingBeforeThemIsWritten) {
  start();
  reader->on_block(next());
  reader->on_up_to({7});
  EXPECT_EQ(written, LogIndex{0});
  step_all();
  EXPECT_EQ(written, LogIndex{7});
  reader->on_up_to({9});
  EXPECT_EQ(written, LogIndex{9});
}

TEST_F(SqlQueueTest, AFullQueueIsNotReadyUntilItWasWritten) {
  options.blocks_max = 5;
  options.blocks_per_transaction_max = 2;
  start();
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(reader->ready());
    reader->on_block(next());
  }
  EXPECT_FALSE(reader->ready());
  EXPECT_EQ(reader->stands_at()->index, LogIndex{5}) << "from where the rest is asked for";
  (void)step();
  EXPECT_TRUE(reader->ready());
  step_all();
  options.bytes_max = 1;
  stop();
  start();
  reader->on_block(next());
  EXPECT_FALSE(reader->ready());
  step_all();
  EXPECT_TRUE(reader->ready());
  EXPECT_EQ(written, LogIndex{6});
}

TEST_F(SqlQueueTest, QuestionsDoNotWaitBehindBlocksAndTooManyAreRefused) {
  options.questions_max = 2;
  options.blocks_per_transaction_max = 1;
  start();
  for (int i = 0; i < 3; ++i) reader->on_block(next());
  std::string answers;
  for (int i = 0; i < 3; ++i) {
    queue->gaps([&answers](const Result<std::vector<Gap>>& gaps) {
      answers += gaps ? "answered;" : std::string(name(gaps.error().code)) + ";";
    });
  }
  EXPECT_EQ(answers, "") << "never inside the call";
  posted.run();
  EXPECT_EQ(answers, std::string(name(Errc::full)) + ";");
  (void)step();
  EXPECT_EQ(answers, std::string(name(Errc::full)) + ";answered;answered;");
  EXPECT_EQ(written, LogIndex{1});
}

TEST_F(SqlQueueTest, AFullDiskKeepsTheBlocksAndGoesOnWhenThereIsSpace) {
  start({.file_pages_max = 35, .projection = {}});
  while (errors.empty()) {
    reader->on_block(next());
    (void)step();
    ASSERT_LT(projection.index().value, 1'000u);
  }
  EXPECT_EQ(errors, std::vector{Errc::full});
  const LogIndex before = written;
  reader->on_block(next());
  EXPECT_EQ(step(), Step::stuck);
  EXPECT_EQ(step(), Step::stuck);
  EXPECT_EQ(written, before);
  EXPECT_GT(trades(), 0u) << "reading goes on";
  ASSERT_TRUE(store->set_file_pages_max(0));
  step_all();
  EXPECT_EQ(written, projection.index());
  EXPECT_EQ(trades(), projection.account_trades({2}).size());
}

TEST_F(SqlQueueTest, WhatTheDatabaseRefusesIsMendedByASnapshot) {
  start();
  for (int i = 0; i < 5; ++i) reader->on_block(next());
  step_all();
  replica::EventBlock forged = next();
  forged.hash_before ^= 1;
  reader->on_block(forged);
  reader->on_block(next());
  step_all();
  EXPECT_EQ(errors, std::vector{Errc::mismatch});
  EXPECT_FALSE(reader->has_copy());
  EXPECT_FALSE(reader->stands_at()) << "a snapshot is asked for";
  reader->on_block(next());
  ASSERT_TRUE(
      reader->on_snapshot(projection.index(), projection.event_hash(), projection.snapshot()));
  EXPECT_TRUE(reader->has_copy());
  reader->on_block(next());
  step_all();
  EXPECT_EQ(written, projection.index());
  EXPECT_EQ(trades(), projection.account_trades({2}).size());
  std::vector<Gap> gaps;
  queue->gaps([&](Result<std::vector<Gap>> rows) { gaps = *rows; });
  step_all();
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].from, LogIndex{6});
  EXPECT_EQ(gaps[0].to, LogIndex{8});
  EXPECT_FALSE(reader->on_snapshot({3}, 1, "")) << "older than the history";
}

TEST_F(SqlQueueTest, KilledAtAnyStepItGoesOnFromTheDatabase) {
  options.blocks_per_transaction_max = 3;
  std::vector<replica::EventBlock> blocks;
  for (int i = 0; i < 40; ++i) blocks.push_back(next());
  Prng prng(5);
  while (written < blocks.back().index) {
    start();
    const LogIndex from = reader->stands_at()->index;
    EXPECT_EQ(from, written) << "exactly what was told";
    for (const auto& block : blocks) {
      if (block.index <= from) continue;
      reader->on_block(block);
      if (prng.chance(1, 4)) (void)step();
      if (prng.chance(1, 12)) break;
    }
    stop();
  }
  start();
  EXPECT_EQ(trades(), projection.account_trades({2}).size());
  HistoryRange range;
  range.account = {2};
  range.newest_first = false;
  Trades rows;
  queue->trades({range, {}, {}}, [&](Result<Trades> answer) { rows = *answer; });
  step_all();
  EXPECT_EQ(rows, projection.account_trades({2})) << "nothing lost or doubled";
}

TEST_F(SqlQueueTest, ADestroyedQueueAnswersNobody) {
  start();
  bool called = false;
  queue->gaps([&](const Result<std::vector<Gap>>&) { called = true; });
  (void)queue->step();
  stop();
  posted.run();
  EXPECT_FALSE(called);
}

TEST_F(SqlQueueTest, TheThreadWritesEverythingBeforeItEnds) {
  start();
  {
    const SqlThread thread(*queue);
    for (int i = 0; i < 300; ++i) reader->on_block(next());
    queue->gaps([](const Result<std::vector<Gap>>&) {});
  }
  posted.run();
  EXPECT_EQ(written, projection.index());
  EXPECT_EQ(trades(), projection.account_trades({2}).size());
}

TEST_F(SqlQueueTest, AThreadThatCannotWriteEndsAllTheSame) {
  start({.file_pages_max = 30, .projection = {}});
  {
    const SqlThread thread(*queue);
    for (int i = 0; i < 300; ++i) reader->on_block(next());
  }
  posted.run();
  ASSERT_FALSE(errors.empty());
  EXPECT_EQ(errors.front(), Errc::full);
  EXPECT_LT(written, projection.index());
}

}  // namespace
}  // namespace oki::history
