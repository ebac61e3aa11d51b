#include "sim/sim.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "replica/engine.h"
#include "sim/report.h"
#include "sim/workers.h"

namespace oki::sim {
namespace {

constexpr std::uint64_t twice_every = 50;  // Every so many seeds, one is run twice.
constexpr std::uint64_t leader_changes_average_min = 2;
constexpr std::uint64_t average_over_min = 20;  // Fewer seeds have no average worth a check.
constexpr std::chrono::seconds progress_every_on_a_terminal{5};
constexpr std::chrono::seconds progress_every_in_a_log{60};

WorldReport run_once(std::uint64_t seed) {
  replica::seed_raft_engine(seed);
  WorldOptions options;
  options.seed = seed;
  options.make_engine = replica::make_raft_engine;
  return run_seed(options);
}

WorldReport run_and_check(std::uint64_t seed) {
  WorldReport report = run_once(seed);
  check_effort(report);
  if (seed % twice_every != 1 || !report.violations.empty()) return report;
  const WorldReport again = run_once(seed);
  report.runs = 2;
  if (again.event_hash != report.event_hash) {
    report.violations.push_back("The same seed gave other events when run again.");
  }
  return report;
}

std::string repeat_command(const WorldReport& report, const SimOptions& options) {
  std::string command;
  for (const std::string& word : options.command) command += word + " ";
  return fmt::format("{}--first-seed {} --seeds 1 --jobs 1 --verbose", command, report.seed);
}

class Collector {
 public:
  explicit Collector(const SimOptions& options) : options_(options) {}

  // False when no more are wanted.
  bool add(const WorldReport& report) {
    totals_.add(report);
    for (const std::string& violation : report.violations) {
      if (options_.verbose) fmt::print("! {}\n", violation);
      if (!options_.verbose && !options_.quiet) {
        fmt::print(stderr, "seed {}: {}\n", report.seed, violation);
      }
    }
    if (options_.verbose) fmt::print("{}\n", to_line(report));
    std::fflush(stdout);
    if (!options_.quiet) tell(report);
    return report.violations.empty() || !options_.until_found;
  }

  // Gives the exit code.
  int finish() {
    const bool enough_changes =
        totals_.seeds < average_over_min ||
        totals_.leader_changes >= leader_changes_average_min * totals_.seeds;
    if (!enough_changes) fmt::print(stderr, "Fewer than two leader changes a seed on average.\n");
    if (options_.json) {
      fmt::print("{}\n", totals_.to_json());
    } else if (!options_.verbose || options_.jobs != 1) {
      fmt::print("{}\n", totals_.to_text());
    }
    return totals_.violations == 0 && enough_changes ? 0 : 1;
  }

 private:
  void tell(const WorldReport& report) {
    if (!report.violations.empty()) {
      fmt::print(stderr, "{}Repeat it with: {}\n", report.tail, repeat_command(report, options_));
    }
    const auto now = std::chrono::steady_clock::now();
    if (options_.jobs == 1 || now - printed_ < progress_every_) return;
    printed_ = now;
    fmt::print(stderr, "sim: {} of {} seeds, {} violations\n", totals_.seeds, options_.seeds,
               totals_.violations);
  }

  const SimOptions& options_;
  const std::chrono::seconds progress_every_ =
      isatty(STDERR_FILENO) == 1 ? progress_every_on_a_terminal : progress_every_in_a_log;
  Totals totals_;
  std::chrono::steady_clock::time_point printed_ = std::chrono::steady_clock::now();
};

}  // namespace

int run_sim(const SimOptions& asked) {
  SimOptions options = asked;
  if (options.jobs == 0) options.jobs = std::max(1u, std::thread::hardware_concurrency());
  Collector collector(options);
  bool ran = true;
  if (options.jobs == 1) {
    bool wanted = true;
    for (std::uint64_t i = 0; wanted && i < options.seeds; ++i) {
      wanted = collector.add(run_and_check(options.first_seed + i));
    }
  } else {
    ran = run_workers(options, [&](const WorldReport& report) { return collector.add(report); });
    if (!ran) fmt::print(stderr, "The simulator's workers cannot be started.\n");
  }
  const int code = collector.finish();
  return ran ? code : 1;
}

}  // namespace oki::sim
