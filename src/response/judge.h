// From signals to incidents: opening, joining, confirming, severity, the recovery gate and the end.
// docs/incidents.md, 4 to 7.
#pragma once

#include "response/turn.h"

namespace oki::response {

// Finds or opens the incident of a live signal. `began`: it was not live before.
Reply place_signal(Turn& turn, const SignalKey& key, HeldSignal& held, bool began);

// Its source says that it is over, and is believed that far.
void end_signal(Turn& turn, const SignalKey& key, HeldSignal& held);

Reply record_change(Turn& turn, const RecordChange& command);

// After every command: each open incident as its signals, proofs and time make it.
void judge_all(Turn& turn);

// When time alone changes a phase; time_max: never.
WallTimeMs next_judgement(const State& state);

}  // namespace oki::response
