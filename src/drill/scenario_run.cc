#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/json.h"
#include "drill/faults.h"
#include "drill/scenario.h"

namespace oki::drill {
namespace {

class Run {
 public:
  Run(Trial& trial, ScenarioResult& result)
      : trial_(trial), result_(result), began_(trial.now()), since_(began_) {
    trial.oracle().begin_at(began_);
  }

  void step(const ScenarioStep& step) {
    const auto at_ms = step.at_ms;
    if (at_ms) trial_.steps().wait_for(scenario_ms_max, [&] { return after_ms(began_) >= *at_ms; });
    if (!step.inject.empty()) {
      since_ = trial_.now();
      note("inject " + step.inject, find_fault(step.inject)->inject(trial_.harm()));
    } else if (step.heal) {
      since_ = trial_.now();
      note("heal", trial_.harm().heal());
    } else {
      expect(step);
    }
  }

  MonoTimeNs began() const { return began_; }

 private:
  std::int64_t after_ms(MonoTimeNs from) { return (trial_.now() - from) / ns_per_ms; }

  void note(const std::string& what, const Result<void>& done) {
    StepResult row;
    row.what = what;
    row.ok = done.has_value();
    if (!done) row.why = done.error().message;
    result_.steps.push_back(row);
  }

  void expect(const ScenarioStep& step) {
    StepResult row;
    row.what = std::string("expect ") + name(*step.expect);
    row.within_ms = step.within_ms;
    std::optional<MonoTimeNs> seen;
    const std::int64_t left_ms = step.within_ms - after_ms(since_);
    trial_.steps().wait_for(std::max<std::int64_t>(left_ms, 0), [&] {
      if (auto done = trial_.session().cluster().start_ended(); !done)
        row.why = done.error().message;
      seen = look(*step.expect);
      return seen.has_value();
    });
    if (seen) row.took_ms = (*seen - since_) / ns_per_ms;
    row.ok = row.took_ms && *row.took_ms <= step.within_ms;
    result_.steps.push_back(row);
  }

  std::optional<MonoTimeNs> look(Expected what) {
    switch (what) {
      case Expected::not_green:
        return trial_.nongreen(since_);
      case Expected::green:
        return trial_.green() ? std::optional(trial_.now()) : std::nullopt;
      case Expected::trading_stopped:
        return trial_.oracle().record().stopped(since_);
      case Expected::trading:
        return trial_.trading(since_);
    }
    return std::nullopt;
  }

  Trial& trial_;
  ScenarioResult& result_;
  MonoTimeNs began_;
  MonoTimeNs since_;  // The last injection or healing.
};

TrialOptions trial_options(const Scenario& scenario, const std::string& directory) {
  TrialOptions options;
  options.directory = directory;
  options.nodes = scenario.nodes;
  options.edges = scenario.edges;
  options.status_sites = scenario.status_sites;
  return options;
}

std::string line(const StepResult& step) {
  return fmt::format("{:<36} {:>9} {:>9}  {}{}{}", step.what,
                     step.took_ms ? std::to_string(*step.took_ms) + " ms" : "",
                     step.within_ms > 0 ? fmt::format("<= {}", step.within_ms) : "",
                     step.ok ? "ok" : "FAILED", step.why.empty() ? "" : ": ", step.why);
}

}  // namespace

bool ScenarioResult::ok() const {
  return !interrupted && falsely_green_ms == 0 &&
         std::all_of(steps.begin(), steps.end(), [](const StepResult& step) { return step.ok; });
}

Result<ScenarioResult> run_scenario(const Scenario& scenario, const std::string& directory,
                                    const std::function<void(const std::string&)>& progress) {
  for (const ScenarioStep& step : scenario.steps) {
    const FaultKind* kind = find_fault(step.inject);
    const std::string missing = kind == nullptr ? "" : missing_for(*kind);
    if (!missing.empty()) return error(Errc::unavailable, step.inject + ": " + missing);
  }
  Trial trial(trial_options(scenario, directory));
  if (auto done = trial.start(progress); !done) return tl::unexpected(done.error());
  if (!trial.wait_until_well()) return error(Errc::unavailable, "it never came to rest");
  ScenarioResult result;
  result.name = scenario.name;
  Run run(trial, result);
  for (const ScenarioStep& step : scenario.steps) {
    if (trial.interrupted()) break;
    run.step(step);
    progress(line(result.steps.back()));
  }
  result.falsely_green_ms = trial.falsely_green_ms(run.began(), trial.now());
  result.interrupted = trial.interrupted();
  return result;
}

std::string text(const ScenarioResult& result) {
  std::string out = result.name + "\n";
  for (const StepResult& step : result.steps) out += "  " + line(step) + "\n";
  fmt::format_to(std::back_inserter(out), "  falsely green {} ms: {}\n", result.falsely_green_ms,
                 result.ok() ? "passed" : "FAILED");
  return out;
}

std::string to_json(const ScenarioResult& result) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("scenario", result.name).key("steps").begin_array();
  for (const StepResult& step : result.steps) {
    json.begin_object().field("what", step.what).key("took_ms");
    step.took_ms ? json.number(*step.took_ms) : json.null();
    if (step.within_ms > 0) json.field("within_ms", step.within_ms);
    if (!step.why.empty()) json.field("why", step.why);
    json.field("ok", step.ok).end_object();
  }
  json.end_array().field("falsely_green_ms", result.falsely_green_ms);
  json.field("interrupted", result.interrupted).field("passed", result.ok()).end_object();
  return out;
}

}  // namespace oki::drill
