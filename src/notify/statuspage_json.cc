#include "notify/statuspage_json.h"

#include <optional>

#include "base/calendar.h"
#include "base/json.h"
#include "notify/incident_text.h"
#include "notify/notice_view.h"
#include "notify/statuspage_parts.h"
#include "notify/text.h"

namespace oki::notify {
namespace {

std::string description(const StatusView& view) {
  if (view.overall != State::unknown) return description(view.overall);
  if (!view.since) return "Unknown: never confirmed yet";
  return "Unknown since " + rfc3339_utc(*view.since);
}

// When what this page says last changed or was confirmed.
WallTimeMs updated_at(const StatusView& view) {
  if (view.overall == State::operational) return view.proven_at.value_or(view.now);
  return view.since.value_or(view.now);
}

void page(JsonWriter& json, const StatusView& view, const StatuspageOptions& options) {
  json.key("page").begin_object();
  json.field("id", statuspage_page_id).field("name", options.page_name).field("url", options.url);
  json.field("time_zone", "Asia/Tokyo");
  time_field(json, "updated_at", updated_at(view));
  json.end_object();
}

void status(JsonWriter& json, const StatusView& view) {
  json.key("status").begin_object();
  json.field("indicator", indicator(view.overall)).field("description", description(view));
  json.end_object();
}

void components(JsonWriter& json, const StatusView& view) {
  json.key("components").begin_array();
  std::size_t position = 0;
  for (const LeaseRow& row : view.rows) component_object(json, view, row, ++position);
  json.end_array();
}

State state_before(const Incident& incident, std::size_t position) {
  return position == 0 ? State::operational : incident.updates[position - 1].state;
}

void affected_components(JsonWriter& json, const StatusView& view, const Incident& incident,
                         std::size_t position) {
  const IncidentUpdate& update = incident.updates[position];
  const std::uint64_t now = update.affected;
  const std::uint64_t before = position == 0 ? 0 : incident.updates[position - 1].affected;
  json.key("affected_components");
  if ((now | before) == 0) {
    json.null();
    return;
  }
  json.begin_array();
  for (std::size_t i = 0; i < view.document->components.size(); ++i) {
    const std::uint64_t bit = std::uint64_t{1} << i;
    if (((now | before) & bit) == 0) continue;
    const ComponentId& id = view.document->components[i].id;
    const State old_state =
        (before & bit) != 0 ? state_before(incident, position) : State::operational;
    const State new_state = (now & bit) != 0 ? update.state : State::operational;
    component_change(json, id, old_state, new_state);
  }
  json.end_array();
}

void incident_update(JsonWriter& json, const StatusView& view, const Incident& incident,
                     std::size_t position) {
  const IncidentUpdate& update = incident.updates[position];
  json.begin_object();
  update_head(
      json, {statuspage_id(incident.id, std::to_string(position)), incident.id, name(update.phase),
             incident_body(Language::en, incident, position) + "\n\n" +
                 incident_body(Language::ja, incident, position),
             update.at});
  affected_components(json, view, incident, position);
  update_tail(json);
  json.end_object();
}

void incident_components(JsonWriter& json, const StatusView& view, const Incident& incident) {
  json.key("components").begin_array();
  std::size_t position = 0;
  for (const LeaseRow& row : view.rows) {
    ++position;
    for (std::size_t i = 0; i < view.document->components.size(); ++i) {
      const bool is_affected = (incident.affected >> i & 1) != 0;
      if (is_affected && view.document->components[i].id == row.id) {
        component_object(json, view, row, position);
      }
    }
  }
  json.end_array();
}

void incident(JsonWriter& json, const StatusView& view, const StatuspageOptions& options,
              const Incident& incident) {
  json.begin_object();
  json.field("id", incident.id);
  json.field("name", text(Language::en, incident_title(incident.reason)));
  json.field("status", name(incident.phase));
  time_field(json, "created_at", incident.began);
  time_field(json, "updated_at", incident.updates.back().at);
  time_field(json, "monitoring_at", incident.ended);
  time_field(json, "resolved_at", incident.resolved);
  json.field("impact", indicator(incident.worst));
  json.field("shortlink", options.url + "/incidents/" + incident.id);
  time_field(json, "started_at", incident.began);
  json.field("page_id", statuspage_page_id);
  json.key("incident_updates").begin_array();
  for (std::size_t i = incident.updates.size(); i-- > 0;) incident_update(json, view, incident, i);
  json.end_array();
  incident_components(json, view, incident);
  null_field(json, "reminder_intervals");
  json.end_object();
}

// What people told of stands first: it has the words that were chosen for this incident.
void incidents(JsonWriter& json, const StatusView& view, const StatuspageOptions& options,
               bool only_open) {
  json.key("incidents").begin_array();
  std::size_t listed = 0;
  for (const Notice* newest : latest_notices(*view.board)) {
    if (only_open && is_over(*newest)) continue;
    if (++listed > incidents_listed_max) break;
    told_incident(json, view, options, *newest);
  }
  for (const Incident& each : view.incidents) {
    if (only_open && each.phase == IncidentPhase::resolved) continue;
    if (++listed > incidents_listed_max) break;
    incident(json, view, options, each);
  }
  json.end_array();
}

bool is_listed(MaintenancePhase phase, Maintenances which) {
  switch (which) {
    case Maintenances::upcoming:
      return phase == MaintenancePhase::ahead;
    case Maintenances::active:
      return phase == MaintenancePhase::under_way;
    case Maintenances::not_over:
      return phase == MaintenancePhase::ahead || phase == MaintenancePhase::under_way;
    case Maintenances::all:
      break;
  }
  return phase != MaintenancePhase::cancelled;
}

void maintenances(JsonWriter& json, const StatusView& view, const StatuspageOptions& options,
                  Maintenances which) {
  json.key("scheduled_maintenances").begin_array();
  for (const Maintenance& each : view.board->maintenances) {
    if (is_listed(phase_of(each, view.now), which)) maintenance_object(json, view, options, each);
  }
  json.end_array();
}

}  // namespace

const char* indicator(State state) {
  switch (state) {
    case State::operational:
      return "none";
    case State::degraded_performance:
      return "minor";
    case State::partial_outage:
      return "major";
    case State::major_outage:
    case State::unknown:
      break;
  }
  return "critical";
}

const char* description(State state) {
  switch (state) {
    case State::operational:
      return "All Systems Operational";
    case State::degraded_performance:
      return "Minor Service Outage";
    case State::partial_outage:
      return "Partial System Outage";
    case State::major_outage:
      return "Major Service Outage";
    case State::unknown:
      break;
  }
  return "Unknown";
}

std::string statuspage_component_id(const ComponentId& id) {
  return statuspage_id(name(id.kind), id.name);
}

Bytes summary_json(const StatusView& view, const StatuspageOptions& options) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object();
  page(json, view, options);
  status(json, view);
  components(json, view);
  incidents(json, view, options, true);
  maintenances(json, view, options, Maintenances::not_over);
  json.end_object();
  return out;
}

Bytes status_json(const StatusView& view, const StatuspageOptions& options) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object();
  page(json, view, options);
  status(json, view);
  json.end_object();
  return out;
}

Bytes components_json(const StatusView& view, const StatuspageOptions& options) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object();
  page(json, view, options);
  components(json, view);
  json.end_object();
  return out;
}

Bytes incidents_json(const StatusView& view, const StatuspageOptions& options, bool only_open) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object();
  page(json, view, options);
  incidents(json, view, options, only_open);
  json.end_object();
  return out;
}

Bytes scheduled_maintenances_json(const StatusView& view, const StatuspageOptions& options,
                                  Maintenances which) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object();
  page(json, view, options);
  maintenances(json, view, options, which);
  json.end_object();
  return out;
}

}  // namespace oki::notify
