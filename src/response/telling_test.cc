// Which watch tells what to the world: one at a time, and another one when that is gone.
#include <gtest/gtest.h>

#include <algorithm>

#include "response/paging.h"
#include "response/testing/response_world.h"

namespace oki::response {
namespace {

constexpr IncidentId first{1};

// A confirmed incident with its first notice, and the calls that it made.
struct TellingTest : ::testing::Test {
  TellingTest() {
    world.furnish();
    world.confirm_one();
    world.send(ProposeNotice{{}, first, world.notice(first, notify::NoticePhase::investigating)});
  }
  const NoticeRecord& notice() { return world.incident(1).notices.at(0); }
  Refusal take(std::uint32_t seat, std::uint32_t from) {
    return world.send(Take{seat, Telling::notice, first, 1, from}).refusal;
  }
  Refusal told(std::uint32_t seat, const std::string& channel, ToldOutcome outcome, bool last) {
    return world.send(RecordTold{seat, Telling::notice, first, 1, channel, outcome, "id 7", last})
        .refusal;
  }
  std::size_t rows(RowKind kind) {
    return static_cast<std::size_t>(std::ranges::count(world.incident(1).rows, kind, &Row::kind));
  }

  World world;
};

TEST_F(TellingTest, OfTwoWatchesThatWantANoticeOneGetsIt) {
  EXPECT_EQ(take(1, 0), Refusal::none);
  EXPECT_EQ(take(2, 0), Refusal::decided);
  EXPECT_EQ(take(1, 0), Refusal::no_change);
  EXPECT_EQ(notice().taken_by, 1u);
  EXPECT_FALSE(notice().taken_over);
}

TEST_F(TellingTest, ANoticeGoesOverFromTheSeatThatHasIt) {
  take(1, 0);
  EXPECT_EQ(take(2, 3), Refusal::decided);
  EXPECT_EQ(take(2, 1), Refusal::none);
  EXPECT_TRUE(notice().taken_over);
  EXPECT_EQ(told(1, "mail", ToldOutcome::sent, false), Refusal::decided);
  EXPECT_EQ(rows(RowKind::notice_taken), 2u);
}

TEST_F(TellingTest, WhatBecameOfANoticeIsKeptByChannel) {
  take(1, 0);
  EXPECT_EQ(told(1, "mail", ToldOutcome::unknown, false), Refusal::none);
  EXPECT_EQ(told(1, "mail", ToldOutcome::unknown, false), Refusal::no_change);
  EXPECT_EQ(told(1, "slack", ToldOutcome::refused, false), Refusal::none);
  EXPECT_EQ(told(1, "mail", ToldOutcome::sent, true), Refusal::none);
  ASSERT_EQ(notice().channels.size(), 2u);
  EXPECT_EQ(notice().channels[0], (ChannelTold{"mail", ToldOutcome::sent, 1, "id 7"}));
  EXPECT_TRUE(notice().told);
  EXPECT_EQ(rows(RowKind::notice_told), 3u);
  EXPECT_EQ(take(2, 1), Refusal::decided);  // Nothing is left to do.
}

TEST_F(TellingTest, WithoutAnyChannelANoticeIsToldAtOnce) {
  take(1, 0);
  EXPECT_EQ(told(1, "", ToldOutcome::sent, false), Refusal::invalid);
  EXPECT_EQ(told(1, "", ToldOutcome::sent, true), Refusal::none);
  EXPECT_TRUE(notice().told && notice().channels.empty());
}

TEST_F(TellingTest, ChannelsOfOneNoticeHaveALimit) {
  take(1, 0);
  for (std::size_t i = 0; i < channels_told_max; ++i) {
    EXPECT_EQ(told(1, "c" + std::to_string(i), ToldOutcome::sent, false), Refusal::none);
  }
  EXPECT_EQ(told(1, "one more", ToldOutcome::sent, false), Refusal::notices_full);
}

TEST_F(TellingTest, OnlyApprovedNoticesAreTaken) {
  world.send(ProposeNotice{chie, first, world.notice(first, notify::NoticePhase::identified)});
  EXPECT_EQ(world.send(Take{1, Telling::notice, first, 2, 0}).refusal, Refusal::unknown_subject);
  EXPECT_EQ(world.send(Take{1, Telling::notice, first, 9, 0}).refusal, Refusal::unknown_subject);
  EXPECT_EQ(world.send(Take{0, Telling::notice, first, 1, 0}).refusal, Refusal::invalid);
  EXPECT_EQ(world.send(Take{seats_max + 1, Telling::notice, first, 1, 0}).refusal,
            Refusal::invalid);
}

TEST_F(TellingTest, ACallIsOwedUntilSomebodyMadeIt) {
  ASSERT_EQ(world.state().pages.size(), 1u);
  const std::uint32_t page = world.state().pages.begin()->first;
  EXPECT_EQ(world.send(Take{2, Telling::page, {}, page, 0}).refusal, Refusal::none);
  EXPECT_EQ(world.send(Take{3, Telling::page, {}, page, 2}).refusal, Refusal::none);
  EXPECT_TRUE(world.state().pages.at(page).taken_over);
  const RecordTold made{3, Telling::page, {}, page, "mail", ToldOutcome::sent, "250", true};
  EXPECT_EQ(world.send(made).refusal, Refusal::none);
  EXPECT_TRUE(world.state().pages.empty());
  EXPECT_EQ(world.send(made).refusal, Refusal::unknown_subject);
  EXPECT_EQ(rows(RowKind::page_told), 1u);
}

TEST_F(TellingTest, ACallThatNobodyCouldMakeLapses) {
  world.send(Acknowledge{aki, first});
  const std::uint32_t page = world.state().pages.begin()->first;
  const WallTimeMs due = world.machine.next_timer().value();
  EXPECT_LE(due.value, world.now().value + page_lapse_ms);
  world.advance(page_lapse_ms);
  world.send(Tick{});
  EXPECT_FALSE(world.state().pages.contains(page));
  EXPECT_EQ(rows(RowKind::page_lapsed), 1u);
}

TEST_F(TellingTest, OnlyTheWatchThatBeganAStepGoesOnWithIt) {
  world.send(RequestStep{{}, first, "restart edge", "look"});
  const auto record = [this](std::uint32_t seat, StepState to) {
    return world.send(RecordStep{{}, first, 1, to, "", "", seat}).refusal;
  };
  EXPECT_EQ(record(1, StepState::started), Refusal::none);
  EXPECT_EQ(record(2, StepState::done), Refusal::decided);
  EXPECT_EQ(record(2, StepState::started), Refusal::decided);
  EXPECT_EQ(record(2, StepState::failed), Refusal::none);  // Seat 1 is gone.
  EXPECT_EQ(record(1, StepState::done), Refusal::decided);
}

TEST_F(TellingTest, ADraftSaysWhereItIsAndApprovesNothing) {
  EXPECT_EQ(world.send(RecordDraft{2, first, "abc"}).refusal, Refusal::wrong_phase);
  world.resolve_one();
  EXPECT_EQ(world.send(RecordDraft{2, first, "abc"}).refusal, Refusal::none);
  EXPECT_EQ(world.send(RecordDraft{2, first, "abc"}).refusal, Refusal::no_change);
  EXPECT_EQ(world.incident(1).postmortem.draft_seat, 2u);
  EXPECT_EQ(world.incident(1).postmortem.state, PostmortemState::none);
  world.send(SubmitPostmortem{aki, first, "def"});
  EXPECT_EQ(world.incident(1).postmortem.draft, "abc");
  world.observe(proof("cross", "btc_jpy"));
  EXPECT_TRUE(world.incident(1).postmortem.draft.empty());  // It is not over.
}

}  // namespace
}  // namespace oki::response
