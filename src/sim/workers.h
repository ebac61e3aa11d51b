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

// Takes the result of a seed; false when no more are wanted.
using TakeReport = std::function<bool(const WorldReport&)>;

// Runs the seeds of `options` in as many processes as it says; they come in any order. False when
// the workers cannot be started.
bool run_workers(const SimOptions& options, const TakeReport& take);

}  // namespace oki::sim
