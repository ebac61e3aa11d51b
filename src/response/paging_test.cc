// Who is called when, and what happens when nobody comes.
#include "response/paging.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "response/oncall.h"
#include "response/testing/response_world.h"

namespace oki::response {
namespace {

constexpr std::int64_t hour = 3'600'000;
constexpr std::int64_t day = 24 * hour;

std::vector<PersonId> called(const World& world) {
  std::vector<PersonId> people;
  for (const PageDue& page : world.told<PageDue>()) people.push_back(page.person);
  return people;
}

TEST(PagingTest, CallsTheNextStepUntilSomebodyAcknowledges) {
  World world;
  world.furnish();
  const IncidentId id = world.confirm_one();
  EXPECT_EQ(called(world), (std::vector<PersonId>{ben}));
  world.advance(59'999);
  world.send(Tick{});
  EXPECT_TRUE(called(world).empty());
  EXPECT_EQ(world.machine.next_timer()->value, world.now().value + 1);
  world.advance(1);
  world.send(Tick{});
  EXPECT_EQ(world.told<PageDue>().at(0).step, 1);
  world.send(Acknowledge{ben, id});
  world.advance(day);
  world.send(Tick{});
  EXPECT_TRUE(called(world).empty());
}

TEST(PagingTest, CallsEverybodyWhenNobodyAnswersAndStopsInTheEnd) {
  World world;
  world.furnish();
  world.confirm_one();
  std::size_t everybody = 0;
  for (int i = 0; i < 60; ++i) {
    world.advance(300'000);
    world.send(Tick{});
    if (called(world) == std::vector<PersonId>{aki, ben, chie, daiki}) ++everybody;
  }
  EXPECT_EQ(everybody, 12u);
  EXPECT_FALSE(world.incident(1).pager.running);
  const auto& rows = world.incident(1).rows;
  EXPECT_NE(std::ranges::find(rows, RowKind::nobody_answered, &Row::kind), rows.end());
}

TEST(PagingTest, CallsAgainWhenItGetsAsBadAsItCan) {
  World world;
  world.furnish();
  const IncidentId id{world.observe(proof("x", "eth_jpy")).id};
  world.send(Acknowledge{aki, id});
  world.send(SetSeverity{daiki, id, Severity::sev1, ""});
  EXPECT_EQ(called(world), (std::vector<PersonId>{ben}));
  EXPECT_FALSE(world.incident(1).acknowledged);
}

TEST(PagingTest, AMissedPromiseCallsCommunications) {
  World world;
  world.furnish();
  const IncidentId id = world.confirm_one();
  world.send(Acknowledge{aki, id});
  const WallTimeMs at{world.now().value + 600'000};
  EXPECT_EQ(world.send(Promise{chie, id, at}).refusal, Refusal::none);
  EXPECT_EQ(world.send(Promise{chie, id, {at.value + 1}}).refusal, Refusal::decided);
  EXPECT_EQ(world.machine.next_timer(), at);
  world.advance(600'000);
  world.send(Tick{});
  EXPECT_EQ(called(world), (std::vector<PersonId>{aki, ben, chie}));
  EXPECT_EQ(world.told<PageDue>()[0].reason, PageReason::promise_missed);
  EXPECT_EQ(world.incident(1).promises_missed, 1u);
}

TEST(PagingTest, ANoticeKeepsThePromiseAndMakesTheNext) {
  World world;
  world.furnish();
  const IncidentId id = world.confirm_one();
  world.send(ProposeNotice{{}, id, world.notice(id, notify::NoticePhase::investigating)});
  EXPECT_EQ(world.incident(1).promise, WallTimeMs{world.now().value + 600'000});
}

TEST(PagingTest, HandingOverCallsTheNextPerson) {
  World world;
  world.furnish();
  const IncidentId id = world.confirm_one();
  world.send(TakeRole{aki, id, Role::communications});
  EXPECT_EQ(world.send(HandOver{daiki, id, Role::communications, chie, ""}).refusal,
            Refusal::not_allowed);
  EXPECT_EQ(world.send(HandOver{aki, id, Role::communications, daiki, ""}).refusal,
            Refusal::unknown_subject);
  EXPECT_EQ(world.send(HandOver{aki, id, Role::communications, chie, "Promised 14:00."}).refusal,
            Refusal::none);
  EXPECT_EQ(called(world), (std::vector<PersonId>{chie}));
  EXPECT_EQ(world.incident(1).holders.at(Role::communications), chie);
}

Schedule some_schedule() {
  Schedule schedule;
  // 2025-11-21T15:00:00Z is midnight in Japan.
  const WallTimeMs midnight{1'763'737'200'000};
  schedule.layers = {{midnight, {}, static_cast<std::uint32_t>(day), 0, 0, {aki, ben}},
                     {midnight, {}, static_cast<std::uint32_t>(7 * day), 22 * 60, 6 * 60, {chie}}};
  schedule.overrides = {{{midnight.value + 10 * hour}, {midnight.value + 12 * hour}, daiki}};
  return schedule;
}

TEST(OnCallTest, OverridesBeforeLayersAndLaterLayersFirst) {
  const Schedule schedule = some_schedule();
  const WallTimeMs midnight = schedule.layers[0].start;
  const auto at = [&](std::int64_t hours) {
    return on_call(schedule, {midnight.value + hours * hour});
  };
  EXPECT_EQ(at(-1), std::nullopt);
  EXPECT_EQ(at(0), chie);
  EXPECT_EQ(at(6), aki);
  EXPECT_EQ(at(10), daiki);
  EXPECT_EQ(at(12), aki);
  EXPECT_EQ(at(22), chie);
  EXPECT_EQ(at(24 + 7), ben);
  EXPECT_EQ(at(48 + 7), aki);
}

TEST(OnCallTest, ShiftsSayTheSameAsAskingEveryMinute) {
  const Schedule schedule = some_schedule();
  const WallTimeMs from{schedule.layers[0].start.value - 3 * hour};
  const WallTimeMs to{from.value + 5 * day};
  const std::vector<Shift> all = shifts(schedule, from, to);
  for (std::int64_t ms = from.value; ms < to.value; ms += 60'000) {
    std::optional<PersonId> person;
    for (const Shift& shift : all) {
      if (shift.from.value <= ms && ms < shift.to.value) person = shift.person;
    }
    ASSERT_EQ(person, on_call(schedule, {ms})) << ms;
  }
  // The same shifts whatever stretch is asked for.
  const std::vector<Shift> part =
      shifts(schedule, {from.value + 30 * hour}, {from.value + 31 * hour});
  ASSERT_EQ(part.size(), 1u);
  EXPECT_NE(std::find(all.begin(), all.end(), part[0]), all.end());
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_LE(all[i - 1].to, all[i].from);
    EXPECT_FALSE(all[i - 1].to == all[i].from && all[i - 1].person == all[i].person);
  }
}

}  // namespace
}  // namespace oki::response
