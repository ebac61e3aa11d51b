// Sessions, edges and the dead man's switch: rules 11.2, 11.3.
#pragma once

#include "core/fast/state.h"

namespace oki::core::fast {

// An order with a session was accepted, or closed.
void join_session(State& state, Row order);
void leave_session(State& state, Row order);

// Whether its edge is watched already, or can be.
bool edge_fits(const State& state, SessionId session);
// Of an edge with sessions; false when it has none.
bool set_edge_due(State& state, std::uint32_t edge, WallTimeMs due);

void run_dead_man(State& state, AccountId account);
// The timer of an edge was taken off.
void forget_silence(State& state, std::uint32_t edge);
void run_edge_silence(State& state, std::uint32_t edge);

}  // namespace oki::core::fast
