#include "response/runbook/suggest.h"

#include <gtest/gtest.h>

#include "response/runbook/library.h"

namespace oki::response {
namespace {

using notify::ComponentKind;

Cause cause(CauseKind kind, ComponentKind component = ComponentKind::edge, std::string name = "1") {
  Cause made;
  made.kind = kind;
  made.component = {component, std::move(name)};
  made.score = 1;
  return made;
}

std::string first(const Cause& one) {
  const auto names = suggested_runbooks({one});
  return names.empty() ? "" : names.front();
}

struct SuggestTest : ::testing::Test {
  SuggestTest() : books(read_books("runbooks").value()) {
    for (const auto& [name, book] : books) state.house.runbooks[name] = house_entry(book);
    state.house.components = {{{ComponentKind::edge, "1"}, 1, {}}};
    state.now = {1'000'000};
    Incident& made = state.incidents[{1}];
    made.phase = Phase::investigating;
    made.began = {990'000};
    made.components = {{ComponentKind::edge, "1"}};
    HeldSignal held;
    held.incident = {1};
    held.signal.kind = SignalKind::abnormal_access;
    held.signal.trust = Trust::evidence;
    held.signal.components = made.components;
    held.signal.since = {990'000};
    state.signals[{Source::log_line, "flood"}] = held;
  }
  Incident& incident() { return state.incidents.at({1}); }
  void add(const char* runbook, const char* step, StepState at) {
    StepRecord record;
    record.runbook = runbook;
    record.step = step;
    record.state = at;
    incident().steps.push_back(record);
  }
  std::string next(const char* runbook) {
    const NextStep found = next_step(books.at(runbook), incident());
    return found.stopped ? "stopped" : found.step == nullptr ? "" : found.step->name;
  }

  std::map<std::string, Book> books;
  State state;
};

TEST_F(SuggestTest, EveryCauseHasARunbookAndEachOfThemIsShipped) {
  EXPECT_EQ(first(cause(CauseKind::change)), "case-2-wrong-setting");
  EXPECT_EQ(first(cause(CauseKind::broken)), "restart-process");
  EXPECT_EQ(first(cause(CauseKind::broken, ComponentKind::node, "2")), "restart-process");
  EXPECT_EQ(first(cause(CauseKind::broken, ComponentKind::market, "btc_jpy")), "cancel-only");
  EXPECT_EQ(first(cause(CauseKind::broken, ComponentKind::ledger, "ledger")), "halt");
  EXPECT_EQ(first(cause(CauseKind::broken, ComponentKind::market, "")), "");
  EXPECT_EQ(first(cause(CauseKind::shortage)), "hardware-or-capacity");
  EXPECT_EQ(first(cause(CauseKind::overload)), "case-1-surge");
  EXPECT_EQ(first(cause(CauseKind::abuse)), "case-3-api-flood");
  EXPECT_EQ(first(cause(CauseKind::defect)), "isolate-edge");
  EXPECT_EQ(first(cause(CauseKind::defect, ComponentKind::market, "btc_jpy")), "halt");
  for (std::uint8_t kind = 0; kind < cause_kinds; ++kind) {
    for (const auto place :
         {ComponentKind::market, ComponentKind::edge, ComponentKind::node, ComponentKind::ledger}) {
      for (const auto& name : suggested_runbooks({cause(static_cast<CauseKind>(kind), place)})) {
        EXPECT_TRUE(books.contains(name)) << name;
      }
    }
  }
}

TEST_F(SuggestTest, StepsGoInOrderAndStopWhereTheTextSaysSo) {
  EXPECT_EQ(next("isolate-edge"), "drain");
  add("isolate-edge", "drain", StepState::started);
  EXPECT_EQ(next("isolate-edge"), "");
  add("isolate-edge", "drain", StepState::verified);
  EXPECT_EQ(next("isolate-edge"), "look");
  add("isolate-edge", "look", StepState::done);
  EXPECT_EQ(next("isolate-edge"), "restore");
  add("isolate-edge", "restore", StepState::failed);
  EXPECT_EQ(next("isolate-edge"), "stopped");
  add("isolate-edge", "restore", StepState::rejected);
  EXPECT_EQ(next("isolate-edge"), "restore");
  add("case-3-api-flood", "tighten", StepState::failed);  // on_failure = "continue"
  EXPECT_EQ(next("case-3-api-flood"), "find-the-source");
}

TEST_F(SuggestTest, OnlyWhatTheHouseCallsAutomaticIsAskedForByItself) {
  const AutomaticStep tighten{"case-3-api-flood", "tighten"};
  EXPECT_EQ(automatic_step(state, {1}, books), tighten);
  EXPECT_EQ(automatic_step(state, {2}, books), std::nullopt);
  auto& agreed = state.house.runbooks.at("case-3-api-flood");
  agreed.steps[0].approval = Approval::one_person;
  EXPECT_EQ(automatic_step(state, {1}, books), std::nullopt);
  agreed.steps[0].approval = Approval::automatic;
  agreed.digest.back() ^= 1;
  EXPECT_EQ(automatic_step(state, {1}, books), std::nullopt);
  agreed.digest.back() ^= 1;
  incident().phase = Phase::suspected;
  EXPECT_EQ(automatic_step(state, {1}, books), std::nullopt);
  incident().phase = Phase::identified;
  EXPECT_EQ(automatic_step(state, {1}, books), tighten);
  add("case-3-api-flood", "tighten", StepState::rejected);
  EXPECT_EQ(automatic_step(state, {1}, books), std::nullopt);
  incident().steps.back().state = StepState::failed;
  EXPECT_EQ(automatic_step(state, {1}, books),
            (AutomaticStep{"case-3-api-flood", "find-the-source"}));
}

}  // namespace
}  // namespace oki::response
