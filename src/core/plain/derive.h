// The tables that follow from the others.
#pragma once

#include "core/plain/state.h"

namespace oki::core::plain {

// Fills all derived tables from the rest. REQUIRES: they are empty.
// Throws a Fault where the rest contradicts itself.
void derive(State& state);

}  // namespace oki::core::plain
