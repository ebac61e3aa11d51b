// `okiagari demo`: a whole exchange on this machine, for people (with keys to break it) and for
// scripts (with a verdict).
#pragma once

#include "app/command_table.h"

namespace oki::app {

CommandSpec demo_command();

}  // namespace oki::app
