// The results of seeds: as a line that a worker prints and its parent reads, and added up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/world.h"

namespace oki::sim {

// "seed=7 violations=0 virtual_ms=60000 …", numbers only: the texts of violations are not in it.
std::string to_line(const WorldReport& report);
std::optional<WorldReport> parse_line(std::string_view line);

// What every seed must have had to count as a test; adds violations to `report`.
void check_effort(WorldReport& report);

struct Totals {
  std::uint64_t seeds = 0;
  std::uint64_t violations = 0;
  std::uint64_t virtual_ms = 0;
  std::uint64_t events = 0;
  std::uint64_t event_hash = 0;  // Of all seeds, in any order.
  std::uint64_t answered = 0;
  std::uint64_t given_up = 0;
  std::uint64_t leader_changes = 0;
  std::uint64_t twice = 0;  // Seeds that were run twice.
  FaultCounts faults{};

  void add(const WorldReport& report);
  std::uint64_t faults_sum() const;
  std::string to_json() const;
  std::string to_text() const;
};

}  // namespace oki::sim
