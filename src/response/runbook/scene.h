// What an incident and the exchange look like at the moment a step is run: where the placeholders
// of runbooks get their values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "response/runbook/book.h"
#include "response/runbook/condition.h"
#include "response/state.h"

namespace oki::response {

constexpr std::int64_t changed_before_ms = 3'600'000;  // So long before the incident began.
constexpr std::size_t calls_max = 64;  // Of one step: a thing in "each" is one call.

struct Scene {
  IncidentId incident;
  bool drill = false;
  std::vector<notify::ComponentId> components;  // Affected, in the order they joined.
  std::vector<std::string> changed_edges;       // With a change of settings that is in force.
  Values facts;                                 // Of the incident's signals, by name.
  std::uint32_t leader = 0;                     // A seat; 0: nobody leads.
  std::uint32_t follower = 0;                   // A connected seat that does not lead; 0: none.
  std::vector<std::string> markets;             // All of the exchange.
  std::uint32_t edges = 0, nodes = 0;
};

// The part of it that the incident machine knows. A fact that two signals tell differently is not
// there: nobody can say which one is meant.
Scene scene_of(const State& state, IncidentId incident);

// "affected edge"
std::optional<Each> parse_each(ByteView text);

// A value that a placeholder of this name could have; nothing when there is no such placeholder.
std::optional<std::string> example_of(const std::string& placeholder);

// One time that a step is done, with nothing left to fill in.
struct Call {
  std::string action;
  Values parameters;
  Condition verify;
};

// Errc::not_found: a placeholder has no value here, or `each` finds nothing; full: more than
// calls_max; invalid: a value is not of its parameter's kind.
Result<std::vector<Call>> calls_of(const BookStep& step, const Scene& scene);

}  // namespace oki::response
