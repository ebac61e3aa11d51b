#include "notify/status_document.h"

#include <algorithm>

#include "base/assert.h"

namespace oki::notify {
namespace {

std::uint64_t rising(std::uint64_t last, WallTimeMs now) {
  const auto wall = static_cast<std::uint64_t>(std::max<std::int64_t>(now.value, 1));
  return std::max(last + 1, wall);
}

// The position of the beginning of an outage that has not ended.
std::optional<std::size_t> open_beginning(const StatusDocument& document) {
  for (std::size_t i = document.events.size(); i-- > 0;) {
    if (document.events[i].kind == EventKind::outage_ended) return std::nullopt;
    if (document.events[i].kind == EventKind::outage_began) return i;
  }
  return std::nullopt;
}

void drop_oldest(StatusDocument& document) {
  const std::size_t oldest = open_beginning(document) == std::size_t{0} ? 1 : 0;
  document.events.erase(document.events.begin() + static_cast<std::ptrdiff_t>(oldest));
}

void append(Bytes& out, const TimelineEvent& event) {
  Writer writer(out);
  writer.u64(event.id);
  writer.i64(event.at.value);
  writer.u8(static_cast<std::uint8_t>(event.kind));
  writer.u8(static_cast<std::uint8_t>(event.state));
  writer.u8(static_cast<std::uint8_t>(event.reason));
  writer.u64(event.affected);
  writer.u32(event.old_seat);
  writer.u32(event.new_seat);
  writer.u64(event.term.value);
  writer.u32(event.gap_ms);
  writer.u8(event.component);
}

EventKind read_kind(Reader& in) {
  const std::uint8_t kind = in.u8();
  if (kind >= static_cast<std::uint8_t>(EventKind::outage_began) &&
      kind <= static_cast<std::uint8_t>(EventKind::edge_back)) {
    return static_cast<EventKind>(kind);
  }
  in.fail();
  return EventKind::process_up;
}

TimelineEvent read_event(Reader& in) {
  TimelineEvent event;
  event.id = in.u64();
  event.at = read_time(in);
  event.kind = read_kind(in);
  event.state = read_state(in);
  event.reason = read_reason(in);
  event.affected = in.u64();
  event.old_seat = in.u32();
  event.new_seat = in.u32();
  event.term.value = in.u64();
  event.gap_ms = in.u32();
  event.component = in.u8();
  return event;
}

bool is_consistent(const StatusDocument& document) {
  std::uint64_t last_id = 0;
  for (const TimelineEvent& event : document.events) {
    if (event.id <= last_id) return false;
    last_id = event.id;
    const bool of_process = event.kind >= EventKind::process_down;
    if (of_process && event.component >= document.components.size()) return false;
    if (document.components.size() < 64 && event.affected >> document.components.size() != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<std::size_t> component_position(StatusDocument& document, const ComponentId& id,
                                              WallTimeMs now) {
  for (std::size_t i = 0; i < document.components.size(); ++i) {
    if (document.components[i].id == id) return i;
  }
  if (document.components.size() == components_max) return std::nullopt;
  document.components.push_back({id, now});
  document.sequence = rising(document.sequence, now);
  return document.components.size() - 1;
}

void add_event(StatusDocument& document, TimelineEvent event) {
  event.id = rising(document.events.empty() ? 0 : document.events.back().id, event.at);
  document.sequence = rising(document.sequence, event.at);
  document.events.push_back(event);
  if (document.events.size() > timeline_events_max) drop_oldest(document);
  ASSERT(document.events.size() <= timeline_events_max);
}

const TimelineEvent* open_outage(const StatusDocument& document) {
  for (std::size_t i = document.events.size(); i-- > 0;) {
    const TimelineEvent& event = document.events[i];
    if (event.kind == EventKind::outage_ended) return nullptr;
    if (is_outage(event.kind)) return &event;
  }
  return nullptr;
}

Bytes encode(const StatusDocument& document) {
  Bytes out;
  Writer writer(out);
  writer.u64(document.sequence);
  writer.u16(static_cast<std::uint16_t>(document.components.size()));
  for (const DocumentComponent& component : document.components) {
    notify::append(out, component.id);
    writer.i64(component.first_seen.value);
  }
  writer.u16(static_cast<std::uint16_t>(document.events.size()));
  for (const TimelineEvent& event : document.events) append(out, event);
  return out;
}

Result<StatusDocument> decode_status_document(ByteView payload) {
  Reader in(payload);
  StatusDocument document;
  document.sequence = in.u64();
  const std::size_t components = in.u16();
  if (components > components_max) in.fail();
  for (std::size_t i = 0; i < components && in.ok(); ++i) {
    const ComponentId id = read_component_id(in);
    document.components.push_back({id, read_time(in)});
  }
  const std::size_t events = in.u16();
  if (events > timeline_events_max) in.fail();
  for (std::size_t i = 0; i < events && in.ok(); ++i) document.events.push_back(read_event(in));
  if (!in.done() || !is_consistent(document)) {
    return error(Errc::invalid, "malformed status document");
  }
  return document;
}

}  // namespace oki::notify
