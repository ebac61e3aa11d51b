// Events told to a projection by hand, for tests of what readers show of states that take long to
// reach by commands.
#pragma once

#include <vector>

#include "base/assert.h"
#include "core/events.h"
#include "history/projection.h"

namespace oki::edge::testing {

inline replica::EventBlock block_of(const history::Projection& projection, WallTimeMs time,
                                    const std::vector<core::Event>& events) {
  replica::EventBlock block;
  block.index = {projection.index().value + 1};
  block.time = time;
  block.hash_before = projection.event_hash();
  for (const core::Event& event : events) core::append(block.events, event);
  block.hash = replica::event_hash(block.hash_before, block.index, block.time, block.events);
  return block;
}

inline void tell(history::Projection& projection, WallTimeMs time,
                 const std::vector<core::Event>& events) {
  const auto applied = projection.apply(block_of(projection, time, events));
  ASSERT(applied.has_value());
}

}  // namespace oki::edge::testing
