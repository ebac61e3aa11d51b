// What became of each rule's alarms, as the incidents that are decided tell it.
//
// An alarm is the first word of a rule in an incident. It was true when the incident was confirmed,
// false when it was dismissed, and not known while neither is the case; of an incident that was
// merged into another one, the other one decides. Its delay is from the beginning of the incident
// to that word. What an incident that people declared, and that no rule had found by then, says of
// the rules is one alarm that is missing (`missed`, under the name no_rule).
//
// The rule stands in the rows of the timeline (signal_began); words without one, as before rows had
// it, are no alarm. All alarms of one outside source are one rule: its name. Hints that joined no
// incident leave no row. Rows beyond an incident's limit are not known.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "response/state.h"

namespace oki::response {

constexpr std::size_t rules_of_incident_max = 64;  // Further ones are left out.

struct PastAlarm {
  IncidentId incident;
  std::string rule;
  std::string signal;  // Source and key of the word.
  WallTimeMs at;
  bool missed = false;  // The following say nothing then.
  bool was_true = false;
  std::int64_t delay_ms = 0;  // At most a week.
};

constexpr const char* no_rule = "no_rule";

// Of one incident, in the order of the timeline. Drills count when `drills`.
std::vector<PastAlarm> past_alarms(const State& state, IncidentId id, bool drills);

// The words of a row for a signal: "errors.fast: More requests fail than usual: edge 1."
std::string words_with_rule(const Signal& signal);

// "errors.fast"; nothing when the row names no rule.
std::optional<std::string> rule_of(const Row& row);

}  // namespace oki::response
