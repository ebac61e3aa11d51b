// `okiagari incident ...`: what people do about incidents, by the operators' API of a watch.
#pragma once

#include <vector>

#include "app/command_table.h"

namespace oki::app {

std::vector<CommandSpec> incident_commands();

}  // namespace oki::app
