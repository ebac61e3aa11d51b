// Runs steps of runbooks: resolves what they name, runs their command lines, keeps what they put
// out, and verifies that what they should bring about is there.
//
// Never twice: (1) `record` brings RecordStep{started} to the incident machine's log first, and
// only the watch whose command is taken goes on; (2) StepNotes on this watch's own disk has the
// step before its action begins. A step that a note says was begun, and that nobody knows the end
// of, is recorded as failed with "outcome unknown" and never repeated.
//
// In a drill nothing is run, but for an exchange that is there to be hurt (`drill_ground`): the
// plan of the step is its output.
//
// Command lines run one after the other, in the order of run(); verifications go on beside them.
// What a step put out is the file "inc12-3.output" on the disk, its digest in the timeline.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/disk.h"
#include "base/log.h"
#include "response/commands.h"
#include "response/events.h"
#include "response/runbook/actions_config.h"
#include "response/runbook/executor.h"
#include "response/runbook/step_notes.h"
#include "response/runbook/verification.h"

namespace oki::response {

constexpr std::size_t runs_max = 64;  // Steps that wait, run or are being verified.
constexpr std::int64_t claim_ms = 10'000;
constexpr std::size_t outputs_max = 200;  // Of steps; the oldest file gives way.

constexpr const char* outcome_unknown = "outcome unknown: look before trying again";

// What a step would do, for people and for a dry run.
struct StepPlan {
  std::vector<Call> calls;
  std::vector<std::vector<std::string>> command_lines;  // One for each call; empty words: a task.
  bool is_task = false;
  std::string text;  // All of it, one line each.
};

// Without a side effect. Errors as of calls_of() and command_line().
Result<StepPlan> plan_step(const Book& book, const BookStep& step, const Scene& scene,
                           const ActionsConfig& config);

class Runner {
 public:
  // Brings the command to the log; `taken` says whether the machine answered with no refusal.
  using Record = std::function<void(RecordStep, std::function<void(bool taken)>)>;

  struct Parts {
    const Clock& clock;
    Timers& timers;
    Disk& disk;
    Log& log;
    Executor& executor;
    Looker& looker;
    Record record;
  };

  // Errc::corrupt: the notes on the disk are none. All parts must outlive the runner.
  static Result<std::unique_ptr<Runner>> open(const Parts& parts, ActionsConfig config,
                                              std::map<std::string, Book> books);
  ~Runner();

  // How it ended; the same was recorded.
  struct Ended {
    StepState state = StepState::failed;  // verified, failed, or started: left to a person.
    std::string words;
    std::string output;
  };
  using Done = std::function<void(const Ended&)>;

  // `agreed` is what the house says of the runbook. `done` is called once, never inside this call.
  void run(const StepDue& due, const Runbook& agreed, const Scene& scene, Done done);

  // To be called by the watch that leads, when it begins to: what was agreed to and not begun is
  // run, what no one runs any more is recorded as failed, what ran and was not verified yet is
  // verified now. `scene` gives an incident's.
  void settle(const State& state, const std::function<Scene(IncidentId)>& scene);

  const std::map<std::string, Book>& books() const { return books_; }
  std::size_t active() const { return runs_.size(); }

 private:
  struct Run;
  using Shared = std::shared_ptr<Run>;

  Runner(const Parts& parts, ActionsConfig config, std::map<std::string, Book> books);
  Result<StepPlan> plan(const StepDue& due, const Runbook& agreed, const Scene& scene) const;
  void claim(const Shared& run);
  void on_claimed(const Shared& run, bool taken);
  void begin(const Shared& run);
  void rehearse(const Shared& run);
  void execute_next();
  void on_executed(const Shared& run, const Result<Executed>& executed);
  void on_all_executed(const Shared& run);
  void keep_output(const Shared& run);
  void verify(const Shared& run);
  void record(const Shared& run, StepState to, const std::string& words,
              std::function<void(bool)> then = {});
  void end(const Shared& run, StepState state, const std::string& words);
  void finish(const Shared& run, StepState state, const std::string& words);
  void settle_step(const StepDue& due, const StepRecord& record, const State& state,
                   const std::function<Scene(IncidentId)>& scene);

  Parts parts_;
  const ActionsConfig config_;
  const std::map<std::string, Book> books_;
  std::unique_ptr<StepNotes> notes_;
  std::map<StepKey, Shared> runs_;
  std::deque<Shared> waiting_;  // For the executor.
  Shared executing_;
  std::deque<std::string> outputs_;  // Files, oldest first.
  std::shared_ptr<Runner*> alive_;
};

}  // namespace oki::response
