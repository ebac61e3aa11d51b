// Every sentence of the status site, in Japanese and English, in one table.
//
// {0}, {1}, {2} stand for values. A text that exists in one language only does not compile into a
// page: the test of this table fails.
#pragma once

#include <initializer_list>
#include <string>

#include "base/bytes.h"
#include "notify/incidents.h"
#include "notify/state.h"
#include "notify/time_text.h"

namespace oki::notify {

enum class Text : std::uint8_t {
  site_title,
  other_language,
  skip_to_content,
  reload,
  shown_at,
  state_operational,
  state_degraded_performance,
  state_partial_outage,
  state_major_outage,
  state_unknown,
  node_operational,
  node_down,
  ledger_operational,
  ledger_mismatch,
  node_leader,
  headline_operational,
  headline_degraded_performance,
  headline_partial_outage,
  headline_major_outage,
  headline_unknown,
  proven_at,
  since,
  unknown_since,
  never_proven,
  how_it_works,
  now_heading,
  now_began,
  now_lasting,
  now_affected,
  now_unaffected,
  now_next,
  now_next_text,
  now_compensation,
  now_compensation_text,
  nothing,
  everything,
  list_separator,
  more,
  trading_heading,
  edges_heading,
  nodes_heading,
  nodes_note,
  ledger_heading,
  component_market,
  component_edge,
  component_node,
  component_ledger,
  no_components,
  timeline_heading,
  timeline_empty,
  timeline_note,
  event_outage_began,
  event_outage_changed,
  event_outage_ended,
  event_leader_changed,
  event_leader_found,
  event_process_down,
  event_process_up,
  event_unknown_began,
  event_unknown_ended,
  gap_below,
  incidents_heading,
  incidents_empty,
  incident_open,
  incident_took,
  incident_back,
  incident_updates,
  incident_began,
  incident_ended,
  incident_not_yet,
  incident_length,
  incident_worst,
  phase_investigating,
  phase_monitoring,
  phase_resolved,
  title_test_trades,
  title_no_proof,
  title_ledger,
  title_monitoring_lost,
  body_investigating,
  body_changed,
  body_unknown,
  body_monitoring,
  body_resolved,
  reason_test_trades,
  reason_no_proof,
  reason_ledger,
  reason_monitoring_lost,
  page_not_found,
  footer_engine,
  footer_api,
  count,
};

ByteView text(Language language, Text id);

// With the values in their places.
std::string text(Language language, Text id, std::initializer_list<ByteView> values);

Text state_word(State state);
Text headline(State state);
Text phase_word(IncidentPhase phase);
Text reason_text(Reason reason);
Text incident_title(Reason reason);

}  // namespace oki::notify
