#include "response/lifecycle.h"

#include <algorithm>

#include "response/paging.h"

namespace oki::response {

bool is_open_incident(const State& state, IncidentId id) {
  const auto found = state.incidents.find(id);
  return found != state.incidents.end() && is_open(found->second);
}

bool has_room(const State& state) {
  const auto open =
      std::ranges::count_if(state.incidents, [](const auto& row) { return is_open(row.second); });
  return static_cast<std::size_t>(open) < incidents_open_max;
}

bool closes_alone(const Incident& incident) {
  return incident.severity_worst >= Severity::sev3 || incident.drill;
}

IncidentId open_incident(Turn& turn, WallTimeMs began) {
  const IncidentId id{++turn.state.incident_last.value};
  Incident& incident = turn.state.incidents[id];
  incident.opened = incident.active = incident.disturbed = turn.now;
  incident.began = began;
  return id;
}

void join_component(Turn& turn, IncidentId id, const notify::ComponentId& component) {
  Incident& incident = turn.state.incidents.at(id);
  if (std::ranges::find(incident.components, component) != incident.components.end()) return;
  if (incident.components.size() >= notify::components_max) return;
  incident.components.push_back(component);
  add_row(turn, id, RowKind::component_joined,
          {.subject = std::string(notify::name(component.kind)) + ' ' + component.name});
}

void set_phase(Turn& turn, IncidentId id, Phase phase, RowKind row, RowWords words) {
  words.number = static_cast<std::uint32_t>(phase);
  turn.state.incidents.at(id).phase = phase;
  add_row(turn, id, row, std::move(words));
  tell_change(turn, id);
}

void confirm(Turn& turn, IncidentId id, RowWords words) {
  turn.state.incidents.at(id).confirmed = turn.now;
  set_phase(turn, id, Phase::investigating, RowKind::confirmed, std::move(words));
  start_paging(turn, id);
}

void reopen(Turn& turn, IncidentId id) {
  Incident& incident = turn.state.incidents.at(id);
  incident.resolved.reset();
  incident.ended.reset();
  incident.acknowledged.reset();
  incident.acknowledged_by = {};
  incident.postmortem = {};
  ++incident.reopened;
  set_phase(turn, id, Phase::investigating, RowKind::reopened);
  start_paging(turn, id);
}

void resolve(Turn& turn, IncidentId id, PersonId by) {
  Incident& incident = turn.state.incidents.at(id);
  incident.resolved = turn.now;
  incident.ended = std::max(incident.run.since, incident.began);
  incident.state = notify::State::operational;
  incident.promise.reset();
  incident.pager.running = false;
  set_phase(turn, id, Phase::resolved, RowKind::resolved, {.by = by});
}

void close(Turn& turn, IncidentId id, RowKind row, RowWords words) {
  Incident& incident = turn.state.incidents.at(id);
  incident.closed = turn.now;
  incident.state = notify::State::operational;
  incident.dismissed = row == RowKind::dismissed;
  incident.promise.reset();
  incident.pager.running = false;
  set_phase(turn, id, Phase::closed, row, std::move(words));
  for (auto& [key, held] : turn.state.signals) {
    if (held.incident != id) continue;
    held.incident = {};
    held.dismissed = incident.dismissed;
  }
  std::erase_if(turn.state.wishes, [id](const auto& wish) {
    const auto* lower = std::get_if<LowerSeverity>(&wish.second.what);
    return lower != nullptr && lower->incident == id;
  });
}

void set_worse(Turn& turn, IncidentId id, Severity severity, RowWords words) {
  Incident& incident = turn.state.incidents.at(id);
  incident.severity = severity;
  incident.severity_worst = worse(incident.severity_worst, severity);
  words.number = static_cast<std::uint32_t>(severity);
  add_row(turn, id, RowKind::severity_raised, std::move(words));
  tell_change(turn, id);
  page_for_severity(turn, id);
}

}  // namespace oki::response
