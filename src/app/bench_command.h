// `okiagari bench`: what this build does on this machine.
#pragma once

#include "app/command_table.h"

namespace oki::app {

CommandSpec bench_command();
CommandSpec bench_book_command();
CommandSpec bench_core_command();
CommandSpec bench_generate_command();
CommandSpec bench_oracle_command();
CommandSpec bench_scope_command();
CommandSpec bench_snapshot_command();

}  // namespace oki::app
