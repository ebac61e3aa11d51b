// The server processes: node, edge, watch, status; apply, which sets an exchange up; and history,
// which shows what an edge has written down.
#pragma once

#include "app/command_table.h"

namespace oki::app {

CommandSpec node_command();
CommandSpec edge_command();
CommandSpec watch_command();
CommandSpec watch_tune_command();
CommandSpec status_command();
CommandSpec apply_command();
CommandSpec history_command();

}  // namespace oki::app
