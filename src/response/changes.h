// How the house is changed: one thing at a time, whole or not at all.
#pragma once

#include <variant>

#include "response/house.h"

namespace oki::response {

struct SetTopology {
  std::vector<Component> components;
  std::vector<Service> services;
  friend bool operator==(const SetTopology&, const SetTopology&) = default;
};

struct PutPerson {
  PersonId id;
  Person person;
  friend bool operator==(const PutPerson&, const PutPerson&) = default;
};

// Without layers and overrides it is taken away.
struct PutSchedule {
  std::string name;
  Schedule schedule;  // Its revision and time are set by the machine.
  friend bool operator==(const PutSchedule&, const PutSchedule&) = default;
};

struct SetEscalation {
  Severity severity = Severity::sev4;
  Escalation escalation;
  friend bool operator==(const SetEscalation&, const SetEscalation&) = default;
};

// From its end on, and with an empty list of components, it is taken away.
struct PutSuppression {
  std::uint32_t id = 0;  // 0: a new one, with the next number.
  Suppression suppression;
  friend bool operator==(const PutSuppression&, const PutSuppression&) = default;
};

// `present` false: taken away, with what he last said as a checker.
struct PutSpeaker {
  std::string name;
  bool present = true;
  Speaker speaker;
  friend bool operator==(const PutSpeaker&, const PutSpeaker&) = default;
};

// Without steps it is taken away.
struct PutRunbook {
  std::string name;
  Runbook runbook;
  friend bool operator==(const PutRunbook&, const PutRunbook&) = default;
};

struct SetRules {
  Rules rules;
  SeverityTable severity_table;
  friend bool operator==(const SetRules&, const SetRules&) = default;
};

using Change = std::variant<SetTopology, PutPerson, PutSchedule, SetEscalation, PutSuppression,
                            PutSpeaker, PutRunbook, SetRules>;

void apply(House& house, const Change& change, WallTimeMs now);

}  // namespace oki::response
