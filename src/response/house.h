// What the incident machine is told about the house: what there is, what depends on what, who must
// speak, and the numbers of its rules. Changed by commands only, so every watch has the same.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "response/types.h"

namespace oki::response {

constexpr std::size_t needs_max = 16;
constexpr std::uint8_t tiers = 3;

// A part of the exchange and what it cannot work without.
struct Component {
  notify::ComponentId id;
  std::uint8_t tier = 2;  // 1: everybody is hit when it fails; 3: hardly anybody.
  std::vector<notify::ComponentId> needs;
  friend bool operator==(const Component&, const Component&) = default;
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
  std::vector<Component> components;
  std::map<std::string, Speaker> speakers;
  Rules rules;
  SeverityTable severities;
  friend bool operator==(const House&, const House&) = default;
};

// Null with a house that keeps its limits, else what is wrong with it.
const char* fault(const House& house);

// Direct need in either direction, or a need in common. Where either is not in the house, nothing
// is known of what it depends on, and they count as neighbours.
bool are_neighbours(const House& house, const notify::ComponentId& a, const notify::ComponentId& b);

// Tier 2 for what is not in the house.
std::uint8_t tier_of(const House& house, const notify::ComponentId& id);

Severity severity_of(const House& house, const notify::ComponentId& id, notify::State state);

}  // namespace oki::response
