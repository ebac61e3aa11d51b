// What happened, as the status page tells it: outages, recoveries, leader changes, processes that
// went and came, each with its time. Written by the watch, signed, kept by every status site.
//
// Bounded: beyond timeline_events_max the oldest event falls out, but never the beginning of an
// outage that has not ended. Event ids rise and are never used twice, also over a restart of the
// watch that lost its disk, because they never lie below the wall time in ms.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "notify/state.h"

namespace oki::notify {

constexpr std::size_t timeline_events_max = 1000;

enum class EventKind : std::uint8_t {
  outage_began = 1,
  outage_changed = 2,  // Another state, reason or set of components within an outage.
  outage_ended = 3,
  leader_changed = 4,
  process_down = 5,
  process_up = 6,
  edge_drained = 7,  // It says that it is being taken out; no outage while another one serves.
  edge_back = 8,
};

struct TimelineEvent {
  std::uint64_t id = 0;
  WallTimeMs at{};
  EventKind kind = EventKind::outage_began;

  // Of outages: the overall state after the event, and bit n for component n of the document.
  State state = State::operational;
  Reason reason = Reason::none;
  std::uint64_t affected = 0;

  // Of leader changes: seat 0 is "none known". `gap_ms` is the time without a known leader, up to
  // the step at which the watch looks.
  std::uint32_t old_seat = 0;
  std::uint32_t new_seat = 0;
  Term term{};
  std::uint32_t gap_ms = 0;

  // Of processes and edges: the position in StatusDocument::components.
  std::uint8_t component = 0;

  friend bool operator==(const TimelineEvent&, const TimelineEvent&) = default;
};

struct DocumentComponent {
  ComponentId id;
  WallTimeMs first_seen;

  friend bool operator==(const DocumentComponent&, const DocumentComponent&) = default;
};

struct StatusDocument {
  std::uint64_t sequence = 0;                 // Rises with every change.
  std::vector<DocumentComponent> components;  // Only appended to: positions are used by events.
  std::vector<TimelineEvent> events;          // Oldest first.

  friend bool operator==(const StatusDocument&, const StatusDocument&) = default;
};

// The position of the component, added when it is new; nothing when components_max is reached.
std::optional<std::size_t> component_position(StatusDocument& document, const ComponentId& id,
                                              WallTimeMs now);

// Gives the event its id, appends it, raises the sequence and drops what is too old.
void add_event(StatusDocument& document, TimelineEvent event);

// The last outage event when an outage has not ended; nullptr otherwise.
const TimelineEvent* open_outage(const StatusDocument& document);

constexpr bool is_outage(EventKind kind) { return kind <= EventKind::outage_ended; }

Bytes encode(const StatusDocument& document);
Result<StatusDocument> decode_status_document(ByteView payload);

}  // namespace oki::notify
