// The announcer and the pager as the conductor's hands.
#pragma once

#include "notify/announcer.h"
#include "watch/conductor/watch_node.h"
#include "watch/conductor/world_hooks.h"

namespace oki::watch {

// Fills in write, publish, call and their proofs. Both outlive the hooks.
void connect(WorldHooks& hooks, notify::Announcer& announcer, const WatchNode& node);

// What people read who are called. REQUIRES: nothing; an incident that is gone gives a bare page.
notify::Page page_of(const response::State& state, const Call& call, WallTimeMs now);

// What the outbox knows, in the words of the incident machine.
std::vector<TellingProof> proofs_of(const std::vector<notify::Proof>& proofs);

}  // namespace oki::watch
