#include "edge/applied.h"

#include <gtest/gtest.h>

#include <string>

#include "base/testing/stepped.h"

namespace oki::edge {
namespace {

struct AppliedTest : ::testing::Test {
  AppliedQueue::Action note(char who) {
    return [this, who](bool reached) { told += reached ? who : static_cast<char>(who - 32); };
  }
  oki::testing::StepClock clock;
  oki::testing::StepTimers timers{clock};
  AppliedQueue queue{timers, clock, 400, 3};
  std::string told;  // Lower case: reached; upper case: given up.
};

TEST_F(AppliedTest, WhatHasBeenReachedRunsAtOnce) {
  queue.reached({5});
  queue.when({5}, note('a'));
  EXPECT_EQ(told, "a");
  EXPECT_EQ(queue.waiting(), 0u);
}

TEST_F(AppliedTest, OthersRunInOrderOfTheirIndexWhenItComes) {
  queue.when({7}, note('b'));
  queue.when({6}, note('a'));
  queue.when({8}, note('c'));
  queue.reached({7});
  EXPECT_EQ(told, "ab");
  queue.reached({9});
  EXPECT_EQ(told, "abc");
}

TEST_F(AppliedTest, GivesUpAfterItsTime) {
  queue.when({7}, note('a'));
  timers.advance_ms(399);
  EXPECT_EQ(told, "");
  timers.advance_ms(51);
  EXPECT_EQ(told, "A");
  EXPECT_EQ(timers.pending(), 0u);
}

TEST_F(AppliedTest, AFullQueueGivesUpAtOnce) {
  for (const char who : {'a', 'b', 'c', 'd'}) queue.when({7}, note(who));
  EXPECT_EQ(told, "D");
  queue.reached({7});
  EXPECT_EQ(told, "Dabc");
}

TEST_F(AppliedTest, AnActionMayWaitAgain) {
  queue.when({7}, [this](bool) { queue.when({8}, note('b')); });
  queue.reached({7});
  EXPECT_EQ(told, "");
  queue.reached({8});
  EXPECT_EQ(told, "b");
}

}  // namespace
}  // namespace oki::edge
