// Worker processes that run ranges of seeds and print a line for each.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/sim.h"
#include "sim/world.h"

namespace oki::sim {

// Runs the seeds of `options` in `jobs` processes; calls `on_report` for each seed, in any order.
// False when the workers cannot be started.
bool run_workers(const SimOptions& options, std::uint64_t jobs,
                 const std::function<void(const WorldReport&)>& on_report);

}  // namespace oki::sim
