#include "response/runbook/suggest.h"

#include <algorithm>

#include "response/runbook/catalogue.h"

namespace oki::response {
namespace {

using notify::ComponentKind;
using Names = std::vector<const char*>;

Names for_broken(const notify::ComponentId& component) {
  if (component.name.empty()) return {};
  switch (component.kind) {
    case ComponentKind::edge:
      return {"restart-process", "isolate-edge"};
    case ComponentKind::node:
      return {"restart-process", "replace-node"};
    case ComponentKind::market:
      return {"cancel-only", "halt"};
    case ComponentKind::ledger:
      break;
  }
  return {"halt"};
}

Names for_defect(const notify::ComponentId& component) {
  const bool edge = !component.name.empty() && component.kind == ComponentKind::edge;
  return edge ? Names{"isolate-edge"} : Names{"halt"};
}

Names for_cause(const Cause& cause) {
  switch (cause.kind) {
    case CauseKind::change:
      return {"case-2-wrong-setting"};
    case CauseKind::broken:
      return for_broken(cause.component);
    case CauseKind::shortage:
      return {"hardware-or-capacity", "transfer-leadership"};
    case CauseKind::overload:
      return {"case-1-surge", "tighten-limits"};
    case CauseKind::abuse:
      return {"case-3-api-flood"};
    case CauseKind::defect:
      return for_defect(cause.component);
  }
  return {};
}

// The last record of a step; nothing when it was never asked for.
const StepRecord* last_record(const Incident& incident, const std::string& runbook,
                              const std::string& step) {
  const auto found = std::find_if(
      incident.steps.rbegin(), incident.steps.rend(),
      [&](const StepRecord& one) { return one.runbook == runbook && one.step == step; });
  return found == incident.steps.rend() ? nullptr : &*found;
}

bool is_task(const BookStep& step) {
  const ActionSpec* spec = find_action(step.action);
  return spec != nullptr && spec->is_task;
}

}  // namespace

std::vector<std::string> suggested_runbooks(const std::vector<Cause>& causes) {
  std::vector<std::string> names;
  for (const Cause& cause : causes) {
    for (const char* name : for_cause(cause)) {
      const bool known = std::find(names.begin(), names.end(), name) != names.end();
      if (!known && names.size() < suggested_max) names.emplace_back(name);
    }
  }
  return names;
}

NextStep next_step(const Book& book, const Incident& incident) {
  for (const BookStep& step : book.steps) {
    const StepRecord* record = last_record(incident, book.name, step.name);
    if (record == nullptr || record->state == StepState::rejected) return {&step, false};
    const bool task_done = record->state == StepState::done && is_task(step);
    if (record->state == StepState::verified || task_done) continue;
    if (record->state != StepState::failed) return {};
    if (step.stop_on_failure) return {nullptr, true};
  }
  return {};
}

std::optional<AutomaticStep> automatic_step(const State& state, IncidentId id,
                                            const std::map<std::string, Book>& books) {
  const auto found = state.incidents.find(id);
  if (found == state.incidents.end()) return std::nullopt;
  const Phase phase = found->second.phase;
  if (phase != Phase::investigating && phase != Phase::identified) return std::nullopt;
  const auto names = suggested_runbooks(rank_causes(state, id));
  const auto book = names.empty() ? books.end() : books.find(names.front());
  if (book == books.end()) return std::nullopt;
  const auto agreed = state.house.runbooks.find(book->first);
  if (agreed == state.house.runbooks.end() || agreed->second.digest != book->second.digest) {
    return std::nullopt;
  }
  const NextStep next = next_step(book->second, found->second);
  // A rejected step was somebody's decision.
  if (next.step == nullptr || last_record(found->second, book->first, next.step->name) != nullptr) {
    return std::nullopt;
  }
  const RunbookStep* rule = find_step(state.house, book->first, next.step->name);
  if (rule == nullptr || rule->approval != Approval::automatic) return std::nullopt;
  return AutomaticStep{book->first, next.step->name};
}

}  // namespace oki::response
