#include "response/runbook/runner.h"

#include <algorithm>
#include <utility>

#include "crypto/crypto.h"
#include "response/runbook/catalogue.h"

namespace oki::response {
namespace {

std::string output_file(const StepDue& due) {
  return name(due.incident) + "-" + std::to_string(due.step) + ".output";
}

std::string clipped(std::string words) {
  if (words.size() <= words_bytes_max) return words;
  std::size_t size = words_bytes_max;
  while (size > 0 && (static_cast<unsigned char>(words[size]) & 0xc0) == 0x80) --size;
  words.resize(size);
  return words;
}

// One line, whatever a program wrote.
std::string last_line(const std::string& output) {
  std::size_t end = output.find_last_not_of("\n");
  if (end == std::string::npos) return {};
  const std::size_t begin = output.rfind('\n', end);
  std::string line = output.substr(begin == std::string::npos ? 0 : begin + 1,
                                   end - (begin == std::string::npos ? 0 : begin + 1) + 1);
  constexpr std::size_t shown_max = 200;
  if (line.size() > shown_max) line.resize(shown_max);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
  }
  return line;
}

// The exit codes of this project's commands (app/command_table.h).
constexpr int exit_unknown_outcome = 6;

// Empty when it went well.
std::string fault_of(const Result<Executed>& executed) {
  if (!executed) return executed.error().message;
  if (executed->timed_out) return std::string("ended for its time limit; ") + outcome_unknown;
  if (executed->exit_code == 0) return {};
  const std::string line = last_line(executed->output);
  if (executed->exit_code == exit_unknown_outcome)
    return std::string(outcome_unknown) + ": " + line;
  return "exit code " + std::to_string(executed->exit_code) + ": " + line;
}

}  // namespace

struct Runner::Run {
  StepDue due;
  StepPlan plan;
  const BookStep* step = nullptr;
  Done done;
  TimerId claim_timer;
  bool claimed = false;
  std::size_t next_call = 0;
  std::string output;
  std::string digest;
  std::string fault;  // The first of its calls that failed.
  std::unique_ptr<Verification> verification;
};

