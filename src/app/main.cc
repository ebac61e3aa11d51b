// The binary `okiagari`: one table of commands.
#include <cstdio>
#include <exception>

#include "app/bench_command.h"
#include "app/demo.h"
#include "app/server_commands.h"
#include "app/sim_command.h"

int main(int count, char** words) {
  using namespace oki::app;
  try {
    const CommandTable table({demo_command(), node_command(), edge_command(), watch_command(),
                              status_command(), apply_command(), sim_command(), bench_command(),
                              bench_book_command(), bench_generate_command(),
                              bench_oracle_command()});
    return table.run(count, words);
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "okiagari: %s\n", fault.what());
    return exit_code::failed;
  }
}
