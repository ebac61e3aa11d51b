#include "app/sim_command.h"

#include "sim/sim.h"

namespace oki::app {
namespace {

int run(const Arguments& arguments) {
  sim::SimOptions options;
  options.seeds = arguments.number("seeds");
  options.first_seed = arguments.number("first-seed");
  options.jobs = arguments.number("jobs");
  options.json = arguments.has("json");
  options.verbose = arguments.has("verbose");
  return sim::run_sim(options);
}

}  // namespace

CommandSpec sim_command() {
  return {"sim",
          {"Runs simulated clusters under faults, one per seed, and judges them",
           "故障を与えた模擬クラスターを種ごとに動かし、検証する"},
          {{"seeds", "N", "100", {"how many seeds", "種の数"}},
           {"first-seed", "N", "1", {"the first of them", "最初の種"}},
           {"jobs", "N", "0", {"processes; 0: one per processor", "並列数。0 は CPU 数"}},
           {"json", nullptr, "", {"the last line is one JSON object", "最終行を JSON で出力"}},
           {"verbose", nullptr, "", {"a line per seed", "種ごとに1行"}}},
          run};
}

}  // namespace oki::app