Result<StepPlan> plan_step(const Book& book, const BookStep& step, const Scene& scene,
                           const ActionsConfig& config) {
  const ActionSpec* spec = find_action(step.action);
  if (spec == nullptr) return error(Errc::invalid, "there is no action '" + step.action + "'");
  auto calls = calls_of(step, scene);
  if (!calls) return tl::unexpected<Error>(calls.error());
  StepPlan plan;
  plan.is_task = spec->is_task;
  plan.text = book.name + ": " + step.name + " (" + step.title_en + ")\n";
  if (plan.is_task) plan.text += "  a task for " + step.with.at("role") + "; nothing is run\n";
  for (const Call& call : *calls) {
    auto words = command_line(config, call, scene.incident);
    if (!words) return tl::unexpected<Error>(words.error());
    if (!words->empty())
      plan.text +=
          "  run within " + std::to_string(step.timeout_ms / 1'000) + "s: " + shown(*words) + "\n";
    plan.command_lines.push_back(std::move(*words));
  }
  if (!plan.is_task) {
    plan.text += "  then, within " + std::to_string(step.within_ms / 1'000) + "s: " + step.verify +
                 (calls->size() > 1 ? " (for each)\n" : "\n");
  }
  plan.calls = std::move(*calls);
  return plan;
}

Result<std::unique_ptr<Runner>> Runner::open(const Parts& parts, ActionsConfig config,
                                             std::map<std::string, Book> books) {
  auto notes = StepNotes::open(parts.disk);
  if (!notes) return tl::unexpected<Error>(notes.error());
  auto runner = std::unique_ptr<Runner>(new Runner(parts, std::move(config), std::move(books)));
  runner->notes_ = std::move(*notes);
  const auto names = parts.disk.list();
  if (!names) return tl::unexpected<Error>(names.error());
  for (const std::string& file : *names) {
    if (file.ends_with(".output")) runner->outputs_.push_back(file);
  }
  return runner;
}

Runner::Runner(const Parts& parts, ActionsConfig config, std::map<std::string, Book> books)
    : parts_(parts),
      config_(std::move(config)),
      books_(std::move(books)),
      alive_(std::make_shared<Runner*>(this)) {}

Runner::~Runner() {
  for (const auto& [key, run] : runs_) {
    parts_.timers.cancel(run->claim_timer);
    run->verification.reset();  // It holds the run that holds it.
  }
}

Result<StepPlan> Runner::plan(const StepDue& due, const Runbook& agreed, const Scene& scene) const {
  const auto book = books_.find(due.runbook);
  const BookStep* step = book == books_.end() ? nullptr : book->second.find(due.name);
  if (step == nullptr) return error(Errc::not_found, "this watch has no such runbook or step");
  if (agreed.digest != book->second.digest) {
    return error(Errc::mismatch, "the runbook's file is not the one that was agreed on");
  }
  if (notes_->has({due.incident, due.step})) return error(Errc::exists, outcome_unknown);
  if (runs_.size() >= runs_max) return error(Errc::full, "too many steps are under way");
  return plan_step(book->second, *step, scene, config_);
}

void Runner::run(const StepDue& due, const Runbook& agreed, const Scene& scene, Done done) {
  const StepKey key{due.incident, due.step};
  if (runs_.contains(key)) return;  // Told again; the first one goes on and answers.
  auto run = std::make_shared<Run>();
  run->due = due;
  run->done = std::move(done);
  auto planned = plan(due, agreed, scene);
  runs_.emplace(key, run);
  if (!planned) {
    parts_.timers.after_ms(0, [alive = std::weak_ptr(alive_), run, why = planned.error().message] {
      if (const auto self = alive.lock()) (*self)->end(run, StepState::failed, why);
    });
    return;
  }
  run->plan = std::move(*planned);
  run->step = books_.at(due.runbook).find(due.name);
  claim(run);
}

// Whoever's command is taken runs it. Without an answer in time nobody does.
void Runner::claim(const Shared& run) {
  run->claim_timer = parts_.timers.after_ms(claim_ms, [alive = std::weak_ptr(alive_), run] {
    if (const auto self = alive.lock()) (*self)->on_claimed(run, false);
  });
  const std::string words = run->plan.is_task ? run->step->title_en : run->plan.text;
  record(run, StepState::started, words, [alive = std::weak_ptr(alive_), run](bool taken) {
    if (const auto self = alive.lock()) (*self)->on_claimed(run, taken);
  });
}

void Runner::on_claimed(const Shared& run, bool taken) {
  if (std::exchange(run->claimed, true)) return;
  parts_.timers.cancel(run->claim_timer);
  if (!taken) return finish(run, StepState::failed, "not run here: the step was not given to it");
  if (run->plan.is_task) return finish(run, StepState::started, "left to a person");
  if (run->due.drill && !config_.drill_ground) return rehearse(run);
  begin(run);
}

void Runner::rehearse(const Shared& run) {
  run->output = run->plan.text;
  run->digest = crypto::hex(crypto::sha256(run->output));
  keep_output(run);
  record(run, StepState::done, "a drill: it was said what would be run, and nothing was");
  end(run, StepState::verified, "a drill: nothing was run, so nothing was to be seen");
}

void Runner::begin(const Shared& run) {
  notes_->begin({run->due.incident, run->due.step}, [alive = std::weak_ptr(alive_),
                                                     run](const Result<void>& written) {
    const auto self = alive.lock();
    if (!self) return;
    if (!written) {
      return (*self)->end(run, StepState::failed, "not run: " + written.error().message);
    }
    (*self)->waiting_.push_back(run);
    (*self)->execute_next();
  });
}

void Runner::execute_next() {
  if (executing_ || waiting_.empty()) return;
  executing_ = waiting_.front();
  waiting_.pop_front();
  const Shared run = executing_;
  parts_.executor.run(run->plan.command_lines[run->next_call], run->step->timeout_ms,
                      [alive = std::weak_ptr(alive_), run](const Result<Executed>& executed) {
                        if (const auto self = alive.lock()) (*self)->on_executed(run, executed);
                      });
}

void Runner::on_executed(const Shared& run, const Result<Executed>& executed) {
  executing_.reset();
  run->output += "$ " + shown(run->plan.command_lines[run->next_call]) + "\n";
  if (executed) run->output += executed->output;
  if (executed && executed->cut) run->output += "\n(more was put out and not kept)\n";
  if (run->output.size() > output_bytes_max) run->output.resize(output_bytes_max);
  const std::string fault = fault_of(executed);
  if (run->fault.empty()) run->fault = fault;
  const bool goes_on = fault.empty() || !run->step->stop_on_failure;
  if (++run->next_call < run->plan.command_lines.size() && goes_on) {
    waiting_.push_front(run);
  } else {
    on_all_executed(run);
  }
  execute_next();
}

void Runner::on_all_executed(const Shared& run) {
  run->digest = crypto::hex(crypto::sha256(run->output));
  keep_output(run);
  notes_->end({run->due.incident, run->due.step},
              [alive = std::weak_ptr(alive_)](const Result<void>& written) {
                const auto self = alive.lock();
                if (self && !written)
                  (*self)->parts_.log.warning("runbook", written.error().message);
              });
  if (!run->fault.empty()) return end(run, StepState::failed, run->fault);
  const std::string words = std::to_string(run->plan.command_lines.size()) + " command(s), " +
                            std::to_string(run->output.size()) +
                            " bytes of output: " + last_line(run->output);
  record(run, StepState::done, words);
  verify(run);
}

void Runner::keep_output(const Shared& run) {
  const auto warn = [alive = std::weak_ptr(alive_)](const Result<void>& done) {
    const auto self = alive.lock();
    if (self && !done) (*self)->parts_.log.warning("runbook", done.error().message);
  };
  const std::string file = output_file(run->due);
  parts_.disk.replace(file, run->output, warn);
  outputs_.push_back(file);
  while (outputs_.size() > outputs_max) {
    parts_.disk.remove(outputs_.front(), warn);
    outputs_.pop_front();
  }
}

void Runner::verify(const Shared& run) {
  std::vector<Condition> conditions;
  for (const Call& call : run->plan.calls) conditions.push_back(call.verify);
  run->verification = std::make_unique<Verification>(
      Verification::Parts{parts_.clock, parts_.timers, parts_.looker}, std::move(conditions),
      run->step->within_ms, [this, run](bool holds, const std::string& words) {
        end(run, holds ? StepState::verified : StepState::failed,
            holds ? words : "not seen in time: " + run->step->verify + "; " + words);
      });
  run->verification->start();
}

void Runner::record(const Shared& run, StepState to, const std::string& words,
                    std::function<void(bool)> then) {
  RecordStep command;
  command.incident = run->due.incident;
  command.step = run->due.step;
  command.to = to;
  command.digest = run->digest;
  command.words = clipped(words);
  if (!then) {
    then = [alive = std::weak_ptr(alive_), file = output_file(run->due)](bool taken) {
      const auto self = alive.lock();
      if (self && !taken) {
        (*self)->parts_.log.warning("runbook", "the end of a step was not recorded",
                                    {{"step", file}});
      }
    };
  }
  parts_.record(std::move(command), std::move(then));
}

void Runner::end(const Shared& run, StepState state, const std::string& words) {
  record(run, state, words);
  finish(run, state, words);
}

void Runner::finish(const Shared& run, StepState state, const std::string& words) {
  parts_.log.info("runbook", "a step has ended",
                  {{"step", run->due.runbook + ": " + run->due.name}, {"words", words}});
  runs_.erase({run->due.incident, run->due.step});
  // Inside its own call the verification must stay.
  if (run->verification) {
    parts_.timers.after_ms(0, [kept = std::shared_ptr<Verification>(std::move(run->verification))] {
      static_cast<void>(kept);
    });
  }
  if (run->done) run->done({state, words, run->output});
}

// --- What an earlier leader left behind, this watch before its restart included.

void Runner::settle(const State& state, const std::function<Scene(IncidentId)>& scene) {
  for (const auto& [id, incident] : state.incidents) {
    if (!is_open(incident)) continue;
    for (std::size_t i = 0; i < incident.steps.size(); ++i) {
      const StepRecord& record = incident.steps[i];
      const auto place = static_cast<std::uint32_t>(i + 1);
      if (runs_.contains({id, place})) continue;
      settle_step({id, place, record.runbook, record.step, incident.drill}, record, state, scene);
    }
  }
}

void Runner::settle_step(const StepDue& due, const StepRecord& record, const State& state,
                         const std::function<Scene(IncidentId)>& scene) {
  const auto agreed = state.house.runbooks.find(due.runbook);
  if (record.state == StepState::approved) {
    const Runbook known = agreed == state.house.runbooks.end() ? Runbook{} : agreed->second;
    return this->run(due, known, scene(due.incident), {});
  }
  if (record.state != StepState::started && record.state != StepState::done) return;
  const auto book = books_.find(due.runbook);
  const BookStep* step = book == books_.end() ? nullptr : book->second.find(due.name);
  const ActionSpec* spec = step == nullptr ? nullptr : find_action(step->action);
  if (spec != nullptr && spec->is_task) return;  // A person has it.
  auto run = std::make_shared<Run>();
  run->due = due;
  run->digest = record.digest;
  run->step = step;
  runs_.emplace(StepKey{due.incident, due.step}, run);
  if (record.state == StepState::started) return end(run, StepState::failed, outcome_unknown);
  const bool same = step != nullptr && agreed != state.house.runbooks.end() &&
                    agreed->second.digest == book->second.digest;
  auto plan = same ? plan_step(book->second, *step, scene(due.incident), config_)
                   : error(Errc::mismatch, "the runbook has changed since");
  if (!plan) return end(run, StepState::failed, "cannot be verified: " + plan.error().message);
  run->plan = std::move(*plan);
  verify(run);
}

}  // namespace oki::response
