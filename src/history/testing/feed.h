// A core whose events come as blocks, for tests of what reads them.
#pragma once

#include <utility>

#include "base/assert.h"
#include "core/testing/random_commands.h"
#include "core/testing/world.h"
#include "replica/state_machine.h"

namespace oki::history {

class Feed {
 public:
  // Applies one command at `now`; its events wait for the next block.
  core::Reply operator()(const core::Command& command) {
    Bytes reply;
    core.apply(now, encode(command), reply, events_);
    auto decoded = core::decode_reply(reply);
    ASSERT(decoded.has_value());
    return std::move(*decoded);
  }

  // Everything since the last block.
  replica::EventBlock block() {
    replica::EventBlock block;
    block.index = LogIndex{++index_};
    block.time = now;
    block.hash_before = hash_;
    block.events = std::move(events_);
    block.hash = replica::event_hash(hash_, block.index, block.time, block.events);
    hash_ = block.hash;
    events_.clear();
    return block;
  }

  core::Core core{core::CoreLimits{}};
  WallTimeMs now{1'700'000'000'000};

 private:
  std::uint64_t index_ = 0;
  std::uint64_t hash_ = 0;
  Bytes events_;
};

}  // namespace oki::history
