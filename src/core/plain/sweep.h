// The margin sweep and the losscut: docs/rules.md 9.9, 9.10.
#pragma once

#include "core/plain/state.h"

namespace oki::core::plain {

void sweep(State& state);

// Goes on behind the account at which a sweep broke.
void drop_sweep(State& state);

// The sweep runs while it has accounts. At the end of every step.
void set_sweep(State& state);

}  // namespace oki::core::plain
