#include "notify/incident_text.h"

#include "base/assert.h"

namespace oki::notify {
namespace {

// "btc_jpy" as traders write it.
std::string market_text(ByteView name) {
  std::string out;
  for (const char c : name) {
    if (c == '_') {
      out.push_back('/');
    } else {
      out.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    }
  }
  return out;
}

Text body_text(const Incident& incident, std::size_t position) {
  const IncidentUpdate& update = incident.updates[position];
  if (update.phase == IncidentPhase::monitoring) return Text::body_monitoring;
  if (update.phase == IncidentPhase::resolved) return Text::body_resolved;
  if (update.state == State::unknown) return Text::body_unknown;
  return position == 0 ? Text::body_investigating : Text::body_changed;
}

std::string leader_text(Language language, const TimelineEvent& event) {
  const std::string old_seat = std::to_string(event.old_seat);
  const std::string new_seat = std::to_string(event.new_seat);
  const std::string term = std::to_string(event.term.value);
  if (event.old_seat == 0) return text(language, Text::event_leader_found, {new_seat, term});
  return text(language, Text::event_leader_changed, {old_seat, new_seat, term});
}

}  // namespace

std::string component_text(Language language, const ComponentId& id) {
  switch (id.kind) {
    case ComponentKind::market:
      return market_text(id.name);
    case ComponentKind::edge:
      return text(language, Text::component_edge, {id.name});
    case ComponentKind::node:
      return text(language, Text::component_node, {id.name});
    case ComponentKind::ledger:
      return std::string(text(language, Text::component_ledger));
  }
  return {};
}

std::string incident_body(Language language, const Incident& incident, std::size_t position) {
  ASSERT(position < incident.updates.size());
  const IncidentUpdate& update = incident.updates[position];
  return text(
      language, body_text(incident, position),
      {text(language, state_word(update.state)), text(language, reason_text(update.reason))});
}

// REQUIRES: an event of one process.
Text process_text(EventKind kind) {
  switch (kind) {
    case EventKind::process_down:
      return Text::event_process_down;
    case EventKind::edge_drained:
      return Text::event_edge_drained;
    case EventKind::edge_back:
      return Text::event_edge_back;
    default:
      return Text::event_process_up;
  }
}

std::string event_text(Language language, const StatusDocument& document,
                       const TimelineEvent& event) {
  const ByteView state = text(language, state_word(event.state));
  const ByteView reason = text(language, reason_text(event.reason));
  switch (event.kind) {
    case EventKind::outage_began:
      return text(language, Text::event_outage_began, {state, reason});
    case EventKind::outage_changed:
      return text(language, Text::event_outage_changed, {state, reason});
    case EventKind::outage_ended:
      return std::string(text(language, Text::event_outage_ended));
    case EventKind::leader_changed:
      return leader_text(language, event);
    case EventKind::process_down:
    case EventKind::process_up:
    case EventKind::edge_drained:
    case EventKind::edge_back:
      break;
  }
  return text(language, process_text(event.kind),
              {component_text(language, document.components[event.component].id)});
}

std::string affected_text(Language language, const StatusDocument& document,
                          std::uint64_t affected) {
  std::string out;
  for (std::size_t i = 0; i < document.components.size(); ++i) {
    if ((affected >> i & 1) == 0) continue;
    if (!out.empty()) out += text(language, Text::list_separator);
    out += component_text(language, document.components[i].id);
  }
  return out.empty() ? std::string(text(language, Text::nothing)) : out;
}

}  // namespace oki::notify
