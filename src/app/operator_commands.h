// What operators can do to a running exchange from the command line; docs/operating.md has a table.
#pragma once

#include <vector>

#include "app/command_table.h"

namespace oki::app {

std::vector<CommandSpec> market_commands();   // market show, halt, resume, stop, allow, ...
std::vector<CommandSpec> money_commands();    // credit, holdings, withdrawals, collateral
std::vector<CommandSpec> account_commands();  // account restrict, allow-margin
std::vector<CommandSpec> release_commands();  // release show, activate, forget
std::vector<CommandSpec> leader_commands();   // leader show, transfer
std::vector<CommandSpec> process_commands();  // process restart, stop, start, replace
std::vector<CommandSpec> runbook_commands();  // runbook list, show, check, run
std::vector<CommandSpec>
edge_admin_commands();  // config show, apply, ...; edge drain, tighten, ...

}  // namespace oki::app
