// `okiagari incident inquiries` and its like: what customers wrote, by the operators' API of the
// watch that has it.
#pragma once

#include <vector>

#include "app/command_table.h"

namespace oki::app {

std::vector<CommandSpec> inquiry_commands();

}  // namespace oki::app
