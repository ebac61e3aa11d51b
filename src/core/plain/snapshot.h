// The state as bytes, and what must hold of all of it.
#pragma once

#include "base/result.h"
#include "core/plain/state.h"

namespace oki::core::plain {

Bytes write_snapshot(const State& state);
Result<void> read_snapshot(ByteView snapshot, State& state);

// The first broken invariant of the whole state, or null.
const char* state_fault(const State& state);

}  // namespace oki::core::plain
