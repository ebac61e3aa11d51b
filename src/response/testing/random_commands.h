// Plausible commands from a seed: most do something, some are refused, times go on.
#pragma once

#include "base/prng.h"
#include "response/testing/response_world.h"

namespace oki::response {

class RandomCommands {
 public:
  explicit RandomCommands(std::uint64_t seed) : random_(seed) {}

  // For a state that World::furnish() made, at `now`.
  Command next(const State& state, WallTimeMs now);

  // Milliseconds until the next one: mostly few, now and then hours.
  std::int64_t pause();

 private:
  Command next_of_sources(WallTimeMs now);
  Command next_of_people(const State& state, WallTimeMs now);
  Command next_of_work(const State& state, WallTimeMs now);
  Change next_change(WallTimeMs now);
  Change planned_work(WallTimeMs now);
  Signal signal(WallTimeMs now);
  PersonId person() { return {static_cast<std::uint32_t>(random_.below(6))}; }
  IncidentId incident(const State& state);
  std::uint32_t place() { return static_cast<std::uint32_t>(random_.below(3)); }
  bool coin() { return random_.chance(1, 2); }
  std::vector<notify::ComponentId> components();

  Prng random_;
  bool calm_ = false;  // For a while nothing new breaks, and what broke is proven to work.
};

}  // namespace oki::response
