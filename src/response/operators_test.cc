// What people do, what it needs, and what one person cannot do alone.
#include "response/operators.h"

#include <gtest/gtest.h>

#include <functional>

#include "response/gate.h"
#include "response/testing/response_world.h"

namespace oki::response {
namespace {

using notify::NoticePhase;
using notify::State;

constexpr PersonId stranger{99};

World furnished() {
  World world;
  world.furnish();
  return world;
}

Declare some_declaration(const World& world, PersonId by) {
  return {by, false, Severity::sev2, State::partial_outage, world.now(), {}, "Odd prices", "Seen."};
}

struct RefusalCase {
  Refusal refusal;
  const char* when;
  std::function<Reply(World&)> act;
};

// One way at least to each refusal, in their order.
struct RefusalCases {
  std::vector<RefusalCase> rows = {
      {Refusal::malformed, "no command", [](World& w) { return w.send_bytes("\x01 more"); }},
      {Refusal::invalid, "an empty note",
       [](World& w) { return w.send(AddNote{aki, w.confirm_one(), ""}); }},
      {Refusal::invalid, "a gate below its floor",
       [](World& w) {
         SetRules rules;
         rules.rules.gate_trades = gate_trades_min - 1;
         return w.send(Configure{aki, rules});
       }},
      {Refusal::stale, "a signal of eleven seconds ago",
       [](World& w) {
         Signal signal = hint("x", Source::otlp, "btc_jpy");
         signal.since = signal.seen = {w.now().value - late_ms_max - 1};
         return w.send(Observe{"somebody", signal});
       }},
      {Refusal::unknown_person, "nobody", [](World& w) { return w.send(Acknowledge{{}, {1}}); }},
      {Refusal::unknown_person, "a stranger",
       [](World& w) { return w.send(Acknowledge{stranger, w.confirm_one()}); }},
      {Refusal::not_allowed, "support declares a phase",
       [](World& w) { return w.send(SetPhase{daiki, w.confirm_one(), Phase::identified, ""}); }},
      {Refusal::unknown_incident, "there is none",
       [](World& w) { return w.send(Acknowledge{aki, {7}}); }},
      {Refusal::unknown_subject, "no such proposal",
       [](World& w) { return w.send(DecideNotice{aki, w.confirm_one(), 1, true, ""}); }},
      {Refusal::wrong_phase, "told to be over while it is not",
       [](World& w) {
         const IncidentId id = w.confirm_one();
         return w.send(ProposeNotice{aki, id, w.notice(id, NoticePhase::resolved)});
       }},
      {Refusal::decided, "a role that somebody holds",
       [](World& w) {
         const IncidentId id = w.confirm_one();
         w.send(TakeRole{aki, id, Role::commander});
         return w.send(TakeRole{ben, id, Role::commander});
       }},
      {Refusal::same_person, "his own notice",
       [](World& w) {
         const IncidentId id = w.confirm_one();
         w.send(ProposeNotice{chie, id, w.notice(id, NoticePhase::investigating)});
         return w.send(DecideNotice{chie, id, 1, true, ""});
       }},
      {Refusal::no_change, "acknowledged twice",
       [](World& w) {
         const IncidentId id = w.confirm_one();
         w.send(Acknowledge{aki, id});
         return w.send(Acknowledge{ben, id});
       }},
      {Refusal::gate_not_met, "resolved without proofs",
       [](World& w) { return w.send(RequestResolve{aki, w.confirm_one()}); }},
      {Refusal::few_configurers, "one of two leaves",
       [](World& w) {
         return w.send(Configure{aki, PutPerson{ben, {"Ben", {}, rights_of_roles, false}}});
       }},
      {Refusal::speakers_full, "257 speakers",
       [](World& w) {
         for (std::size_t i = 0; i < speakers_max; ++i) w.send(Alive{"s" + std::to_string(i)});
         return w.send(Alive{"one more"});
       }},
      {Refusal::over_budget, "a source that talks too much",
       [](World& w) {
         Reply last;
         for (int i = 0; i < 31; ++i) {
           last = w.observe(hint("k" + std::to_string(i), Source::otlp, "btc_jpy"));
         }
         return last;
       }},
      {Refusal::signals_full, "a source that holds too many",
       [](World& w) {
         Reply last;
         for (int i = 0; i < 201; ++i) {
           if (i % 30 == 0) w.advance(60'000);
           last = w.observe(hint("k" + std::to_string(i), Source::otlp, "btc_jpy"));
         }
         return last;
       }},
      {Refusal::incidents_full, "65 incidents",
       [](World& w) {
         Reply last;
         for (std::size_t i = 0; i <= incidents_open_max; ++i) {
           last = w.send(some_declaration(w, aki));
         }
         return last;
       }},
      {Refusal::wishes_full, "65 wishes",
       [](World& w) {
         Reply last;
         for (std::size_t i = 0; i <= wishes_max; ++i) last = w.send(Configure{aki, SetRules{}});
         return last;
       }},
      {Refusal::rows_full, "1501 rows",
       [](World& w) {
         const IncidentId id = w.confirm_one();
         Reply last;
         for (std::size_t i = 0; i < rows_of_people_max; ++i) last = w.send(AddNote{aki, id, "x"});
         return last;
       }},
      {Refusal::notices_full, "41 notices",
       [](World& w) {
         const IncidentId id = w.confirm_one();
         const Bytes notice = w.notice(id, NoticePhase::investigating);
         Reply last;
         for (std::size_t i = 0; i <= notices_max; ++i)
           last = w.send(ProposeNotice{aki, id, notice});
         return last;
       }},
      {Refusal::steps_full, "101 steps",
       [](World& w) {
         const IncidentId id = w.confirm_one();
         Reply last;
         for (std::uint32_t i = 1; i <= steps_max + 1; ++i) {
           last = w.send(RequestStep{aki, id, "restart edge", "look"});
           w.send(RecordStep{{}, id, i, StepState::failed, "", ""});
         }
         return last;
       }},
      {Refusal::items_full, "101 items",
       [](World& w) {
         const IncidentId id = w.confirm_one();
         Reply last;
         for (std::size_t i = 0; i <= items_max; ++i) last = w.send(AddItem{aki, id, "x", {}, {}});
         return last;
       }},
  };
};

TEST(OperatorsTest, EachRefusalHasAWayToIt) {
  std::vector<bool> met(refusals, false);
  met[0] = true;
  for (const RefusalCase& row : RefusalCases{}.rows) {
    World world = furnished();
    EXPECT_EQ(row.act(world).refusal, row.refusal) << row.when;
    met[static_cast<std::size_t>(row.refusal)] = true;
  }
  for (std::size_t i = 0; i < met.size(); ++i) EXPECT_TRUE(met[i]) << name(static_cast<Refusal>(i));
}

TEST(OperatorsTest, TheFirstRuleThatIsBrokenIsTheAnswer) {
  World world = furnished();
  const IncidentId suspected{world.observe(evidence("cpu", Source::host, "lone_jpy")).id};
  DecideNotice command{stranger, {7}, 0, true, "\xff"};
  const auto answer = [&] { return world.send(command).refusal; };
  EXPECT_EQ(answer(), Refusal::invalid);
  command.words = "yes";
  EXPECT_EQ(answer(), Refusal::unknown_person);
  command.by = daiki;
  EXPECT_EQ(answer(), Refusal::not_allowed);
  command.by = chie;
  EXPECT_EQ(answer(), Refusal::unknown_incident);
  command.incident = suspected;
  EXPECT_EQ(answer(), Refusal::unknown_subject);
  const ProposeNotice early{chie, suspected, world.notice(suspected, NoticePhase::investigating)};
  EXPECT_EQ(world.send(early).refusal, Refusal::wrong_phase);
  world.send(SetPhase{aki, suspected, Phase::investigating, "It is real."});
  EXPECT_EQ(world.send(early).id, 1u);
  EXPECT_EQ(world.send(early).id, 2u);
  command.proposal = 1;
  EXPECT_EQ(answer(), Refusal::same_person);
  command.by = aki;
  EXPECT_EQ(answer(), Refusal::none);
  EXPECT_EQ(answer(), Refusal::decided);
  command.yes = false;
  command.proposal = 2;
  EXPECT_EQ(answer(), Refusal::none);
}

TEST(OperatorsTest, SeverityGoesUpByOneAndDownByTwo) {
  World world = furnished();
  const IncidentId id{world.observe(proof("x", "eth_jpy")).id};
  EXPECT_EQ(world.incident(id.value).severity, Severity::sev2);
  EXPECT_EQ(world.send(SetSeverity{daiki, id, Severity::sev1, "Many calls."}).refusal,
            Refusal::none);
  EXPECT_EQ(world.incident(id.value).severity, Severity::sev1);
  EXPECT_EQ(world.send(SetSeverity{daiki, id, Severity::sev3, ""}).refusal, Refusal::not_allowed);
  const std::uint32_t wish = world.send(SetSeverity{aki, id, Severity::sev3, "Only eth."}).id;
  EXPECT_EQ(world.incident(id.value).severity, Severity::sev1);
  EXPECT_EQ(world.send(DecideWish{aki, wish, true}).refusal, Refusal::same_person);
  EXPECT_EQ(world.send(DecideWish{chie, wish, true}).refusal, Refusal::not_allowed);
  EXPECT_EQ(world.send(DecideWish{ben, wish, true}).refusal, Refusal::none);
  EXPECT_EQ(world.incident(id.value).severity, Severity::sev3);
  world.observe(proof("x", "eth_jpy"));  // What was known already raises nothing again.
  EXPECT_EQ(world.incident(id.value).severity, Severity::sev3);
}

TEST(OperatorsTest, NobodyChangesTheHouseAlone) {
  World world = furnished();
  const PutPerson friend_of_aki{{5}, {"Eve", {}, rights_all, false}};
  EXPECT_EQ(world.send(Configure{{}, friend_of_aki}).refusal, Refusal::unknown_person);
  const std::uint32_t wish = world.send(Configure{aki, friend_of_aki}).id;
  EXPECT_FALSE(world.state().house.people.contains({5}));
  EXPECT_EQ(world.send(DecideWish{aki, wish, true}).refusal, Refusal::same_person);
  EXPECT_EQ(world.send(DecideWish{ben, wish, true}).refusal, Refusal::none);
  EXPECT_TRUE(world.state().house.people.contains({5}));
  EXPECT_EQ(world.told<HouseChanged>().size(), 1u);
}

TEST(OperatorsTest, AWishLapsesAndItsMakerMayTakeItBack) {
  World world = furnished();
  const std::uint32_t first = world.send(Configure{aki, SetRules{}}).id;
  EXPECT_EQ(world.send(DecideWish{aki, first, false}).refusal, Refusal::none);
  const std::uint32_t second = world.send(Configure{aki, SetRules{}}).id;
  EXPECT_EQ(world.machine.next_timer()->value, world.now().value + wish_lapse_ms);
  world.advance(wish_lapse_ms);
  EXPECT_EQ(world.send(DecideWish{ben, second, true}).refusal, Refusal::unknown_subject);
}

TEST(OperatorsTest, APersonsWishForTheEndGoesThroughTheSameGate) {
  World world = furnished();
  const IncidentId id{world.send(some_declaration(world, daiki)).id};
  const Reply refused = world.send(RequestResolve{aki, id});
  EXPECT_EQ(refused.gate_shut & (gate::few_trades | gate::ledger), gate::few_trades | gate::ledger);
  for (int second = 0; second < 40; ++second) world.healthy_second();
  EXPECT_EQ(world.incident(id.value).phase, Phase::monitoring);  // A person began it.
  EXPECT_EQ(world.send(RequestResolve{aki, id}).refusal, Refusal::none);
  EXPECT_EQ(world.incident(id.value).phase, Phase::resolved);
}

TEST(OperatorsTest, NoticesAreNumberedWithoutGapsAndNamedAnewAfterAReturn) {
  World world = furnished();
  const IncidentId id = world.confirm_one();
  const auto send_by_rules = [&](NoticePhase phase) {
    return world.send(ProposeNotice{{}, id, world.notice(id, phase)}).refusal;
  };
  EXPECT_EQ(send_by_rules(NoticePhase::investigating), Refusal::none);
  EXPECT_EQ(send_by_rules(NoticePhase::investigating), Refusal::same_person);  // Only the first.
  world.send(ProposeNotice{chie, id, world.notice(id, NoticePhase::identified)});
  world.send(ProposeNotice{chie, id, world.notice(id, NoticePhase::identified)});
  world.advance(1'000);
  world.send(DecideNotice{aki, id, 3, true, ""});
  const auto told = world.told<NoticeApproved>();
  ASSERT_EQ(told.size(), 1u);
  const notify::Notice notice = notify::read_notice(told[0].notice).value();
  EXPECT_EQ(notice.incident, "inc1");
  EXPECT_EQ(notice.number, 2u);
  EXPECT_EQ(notice.at, world.now());
  EXPECT_EQ(notice.approved_by, (std::vector<std::string>{"Chie", "Aki"}));
  world.resolve_one();
  EXPECT_EQ(send_by_rules(NoticePhase::resolved), Refusal::none);
  EXPECT_EQ(send_by_rules(NoticePhase::resolved), Refusal::same_person);  // Once.
  world.observe(proof("cross", "btc_jpy"));
  EXPECT_EQ(send_by_rules(NoticePhase::investigating), Refusal::none);
  const notify::Notice again =
      notify::read_notice(world.told<NoticeApproved>().at(0).notice).value();
  EXPECT_EQ(again.incident, "inc1r1");
  EXPECT_EQ(again.number, 1u);
}

TEST(OperatorsTest, StepsRunAsTheHouseSaysAndLeaveTheirTrace) {
  World world = furnished();
  const IncidentId id = world.confirm_one();
  const auto ask = [&](PersonId by, const char* step) {
    return world.send(RequestStep{by, id, "restart edge", step});
  };
  EXPECT_EQ(ask({}, "look").refusal, Refusal::none);
  EXPECT_EQ(world.told<StepDue>().size(), 1u);
  EXPECT_EQ(ask({}, "drain").refusal, Refusal::not_allowed);
  EXPECT_EQ(ask(aki, "drain").refusal, Refusal::none);
  EXPECT_EQ(world.told<StepDue>().size(), 1u);
  const std::uint32_t restart = ask(aki, "restart").id;
  EXPECT_TRUE(world.told<StepDue>().empty());
  EXPECT_EQ(world.send(RecordStep{{}, id, restart, StepState::started, "", ""}).refusal,
            Refusal::decided);
  EXPECT_EQ(world.send(DecideStep{aki, id, restart, true}).refusal, Refusal::same_person);
  EXPECT_EQ(world.send(DecideStep{ben, id, restart, true}).refusal, Refusal::none);
  EXPECT_EQ(world.told<StepDue>().at(0).name, "restart");
  for (const StepState to : {StepState::started, StepState::done, StepState::verified}) {
    EXPECT_EQ(world.send(RecordStep{{}, id, restart, to, "d1", "fine"}).refusal, Refusal::none);
  }
  EXPECT_EQ(world.incident(1).steps[restart - 1].state, StepState::verified);
  EXPECT_EQ(world.incident(1).steps[restart - 1].digest, "d1");
}

TEST(OperatorsTest, ASevereIncidentClosesBehindItsPostmortem) {
  World world = furnished();
  world.resolve_one();
  EXPECT_EQ(world.incident(1).severity_worst, Severity::sev1);
  world.advance(1'800'000);
  EXPECT_EQ(world.send(Close{aki, {1}}).refusal, Refusal::decided);
  world.send(SubmitPostmortem{chie, {1}, "digest of the text"});
  EXPECT_EQ(world.send(DecidePostmortem{ben, {1}, "another text", true}).refusal,
            Refusal::unknown_subject);
  EXPECT_EQ(world.send(DecidePostmortem{ben, {1}, "digest of the text", true}).refusal,
            Refusal::none);
  EXPECT_EQ(world.send(Close{aki, {1}}).refusal, Refusal::none);
  EXPECT_EQ(world.send(AddItem{aki, {1}, "Test the failover weekly.", ben, {}}).refusal,
            Refusal::none);
  EXPECT_EQ(world.send(FinishItem{daiki, {1}, 1, ""}).refusal, Refusal::not_allowed);
  EXPECT_EQ(world.send(FinishItem{ben, {1}, 1, ""}).refusal, Refusal::none);
}

TEST(OperatorsTest, MergingKeepsEverySignalAndWhatIsWorse) {
  World world = furnished();
  const IncidentId first{world.observe(proof("a", "btc_jpy")).id};
  const IncidentId second{world.observe(proof("b", "lone_jpy")).id};
  ASSERT_NE(first, second);
  EXPECT_EQ(world.send(Merge{aki, first, second}).id, second.value);
  EXPECT_EQ(world.incident(first.value).phase, Phase::closed);
  EXPECT_EQ(world.incident(first.value).merged_into, second);
  EXPECT_EQ(world.incident(second.value).severity, Severity::sev1);
  EXPECT_EQ(world.state().signals.at({Source::test_trade, "a"}).incident, second);
}

TEST(OperatorsTest, WhatWasDismissedStaysSoUntilItBeginsAnew) {
  World world = furnished();
  const Signal signal = evidence("cpu", Source::host, "btc_jpy");
  const IncidentId id{world.observe(signal).id};
  EXPECT_EQ(world.send(Dismiss{aki, id, "A backup ran."}).refusal, Refusal::none);
  EXPECT_EQ(world.observe(signal).id, 0u);
  world.observe(over(signal));
  EXPECT_EQ(world.observe(signal).id, 2u);
  EXPECT_EQ(world.send(Dismiss{aki, world.confirm_one(), "No."}).refusal, Refusal::wrong_phase);
}

TEST(OperatorsTest, PlannedWorkExplainsSignalsButNeverAWrongBalance) {
  World world = furnished();
  const notify::ComponentId btc{notify::ComponentKind::market, "btc_jpy"};
  const PutSuppression plan{1, {world.now(), {world.now().value + 60'000}, {btc}, "New release."}};
  world.send(DecideWish{ben, world.send(Configure{aki, plan}).id, true});
  EXPECT_EQ(world.observe(proof("cross", "btc_jpy")).id, 0u);
  Signal wrong = proof("sum", "btc_jpy");
  wrong.source = Source::ledger;
  wrong.kind = SignalKind::wrong;
  EXPECT_EQ(world.observe(wrong).id, 1u);
  world.send(Dismiss{aki, {1}, "x"});
  EXPECT_EQ(world.machine.next_timer()->value, world.now().value + 60'000);
  world.advance(60'000);
  world.send(Tick{});
  EXPECT_EQ(world.state().signals.at({Source::test_trade, "cross"}).incident, IncidentId{1});
}

}  // namespace
}  // namespace oki::response
