// The binary `okiagari`: one table of commands.
#include <cstdio>
#include <exception>
#include <utility>
#include <vector>

#include "app/bench_command.h"
#include "app/demo.h"
#include "app/drill_commands.h"
#include "app/incident_commands.h"
#include "app/inquiry_commands.h"
#include "app/notice_commands.h"
#include "app/operator_commands.h"
#include "app/server_commands.h"
#include "app/sim_command.h"

int main(int count, char** words) {
  using namespace oki::app;
  try {
    std::vector<CommandSpec> commands = {demo_command(),         node_command(),
                                         edge_command(),         watch_command(),
                                         status_command(),       apply_command(),
                                         history_command(),      sim_command(),
                                         bench_command(),        bench_book_command(),
                                         bench_core_command(),   bench_generate_command(),
                                         bench_oracle_command(), bench_snapshot_command(),
                                         mail_drill_command(),   drill_noise_command(),
                                         drill_detect_command(), drill_run_command(),
                                         watch_tune_command(),   signals_command(),
                                         scope_command(),        bench_scope_command()};
    for (const auto& more :
         {market_commands(), money_commands(), account_commands(), release_commands(),
          leader_commands(), edge_admin_commands(), process_commands(), runbook_commands(),
          notice_commands(), incident_commands(), inquiry_commands(), status_copy_commands(),
          drill_case_commands()}) {
      commands.insert(commands.end(), more.begin(), more.end());
    }
    const CommandTable table(std::move(commands));
    return table.run(count, words);
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "okiagari: %s\n", fault.what());
    return exit_code::failed;
  }
}
