#include "host/loop.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "base/testing/stepped.h"
#include "host/timers.h"

namespace oki::host {
namespace {

// Stops the loop, and fails the test, should what it waits for never come.
void guard(Loop& loop) {
  loop.timers().after_ms(20'000, [&loop] {
    ADD_FAILURE() << "the loop was not stopped in time";
    loop.stop();
  });
}

TEST(HeapTimers, FireInOrderAndOnlyWhenDue) {
  testing::StepClock clock;
  HeapTimers timers(clock);
  std::string log;
  timers.after_ms(30, [&] { log += "c"; });
  timers.after_ms(10, [&] { log += "a"; });
  timers.after_ms(10, [&] { log += "b"; });
  timers.run_due();
  EXPECT_EQ(log, "");
  EXPECT_EQ(timers.next_delay_ns(), 10 * ns_per_ms);
  clock.advance_ns(29 * ns_per_ms);
  timers.run_due();
  EXPECT_EQ(log, "ab");
  EXPECT_EQ(timers.next_delay_ns(), 1 * ns_per_ms);
  clock.advance_ns(ns_per_ms);
  timers.run_due();
  EXPECT_EQ(log, "abc");
  EXPECT_EQ(timers.next_delay_ns(), std::nullopt);
}

TEST(HeapTimers, ATimerMadeByATimerWaitsForTheNextTurn) {
  testing::StepClock clock;
  HeapTimers timers(clock);
  int fired = 0;
  std::function<void()> again = [&] {
    ++fired;
    timers.after_ms(0, again);
  };
  timers.after_ms(0, again);
  timers.run_due();
  EXPECT_EQ(fired, 1);
  timers.run_due();
  EXPECT_EQ(fired, 2);
}

TEST(HeapTimers, ACancelledTimerNeverFiresNotEvenFromATimerOfTheSameTime) {
  testing::StepClock clock;
  HeapTimers timers(clock);
  bool fired = false;
  TimerId second;
  timers.after_ms(5, [&] { timers.cancel(second); });
  second = timers.after_ms(5, [&] { fired = true; });
  clock.advance_ns(5 * ns_per_ms);
  timers.run_due();
  EXPECT_FALSE(fired);
  timers.cancel(second);
  timers.cancel({});
  EXPECT_EQ(timers.pending(), 0u);
}

TEST(HeapTimers, AMillionCancelledTimersLeaveNothingBehind) {
  testing::StepClock clock;
  HeapTimers timers(clock);
  int fired = 0;
  for (int i = 0; i < 1'000'000; ++i) timers.cancel(timers.after_ms(1'000'000, [&] { ++fired; }));
  timers.after_ms(1, [&] { ++fired; });
  clock.advance_ns(2'000'000 * ns_per_ms);
  timers.run_due();
  EXPECT_EQ(fired, 1);
  EXPECT_EQ(timers.pending(), 0u);
}

TEST(Loop, RunsTimersInOrderAndTurnEndAfterEachTurn) {
  Loop loop;
  guard(loop);
  std::string log;
  int turns = 0;
  loop.at_turn_end([&] { ++turns; });
  loop.timers().after_ms(2, [&] {
    log += "b";
    loop.stop();
  });
  loop.timers().after_ms(1, [&] { log += "a"; });
  const MonoTimeNs before = loop.clock().mono_now();
  loop.run();
  EXPECT_EQ(log, "ab");
  EXPECT_GE(turns, 1);
  EXPECT_GE(loop.clock().mono_now() - before, 2 * ns_per_ms);
}

TEST(Loop, TakesActionsFromOtherThreadsInTheirOrder) {
  Loop loop;
  guard(loop);
  constexpr int count = 20'000;
  std::vector<int> next(2, 0);
  int total = 0;
  const auto poster = [&](std::size_t who) {
    for (int i = 0; i < count; ++i) {
      loop.post([&, who, i] {
        EXPECT_EQ(next[who], i);
        ++next[who];
        if (++total == 2 * count) loop.stop();
      });
    }
  };
  std::thread first(poster, 0), second(poster, 1);
  loop.run();
  first.join();
  second.join();
  EXPECT_EQ(total, 2 * count);
}

TEST(Loop, StopsFromAnotherThreadWhileItWaits) {
  Loop loop;
  std::thread other([&] { loop.stop(); });
  loop.run();
  other.join();
}

TEST(Loop, HandlesASignalOnTheLoop) {
  Loop loop;
  guard(loop);
  int seen = 0;
  loop.on_signal(SIGUSR1, [&](int signal) {
    seen = signal;
    loop.stop();
  });
  ASSERT_EQ(kill(getpid(), SIGUSR1), 0);
  loop.run();
  EXPECT_EQ(seen, SIGUSR1);
}

TEST(Loop, SignalHandlersUseTheAlternateStackAndBlockNothing) {
  Loop loop;
  loop.on_signal(SIGUSR1, [](int) {});
  struct sigaction now{};
  ASSERT_EQ(sigaction(SIGUSR1, nullptr, &now), 0);
  EXPECT_NE(now.sa_flags & SA_ONSTACK, 0);
  sigset_t blocked;
  ASSERT_EQ(sigprocmask(SIG_BLOCK, nullptr, &blocked), 0);
  EXPECT_EQ(sigismember(&blocked, SIGUSR1), 0);
}

TEST(Loop, WatchesAPipeUntilUnwatched) {
  Loop loop;
  guard(loop);
  int fds[2];
  ASSERT_EQ(pipe(fds), 0);
  int calls = 0;
  ASSERT_TRUE(loop.watch_readable(fds[0], [&] {
    char byte = 0;
    ASSERT_EQ(read(fds[0], &byte, 1), 1);
    if (++calls < 2) return;
    loop.unwatch(fds[0]);
    loop.timers().after_ms(5, [&] { loop.stop(); });
  }));
  ASSERT_EQ(write(fds[1], "abc", 3), 3);
  loop.run();
  EXPECT_EQ(calls, 2);
  close(fds[0]);
  close(fds[1]);
}

TEST(Loop, SaysWhenADescriptorCannotBeWatched) {
  Loop loop;
  EXPECT_FALSE(loop.watch_readable(-1, [] {}));
}

}  // namespace
}  // namespace oki::host
