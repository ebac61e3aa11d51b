// How every part of the watch speaks to the incident machine: one command at a time, without an
// answer. Whoever stands behind it brings the command to the log, or counts it as dropped.
#pragma once

#include <functional>

#include "response/commands.h"

namespace oki::response {

// Never blocks and never calls back. What is said twice is harmless: signals are levels.
using Tell = std::function<void(Command)>;

}  // namespace oki::response
