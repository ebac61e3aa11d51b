// What a fault of the catalogue really is, as somebody who knew would say it: the ranking of likely
// causes (docs/incidents.md, 13) is judged by it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "drill/harm.h"

namespace oki::drill {

constexpr std::size_t incident_bytes_max = 4u << 20;  // As the API shows it.

// The first of the causes that the watch names, in its own words: "broken", "edge 1".
struct NamedCause {
  std::string kind;
  std::string component;  // Empty: no one place.
};

// From an incident as the operators' API shows it; nothing when it names none.
std::optional<NamedCause> likeliest_cause(ByteView incident_json);

struct Culprit {
  std::vector<std::string> kinds;   // Each of them is right.
  std::vector<std::string> places;  // The same; never empty.
  bool is(const NamedCause& cause) const;
};

// Nothing for a kind of fault that has no incident: the harmless and the blind ones. Asks for the
// leader where the fault is one of "majority", so it comes before the harm.
Result<std::optional<Culprit>> culprit_of(std::string_view fault, Harm& harm);

// The kinds of faults that have one, for the tests of the catalogue.
bool has_culprit(std::string_view fault);

}  // namespace oki::drill
