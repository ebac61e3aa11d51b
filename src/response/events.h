// What the incident machine tells: rows of timelines, and what an outer part must do.
//
// An event is one kind byte and its fields (docs/formats/response.md). Whoever acts on one does it
// once under the event's own number, also after another watch has taken over.
#pragma once

#include <optional>
#include <variant>

#include "base/bytes.h"
#include "response/incident.h"

namespace oki::response {

// The row as it is in the incident, but for its link, which is this event's own place.
struct RowAdded {
  IncidentId incident;
  Row row;
  friend bool operator==(const RowAdded&, const RowAdded&) = default;
};

struct IncidentChanged {
  IncidentId incident;
  Phase phase = Phase::suspected;
  Severity severity = Severity::sev4;
  notify::State state = notify::State::operational;
  bool drill = false;
  friend bool operator==(const IncidentChanged&, const IncidentChanged&) = default;
};

using Event = std::variant<RowAdded, IncidentChanged>;

void append(Bytes& out, const Event& event);

// Takes the next event off the front; nothing at the end and when the bytes are none.
std::optional<Event> take_event(ByteView& events);

}  // namespace oki::response
