// Notices from the command line, and the drill that kills their sender.
#pragma once

#include <vector>

#include "app/command_table.h"

namespace oki::app {

std::vector<CommandSpec> notice_commands();
CommandSpec mail_drill_command();
CommandSpec preview_command();
CommandSpec channels_command();
CommandSpec publish_command();
CommandSpec settle_command();

}  // namespace oki::app
