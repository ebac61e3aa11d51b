// The commands that hurt the exchange, or pretend to, and measure what happens.
#pragma once

#include "app/command_table.h"

namespace oki::app {

std::vector<CommandSpec> drill_case_commands();
CommandSpec drill_detect_command();
CommandSpec drill_noise_command();
CommandSpec drill_run_command();

}  // namespace oki::app
