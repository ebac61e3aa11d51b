// `okiagari sim`: many simulated worlds, one per seed, judged and counted.
//
// Seeds run in worker processes (the engine's random source is one per process), which are the same
// program with `--jobs 1 --verbose`. A worker that stops by an assertion or hangs is a violation of
// the seed it was at.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace oki::sim {

struct SimOptions {
  std::uint64_t seeds = 100;
  std::uint64_t first_seed = 1;
  std::uint64_t jobs = 0;    // 0: one per processor. 1: in this process.
  bool json = false;         // The last line is one JSON object.
  bool verbose = false;      // A line per seed, and one with '!' before it per violation.
  bool quiet = false;        // No traces and no progress on stderr.
  bool until_found = false;  // Stop at the first violation.
  // How to start this program's simulator again, without options.
  std::vector<std::string> command = {"/proc/self/exe", "sim"};
};

// Prints results to stdout, progress and violations to stderr. Gives the exit code: 0 when no seed
// had a violation and no seed was run twice with different events.
int run_sim(const SimOptions& options);

}  // namespace oki::sim
