#include "response/changes.h"

#include <algorithm>

namespace oki::response {
namespace {

struct Applier {
  House& house;
  WallTimeMs now;

  void operator()(const SetTopology& x) const {
    house.components = x.components;
    house.services = x.services;
  }

  void operator()(const PutPerson& x) const {
    Person& person = house.people[x.id];
    person = x.person;
    if (!person.left) return;
    person.rights = 0;
    person.contacts.clear();
  }

  void operator()(const PutSchedule& x) const {
    if (x.schedule.layers.empty() && x.schedule.overrides.empty()) {
      house.schedules.erase(x.name);
      return;
    }
    Schedule& schedule = house.schedules[x.name];
    const std::uint32_t revision = schedule.revision + 1;
    schedule = x.schedule;
    schedule.revision = revision;
    schedule.changed = now;
  }

  void operator()(const SetEscalation& x) const {
    house.escalations[static_cast<std::size_t>(x.severity)] = x.escalation;
  }

  void operator()(const PutSuppression& x) const {
    if (x.suppression.components.empty()) {
      house.suppressions.erase(x.id);
      return;
    }
    const std::uint32_t id = x.id != 0 ? x.id : house.suppression_last + 1;
    house.suppressions[id] = x.suppression;
    house.suppression_last = std::max(house.suppression_last, id);
  }

  void operator()(const PutSpeaker& x) const {
    if (x.present) {
      house.speakers[x.name] = x.speaker;
    } else {
      house.speakers.erase(x.name);
    }
  }

  void operator()(const PutRunbook& x) const {
    if (x.runbook.steps.empty()) {
      house.runbooks.erase(x.name);
    } else {
      house.runbooks[x.name] = x.runbook;
    }
  }

  void operator()(const SetRules& x) const {
    house.rules = x.rules;
    house.severity_table = x.severity_table;
  }
};

}  // namespace

void apply(House& house, const Change& change, WallTimeMs now) {
  std::visit(Applier{house, now}, change);
  ++house.revision;
}

}  // namespace oki::response
