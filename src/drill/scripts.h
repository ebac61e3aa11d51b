// Faults on a running session by the clock, and what customers and the public saw of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "drill/session.h"

namespace oki::drill {

struct ScriptResult {
  std::string script;
  std::optional<std::int64_t> failover_ms;         // Kill to the first new acknowledgement.
  std::optional<std::int64_t> status_nongreen_ms;  // Kill to the first non-green summary.json.
  std::int64_t falsely_green_ms = 0;  // Green shown later than the lease allows while all is dead.
  std::uint64_t not_taken = 0;
  std::uint64_t unknown = 0;
  std::uint64_t orders = 0;
  std::int64_t p50_us = 0;
  std::int64_t p99_us = 0;
  bool green_at_end = false;
  FinalAudit audit;

  // Nothing acknowledged lost or doubled, all hashes equal, and the script's own promise kept.
  bool passed = false;
};

// Kills the leader (SIGKILL) at 15 s under load, restarts it 10 s later; ends at `length_ms`.
ScriptResult run_failover(Session& session, std::int64_t length_ms);

// Kills every node at 12 s, restarts them all 10 s later; ends at `length_ms`.
ScriptResult run_blackout(Session& session, std::int64_t length_ms);

std::string to_json(const ScriptResult& result);

}  // namespace oki::drill
