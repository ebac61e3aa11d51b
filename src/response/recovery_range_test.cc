// How long earlier incidents lasted, and what that says of the next.
#include "response/recovery_range.h"

#include <gtest/gtest.h>

#include "base/prng.h"

namespace oki::response {
namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr WallTimeMs noon{1'763'737'200'000};

std::vector<RecoveryCase> lasting(const std::vector<std::int64_t>& minutes) {
  std::vector<RecoveryCase> cases;
  for (const std::int64_t each : minutes) {
    cases.push_back({{noon.value + std::ssize(cases)}, each * minute_ms});
  }
  return cases;
}

TEST(RecoveryRangeTest, LiesBetweenEarlierDurations) {
  const auto cases = lasting({5, 9, 7, 6, 8, 3, 10, 4, 6, 7, 5, 8, 6, 7});
  const auto range = recovery_range(cases, noon, noon);
  ASSERT_TRUE(range.has_value());
  EXPECT_EQ(range->from.value, noon.value + 3 * minute_ms);
  EXPECT_EQ(range->to.value, noon.value + 10 * minute_ms);
  EXPECT_EQ(range->cases, 14u);
  EXPECT_EQ(range->held_percent, 100u);
}

TEST(RecoveryRangeTest, WhatHasPassedLeavesOnlyTheLongerOnes) {
  std::vector<std::int64_t> minutes;
  for (std::int64_t i = 0; i < 40; ++i) minutes.push_back(2 + (i * 7) % 20);
  const auto cases = lasting(minutes);
  const WallTimeMs later{noon.value + 12 * minute_ms};
  const auto range = recovery_range(cases, noon, later);
  ASSERT_TRUE(range.has_value());
  EXPECT_GE(range->from, later);
  EXPECT_LT(range->cases, 40u);
  // Longer than anything before: nobody knows.
  EXPECT_FALSE(recovery_range(cases, noon, {noon.value + 60 * minute_ms}).has_value());
}

TEST(RecoveryRangeTest, SaysNothingFromTooLittle) {
  EXPECT_FALSE(recovery_range({}, noon, noon).has_value());
  EXPECT_FALSE(recovery_range(lasting({5, 5, 5, 5, 5, 5, 5}), noon, noon).has_value());
  // Enough durations, too few ranges to count.
  EXPECT_FALSE(recovery_range(lasting({5, 5, 5, 5, 5, 5, 5, 5, 5}), noon, noon).has_value());
  EXPECT_TRUE(
      recovery_range(lasting({5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5}), noon, noon).has_value());
}

TEST(RecoveryRangeTest, SaysNothingWhenItsRangesDidNotHold) {
  std::vector<std::int64_t> growing;
  for (std::int64_t i = 1; i <= 30; ++i) growing.push_back(i);
  EXPECT_FALSE(recovery_range(lasting(growing), noon, noon).has_value());
}

// Durations of many lengths, as outages have: most short, some very long.
std::int64_t some_duration(Prng& random) {
  std::int64_t ms = minute_ms;
  for (int i = 0; i < 12; ++i) ms = ms * random.between(80, 170) / 100;
  return ms;
}

TEST(RecoveryRangeTest, HoldsAboutAsOftenAsItSays) {
  Prng random(20'261);
  std::size_t said = 0;
  std::size_t held = 0;
  std::uint64_t percents = 0;
  for (int world = 0; world < 400; ++world) {
    std::vector<RecoveryCase> cases;
    for (std::int64_t i = 0; i < 60; ++i)
      cases.push_back({{noon.value + i}, some_duration(random)});
    const std::int64_t next = some_duration(random);
    const auto range = recovery_range(cases, noon, noon);
    if (!range) continue;
    ++said;
    percents += range->held_percent;
    const std::int64_t end = noon.value + next;
    held += end >= range->from.value && end <= range->to.value ? 1 : 0;
  }
  ASSERT_GT(said, 350u);
  EXPECT_GE(held * 100 / said, 75u);
  EXPECT_LE(held * 100 / said, 88u);
  EXPECT_GE(percents / said, 72u);
  EXPECT_LE(percents / said, 86u);
}

Incident ended(std::int64_t began, std::int64_t lasted_ms, notify::State state) {
  Incident incident;
  incident.began = {began};
  incident.confirmed = WallTimeMs{began};
  incident.ended = WallTimeMs{began + lasted_ms};
  incident.state_worst = state;
  return incident;
}

TEST(RecoveryRangeTest, CountsIncidentsOfTheSameKindThatReallyEnded) {
  State state;
  state.now = noon;
  const std::int64_t day = 86'400'000;
  std::uint32_t id = 0;
  for (std::int64_t i = 0; i < 10; ++i) {
    const auto kind = i < 8 ? notify::State::major_outage : notify::State::partial_outage;
    state.incidents[{++id}] = ended(noon.value - (20 - i) * day, (i + 1) * minute_ms, kind);
  }
  Incident drill = ended(noon.value - day, minute_ms, notify::State::major_outage);
  drill.drill = true;
  state.incidents[{++id}] = drill;
  Incident nothing = ended(noon.value - day, minute_ms, notify::State::major_outage);
  nothing.dismissed = true;
  state.incidents[{++id}] = nothing;
  Incident now;
  now.began = noon;
  now.state_worst = notify::State::major_outage;
  state.incidents[{++id}] = now;
  const auto same = recovery_cases(state, {id});
  ASSERT_EQ(same.size(), 8u);
  EXPECT_EQ(same.front().lasted_ms, minute_ms);
  state.incidents[{id}].state_worst = notify::State::partial_outage;
  EXPECT_EQ(recovery_cases(state, {id}).size(), 10u);
  state.incidents[{id}].drill = true;
  EXPECT_EQ(recovery_cases(state, {id}).size(), 11u);
}

}  // namespace
}  // namespace oki::response
