// The server processes: node, edge, watch, status; and apply, which sets an exchange up.
#pragma once

#include "app/command_table.h"

namespace oki::app {

CommandSpec node_command();
CommandSpec edge_command();
CommandSpec watch_command();
CommandSpec status_command();
CommandSpec apply_command();

}  // namespace oki::app
