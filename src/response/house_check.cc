// What a house must keep, so that nothing in it names what is not there and nothing grows without
// end.
#include <algorithm>

#include "notify/notice_board.h"
#include "response/house.h"
#include "response/words.h"

namespace oki::response {
namespace {

using notify::ComponentId;

bool contains(const std::vector<ComponentId>& ids, const ComponentId& id) {
  return std::ranges::find(ids, id) != ids.end();
}

bool is_window(std::uint32_t ms) { return ms > 0 && ms <= window_ms_max; }

const char* fault(const Rules& rules) {
  if (rules.gate_trades < gate_trades_min || rules.gate_span_ms < gate_span_ms_min ||
      rules.gate_trades_each == 0 || rules.gate_trades > 100'000) {
    return "The recovery gate is never lower than 20 test trades over 30 seconds.";
  }
  for (const std::uint32_t ms :
       {rules.join_window_ms, rules.reopen_window_ms, rules.flap_window_ms, rules.flap_calm_ms,
        rules.gate_span_ms, rules.gate_fresh_ms, rules.check_fresh_ms}) {
    if (!is_window(ms)) return "A window is from 1 ms to a day.";
  }
  if (rules.gate_fresh_ms > 60'000 || rules.check_fresh_ms > 60'000) {
    return "What counts as fresh is at most a minute old.";
  }
  if (rules.flap_starts < 2 || rules.flap_starts > flap_starts_kept_max) {
    return "A signal flaps from 2 to 16 starts on.";
  }
  if (rules.opens_per_hour == 0 || rules.opens_per_hour > 256 || rules.signals_per_source > 200 ||
      rules.proofs_per_source > 700 || rules.signals_per_source == 0 ||
      rules.proofs_per_source == 0) {
    return "A source holds 1 to 200 signals (700 proofs) and opens 1 to 256 incidents an hour.";
  }
  return nullptr;
}

const char* fault(const Component& component) {
  if (component.tier < 1 || component.tier > tiers) return "A tier is 1, 2 or 3.";
  if (component.needs.size() > needs_max || contains(component.needs, component.id)) {
    return "A component needs at most 16 others, and not itself.";
  }
  return nullptr;
}

const char* fault_of_topology(const House& house) {
  if (house.components.size() > notify::components_max) return "At most 64 components.";
  std::vector<ComponentId> seen;
  for (const Component& component : house.components) {
    if (const char* what = fault(component)) return what;
    if (contains(seen, component.id)) return "A component is named once.";
    seen.push_back(component.id);
  }
  if (house.services.size() > services_max) return "At most 32 services.";
  for (const Service& service : house.services) {
    if (!is_name(service.name, name_bytes_max) || service.title_ja.empty() ||
        service.title_en.empty() || !is_line(service.title_ja, title_bytes_max) ||
        !is_line(service.title_en, title_bytes_max)) {
      return "A service has a name and a title in both languages.";
    }
    if (service.components.size() > notify::components_max) return "At most 64 components.";
  }
  return nullptr;
}

bool is_person(const Person& person) {
  return !person.name.empty() && is_line(person.name, name_bytes_max) &&
         person.contacts.size() <= contacts_max && person.rights <= rights_all &&
         std::ranges::all_of(person.contacts, [](const std::string& contact) {
           return !contact.empty() && is_line(contact, contact_bytes_max);
         });
}

bool is_layer(const House& house, const Layer& layer) {
  return layer.rotation_ms >= 60'000 && layer.day_from < minutes_per_day &&
         layer.day_to < minutes_per_day && !layer.people.empty() &&
         layer.people.size() <= layer_people_max &&
         (layer.end.value == 0 || layer.end > layer.start) &&
         std::ranges::all_of(
             layer.people, [&house](PersonId id) { return house.people.contains(id); });
}

const char* fault(const House& house, const Schedule& schedule) {
  if (!is_line(schedule.title, title_bytes_max)) return "A schedule's title is one line.";
  if (schedule.layers.size() > layers_max || schedule.overrides.size() > overrides_max) {
    return "A schedule has at most 8 layers and 200 overrides.";
  }
  for (const Layer& layer : schedule.layers) {
    if (!is_layer(house, layer)) return "A layer has known people who take turns.";
  }
  for (const Override& change : schedule.overrides) {
    if (change.to <= change.from || !house.people.contains(change.person)) {
      return "An override has a known person for a time.";
    }
  }
  return nullptr;
}

bool is_target(const House& house, const Target& target) {
  if (target.kind == TargetKind::person) return house.people.contains(target.person);
  if (target.kind == TargetKind::schedule) return house.schedules.contains(target.schedule);
  return true;
}

const char* fault(const House& house, const Escalation& escalation) {
  if (escalation.steps.size() > escalation_steps_max || escalation.repeats > 10) {
    return "An escalation has at most 8 steps, 10 times.";
  }
  for (const EscalationStep& step : escalation.steps) {
    if (step.targets.size() > targets_max || step.ack_ms < 1'000 || step.ack_ms > window_ms_max) {
      return "A step has at most 16 targets and 1 s to a day to acknowledge.";
    }
    for (const Target& target : step.targets) {
      if (!is_target(house, target)) return "A target is in the house.";
    }
  }
  return nullptr;
}

const char* fault_of_people(const House& house) {
  if (house.people.size() > people_max) return "At most 500 people.";
  for (const auto& [id, person] : house.people) {
    if (id.value == 0 || !is_person(person)) return "A person has a number, a name and rights.";
    if (person.left && person.rights != 0) return "Who has left has no rights.";
  }
  if (house.schedules.size() > schedules_max) return "At most 32 schedules.";
  for (const auto& [title, schedule] : house.schedules) {
    if (!is_name(title, name_bytes_max)) return "A schedule has a name of small letters.";
    if (const char* what = fault(house, schedule)) return what;
  }
  if (house.escalations.size() != severities) return "There is one escalation for each severity.";
  for (const Escalation& escalation : house.escalations) {
    if (const char* what = fault(house, escalation)) return what;
  }
  return nullptr;
}

const char* fault(const Runbook& runbook) {
  if (!is_line(runbook.digest, digest_bytes_max)) return "A digest is one line of 64 bytes.";
  if (runbook.steps.empty() || runbook.steps.size() > runbook_steps_max) {
    return "A runbook has 1 to 32 steps.";
  }
  for (const RunbookStep& step : runbook.steps) {
    if (!is_name(step.name, name_bytes_max) ||
        std::ranges::count(runbook.steps, step.name, &RunbookStep::name) != 1) {
      return "The steps of a runbook have names, each its own.";
    }
  }
  return nullptr;
}

// What the public reads keeps the rules of notices.
bool is_tellable(const Suppression& plan) {
  notify::Maintenance maintenance;
  maintenance.name = "work";
  maintenance.from = plan.from;
  maintenance.to = plan.to;
  maintenance.title = plan.title;
  maintenance.body = plan.body;
  maintenance.components = plan.components;
  return plan.body.ja.size() <= work_text_bytes_max && plan.body.en.size() <= work_text_bytes_max &&
         notify::check(maintenance).has_value();
}

const char* fault_of_plans(const House& house) {
  if (house.suppressions.size() > suppressions_max) return "At most 64 times of planned work.";
  for (const auto& [id, plan] : house.suppressions) {
    if (id == 0 || id > suppression_number_max || id > house.suppression_last) {
      return "Planned work has a number from 1 to 1000000000.";
    }
    if (is_public(plan) && !is_tellable(plan)) {
      return "Planned work has a title and a text in both languages, or neither.";
    }
    if (plan.to <= plan.from || plan.to.value - plan.from.value > window_ms_max ||
        plan.components.empty() || plan.components.size() > notify::components_max ||
        !is_line(plan.words, words_bytes_max)) {
      return "Planned work takes at most a day and says on which components.";
    }
  }
  if (house.runbooks.size() > runbooks_max) return "At most 64 runbooks.";
  for (const auto& [title, runbook] : house.runbooks) {
    if (!is_name(title, name_bytes_max)) return "A runbook has a name of small letters.";
    if (const char* what = fault(runbook)) return what;
  }
  return nullptr;
}

}  // namespace

const char* fault(const House& house) {
  if (const char* what = fault(house.rules)) return what;
  if (house.severity_table.by_tier_and_state.size() != std::size_t{tiers} * 3) {
    return "The severity table has 9 cells.";
  }
  if (const char* what = fault_of_topology(house)) return what;
  if (const char* what = fault_of_people(house)) return what;
  if (const char* what = fault_of_plans(house)) return what;
  if (house.speakers.size() > speakers_max) return "At most 256 speakers.";
  for (const auto& [speaker, rule] : house.speakers) {
    if (!is_name(speaker, name_bytes_max)) return "A speaker has a name of small letters.";
    if (rule.silent_ms > window_ms_max) return "A speaker may be silent for at most a day.";
    if (rule.state == notify::State::operational) return "Silence claims a state worse than fine.";
  }
  return nullptr;
}

}  // namespace oki::response
