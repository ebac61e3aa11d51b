#include "notify/component_changes.h"

#include <gtest/gtest.h>

#include "notify/testing/parts.h"

namespace oki::notify {
namespace {

constexpr WallTimeMs noon{1'763'737'200'000};

TEST(ComponentChangesTest, TellsEachChangeOnceWithItsTime) {
  ComponentChanges changes;
  std::vector<LeaseRow> rows = healthy_rows(noon);
  EXPECT_TRUE(changes.take(rows).empty());
  EXPECT_TRUE(changes.take(rows).empty());
  rows[0].state = State::major_outage;
  rows[0].since = {noon.value + 500};
  EXPECT_EQ(changes.take(rows),
            (std::vector<ComponentUpdate>{
                {rows[0].id, State::operational, State::major_outage, {noon.value + 500}}}));
  EXPECT_TRUE(changes.take(rows).empty());
  rows[0].state = State::operational;
  rows[0].since = {noon.value + 900};
  rows[1].state = State::partial_outage;
  EXPECT_EQ(changes.take(rows).size(), 2u);
}

TEST(ComponentChangesTest, WhatIsNewOrGoneIsNoChange) {
  ComponentChanges changes;
  std::vector<LeaseRow> rows = healthy_rows(noon);
  const LeaseRow last = rows.back();
  rows.pop_back();
  changes.take(rows);
  rows.push_back(last);
  rows.back().state = State::major_outage;
  EXPECT_TRUE(changes.take(rows).empty());
  EXPECT_TRUE(changes.take({}).empty());
  EXPECT_TRUE(changes.take(rows).empty());
}

}  // namespace
}  // namespace oki::notify
