// What comes from sources: signals, test trades, checks, signs of life. docs/incidents.md, 1 to 3.
#pragma once

#include "response/turn.h"

namespace oki::response {

Reply observe(Turn& turn, const Observe& command);
Reply prove(Turn& turn, const Prove& command);
Reply check(Turn& turn, const Check& command);
Reply alive(Turn& turn, const Alive& command);

// What time alone does to signals and speakers: expiry, silence, the end of flapping, forgetting.
void age_signals(Turn& turn);

// When age_signals has something to do next; time_max: never.
WallTimeMs next_age(const State& state);

// Firing as far as anybody knows: not over, not expired, or over only in the words of a source that
// flaps.
bool is_live(const HeldSignal& held);

// Counts for opening, confirming and worsening.
bool is_believed(const HeldSignal& held);

// Keeps the gate shut: one of our own sources, evidence at least.
bool is_blocking(const HeldSignal& held);

// Outside alerts share a group, so do all signals of one source of ours; each silent speaker is a
// group of his own. Two groups are independent.
std::string group_of(const Signal& signal);

}  // namespace oki::response
