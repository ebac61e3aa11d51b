#include "response/operators.h"

#include <algorithm>
#include <utility>

#include "response/gate.h"
#include "response/lifecycle.h"
#include "response/paging.h"
#include "response/words.h"

namespace oki::response {
namespace {

bool names_twice(const std::vector<notify::ComponentId>& ids) {
  for (auto at = ids.begin(); at != ids.end(); ++at) {
    if (std::find(ids.begin(), at, *at) != at) return true;
  }
  return false;
}

}  // namespace

Refusal admit(const State& state, PersonId by, std::uint8_t rights_any_of) {
  const auto person = state.house.people.find(by);
  if (person == state.house.people.end() || person->second.left) return Refusal::unknown_person;
  return may(person->second.rights, rights_any_of) ? Refusal::none : Refusal::not_allowed;
}

Refusal admit(const State& state, PersonId by, std::uint8_t rights_any_of, IncidentId id) {
  const Refusal refusal = admit(state, by, rights_any_of);
  if (refusal != Refusal::none) return refusal;
  return is_open_incident(state, id) ? Refusal::none : Refusal::unknown_incident;
}

Refusal room_for_rows(const State& state, IncidentId id) {
  return state.incidents.at(id).rows.size() < rows_of_people_max ? Refusal::none
                                                                 : Refusal::rows_full;
}

Reply declare(Turn& turn, const Declare& command) {
  if (command.title.empty() || !is_line(command.title, title_bytes_max) ||
      !is_text(command.words, words_bytes_max) || command.began > turn.now ||
      command.state == notify::State::operational || names_twice(command.components)) {
    return {Refusal::invalid};
  }
  const Refusal refusal = admit(turn.state, command.by, rights_of_roles);
  if (refusal != Refusal::none) return {refusal};
  if (!has_room(turn.state)) return {Refusal::incidents_full};
  const IncidentId id = open_incident(turn, command.began);
  Incident& incident = turn.state.incidents.at(id);
  incident.by_person = true;
  incident.drill = command.drill;
  incident.title = command.title;
  incident.state = incident.state_worst = command.state;
  incident.severity = incident.severity_seen = incident.severity_worst = command.severity;
  add_row(turn, id, RowKind::declared,
          {.by = command.by, .subject = command.title, .words = command.words});
  for (const notify::ComponentId& component : command.components) {
    join_component(turn, id, component);
  }
  confirm(turn, id, {.by = command.by});
  return {Refusal::none, id.value};
}

Reply acknowledge(Turn& turn, const Acknowledge& command) {
  const Refusal refusal = admit(turn.state, command.by, rights_of_roles, command.incident);
  if (refusal != Refusal::none) return {refusal};
  Incident& incident = turn.state.incidents.at(command.incident);
  if (incident.phase >= Phase::resolved) return {Refusal::wrong_phase};
  if (incident.acknowledged) return {Refusal::no_change};
  incident.acknowledged = turn.now;
  incident.acknowledged_by = command.by;
  incident.pager.running = false;
  add_row(turn, command.incident, RowKind::acknowledged, {.by = command.by});
  return {Refusal::none, command.incident.value};
}

Reply take_role(Turn& turn, const TakeRole& command) {
  const Refusal refusal = admit(turn.state, command.by, right_of(command.role), command.incident);
  if (refusal != Refusal::none) return {refusal};
  auto& holders = turn.state.incidents.at(command.incident).holders;
  const auto holder = holders.find(command.role);
  if (holder != holders.end()) {
    if (holder->second == command.by) return {Refusal::no_change};
    // Held by somebody who is there: he hands over. Who has left or lost the right holds nothing.
    if (may(rights_of(turn.state.house, holder->second), right_of(command.role))) {
      return {Refusal::decided};
    }
  }
  if (const Refusal rows = room_for_rows(turn.state, command.incident); rows != Refusal::none) {
    return {rows};
  }
  holders[command.role] = command.by;
  add_row(turn, command.incident, RowKind::role_taken,
          {.by = command.by, .number = static_cast<std::uint32_t>(command.role)});
  return {Refusal::none, command.incident.value};
}

Reply hand_over(Turn& turn, const HandOver& command) {
  if (!is_text(command.words, words_bytes_max)) return {Refusal::invalid};
  const Refusal refusal = admit(turn.state, command.by, rights_of_roles, command.incident);
  if (refusal != Refusal::none) return {refusal};
  auto& holders = turn.state.incidents.at(command.incident).holders;
  const auto holder = holders.find(command.role);
  const bool holds = holder != holders.end() && holder->second == command.by;
  const House& house = turn.state.house;
  if (!holds && !may(rights_of(house, command.by), right_of(Role::commander))) {
    return {Refusal::not_allowed};
  }
  if (!may(rights_of(house, command.to), right_of(command.role))) return {Refusal::unknown_subject};
  if (holder != holders.end() && holder->second == command.to) return {Refusal::no_change};
  if (const Refusal rows = room_for_rows(turn.state, command.incident); rows != Refusal::none) {
    return {rows};
  }
  holders[command.role] = command.to;
  add_row(turn, command.incident, RowKind::handed_over,
          {.by = command.by,
           .number = static_cast<std::uint32_t>(command.role),
           .subject = house.people.at(command.to).name,
           .words = command.words});
  if (command.to != command.by) page(turn, command.incident, command.to, PageReason::handed_over);
  return {Refusal::none, command.incident.value};
}

Reply set_phase(Turn& turn, const SetPhase& command) {
  if (!is_text(command.words, words_bytes_max) || command.to == Phase::suspected ||
      command.to >= Phase::resolved) {
    return {Refusal::invalid};
  }
  const Refusal refusal = admit(turn.state, command.by, rights_to_repair, command.incident);
  if (refusal != Refusal::none) return {refusal};
  Incident& incident = turn.state.incidents.at(command.incident);
  if (incident.phase == Phase::resolved) return {Refusal::wrong_phase};
  if (incident.phase == Phase::suspected && command.to != Phase::investigating) {
    return {Refusal::wrong_phase};
  }
  if (incident.phase == command.to) return {Refusal::no_change};
  if (const Refusal rows = room_for_rows(turn.state, command.incident); rows != Refusal::none) {
    return {rows};
  }
  RowWords words{.by = command.by, .words = command.words};
  if (incident.phase == Phase::suspected) {
    confirm(turn, command.incident, std::move(words));
  } else {
    set_phase(turn, command.incident, command.to, RowKind::phase_set, std::move(words));
  }
  return {Refusal::none, command.incident.value};
}

Reply add_note(Turn& turn, const AddNote& command) {
  if (command.words.empty() || !is_text(command.words, words_bytes_max)) return {Refusal::invalid};
  Refusal refusal = admit(turn.state, command.by, rights_of_roles, command.incident);
  if (refusal == Refusal::none) refusal = room_for_rows(turn.state, command.incident);
  if (refusal != Refusal::none) return {refusal};
  add_row(turn, command.incident, RowKind::note, {.by = command.by, .words = command.words});
  return {Refusal::none, command.incident.value};
}

Reply merge(Turn& turn, const Merge& command) {
  if (command.incident == command.into) return {Refusal::invalid};
  const Refusal refusal =
      admit(turn.state, command.by, right_of(Role::commander), command.incident);
  if (refusal != Refusal::none) return {refusal};
  if (!is_open_incident(turn.state, command.into)) return {Refusal::unknown_incident};
  Incident& from = turn.state.incidents.at(command.incident);
  Incident& into = turn.state.incidents.at(command.into);
  // What is still going on must not vanish in something that is over or not sure.
  if (from.phase >= Phase::resolved || into.phase >= Phase::resolved || from.drill != into.drill ||
      (from.phase != Phase::suspected && into.phase == Phase::suspected)) {
    return {Refusal::wrong_phase};
  }
  into.began = std::min(into.began, from.began);
  into.active = into.disturbed = turn.now;
  into.run = {};
  add_row(turn, command.into, RowKind::merged_here,
          {.by = command.by, .subject = name(command.incident)});
  for (const notify::ComponentId& component : from.components) {
    join_component(turn, command.into, component);
  }
  if (from.severity < into.severity) set_worse(turn, command.into, from.severity);
  into.state = notify::worse(into.state, from.state);
  into.state_worst = notify::worse(into.state_worst, from.state_worst);
  for (auto& [key, held] : turn.state.signals) {
    if (held.incident == command.incident) held.incident = command.into;
  }
  from.merged_into = command.into;
  close(turn, command.incident, RowKind::merged_away,
        {.by = command.by, .subject = name(command.into)});
  return {Refusal::none, command.into.value};
}

Reply request_resolve(Turn& turn, const RequestResolve& command) {
  const Refusal refusal =
      admit(turn.state, command.by, right_of(Role::commander), command.incident);
  if (refusal != Refusal::none) return {refusal};
  const Incident& incident = turn.state.incidents.at(command.incident);
  if (incident.phase == Phase::suspected || incident.phase == Phase::resolved) {
    return {Refusal::wrong_phase};
  }
  const std::uint16_t shut = gate_shut(turn.state, command.incident, turn.now);
  if (shut != 0) return {Refusal::gate_not_met, command.incident.value, shut};
  resolve(turn, command.incident, command.by);
  return {Refusal::none, command.incident.value};
}

Reply close(Turn& turn, const Close& command) {
  const Refusal refusal =
      admit(turn.state, command.by, right_of(Role::commander), command.incident);
  if (refusal != Refusal::none) return {refusal};
  const Incident& incident = turn.state.incidents.at(command.incident);
  if (incident.phase != Phase::resolved ||
      later(*incident.resolved, turn.state.house.rules.reopen_window_ms) > turn.now) {
    return {Refusal::wrong_phase};
  }
  if (!closes_alone(incident) && incident.postmortem.state != PostmortemState::approved) {
    return {Refusal::decided};
  }
  close(turn, command.incident, RowKind::closed, {.by = command.by});
  return {Refusal::none, command.incident.value};
}

Reply dismiss(Turn& turn, const Dismiss& command) {
  if (command.words.empty() || !is_text(command.words, words_bytes_max)) return {Refusal::invalid};
  const Refusal refusal =
      admit(turn.state, command.by, right_of(Role::commander), command.incident);
  if (refusal != Refusal::none) return {refusal};
  if (turn.state.incidents.at(command.incident).phase != Phase::suspected) {
    return {Refusal::wrong_phase};
  }
  close(turn, command.incident, RowKind::dismissed, {.by = command.by, .words = command.words});
  return {Refusal::none, command.incident.value};
}

}  // namespace oki::response
