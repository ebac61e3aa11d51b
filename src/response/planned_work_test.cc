// Planned work from its announcement to its end: who must agree, what the public is told and when,
// and that it hides nothing that is wrong.
#include "response/planned_work.h"

#include <gtest/gtest.h>

#include "response/testing/response_world.h"

namespace oki::response {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;
const notify::ComponentId btc{notify::ComponentKind::market, "btc_jpy"};

struct PlannedWorkTest : ::testing::Test {
  PlannedWorkTest() { world.furnish(); }

  // From in an hour on, for two hours.
  PutSuppression plan() const {
    PutSuppression put;
    put.suppression = {{world.now().value + hour_ms},
                       {world.now().value + 3 * hour_ms},
                       {btc},
                       "Release 7.",
                       {"取引エンジンの更新", "Update of the trading engine"},
                       {"注文ができません。", "No orders meanwhile."}};
    return put;
  }
  Refusal agree(const PutSuppression& put) {
    const Reply wish = world.send(Configure{aki, put});
    if (wish.refusal != Refusal::none) return wish.refusal;
    return world.send(DecideWish{ben, wish.id, true}).refusal;
  }
  void pass(std::int64_t ms) {
    world.advance(ms);
    world.send(Tick{});
  }
  const PlannedWork& work(std::uint32_t number = 1) const { return world.state().works.at(number); }
  std::vector<notify::NoticePhase> phases(std::uint32_t number = 1) const {
    std::vector<notify::NoticePhase> all;
    for (const NoticeRecord& record : work(number).notices) {
      all.push_back(notify::read_notice(record.notice)->phase);
    }
    return all;
  }
  notify::Notice last(std::uint32_t number = 1) const {
    return *notify::read_notice(work(number).notices.back().notice);
  }

