#include "response/runbook/runner.h"

#include <gtest/gtest.h>

#include "base/testing/stepped.h"
#include "crypto/crypto.h"
#include "response/runbook/parse.h"
#include "store/testing/memory_disk.h"

namespace oki::response {
namespace {

const std::string text = R"(# Test / 試験

EN: A runbook for tests.
JA: 試験用。

## drain: Take out / 外す

EN: Do it.
JA: 行う。

```toml
name = "drain"
action = "edge.drain"
each = "affected edge"
with = { edge = "{edge}", for = "30m" }
approval = "one_person"
timeout = "20s"
verify = "edge {edge} is draining"
within = "10s"
on_failure = "stop"
```

## tighten: Tighten / 強める

EN: Do it.
JA: 行う。

```toml
name = "tighten"
action = "edge.tighten"
each = "every edge"
with = { edge = "{edge}", set = "query_percent=50", for = "30m" }
approval = "automatic"
timeout = "20s"
verify = "test trades 20 by 2"
within = "10s"
on_failure = "continue"
```

## look: Look / 見る

EN: Look.
JA: 見る。

```toml
name = "look"
action = "task"
with = { role = "operations" }
approval = "automatic"
timeout = "10s"
verify = "nothing"
within = "1s"
on_failure = "continue"
```
)";

ActionsConfig test_config() {
  ActionsConfig config;
  config.program = "/usr/bin/okiagari";
  config.cluster = 7;
  config.nodes = {{"10.0.0.1", 7001}};
  config.edges = {{"10.0.1.1", 80}, {"10.0.1.2", 80}};
  config.edge_metrics = {{"10.0.1.1", 91}, {"10.0.1.2", 91}};
  config.admin_token = "/etc/token";
  return config;
}

struct FakeExecutor : Executor {
  explicit FakeExecutor(Timers& t) : timers(t) {}
  void run(const std::vector<std::string>& words, std::int64_t timeout_ms, Done done) override {
    lines.push_back(shown(words));
    timeouts.push_back(timeout_ms);
    if (holds) return void(held = std::move(done));
    const Result<Executed> result =
        results.empty() ? Result<Executed>(Executed{0, false, "fine\n"}) : results.front();
    if (!results.empty()) results.pop_front();
    timers.after_ms(100, [done = std::move(done), result] { done(result); });
  }
  Timers& timers;
  std::vector<std::string> lines;
  std::vector<std::int64_t> timeouts;
  std::deque<Result<Executed>> results;
  bool holds = false;
  Done held;
};

struct FakeLooker : Looker {
  TradeCounts counts() override { return {}; }
  void look(const Condition& condition, TradeCounts&, Done done) override {
    ++looks;
    last = condition;
    if (silent) return;
    done({holds, holds ? "seen" : "not there"});
  }
  bool holds = true;
  bool silent = false;
  int looks = 0;
  Condition last;
};

struct RunnerTest : ::testing::Test {
  RunnerTest() { restart(); }

  void restart() {
    runner.reset();
    auto opened = Runner::open({clock, timers, disk, log, executor, looker,
                                [this](RecordStep command, const std::function<void(bool)>& then) {
                                  recorded.push_back(command);
                                  if (answers)
                                    timers.after_ms(1, [then, yes = taken] { then(yes); });
                                }},
                               config, {{"test", book}});
    ASSERT_TRUE(opened) << opened.error().message;
    runner = std::move(*opened);
  }

  StepDue due(const std::string& step, std::uint32_t number = 1) {
    return {{12}, number, "test", step, false};
  }
  Scene scene(std::vector<std::string> edges = {"2"}) {
    Scene made;
    made.incident = {12};
    made.edges = 2;
    for (std::string& edge : edges) {
      made.components.push_back({notify::ComponentKind::edge, std::move(edge)});
    }
    return made;
  }
  void start(const std::string& step, std::uint32_t number = 1) {
    runner->run(due(step, number), house_entry(book), scene(),
                [this](const Runner::Ended& end) { ended.push_back(end); });
  }
  // The states recorded of a step, in order.
  std::vector<StepState> states(std::uint32_t number = 1) {
    std::vector<StepState> out;
    for (const RecordStep& record : recorded) {
      if (record.step == number) out.push_back(record.to);
    }
    return out;
  }

