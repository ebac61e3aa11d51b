// `okiagari sim`: the simulator.
#pragma once

#include "app/command_table.h"

namespace oki::app {

CommandSpec sim_command();

}  // namespace oki::app
