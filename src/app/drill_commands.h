// The commands that hurt the exchange, or pretend to, and measure what happens.
#pragma once

#include "app/command_table.h"

namespace oki::app {

CommandSpec drill_noise_command();

}  // namespace oki::app
