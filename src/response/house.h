// What the incident machine is told about the house: what there is, what depends on what, who must
// speak, and the numbers of its rules. Changed by commands only, so every watch has the same.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "notify/notice.h"
#include "notify/time_text.h"
#include "response/types.h"

namespace oki::response {

constexpr std::size_t needs_max = 16;
constexpr std::size_t services_max = 32;
constexpr std::size_t people_max = 500;
constexpr std::size_t contacts_max = 8;
constexpr std::size_t contact_bytes_max = 200;
constexpr std::size_t schedules_max = 32;
constexpr std::size_t layers_max = 8;
constexpr std::size_t layer_people_max = 32;
constexpr std::size_t overrides_max = 200;
constexpr std::size_t escalation_steps_max = 8;
constexpr std::size_t targets_max = 16;
constexpr std::size_t suppressions_max = 64;
constexpr std::uint32_t suppression_number_max = 1'000'000'000;
constexpr std::size_t work_text_bytes_max = 2'000;  // What the public is told of planned work.
constexpr std::size_t runbooks_max = 64;
constexpr std::size_t runbook_steps_max = 32;
constexpr std::uint8_t tiers = 3;
constexpr std::uint16_t minutes_per_day = 1'440;

// A part of the exchange and what it cannot work without.
struct Component {
  notify::ComponentId id;
  std::uint8_t tier = 2;  // 1: everybody is hit when it fails; 3: hardly anybody.
  std::vector<notify::ComponentId> needs;
  friend bool operator==(const Component&, const Component&) = default;
};

// What customers call a part of the exchange.
struct Service {
  std::string name;
  std::string title_ja, title_en;
  std::vector<notify::ComponentId> components;
  friend bool operator==(const Service&, const Service&) = default;
};

// Who may do what. One who has left keeps his name, for the timelines.
struct Person {
  std::string name;
  std::vector<std::string> contacts;  // References that the outer part can resolve.
  std::uint8_t rights = 0;
  bool left = false;
  notify::Language language = notify::Language::ja;  // In which he is called.
  friend bool operator==(const Person&, const Person&) = default;
};

// People in turn, `rotation_ms` each, from `start` on; within the day from one minute to another in
// Japanese time, over midnight when the first is later, all day when they are equal.
struct Layer {
  WallTimeMs start;
  WallTimeMs end;  // 0: never.
  std::uint32_t rotation_ms = 0;
  std::uint16_t day_from = 0;
  std::uint16_t day_to = 0;
  std::vector<PersonId> people;
  friend bool operator==(const Layer&, const Layer&) = default;
};

struct Override {
  WallTimeMs from, to;
  PersonId person;
  friend bool operator==(const Override&, const Override&) = default;
};

// On call is the last override that holds, else the person of the last layer that covers the time.
struct Schedule {
  std::string title;
  std::vector<Layer> layers;
  std::vector<Override> overrides;
  std::uint32_t revision = 0;  // Raised by the machine with every change.
  WallTimeMs changed;
  friend bool operator==(const Schedule&, const Schedule&) = default;
};

enum class TargetKind : std::uint8_t { person = 0, schedule = 1, role = 2, everybody = 3 };
constexpr std::uint8_t target_kinds = 4;

// Of a role: who holds it in the incident, else everybody who may.
struct Target {
  TargetKind kind = TargetKind::everybody;
  PersonId person;
  std::string schedule;
  Role role = Role::commander;
  friend bool operator==(const Target&, const Target&) = default;
};

struct EscalationStep {
  std::vector<Target> targets;
  std::uint32_t ack_ms = 300'000;  // Nobody has acknowledged by then: the next step.
  friend bool operator==(const EscalationStep&, const EscalationStep&) = default;
};

// Of one severity. After the last step, all again `repeats` times, then everybody.
struct Escalation {
  std::vector<EscalationStep> steps;
  std::uint8_t repeats = 1;
  bool when_suspected = false;  // Pages the first step once, before anything is confirmed.
  friend bool operator==(const Escalation&, const Escalation&) = default;
};

// Planned work that explains signals about these components, all of them in the list. With a title
// and a text the public is told of it (planned_work.h); without, it is the house's own affair.
struct Suppression {
  WallTimeMs from, to;
  std::vector<notify::ComponentId> components;
  std::string words;  // For the house.
  notify::LocalText title = {};
  notify::LocalText body = {};
  friend bool operator==(const Suppression&, const Suppression&) = default;
};

// Who must agree before a step of a runbook runs.
enum class Approval : std::uint8_t { automatic = 0, one_person = 1, two_people = 2 };
constexpr std::uint8_t approvals = 3;

struct RunbookStep {
  std::string name;
  Approval approval = Approval::two_people;
  friend bool operator==(const RunbookStep&, const RunbookStep&) = default;
};

// Which text is meant, by its digest; the text itself is a file.
struct Runbook {
  std::string digest;
  std::vector<RunbookStep> steps;
  friend bool operator==(const Runbook&, const Runbook&) = default;
};

// Somebody who must be heard: a prober, a checker, an exporter. His silence is a signal.
struct Speaker {
  std::uint32_t silent_ms = 0;  // Longer silence is a signal; 0: he may be silent.
  notify::State state = notify::State::degraded_performance;  // That his silence claims.
  std::vector<notify::ComponentId> components;
  friend bool operator==(const Speaker&, const Speaker&) = default;
};

// The numbers of docs/incidents.md. Those of the gate have floors below which nobody can set them.
struct Rules {
  std::uint32_t join_window_ms = 120'000;
  std::uint32_t reopen_window_ms = 1'800'000;
  std::uint32_t flap_starts = 4;  // So many starts within flap_window_ms: the signal flaps.
  std::uint32_t flap_window_ms = 600'000;
  std::uint32_t flap_calm_ms = 300'000;
  std::uint32_t new_signals_per_minute = 30;  // Of one source that is never a proof.
  std::uint32_t new_proofs_per_minute = 600;  // Of one that may be.
  std::uint32_t signals_per_source = 200;
  std::uint32_t proofs_per_source = 600;
  std::uint32_t opens_per_hour = 3;  // Incidents opened by one source without a proof.
  std::uint32_t gate_trades = 20;
  std::uint32_t gate_trades_each = 5;  // At least so many of each of two probers.
  std::uint32_t gate_span_ms = 30'000;
  std::uint32_t gate_fresh_ms = 5'000;
  std::uint32_t check_fresh_ms = 10'000;
  std::uint32_t monitoring_trades = 5;
  bool resolve_alone = true;  // False: only when a person asks, behind the same gate.
  friend bool operator==(const Rules&, const Rules&) = default;
};
constexpr std::uint32_t gate_trades_min = 20;
constexpr std::uint32_t gate_span_ms_min = 30'000;
constexpr std::uint32_t window_ms_max = 86'400'000;

// By tier of the component (1 to 3), then by state (degraded, partial, major).
struct SeverityTable {
  std::vector<Severity> by_tier_and_state = {Severity::sev3, Severity::sev2, Severity::sev1,  //
                                             Severity::sev3, Severity::sev3, Severity::sev2,  //
                                             Severity::sev4, Severity::sev4, Severity::sev3};
  Severity wrong = Severity::sev1;           // A proof that an answer or a balance is wrong.
  Severity suspected_best = Severity::sev3;  // A suspected incident is not worse than this.
  friend bool operator==(const SeverityTable&, const SeverityTable&) = default;
};

struct House {
  std::uint32_t revision = 0;
  std::vector<Component> components;
  std::vector<Service> services;
  std::map<PersonId, Person> people;
  std::map<std::string, Schedule> schedules;
  std::vector<Escalation> escalations = std::vector<Escalation>(severities);  // By severity.
  std::map<std::uint32_t, Suppression> suppressions;
  std::uint32_t suppression_last = 0;  // The highest number that there ever was.
  std::map<std::string, Runbook> runbooks;
  std::map<std::string, Speaker> speakers;
  Rules rules;
  SeverityTable severity_table;
  friend bool operator==(const House&, const House&) = default;
};

constexpr bool is_public(const Suppression& plan) {
  return plan.title != notify::LocalText{} || plan.body != notify::LocalText{};
}

// Null with a house that keeps its limits, else what is wrong with it.
const char* fault(const House& house);

// People who may change the house. From two on, one alone cannot, and there are never fewer again.
std::size_t configurers(const House& house);

// 0 for whom the house does not know, and for who has left.
std::uint8_t rights_of(const House& house, PersonId person);

const RunbookStep* find_step(const House& house, const std::string& runbook,
                             const std::string& step);

// Direct need in either direction, or a need in common. Where either is not in the house, nothing
// is known of what it depends on, and they count as neighbours.
bool are_neighbours(const House& house, const notify::ComponentId& a, const notify::ComponentId& b);

// Tier 2 for what is not in the house.
std::uint8_t tier_of(const House& house, const notify::ComponentId& id);

Severity severity_of(const House& house, const notify::ComponentId& id, notify::State state);

}  // namespace oki::response