  World world;
};

using enum notify::NoticePhase;

TEST_F(PlannedWorkTest, IsAnnouncedWhenASecondPersonAgreesAndNotBefore) {
  const Reply wish = world.send(Configure{aki, plan()});
  EXPECT_TRUE(world.state().works.empty());
  EXPECT_EQ(world.send(DecideWish{aki, wish.id, true}).refusal, Refusal::same_person);
  EXPECT_TRUE(world.state().works.empty());
  EXPECT_EQ(world.send(DecideWish{ben, wish.id, true}).refusal, Refusal::none);
  const notify::Notice notice = last();
  EXPECT_EQ(notice.incident, "work1");
  EXPECT_EQ(notice.phase, scheduled);
  EXPECT_EQ(notice.impact, notify::Impact::maintenance);
  EXPECT_EQ(notice.began, work().plan.from);
  EXPECT_EQ(notice.ended, work().plan.to);
  EXPECT_EQ(notice.title.ja, "取引エンジンの更新");
  EXPECT_EQ(notice.body.en, "No orders meanwhile.");
  ASSERT_EQ(notice.affected.size(), 1u);
  EXPECT_EQ(notice.affected[0].now, notify::State::operational);
  EXPECT_EQ(notice.approved_by, (std::vector<std::string>{"Aki", "Ben"}));
}

TEST_F(PlannedWorkTest, TheBeginningAndTheEndAreToldByTimeAlone) {
  ASSERT_EQ(agree(plan()), Refusal::none);
  EXPECT_EQ(world.machine.next_timer(), work().plan.from);
  pass(hour_ms - 1);
  EXPECT_EQ(phases(), (std::vector{scheduled}));
  pass(1);
  EXPECT_EQ(phases(), (std::vector{scheduled, in_progress}));
  EXPECT_EQ(world.machine.next_timer(), work().plan.to);
  pass(2 * hour_ms);
  EXPECT_EQ(phases(), (std::vector{scheduled, in_progress, completed}));
  EXPECT_TRUE(world.state().house.suppressions.empty());
  pass(hour_ms);
  EXPECT_EQ(work().notices.size(), 3u);
}

TEST_F(PlannedWorkTest, WhatWasMissedEntirelyIsOnlyToldToBeOver) {
  ASSERT_EQ(agree(plan()), Refusal::none);
  pass(10 * hour_ms);
  EXPECT_EQ(phases(), (std::vector{scheduled, completed}));
}

TEST_F(PlannedWorkTest, OnePersonMayTakeItBackAndEndItEarly) {
  ASSERT_EQ(agree(plan()), Refusal::none);
  ASSERT_EQ(agree(plan()), Refusal::none);
  const auto take_away = [this](PersonId by, std::uint32_t number) {
    return world.send(Configure{by, PutSuppression{work(number).suppression, {}}}).refusal;
  };
  EXPECT_EQ(take_away(chie, 1), Refusal::not_allowed);
  EXPECT_EQ(take_away(aki, 1), Refusal::none);
  EXPECT_EQ(last().phase, cancelled);
  pass(2 * hour_ms);
  EXPECT_EQ(last(2).phase, in_progress);
  EXPECT_EQ(take_away(ben, 2), Refusal::none);
  EXPECT_EQ(last(2).phase, completed);
  EXPECT_EQ(work(2).plan.to, world.now());
  const auto all = maintenances_of(world.state());
  ASSERT_EQ(all.size(), 2u);
  EXPECT_TRUE(all[0].cancelled);
  EXPECT_FALSE(all[1].cancelled);
  EXPECT_EQ(all[1].to, world.now());
  for (const notify::Maintenance& each : all) EXPECT_TRUE(notify::check(each).has_value());
}

TEST_F(PlannedWorkTest, AChangeNeedsTwoAndIsToldUnderTheSameName) {
  ASSERT_EQ(agree(plan()), Refusal::none);
  PutSuppression later = plan();
  later.id = work().suppression;
  later.suppression.to.value += hour_ms;
  const Reply wish = world.send(Configure{ben, later});
  EXPECT_EQ(work().revision, 0u);
  EXPECT_EQ(world.send(DecideWish{aki, wish.id, true}).refusal, Refusal::none);
  EXPECT_EQ(work().revision, 1u);
  EXPECT_EQ(phases(), (std::vector{scheduled, scheduled}));
  EXPECT_EQ(last().number, 2u);
  EXPECT_EQ(last().ended, later.suppression.to);
  EXPECT_EQ(world.state().works.size(), 1u);
}

TEST_F(PlannedWorkTest, ChangesHaveALimitThatLeavesRoomForTheEnd) {
  ASSERT_EQ(agree(plan()), Refusal::none);
  PutSuppression put = plan();
  put.id = work().suppression;
  std::size_t changes = 0;
  for (;; ++changes) {
    put.suppression.to.value += 1'000;
    const Refusal refusal = agree(put);
    if (refusal == Refusal::none) continue;
    EXPECT_EQ(refusal, Refusal::notices_full);
    break;
  }
  EXPECT_EQ(changes, work_notices_max - 3);
  pass(hour_ms);
  pass(4 * hour_ms);
  EXPECT_EQ(last().phase, completed);
  EXPECT_LE(work().notices.size(), work_notices_max);
}

TEST_F(PlannedWorkTest, WordsThatNobodyMayPublishAreRefused) {
  const auto refused = [this](const auto& change) {
    PutSuppression put = plan();
    change(put.suppression);
    return world.send(Configure{aki, put}).refusal == Refusal::invalid;
  };
  EXPECT_TRUE(refused([](Suppression& x) { x.title.en.clear(); }));
  EXPECT_TRUE(refused([](Suppression& x) { x.body = {}; }));
  EXPECT_TRUE(refused([](Suppression& x) { x.body.ja = "{began}"; }));
  EXPECT_TRUE(refused([](Suppression& x) { x.title.en = "a\nb"; }));
  PutSuppression long_one = plan();
  long_one.suppression.body.en = std::string(work_text_bytes_max + 1, 'a');
  EXPECT_EQ(world.send(Configure{aki, long_one}).refusal, Refusal::malformed);
  EXPECT_TRUE(refused([](Suppression& x) { x.components.push_back(btc); }));
  EXPECT_TRUE(refused([](Suppression& x) { x.to = x.from; }));
  EXPECT_TRUE(refused([](Suppression& x) { x.to.value = x.from.value + 86'400'001; }));
  EXPECT_TRUE(refused([this](Suppression& x) {
    x.from.value = world.now().value - 2;
    x.to = world.now();
  }));
  EXPECT_FALSE(refused([](Suppression& x) { x.body.en = std::string(work_text_bytes_max, 'a'); }));
}

TEST_F(PlannedWorkTest, WithoutWordsTheHouseKeepsItToItself) {
  PutSuppression put = plan();
  put.suppression.title = put.suppression.body = {};
  ASSERT_EQ(agree(put), Refusal::none);
  EXPECT_TRUE(world.state().works.empty());
  EXPECT_EQ(world.state().house.suppressions.size(), 1u);
}

TEST_F(PlannedWorkTest, NoSignalOfItsComponentsCallsAnybodyUntilItIsOver) {
  ASSERT_EQ(agree(plan()), Refusal::none);
  pass(hour_ms);
  Signal down = proof("cross", "btc_jpy");
  EXPECT_EQ(world.observe(down).id, 0u);
  EXPECT_TRUE(world.told<PageDue>().empty());
  EXPECT_TRUE(world.state().incidents.empty());
  const HeldSignal& held = world.state().signals.at({Source::test_trade, "cross"});
  EXPECT_TRUE(held.suppressed);  // It is seen, kept and shown: only nobody is called.
  EXPECT_TRUE(held.signal.firing);
  pass(2 * hour_ms);
  EXPECT_FALSE(held.suppressed);
  EXPECT_EQ(held.incident, IncidentId{1});
  EXPECT_EQ(world.told<PageDue>().size(), 1u);
}

TEST_F(PlannedWorkTest, WhatIsNotAmongItsComponentsCallsAsEver) {
  ASSERT_EQ(agree(plan()), Refusal::none);
  pass(hour_ms);
  world.observe(proof("other", "eth_jpy"));
  EXPECT_EQ(world.state().incidents.size(), 1u);
  Signal both = proof("cross", "btc_jpy");
  both.components.push_back({notify::ComponentKind::edge, "1"});
  EXPECT_EQ(world.observe(both).id, 1u);
  EXPECT_FALSE(world.state().signals.at({Source::test_trade, "cross"}).suppressed);
}

TEST_F(PlannedWorkTest, ItsNoticesAreTakenAndToldAsThoseOfIncidentsAre) {
  ASSERT_EQ(agree(plan()), Refusal::none);
  const Take mine{2, Telling::planned_work, {1}, 1, 0};
  EXPECT_EQ(world.send(Take{2, Telling::planned_work, {2}, 1, 0}).refusal,
            Refusal::unknown_subject);
  EXPECT_EQ(world.send(Take{2, Telling::planned_work, {1}, 2, 0}).refusal,
            Refusal::unknown_subject);
  EXPECT_EQ(world.send(mine).refusal, Refusal::none);
  EXPECT_EQ(world.send(Take{3, Telling::planned_work, {1}, 1, 0}).refusal, Refusal::decided);
  const RecordTold told{2, Telling::planned_work, {1}, 1, "mail", ToldOutcome::sent, "250", true};
  EXPECT_EQ(world.send(told).refusal, Refusal::none);
  EXPECT_EQ(world.send(told).refusal, Refusal::no_change);
  EXPECT_TRUE(work().notices[0].told);
  EXPECT_EQ(work().notices[0].channels.at(0).proof, "250");
}

TEST_F(PlannedWorkTest, TheSnapshotKeepsItAndOldWorkGivesWayToNew) {
  for (std::size_t i = 0; i < works_kept_max + 5; ++i) {
    ASSERT_EQ(agree(plan()), Refusal::none);
    pass(4 * hour_ms);
  }
  EXPECT_EQ(world.state().works.size(), works_kept_max);
  EXPECT_EQ(world.state().works.rbegin()->first, works_kept_max + 5);
  ResponseMachine other;
  ASSERT_TRUE(other.restore(world.machine.snapshot()).has_value());
  EXPECT_EQ(other.state(), world.state());
}

}  // namespace
}  // namespace oki::response
