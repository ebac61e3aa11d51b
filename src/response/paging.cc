#include "response/paging.h"

#include <algorithm>
#include <set>
#include <utility>

#include "response/oncall.h"

namespace oki::response {
namespace {

constexpr std::uint8_t everybody_rounds_max = 12;
constexpr std::uint32_t everybody_ack_ms = 300'000;

const Escalation& escalation_of(const State& state, const Incident& incident) {
  return state.house.escalations[static_cast<std::size_t>(incident.severity)];
}

void add_with_rights(const House& house, std::uint8_t rights, std::set<PersonId>& people) {
  for (const auto& [id, person] : house.people) {
    if (may(person.rights, rights)) people.insert(id);
  }
}

void add_role(const State& state, const Incident& incident, Role role, std::set<PersonId>& people) {
  const auto holder = incident.holders.find(role);
  if (holder != incident.holders.end() && rights_of(state.house, holder->second) != 0) {
    people.insert(holder->second);
  } else {
    add_with_rights(state.house, right_of(role), people);
  }
}

void add_target(const Turn& turn, const Incident& incident, const Target& target,
                std::set<PersonId>& people) {
  const House& house = turn.state.house;
  switch (target.kind) {
    case TargetKind::person:
      if (rights_of(house, target.person) != 0) people.insert(target.person);
      return;
    case TargetKind::schedule: {
      const auto schedule = house.schedules.find(target.schedule);
      if (schedule == house.schedules.end()) return;
      const auto person = on_call(schedule->second, turn.now);
      if (person && rights_of(house, *person) != 0) people.insert(*person);
      return;
    }
    case TargetKind::role:
      return add_role(turn.state, incident, target.role, people);
    case TargetKind::everybody:
      return add_with_rights(house, rights_of_roles, people);
  }
}

std::set<PersonId> people_of_step(const Turn& turn, const Incident& incident,
                                  const EscalationStep& step) {
  std::set<PersonId> people;
  for (const Target& target : step.targets) add_target(turn, incident, target, people);
  return people;
}

void page_everybody(Turn& turn, IncidentId id) {
  Incident& incident = turn.state.incidents.at(id);
  std::set<PersonId> people;
  add_with_rights(turn.state.house, rights_of_roles, people);
  add_row(turn, id, RowKind::everybody_paged,
          {.number = static_cast<std::uint32_t>(people.size())});
  for (const PersonId person : people) page(turn, id, person, PageReason::everybody);
  incident.pager.due = later(turn.now, everybody_ack_ms);
}

// Calls the step under way, or the first after it that reaches anybody.
void call_step(Turn& turn, IncidentId id) {
  Incident& incident = turn.state.incidents.at(id);
  Pager& pager = incident.pager;
  const Escalation& escalation = escalation_of(turn.state, incident);
  while (pager.round <= escalation.repeats && !escalation.steps.empty()) {
    for (; pager.step < escalation.steps.size(); ++pager.step) {
      const EscalationStep& step = escalation.steps[pager.step];
      const std::set<PersonId> people = people_of_step(turn, incident, step);
      if (people.empty()) continue;
      for (const PersonId person : people) page(turn, id, person, PageReason::confirmed);
      pager.due = later(turn.now, step.ack_ms);
      return;
    }
    pager.step = 0;
    ++pager.round;
  }
  page_everybody(turn, id);
}

void next_step(Turn& turn, IncidentId id) {
  Incident& incident = turn.state.incidents.at(id);
  Pager& pager = incident.pager;
  const Escalation& escalation = escalation_of(turn.state, incident);
  const bool everybody = escalation.steps.empty() || pager.round > escalation.repeats;
  if (everybody) {
    ++pager.round;
    if (pager.round > escalation.repeats + everybody_rounds_max) {
      pager.running = false;
      add_row(turn, id, RowKind::nobody_answered);
      return;
    }
    return page_everybody(turn, id);
  }
  ++pager.step;
  call_step(turn, id);
}

void miss_promise(Turn& turn, IncidentId id) {
  Incident& incident = turn.state.incidents.at(id);
  incident.promise.reset();
  ++incident.promises_missed;
  add_row(turn, id, RowKind::promise_missed, {.number = incident.promises_missed});
  std::set<PersonId> people;
  add_role(turn.state, incident, Role::communications, people);
  if (people.empty()) add_with_rights(turn.state.house, rights_of_roles, people);
  for (const PersonId person : people) page(turn, id, person, PageReason::promise_missed);
}

}  // namespace

void lapse(Turn& turn, std::uint32_t page) {
  const PageOwed owed = turn.state.pages.at(page);
  turn.state.pages.erase(page);
  if (!turn.state.incidents.contains(owed.incident)) return;
  add_row(turn, owed.incident, RowKind::page_lapsed, {.by = owed.person, .number = page});
}

void page(Turn& turn, IncidentId id, PersonId person, PageReason reason) {
  Incident& incident = turn.state.incidents.at(id);
  if (incident.pager.pages >= pages_max) {
    if (std::exchange(incident.pager.running, false)) add_row(turn, id, RowKind::nobody_answered);
    return;
  }
  ++incident.pager.pages;
  add_row(turn, id, RowKind::paged, {.by = person, .number = static_cast<std::uint32_t>(reason)});
  auto& waiting = turn.state.pages;
  if (waiting.size() >= pages_waiting_max) lapse(turn, waiting.begin()->first);
  const PageDue due{
      ++turn.state.page_last, id, person, reason, incident.pager.step, incident.pager.round,
      incident.drill};
  append(turn.events, Event(due));
  waiting[due.page] = {id,       person,      static_cast<std::uint8_t>(reason),
                       due.step, due.attempt, due.drill,
                       turn.now, 0,           false};
}

void start_paging(Turn& turn, IncidentId id) {
  Incident& incident = turn.state.incidents.at(id);
  if (turn.state.house.people.empty() || incident.acknowledged) return;  // Nobody to call.
  incident.pager = {.running = true, .step = 0, .round = 0, .due = turn.now, .pages = 0};
  call_step(turn, id);
}

void page_for_severity(Turn& turn, IncidentId id) {
  Incident& incident = turn.state.incidents.at(id);
  if (incident.phase == Phase::suspected || incident.phase >= Phase::resolved) return;
  if (incident.acknowledged && incident.severity != Severity::sev1) return;
  incident.acknowledged.reset();
  incident.acknowledged_by = {};
  start_paging(turn, id);
}

void page_suspected(Turn& turn, IncidentId id) {
  const Incident& incident = turn.state.incidents.at(id);
  const Escalation& escalation = escalation_of(turn.state, incident);
  if (incident.phase != Phase::suspected || !escalation.when_suspected) return;
  if (escalation.steps.empty() || incident.pager.pages > 0) return;
  for (const PersonId person : people_of_step(turn, incident, escalation.steps.front())) {
    page(turn, id, person, PageReason::suspected);
  }
}

void page_due(Turn& turn) {
  for (const auto& [id, incident] : turn.state.incidents) {
    if (!is_open(incident)) continue;
    if (incident.pager.running && incident.pager.due <= turn.now) next_step(turn, id);
    if (incident.promise && *incident.promise <= turn.now) miss_promise(turn, id);
  }
  auto& waiting = turn.state.pages;
  while (!waiting.empty() && later(waiting.begin()->second.at, page_lapse_ms) <= turn.now) {
    lapse(turn, waiting.begin()->first);
  }
  std::erase_if(turn.state.wishes, [&turn](const auto& row) {
    if (later(row.second.at, wish_lapse_ms) > turn.now) return false;
    append(turn.events, Event(WishChanged{row.first, {}, false}));
    return true;
  });
}

WallTimeMs next_page(const State& state) {
  WallTimeMs next = notify::time_max;
  for (const auto& [id, incident] : state.incidents) {
    if (!is_open(incident)) continue;
    if (incident.pager.running) next = std::min(next, incident.pager.due);
    if (incident.promise) next = std::min(next, *incident.promise);
  }
  if (!state.pages.empty()) {
    next = std::min(next, later(state.pages.begin()->second.at, page_lapse_ms));
  }
  for (const auto& [id, wish] : state.wishes) next = std::min(next, later(wish.at, wish_lapse_ms));
  return next;
}

}  // namespace oki::response
