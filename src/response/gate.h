// The recovery gate: what must be proven before anything is called resolved. docs/incidents.md, 7.
#pragma once

#include "response/turn.h"

namespace oki::response {

void count_trades(Turn& turn, Incident& incident, const Prove& proof);

// Bits of gate::; 0: open.
std::uint16_t gate_shut(const State& state, IncidentId id, WallTimeMs now);

// Test trades of two probers succeed again, not long enough yet to be called resolved.
bool is_recovering(const State& state, const Incident& incident, WallTimeMs now);

}  // namespace oki::response
