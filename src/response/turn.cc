#include "response/turn.h"

namespace oki::response {

std::string cut(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u) --end;
  text.resize(end);
  return text;
}

std::string subject_of(const SignalKey& key) {
  return cut(std::string(name(key.source)) + ' ' + key.key, row_subject_bytes_max);
}

void add_row(Turn& turn, IncidentId id, RowKind kind, RowWords words) {
  Incident& incident = turn.state.incidents.at(id);
  if (incident.rows.size() >= rows_max) {
    ++incident.rows_dropped;
    return;
  }
  Row row;
  row.at = turn.now;
  row.kind = kind;
  row.by = words.by;
  row.number = words.number;
  row.subject = cut(std::move(words.subject), row_subject_bytes_max);
  row.words = cut(std::move(words.words), words_bytes_max);
  append(turn.events, Event(RowAdded{id, row}));
  incident.rows.push_back(std::move(row));
}

void tell_change(Turn& turn, IncidentId id) {
  const Incident& incident = turn.state.incidents.at(id);
  append(turn.events, Event(IncidentChanged{id, incident.phase, incident.severity, incident.state,
                                            incident.drill}));
}

}  // namespace oki::response
