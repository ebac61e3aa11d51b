// The whole state of the incident machine, as plain values.
#pragma once

#include <map>

#include "response/house.h"
#include "response/incident.h"

namespace oki::response {

// What a speaker was last heard to say.
struct Heard {
  WallTimeMs at;         // When the command came; for one who must speak, not before he had to.
  WallTimeMs proved_to;  // The end of his newest test trades.
  bool silent = false;
  friend bool operator==(const Heard&, const Heard&) = default;
};

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
  friend bool operator==(const State&, const State&) = default;
};

inline constexpr std::size_t signals_kept_max = 4'096;

// Null with a state that keeps the limits and invariants of response_machine.h, else what is wrong.
const char* fault(const State& state);

}  // namespace oki::response
