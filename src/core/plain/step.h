// One step: it is done completely, told and checked, or undone and named. docs/rules.md 1.
#pragma once

#include <functional>

#include "core/plain/state.h"

namespace oki::core::plain {

// Runs `body` as a step and appends its events. When it breaks an invariant, everything is undone,
// withdrawals freeze, `drop` makes sure that it is not tried again, and the answer is false.
bool run_step(State& state, StepKind kind, std::uint64_t subject, Bytes& events,
              const std::function<void()>& body, const std::function<void()>& drop);

// The first invariant that the step under way has broken over what it changed, or null.
const char* step_fault(const State& state);

// Appends what differs from before the step: 1.3.
void tell_differences(State& state);

}  // namespace oki::core::plain
