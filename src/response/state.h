// The whole state of the incident machine, as plain values.
#pragma once

#include <map>

#include "response/changes.h"
#include "response/incident.h"

namespace oki::response {

// What a speaker was last heard to say.
struct Heard {
  WallTimeMs at;         // When the command came; for one who must speak, not before he had to.
  WallTimeMs proved_to;  // The end of his newest test trades.
  bool silent = false;
  friend bool operator==(const Heard&, const Heard&) = default;
};

// What one person asked for and another must agree to.
struct LowerSeverity {
  IncidentId incident;
  Severity to = Severity::sev4;
  friend bool operator==(const LowerSeverity&, const LowerSeverity&) = default;
};
struct Wish {
  PersonId by;
  WallTimeMs at;
  std::variant<LowerSeverity, Change> what;
  friend bool operator==(const Wish&, const Wish&) = default;
};

// A call that was ordered and that no watch has brought out yet, by its number.
struct PageOwed {
  IncidentId incident;
  PersonId person;
  std::uint8_t reason = 0;  // A PageReason.
  std::uint8_t step = 0;
  std::uint8_t attempt = 0;
  bool drill = false;
  WallTimeMs at;
  std::uint32_t taken_by = 0;  // As of a notice.
  bool taken_over = false;
  friend bool operator==(const PageOwed&, const PageOwed&) = default;
};

enum class WorkPhase : std::uint8_t {
  scheduled = 0,
  in_progress = 1,
  completed = 2,
  cancelled = 3,
};
constexpr std::uint8_t work_phases = 4;
const char* name(WorkPhase phase);

// Planned work that the public is told of, by a number that is never used again.
struct PlannedWork {
  std::uint32_t suppression = 0;  // Its number in the house, while it is there.
  WorkPhase phase = WorkPhase::scheduled;
  Suppression plan;            // As it was last.
  std::uint32_t revision = 0;  // Rises with every change.
  WallTimeMs announced, changed;
  PersonId by, agreed;                // Who planned it so.
  std::vector<NoticeRecord> notices;  // All approved.
  friend bool operator==(const PlannedWork&, const PlannedWork&) = default;
};

constexpr bool is_over(const PlannedWork& work) { return work.phase >= WorkPhase::completed; }

struct State {
  WallTimeMs now;
  std::uint64_t applied = 0;  // Commands.
  std::uint64_t chain = 0;    // Hash over all commands and replies.
  House house;
  std::map<SignalKey, HeldSignal> signals;
  std::map<Source, Budget> budgets;
  std::map<std::string, Heard> heard;
  std::map<CheckKey, CheckState> checks;
  std::map<IncidentId, Incident> incidents;
  IncidentId incident_last;
  std::vector<ChangeRecord> changes;  // In the order they were recorded.
  std::map<std::uint32_t, Wish> wishes;
  std::uint32_t wish_last = 0;
  std::uint32_t page_last = 0;
  std::map<std::uint32_t, PageOwed> pages;
  std::uint64_t notices_approved = 0;  // Of all incidents and planned works, ever.
  std::map<std::uint32_t, PlannedWork> works;
  std::uint32_t work_last = 0;
  friend bool operator==(const State&, const State&) = default;
};

inline constexpr std::size_t signals_kept_max = 4'096;

// Null with a state that keeps the limits and invariants of response_machine.h, else what is wrong.
const char* fault(const State& state);

}  // namespace oki::response
