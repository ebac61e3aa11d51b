// What the rules alone say to the public, computed from the record.
#include "watch/conductor/first_notice.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "notify/notice_template.h"
#include "response/testing/response_world.h"
#include "watch/conductor/announcing_hooks.h"

namespace oki::watch {
namespace {

using notify::ComponentKind;
using notify::NoticePhase;
using response::IncidentId;
using response::World;

constexpr IncidentId first{1};

struct FirstNoticeTest : ::testing::Test {
  FirstNoticeTest() { world.furnish(); }

  // As the machine takes it, without anybody's approval.
  response::Refusal propose(NoticePhase phase) {
    notify::Notice notice = notice_by_rules(world.state(), first, phase, world.now());
    EXPECT_TRUE(notify::NoticeTemplates::standard().write(notice, {"https://s.example", "", ""}));
    Bytes bytes;
    notify::append(bytes, notice);
    return world.send(response::ProposeNotice{{}, first, bytes}).refusal;
  }

  World world;
};

TEST_F(FirstNoticeTest, SaysWhatIsAffectedAndWhatIsNot) {
  world.confirm_one();
  world.observe(response::hint("odd", response::Source::log_line, "eth_jpy"));
  const notify::Notice notice =
      notice_by_rules(world.state(), first, NoticePhase::investigating, world.now());
  EXPECT_EQ(notice.incident, "inc1");
  EXPECT_EQ(notice.impact, notify::Impact::critical);
  ASSERT_EQ(notice.affected.size(), 1u);
  EXPECT_EQ(notice.affected[0].now, notify::State::major_outage);
  // A doubt about eth_jpy, as small as it is, is enough not to call it unaffected.
  const std::vector<notify::ComponentId> expected = {{ComponentKind::ledger, "ledger"},
                                                     {ComponentKind::edge, "1"},
                                                     {ComponentKind::edge, "2"},
                                                     {ComponentKind::market, "lone_jpy"}};
  EXPECT_EQ(notice.unaffected, expected);
  EXPECT_EQ(propose(NoticePhase::investigating), response::Refusal::none);
}

TEST_F(FirstNoticeTest, SaysOfAssetsOnlyWhatTheLedgerChecksSay) {
  world.confirm_one();
  const auto words = [this] {
    return notice_by_rules(world.state(), first, NoticePhase::investigating, world.now()).assets.en;
  };
  EXPECT_NE(words().find("We are checking"), std::string::npos);
  world.send(response::Check{"checker", response::CheckKind::ledger, true, world.now()});
  EXPECT_NE(words().find("are safe"), std::string::npos);
  world.send(response::Check{"another", response::CheckKind::ledger, false, world.now()});
  EXPECT_NE(words().find("We are checking"), std::string::npos);
}

TEST_F(FirstNoticeTest, TheLastOneSaysWhenItWasOver) {
  world.resolve_one();
  const notify::Notice notice =
      notice_by_rules(world.state(), first, NoticePhase::resolved, world.now());
  EXPECT_EQ(notice.ended, world.incident(1).ended);
  EXPECT_FALSE(notice.next_update_at);
  ASSERT_EQ(notice.affected.size(), 1u);
  EXPECT_EQ(notice.affected[0].now, notify::State::operational);
  EXPECT_EQ(notice.affected[0].before, notify::State::major_outage);
  EXPECT_EQ(propose(NoticePhase::resolved), response::Refusal::none);
}

// It could be anything: then nothing is called unaffected.
TEST_F(FirstNoticeTest, WithoutComponentsEverythingIsAffected) {
  response::Signal signal = response::proof("cross", "btc_jpy");
  signal.components.clear();
  world.observe(signal);
  const notify::Notice notice =
      notice_by_rules(world.state(), first, NoticePhase::investigating, world.now());
  EXPECT_TRUE(notice.unaffected.empty());
  EXPECT_EQ(notice.affected.size(), 6u);
  EXPECT_EQ(propose(NoticePhase::investigating), response::Refusal::none);
}

TEST_F(FirstNoticeTest, PromisesSoonerWhatIsWorse) {
  EXPECT_LT(promise_ms(response::Severity::sev1), promise_ms(response::Severity::sev2));
  EXPECT_LT(promise_ms(response::Severity::sev2), promise_ms(response::Severity::sev3));
  EXPECT_LT(promise_ms(response::Severity::sev3), promise_ms(response::Severity::sev4));
}

TEST_F(FirstNoticeTest, TheBoardHasEveryApprovedNoticeInOrder) {
  world.confirm_one();
  EXPECT_EQ(notices_of(world.state()).sequence, 0u);
  propose(NoticePhase::investigating);
  world.send(
      response::ProposeNotice{response::chie, first, world.notice(first, NoticePhase::identified)});
  EXPECT_EQ(notices_of(world.state()).notices.size(), 1u);
  world.advance(1'000);
  world.send(response::DecideNotice{response::aki, first, 2, true, ""});
  const NoticeBoardSource board = notices_of(world.state());
  EXPECT_EQ(board.sequence, 2u);
  ASSERT_EQ(board.notices.size(), 2u);
  EXPECT_EQ(board.notices[1].phase, NoticePhase::identified);
}

TEST_F(FirstNoticeTest, ACallSaysWhatItIsAbout) {
  world.confirm_one();
  const auto& [number, owed] = *world.state().pages.begin();
  const Call call{number, owed.incident, owed.person, response::PageReason::confirmed, false};
  const notify::Page page = page_of(world.state(), call, owed.at);
  EXPECT_TRUE(notify::check(page));
  EXPECT_EQ(page.severity, 1);
  EXPECT_EQ(page.person, "Ben");
  EXPECT_EQ(page.affected.size(), 1u);
  EXPECT_TRUE(notify::check(page_of(world.state(), {7, {99}, response::ben}, owed.at)));
}

TEST_F(FirstNoticeTest, ACallIsInTheLanguageOfWhoIsCalled) {
  response::Person english = world.state().house.people.at(response::ben);
  english.language = notify::Language::en;
  const response::PutPerson put{response::ben, english};
  world.send(response::DecideWish{response::ben,
                                  world.send(response::Configure{response::aki, put}).id, true});
  world.confirm_one();
  const Call to_ben{1, first, response::ben, response::PageReason::confirmed, false};
  const Call to_aki{2, first, response::aki, response::PageReason::confirmed, false};
  const std::string en = notify::page_text(page_of(world.state(), to_ben, world.now()), {});
  EXPECT_NE(en.find("Trouble is confirmed: you are on call."), std::string::npos) << en;
  EXPECT_NE(en.find("Affected: BTC/JPY (Major outage)"), std::string::npos) << en;
  const std::string ja = notify::page_text(page_of(world.state(), to_aki, world.now()), {});
  EXPECT_NE(ja.find("障害が確認されました。対応してください。"), std::string::npos) << ja;
}

TEST_F(FirstNoticeTest, WhatPlannedWorkExplainsIsNotCalledUnaffected) {
  response::PutSuppression put;
  put.suppression = {
      world.now(), {world.now().value + 60'000}, {{ComponentKind::market, "eth_jpy"}}, "Work."};
  world.send(response::DecideWish{response::ben,
                                  world.send(response::Configure{response::aki, put}).id, true});
  world.observe(response::proof("work", "eth_jpy"));
  ASSERT_TRUE(world.state().incidents.empty());
  world.confirm_one();
  const notify::Notice notice =
      notice_by_rules(world.state(), first, NoticePhase::investigating, world.now());
  EXPECT_EQ(
      std::ranges::count(notice.unaffected, notify::ComponentId{ComponentKind::market, "eth_jpy"}),
      0);
  EXPECT_EQ(notice.affected.size(), 1u);
}

TEST(ProofsTest, WhatTheOutboxKnowsBecomesOneWordForEachChannel) {
  notify::Proof waits{"mail", 10, 3, 0, 0, 7, "250"};
  notify::Proof doubted{"slack", 1, 0, 0, 1, 0, "no answer"};
  notify::Proof refused{"x", 1, 0, 1, 0, 0, "401"};
  notify::Proof sent{"line", 1, 1, 0, 0, 0, "id 7"};
  const auto words = proofs_of({waits, doubted, refused, sent});
  EXPECT_TRUE(words[0].waiting);
  EXPECT_EQ(words[0].text, "3 of 10 sent, 0 refused, 0 unknown");
  EXPECT_EQ(words[1].outcome, response::ToldOutcome::unknown);
  EXPECT_EQ(words[2].outcome, response::ToldOutcome::refused);
  EXPECT_EQ(words[3].outcome, response::ToldOutcome::sent);
  EXPECT_EQ(words[3].text, "id 7");
}

}  // namespace
}  // namespace oki::watch
