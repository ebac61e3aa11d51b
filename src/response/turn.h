// One command being applied: what the parts of the machine work on, and what they share.
#pragma once

#include <string>
#include <vector>

#include "response/commands.h"
#include "response/events.h"
#include "response/state.h"

namespace oki::response {

struct Turn {
  State& state;
  Bytes& events;
  WallTimeMs now;
};

constexpr WallTimeMs later(WallTimeMs time, std::int64_t ms) {
  return time.value > notify::time_max.value - ms ? notify::time_max : WallTimeMs{time.value + ms};
}

struct RowWords {
  PersonId by{};
  std::uint32_t number = 0;
  std::string subject{};
  std::string words{};
};

// Writes the row and tells it. Beyond rows_max only the counter of dropped rows grows.
void add_row(Turn& turn, IncidentId id, RowKind kind, RowWords words = {});

void tell_change(Turn& turn, IncidentId id);

// "test_trade btc_jpy/cross/edge 1", cut where it is too long, never inside a character.
std::string subject_of(const SignalKey& key);
std::string cut(std::string text, std::size_t bytes_max);

}  // namespace oki::response