  using States = std::vector<StepState>;
  Book book = parse_book("test", text).value();
  ActionsConfig config = test_config();
  testing::StepClock clock;
  testing::StepTimers timers{clock};
  store::MemoryDisk disk{3};
  Log log{clock, "watch", {}};
  FakeExecutor executor{timers};
  FakeLooker looker;
  std::vector<RecordStep> recorded;
  bool answers = true;
  bool taken = true;
  std::vector<Runner::Ended> ended;
  std::unique_ptr<Runner> runner;
};

TEST_F(RunnerTest, AStepIsClaimedRunRecordedAndVerified) {
  start("drain");
  EXPECT_TRUE(executor.lines.empty());
  timers.advance_ms(1'000);
  EXPECT_EQ(executor.lines,
            (std::vector<std::string>{"/usr/bin/okiagari edge drain --for 30m --admin 10.0.1.2:91 "
                                      "--token /etc/token --by inc12 --words runbook"}));
  EXPECT_EQ(executor.timeouts, std::vector<std::int64_t>{20'000});
  EXPECT_EQ(states(), (States{StepState::started, StepState::done, StepState::verified}));
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].state, StepState::verified);
  EXPECT_EQ(recorded[1].digest, crypto::hex(crypto::sha256(ended[0].output)));
  EXPECT_EQ(disk.files().at("inc12-1.output"), ended[0].output);
  EXPECT_EQ(looker.last.number, 2);
  EXPECT_EQ(runner->active(), 0u);
}

TEST_F(RunnerTest, WhatIsNotGivenToThisWatchIsNotRun) {
  taken = false;
  start("drain");
  timers.advance_ms(20'000);
  EXPECT_TRUE(executor.lines.empty());
  EXPECT_EQ(states(), States{StepState::started});
  EXPECT_EQ(ended.size(), 1u);
}

TEST_F(RunnerTest, WithoutAnAnswerToItsClaimNothingIsRun) {
  answers = false;
  start("drain");
  timers.advance_ms(claim_ms + 1'000);
  EXPECT_TRUE(executor.lines.empty());
  EXPECT_EQ(ended.size(), 1u);
}

TEST_F(RunnerTest, AnotherTextThanTheAgreedOneIsNotRun) {
  Runbook agreed = house_entry(book);
  agreed.digest.back() ^= 1;
  runner->run(due("drain"), agreed, scene(), {});
  runner->run(due("burn", 2), house_entry(book), scene(), {});
  runner->run(due("drain", 3), house_entry(book), scene({}), {});
  runner->run(due("drain", 4), house_entry(book), scene({"1", "2;reboot"}), {});
  runner->run(due("drain", 5), house_entry(book), scene({"9"}), {});
  timers.advance_ms(1'000);
  EXPECT_TRUE(executor.lines.empty());
  ASSERT_EQ(recorded.size(), 5u);
  for (const RecordStep& record : recorded) EXPECT_EQ(record.to, StepState::failed);
  EXPECT_EQ(recorded[0].words, "the runbook's file is not the one that was agreed on");
  EXPECT_EQ(recorded[1].words, "this watch has no such runbook or step");
  EXPECT_EQ(recorded[2].words, "the step finds nothing here to be done for");
  EXPECT_EQ(recorded[3].words, "'edge' has a value that is none");
  EXPECT_EQ(recorded[4].words, "there is no edge 9");
}

TEST_F(RunnerTest, AFailedCommandFailsTheStepAndIsNotVerified) {
  executor.results = {Executed{1, false, "first line\nrefused: wrong_state\n"}};
  start("drain");
  timers.advance_ms(1'000);
  EXPECT_EQ(states(), (States{StepState::started, StepState::failed}));
  EXPECT_EQ(recorded.back().words, "exit code 1: refused: wrong_state");
  EXPECT_EQ(looker.looks, 0);
}

TEST_F(RunnerTest, TimeLimitsAndUnknownOutcomesAreCalledSo) {
  executor.results = {Executed{143, true, ""}, Executed{6, false, "timed out\n"},
                      tl::unexpected<Error>(Error{Errc::not_found, "/x is no program"})};
  for (std::uint32_t number = 1; number <= 3; ++number) start("drain", number);
  timers.advance_ms(1'000);
  std::vector<std::string> words;
  for (const Runner::Ended& end : ended) words.push_back(end.words);
  EXPECT_EQ(words,
            (std::vector<std::string>{
                "ended for its time limit; outcome unknown: look before trying again",
                "outcome unknown: look before trying again: timed out", "/x is no program"}));
}

TEST_F(RunnerTest, WhatIsNotSeenInTimeHasFailed) {
  looker.holds = false;
  start("drain");
  timers.advance_ms(9'000);
  EXPECT_EQ(states(), (States{StepState::started, StepState::done}));
  timers.advance_ms(2'000);
  EXPECT_EQ(states(), (States{StepState::started, StepState::done, StepState::failed}));
  EXPECT_EQ(recorded.back().words, "not seen in time: edge {edge} is draining; not there");
}

TEST_F(RunnerTest, WhoeverLooksAndNeverAnswersDoesNotKeepTheStepForEver) {
  looker.silent = true;
  start("drain");
  timers.advance_ms(60'000);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].state, StepState::failed);
  EXPECT_EQ(runner->active(), 0u);
}

TEST_F(RunnerTest, AStepOverAllEdgesGoesOnWhereItMay) {
  executor.results = {Executed{1, false, "no\n"}, Executed{0, false, "fine\n"}};
  start("tighten");
  timers.advance_ms(1'000);
  EXPECT_EQ(executor.lines.size(), 2u);
  EXPECT_EQ(states(), (States{StepState::started, StepState::failed}));
}

TEST_F(RunnerTest, ATaskIsLeftToAPerson) {
  start("look");
  timers.advance_ms(1'000);
  EXPECT_TRUE(executor.lines.empty());
  EXPECT_EQ(states(), States{StepState::started});
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].state, StepState::started);
}

TEST_F(RunnerTest, ADrillRunsNothingWhereCustomersAre) {
  StepDue drill = due("drain");
  drill.drill = true;
  runner->run(drill, house_entry(book), scene(),
              [this](const Runner::Ended& end) { ended.push_back(end); });
  timers.advance_ms(1'000);
  EXPECT_TRUE(executor.lines.empty());
  EXPECT_EQ(looker.looks, 0);
  EXPECT_EQ(states(), (States{StepState::started, StepState::done, StepState::verified}));
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_NE(ended[0].output.find("edge drain --for 30m"), std::string::npos);
}

TEST_F(RunnerTest, ADrillRunsAllOfItWhereThereIsNothingToHurt) {
  config.drill_ground = true;
  restart();
  StepDue drill = due("drain");
  drill.drill = true;
  runner->run(drill, house_entry(book), scene(), {});
  timers.advance_ms(1'000);
  EXPECT_EQ(executor.lines.size(), 1u);
  EXPECT_EQ(states(), (States{StepState::started, StepState::done, StepState::verified}));
}

TEST_F(RunnerTest, CommandsRunOneAfterTheOther) {
  executor.holds = true;
  start("drain", 1);
  start("drain", 2);
  timers.advance_ms(100);
  EXPECT_EQ(executor.lines.size(), 1u);
  executor.holds = false;
  executor.held(Executed{0, false, ""});
  EXPECT_EQ(executor.lines.size(), 2u);
  timers.advance_ms(1'000);
  EXPECT_EQ(ended.size(), 2u);
}

TEST_F(RunnerTest, AStepToldTwiceIsRunOnce) {
  start("drain");
  start("drain");
  timers.advance_ms(1'000);
  start("drain");  // After its end: the note knows it.
  timers.advance_ms(1'000);
  EXPECT_EQ(executor.lines.size(), 1u);
  EXPECT_EQ(recorded.back().words, outcome_unknown);
}

TEST_F(RunnerTest, AKillWhileItRunsIsAnUnknownOutcomeAndNoSecondRun) {
  executor.holds = true;
  start("drain");
  timers.advance_ms(100);
  ASSERT_EQ(executor.lines.size(), 1u);
  restart();
  executor.holds = false;
  start("drain");
  timers.advance_ms(1'000);
  EXPECT_EQ(executor.lines.size(), 1u);
  EXPECT_EQ(recorded.back().to, StepState::failed);
  EXPECT_EQ(recorded.back().words, outcome_unknown);
}

TEST_F(RunnerTest, WithoutItsNoteOnTheDiskNothingIsRun) {
  disk.fail_operation(0, Errc::io);
  start("drain");
  timers.advance_ms(1'000);
  EXPECT_TRUE(executor.lines.empty());
  EXPECT_EQ(states(), (States{StepState::started, StepState::failed}));
}

TEST_F(RunnerTest, ANewLeaderSettlesWhatAnotherOneLeft) {
  State state;
  state.house.runbooks["test"] = house_entry(book);
  Incident& incident = state.incidents[{12}];
  incident.phase = Phase::investigating;
  const auto add = [&](const char* step, StepState at) {
    StepRecord record;
    record.runbook = "test";
    record.step = step;
    record.state = at;
    incident.steps.push_back(record);
  };
  add("drain", StepState::started);
  add("drain", StepState::done);
  add("look", StepState::started);
  add("drain", StepState::verified);
  add("gone", StepState::started);
  add("drain", StepState::approved);
  add("drain", StepState::asked);
  runner->settle(state, [this](IncidentId) { return scene(); });
  timers.advance_ms(1'000);
  EXPECT_EQ(states(1), States{StepState::failed});
  EXPECT_EQ(states(2), States{StepState::verified});
  EXPECT_EQ(states(3), States{});
  EXPECT_EQ(states(4), States{});
  EXPECT_EQ(states(5), States{StepState::failed});
  EXPECT_EQ(states(6), (States{StepState::started, StepState::done, StepState::verified}));
  EXPECT_EQ(states(7), States{});
  EXPECT_EQ(executor.lines.size(), 1u);
}

TEST_F(RunnerTest, OutputIsBoundedAndItsLastLineIsShownWithoutControlCharacters) {
  executor.results = {
      Executed{1, false, std::string(output_bytes_max, 'x') + "\n\x1b[31mred\xff\n"}};
  start("drain");
  timers.advance_ms(1'000);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].words, "exit code 1: ?[31mred?");
  EXPECT_EQ(ended[0].output.size(), output_bytes_max);
}

TEST_F(RunnerTest, OutputsOfEarlierLivesCountToo) {
  for (std::size_t i = 0; i < outputs_max + 3; ++i) {
    disk.replace("inc1-" + std::to_string(i) + ".output", "x", [](const Result<void>&) {});
  }
  restart();
  start("drain");
  timers.advance_ms(1'000);
  std::size_t outputs = 0;
  for (const auto& [file, content] : disk.files()) outputs += file.ends_with(".output") ? 1 : 0;
  EXPECT_EQ(outputs, outputs_max);
  EXPECT_TRUE(disk.files().contains("inc12-1.output"));
}

TEST_F(RunnerTest, TooManyStepsAreRefusedByName) {
  looker.silent = true;
  for (std::uint32_t number = 1; number <= runs_max + 1; ++number) start("drain", number);
  timers.advance_ms(1);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].words, "too many steps are under way");
}

TEST_F(RunnerTest, ADryRunSaysEverythingAndDoesNothing) {
  const auto plan = plan_step(book, *book.find("drain"), scene(), test_config());
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->text,
            "test: drain (Take out)\n"
            "  run within 20s: /usr/bin/okiagari edge drain --for 30m --admin 10.0.1.2:91 "
            "--token /etc/token --by inc12 --words runbook\n"
            "  then, within 10s: edge {edge} is draining\n");
  EXPECT_TRUE(executor.lines.empty());
  EXPECT_EQ(disk.finished(), 0u);
}

TEST(StepNotes, AreKeptAndDamagedOnesRefused) {
  store::MemoryDisk disk{5};
  {
    auto notes = StepNotes::open(disk);
    ASSERT_TRUE(notes);
    (*notes)->begin({{1}, 2}, [](const Result<void>& done) { EXPECT_TRUE(done); });
    (*notes)->begin({{1}, 3}, [](const Result<void>& done) { EXPECT_TRUE(done); });
    (*notes)->begin({{1}, 2}, [](const Result<void>& done) { EXPECT_FALSE(done); });
    (*notes)->end({{1}, 2}, [](const Result<void>& done) { EXPECT_TRUE(done); });
  }
  const auto again = StepNotes::open(disk);
  ASSERT_TRUE(again);
  EXPECT_TRUE((*again)->has({{1}, 2}));
  EXPECT_EQ((*again)->begun(), (std::vector<StepKey>{{{1}, 3}}));
  for (const char* bad : {"1 2", "1 2 begun", "1 2 gone\n", "x 2 begun\n", "1 2 begun\n1 2 ended\n",
                          "1 99999999999 begun\n", "\n"}) {
    store::MemoryDisk damaged{5, {{step_notes_file, bad}}};
    EXPECT_FALSE(StepNotes::open(damaged)) << bad;
  }
}

TEST(StepNotes, GiveUpTheOldestThatEndedAndNoneThatRuns) {
  store::MemoryDisk disk{5};
  auto notes = StepNotes::open(disk);
  ASSERT_TRUE(notes);
  for (std::uint32_t step = 1; step <= step_notes_max; ++step) {
    (*notes)->begin({{1}, step}, [](const Result<void>& done) { EXPECT_TRUE(done); });
  }
  Result<void> full;
  (*notes)->begin({{2}, 1}, [&](const Result<void>& done) { full = done; });
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Errc::full);
  (*notes)->end({{1}, 7}, [](const Result<void>& done) { EXPECT_TRUE(done); });
  (*notes)->begin({{2}, 1}, [&](const Result<void>& done) { full = done; });
  EXPECT_TRUE(full);
  EXPECT_FALSE((*notes)->has({{1}, 7}));
  EXPECT_TRUE((*notes)->has({{1}, 6}));
}

}  // namespace
}  // namespace oki::response
