// `okiagari bench oracle`: two implementations of the core on the same seeded commands, compared
// byte by byte after every command (core/testing/oracle.h).
//
// The commands are split into runs of `run_commands`, each from an empty core with a seed of its
// own and in a process of its own, so that a core that ends or hangs its process is a finding like
// another. The first finding ends everything: it is shrunk, printed, and can be kept as a file.
#pragma once

#include <cstdint>
#include <string>

#include "core/testing/oracle_cores.h"

namespace oki::bench {

struct OracleOptions {
  std::uint64_t commands = 1'000'000;
  std::uint64_t seed = 1;
  std::uint64_t jobs = 0;  // 0: one per processor.
  std::uint64_t shrink_seconds = 60;
  std::uint64_t silent_seconds = 30;  // Of processor time for 1,000 commands.
  bool json = false;
  bool quiet = false;  // No progress.
  bool cover = false;  // Fails, too, when a rule was never reached.
  std::string save;    // File for what is found; empty: not kept.
  core::CorePair cores = core::shipped_cores();
};

constexpr std::uint64_t run_commands = 50'000;
constexpr std::uint64_t check_every = 2'500;   // All of the state, and from a snapshot.
constexpr std::uint64_t replay_checked = 100;  // The last of a kept list, after each.
constexpr std::uint64_t covered_runs = 64;     // Later ones only compare.

// Prints to the standard output; the last line is one JSON object with `json`. The exit code: 0 no
// difference, 1 one was found, 2 it could not run.
int run_oracle(const OracleOptions& options);

// Runs a kept file: the exit code is 0 when the implementations agree on it.
int replay_oracle(const std::string& file, const OracleOptions& options);

}  // namespace oki::bench
