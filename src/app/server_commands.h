// The server processes: node, edge, watch, status; apply, which sets an exchange up; history, which
// shows what an edge has written down; signals, which tries the doors for outside alerts; and
// scope, which counts whom an outage hit.
#pragma once

#include <vector>

#include "app/command_table.h"

namespace oki::app {

CommandSpec node_command();
CommandSpec edge_command();
CommandSpec watch_command();
CommandSpec watch_tune_command();
CommandSpec status_command();
std::vector<CommandSpec> status_copy_commands();
CommandSpec apply_command();
CommandSpec history_command();
CommandSpec signals_command();
CommandSpec scope_command();

}  // namespace oki::app
