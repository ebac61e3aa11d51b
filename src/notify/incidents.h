// Incidents, derived from the timeline: one for each stretch that was not green.
//
// Engine state only: what people write about an incident is another thing and never changes these.
// An outage that returns within incident_watch_ms of its end is the same incident; until then it is
// shown as monitoring, afterwards as resolved. Periods without a valid lease, which only the status
// site itself can know, become incidents of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "notify/state.h"
#include "notify/status_document.h"

namespace oki::notify {

constexpr std::int64_t incident_watch_ms = 10'000;

// A time in which this site could not know. `to` is absent while it lasts.
struct UnknownPeriod {
  WallTimeMs from;
  std::optional<WallTimeMs> to;

  friend bool operator==(const UnknownPeriod&, const UnknownPeriod&) = default;
};

enum class IncidentPhase : std::uint8_t { investigating, monitoring, resolved };
const char* name(IncidentPhase phase);

struct IncidentUpdate {
  IncidentPhase phase = IncidentPhase::investigating;
  WallTimeMs at;
  State state = State::operational;  // From then on.
  Reason reason = Reason::none;
  std::uint64_t affected = 0;  // Bit n: component n of the document.
};

struct Incident {
  std::string id;  // Of lower-case letters and digits; the same as long as the timeline keeps it.
  WallTimeMs began;
  std::optional<WallTimeMs> ended;     // Green again; absent while it lasts.
  std::optional<WallTimeMs> resolved;  // And green for incident_watch_ms.
  IncidentPhase phase = IncidentPhase::investigating;
  State worst = State::operational;
  Reason reason = Reason::none;         // Of its beginning.
  std::uint64_t affected = 0;           // Everything that was affected at any time.
  std::vector<IncidentUpdate> updates;  // Oldest first, never empty.
};

// Newest first.
std::vector<Incident> derive_incidents(const StatusDocument& document,
                                       const std::vector<UnknownPeriod>& unknown, WallTimeMs now);

}  // namespace oki::notify
