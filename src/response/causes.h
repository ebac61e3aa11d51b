// What probably caused an incident: candidates from its signals, the changes before it and the
// topology, ranked by a simple score of integers that anybody can follow. docs/incidents.md, 13.
//
// A help for people, never an order: nothing in the machine depends on it.
#pragma once

#include <string>
#include <vector>

#include "response/state.h"

namespace oki::response {

enum class CauseKind : std::uint8_t {
  change = 0,    // Something that was changed shortly before.
  broken = 1,    // The component does not work.
  shortage = 2,  // Its host is short of something: disk, memory, CPU, network.
  overload = 3,  // More comes in than the edges can take.
  abuse = 4,     // Somebody floods or attacks.
  defect = 5,    // The component gives wrong results.
};
constexpr std::uint8_t cause_kinds = 6;
const char* name(CauseKind kind);

struct Cause {
  CauseKind kind = CauseKind::broken;
  notify::ComponentId component;  // Name empty: no one place.
  std::string words;              // Of a change: who did what.
  WallTimeMs at;                  // Of a change.
  std::int64_t score = 0;
  std::int64_t explained = 0;  // Signals that it explains, of so many:
  std::int64_t signals = 0;
  friend bool operator==(const Cause&, const Cause&) = default;
};
constexpr std::size_t causes_max = 10;

// A signal as far as the ranking needs it.
struct Symptom {
  SignalKind kind = SignalKind::other;
  Trust trust = Trust::hint;
  std::vector<notify::ComponentId> components;
  WallTimeMs since;
  std::uint32_t load_percent = 0;  // Of the usual load, from a fact of that name; 0: not said.
  bool itself = false;  // It is of the place alone: an edge that does not even answer public reads.
};

// The same symptom seen by several watches counts once. The best first, at most causes_max, none
// with a score of 0 or less. Equal scores stand in the order of (kind, component). `began` is when
// the trouble began.
std::vector<Cause> rank_causes(const House& house, const std::vector<Symptom>& symptoms,
                               const std::vector<ChangeRecord>& changes, WallTimeMs began);

// Of the incident's signals as they are held now.
std::vector<Cause> rank_causes(const State& state, IncidentId id);

}  // namespace oki::response
