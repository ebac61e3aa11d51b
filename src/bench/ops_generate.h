// Makes operations files: named mixes of orders, the same for the same seed on every machine.
#pragma once

#include <functional>

#include "bench/ops_file.h"

namespace oki::bench {

struct GenerateOptions {
  std::string mix;                // One of mix_names().
  std::uint64_t ops = 2'000'000;  // Timed ones; what fills the books first comes on top.
  std::uint64_t seed = 1;
  std::uint64_t live = 0;  // Resting orders to aim at; 0: as many as the mix says.
  std::function<void(std::uint64_t done, std::uint64_t all)> progress = [](auto, auto) {};
};

struct MixName {
  const char* name;
  const char* what;
};
const std::vector<MixName>& mix_names();

// The expected outcome is filled in by the reference engine. Fails on an unknown mix and on more
// than ops_max records.
Result<Ops> generate_ops(const GenerateOptions& options);

}  // namespace oki::bench
