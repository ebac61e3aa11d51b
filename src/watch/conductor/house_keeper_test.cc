// The house that a watch brings to the machine by itself.
#include "watch/conductor/house_keeper.h"

#include <gtest/gtest.h>

#include "base/testing/stepped.h"
#include "response/response_machine.h"
#include "watch/conductor/house_plan.h"

namespace oki::watch {
namespace {

using response::Change;
using response::PutPerson;

struct HouseKeeperTest : ::testing::Test {
  // Until nothing is submitted any more.
  void keep(HouseKeeper& keeper, int rounds = 100) {
    for (int i = 0; i < rounds; ++i) keeper.keep(machine.state().house, machine.state().now);
  }
  HouseKeeper keeper(std::vector<Change> wanted) {
    return {std::move(wanted), log, [this](const response::Command& command, auto done) {
              Bytes bytes, events;
              machine.apply({1'000'000}, response::encode(command), bytes, events);
              ++submitted;
              done(*response::decode_reply(bytes));
            }};
  }

  testing::StepClock clock;
  int lines = 0;
  Log log{clock, "test", [this](ByteView) { ++lines; }};
  response::ResponseMachine machine;
  int submitted = 0;
};

TEST_F(HouseKeeperTest, AnEmptyHouseBecomesThePlannedOne) {
  const std::vector<Change> plan = plan_house({2, 3, 3, {"btc_jpy", "eth_jpy"}});
  HouseKeeper one = keeper(plan);
  keep(one);
  EXPECT_EQ(submitted, static_cast<int>(plan.size()));
  const response::House& house = machine.state().house;
  EXPECT_EQ(house.components.size(), 1u + 3 + 2 + 2);
  EXPECT_EQ(house.speakers.size(), 15u);
  EXPECT_TRUE(response::are_neighbours(house, {notify::ComponentKind::edge, "1"},
                                       {notify::ComponentKind::market, "btc_jpy"}));
  HouseKeeper another = keeper(plan);  // After a failover: nothing is left to do.
  keep(another);
  EXPECT_EQ(submitted, static_cast<int>(plan.size()));
}

TEST_F(HouseKeeperTest, AnInterruptedStartIsFinished) {
  const std::vector<Change> plan = plan_house({2, 3, 3, {"btc_jpy"}});
  HouseKeeper one = keeper(plan);
  keep(one, 2);
  HouseKeeper another = keeper(plan);
  keep(another);
  EXPECT_EQ(submitted, static_cast<int>(plan.size()));
}

TEST_F(HouseKeeperTest, WhereTwoMayConfigureAFileAloneChangesNothing) {
  HouseKeeper people = keeper({PutPerson{{1}, {"Aki", {}, response::rights_all, false}},
                               PutPerson{{2}, {"Ben", {}, response::rights_all, false}}});
  keep(people);
  ASSERT_EQ(submitted, 2);
  const int before = lines;
  HouseKeeper later = keeper({PutPerson{{3}, {"Chie", {}, 1, false}}});
  keep(later);
  EXPECT_EQ(submitted, 2);
  EXPECT_EQ(lines, before + 1);  // Said once.
}

TEST_F(HouseKeeperTest, PlannedWorkOfTheFileThatIsOverIsNotPlannedAgain) {
  response::PutSuppression past{1,
                                {{500'000}, {900'000}, {{notify::ComponentKind::edge, "1"}}, ""}};
  response::PutSuppression ahead = past;
  ahead.id = 2;
  ahead.suppression.to = {2'000'000};
  HouseKeeper one = keeper({past, ahead, PutPerson{{1}, {"Aki", {}, 1, false}}});
  Bytes reply, told;
  machine.apply({1'000'000}, response::encode(response::Tick{}), reply, told);
  keep(one);
  EXPECT_EQ(submitted, 2);
  EXPECT_EQ(machine.state().house.suppressions.size(), 1u);
  EXPECT_EQ(machine.state().house.people.size(), 1u);
}

TEST_F(HouseKeeperTest, WhatIsRefusedIsNotRepeated) {
  HouseKeeper wrong = keeper({PutPerson{{1}, {"", {}, response::rights_all, false}}});
  keep(wrong);
  EXPECT_EQ(submitted, 1);
}

}  // namespace
}  // namespace oki::watch
