// Switches on all releases of the rules that this program knows. For clusters whose nodes are all
// of this program, as a demo starts them: elsewhere an operator does it (docs/operating.md).
#pragma once

#include <functional>

#include "base/clock.h"
#include "base/result.h"
#include "replica/client.h"

namespace oki::node {

// One release after the other, for the nodes that sit on the seats, once they all have reported it.
// Calls `done` once; Errc::unavailable after `attempts_max` attempts at one release. REQUIRES:
// `client` and `timers` outlive the call of done.
void activate_releases(replica::Client& client, Timers& timers, std::size_t attempts_max,
                       std::function<void(Result<void>)> done);

}  // namespace oki::node
