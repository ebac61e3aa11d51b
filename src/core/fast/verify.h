// All invariants over all of the state: for tests, after a snapshot was read, and before one is
// trusted. Costs as much as a snapshot.
#pragma once

#include "core/fast/state.h"

namespace oki::core::fast {

// What is wrong, or null.
const char* state_fault(const State& state);

}  // namespace oki::core::fast
