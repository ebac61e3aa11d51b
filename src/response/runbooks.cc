// Steps of runbooks: asked for, agreed to where the house says so, run, recorded and verified.
#include <utility>

#include "response/operators.h"
#include "response/words.h"

namespace oki::response {
namespace {

constexpr PersonId nobody{};

RowKind row_of(StepState state) {
  switch (state) {
    case StepState::started:
      return RowKind::step_started;
    case StepState::done:
      return RowKind::step_output;
    case StepState::verified:
      return RowKind::step_verified;
    case StepState::asked:
    case StepState::approved:
    case StepState::rejected:
    case StepState::failed:
      break;
  }
  return RowKind::step_failed;
}

bool may_follow(StepState from, StepState to) {
  switch (to) {
    case StepState::started:
      return from == StepState::approved;
    case StepState::done:
      return from == StepState::started;
    case StepState::verified:
      return from == StepState::done;
    case StepState::failed:
      return from == StepState::approved || from == StepState::started || from == StepState::done;
    case StepState::asked:
    case StepState::approved:
    case StepState::rejected:
      break;
  }
  return false;
}

std::string title(const StepRecord& record) { return record.runbook + ": " + record.step; }

void approve(Turn& turn, IncidentId id, std::uint32_t place, PersonId by) {
  Incident& incident = turn.state.incidents.at(id);
  StepRecord& record = incident.steps[place - 1];
  record.state = StepState::approved;
  record.decided_by = by;
  add_row(turn, id, RowKind::step_approved, {.by = by, .number = place, .subject = title(record)});
  append(turn.events, Event(StepDue{id, place, record.runbook, record.step, incident.drill}));
}

}  // namespace

Reply request_step(Turn& turn, const RequestStep& command) {
  const bool alone = command.by == nobody;
  const Refusal person = alone ? Refusal::none : admit(turn.state, command.by, rights_to_repair);
  if (person != Refusal::none) return {person};
  const auto found = turn.state.incidents.find(command.incident);
  if (found == turn.state.incidents.end() || !is_open(found->second)) {
    return {Refusal::unknown_incident};
  }
  const RunbookStep* step = find_step(turn.state.house, command.runbook, command.step);
  if (step == nullptr) return {Refusal::unknown_subject};
  if (alone && step->approval != Approval::automatic) return {Refusal::not_allowed};
  Incident& incident = found->second;
  if (alone && incident.phase == Phase::suspected) return {Refusal::wrong_phase};
  for (const StepRecord& record : incident.steps) {
    const bool runs = record.state == StepState::asked || record.state == StepState::approved ||
                      record.state == StepState::started;
    if (runs && record.runbook == command.runbook && record.step == command.step) {
      return {Refusal::no_change};
    }
  }
  if (const Refusal rows = room_for_rows(turn.state, command.incident); rows != Refusal::none) {
    return {rows};
  }
  if (incident.steps.size() >= steps_max) return {Refusal::steps_full};
  StepRecord record;
  record.runbook = command.runbook;
  record.step = command.step;
  record.by = command.by;
  incident.steps.push_back(record);
  const auto place = static_cast<std::uint32_t>(incident.steps.size());
  add_row(turn, command.incident, RowKind::step_asked,
          {.by = command.by, .number = place, .subject = title(record)});
  if (step->approval != Approval::two_people) approve(turn, command.incident, place, command.by);
  return {Refusal::none, place};
}

Reply decide_step(Turn& turn, const DecideStep& command) {
  const Refusal refusal = admit(turn.state, command.by, rights_to_repair, command.incident);
  if (refusal != Refusal::none) return {refusal};
  Incident& incident = turn.state.incidents.at(command.incident);
  if (command.step == 0 || command.step > incident.steps.size()) return {Refusal::unknown_subject};
  StepRecord& record = incident.steps[command.step - 1];
  if (record.state != StepState::asked) return {Refusal::decided};
  if (command.yes && command.by == record.by) return {Refusal::same_person};
  // What the house no longer knows as it was asked for is not run.
  if (command.yes && find_step(turn.state.house, record.runbook, record.step) == nullptr) {
    return {Refusal::decided};
  }
  if (command.yes) {
    approve(turn, command.incident, command.step, command.by);
    return {Refusal::none, command.step};
  }
  record.state = StepState::rejected;
  record.decided_by = command.by;
  add_row(turn, command.incident, RowKind::step_rejected,
          {.by = command.by, .number = command.step, .subject = title(record)});
  return {Refusal::none, command.step};
}

Reply record_step(Turn& turn, const RecordStep& command) {
  if (!is_text(command.words, words_bytes_max) || !is_line(command.digest, digest_bytes_max) ||
      command.seat > seats_max || (command.by != nobody && command.seat != 0)) {
    return {Refusal::invalid};
  }
  const Refusal person =
      command.by == nobody ? Refusal::none : admit(turn.state, command.by, rights_to_repair);
  if (person != Refusal::none) return {person};
  const auto found = turn.state.incidents.find(command.incident);
  if (found == turn.state.incidents.end() || !is_open(found->second)) {
    return {Refusal::unknown_incident};
  }
  Incident& incident = found->second;
  if (command.step == 0 || command.step > incident.steps.size()) return {Refusal::unknown_subject};
  StepRecord& record = incident.steps[command.step - 1];
  if (!may_follow(record.state, command.to)) return {Refusal::decided};
  // Only the watch that began it says how it went on; any of them that it failed, when that watch
  // is gone.
  if (command.by == nobody && record.seat != 0 && record.seat != command.seat &&
      command.to != StepState::failed) {
    return {Refusal::decided};
  }
  if (command.to == StepState::started) record.seat = command.seat;
  record.state = command.to;
  if (!command.digest.empty()) record.digest = command.digest;
  add_row(
      turn, command.incident, row_of(command.to),
      {.by = command.by, .number = command.step, .subject = title(record), .words = command.words});
  return {Refusal::none, command.step};
}

}  // namespace oki::response
