#include "notify/statuspage_json.h"

#include <optional>

#include "base/calendar.h"
#include "base/hash64.h"
#include "base/json.h"
#include "notify/incident_text.h"
#include "notify/text.h"

namespace oki::notify {
namespace {

// Twelve characters of a-z and 0-9, as Statuspage's own.
std::string short_id(ByteView kind, ByteView value) {
  Hash64 hash;
  hash.add(kind);
  hash.add(value);
  std::uint64_t rest = hash.value();
  std::string id;
  for (int i = 0; i < 12; ++i, rest /= 36) {
    id.push_back("0123456789abcdefghijklmnopqrstuvwxyz"[rest % 36]);
  }
  return id;
}

const char* component_status(State state) {
  return state == State::unknown ? name(State::major_outage) : name(state);
}

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

void time_field(JsonWriter& json, ByteView name, std::optional<WallTimeMs> time) {
  json.key(name);
  if (time) {
    json.string(rfc3339_utc(*time));
  } else {
    json.null();
  }
}

void null_field(JsonWriter& json, ByteView name) { json.key(name).null(); }

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

std::string english_name(const ComponentId& id) {
  const std::string name = component_text(Language::en, id);
  return id.kind == ComponentKind::market ? "Trading " + name : name;
}

WallTimeMs first_seen(const StatusView& view, const ComponentId& id, WallTimeMs otherwise) {
  for (const DocumentComponent& known : view.document->components) {
    if (known.id == id) return known.first_seen;
  }
  return otherwise;
}

void component(JsonWriter& json, const StatusView& view, const LeaseRow& row,
               std::size_t position) {
  const WallTimeMs created = first_seen(view, row.id, row.since);
  json.begin_object();
  json.field("id", statuspage_component_id(row.id)).field("name", english_name(row.id));
  json.field("status", component_status(row.state));
  time_field(json, "created_at", created);
  time_field(json, "updated_at", row.since);
  json.field("position", static_cast<std::uint64_t>(position));
  null_field(json, "description");
  json.field("showcase", true);
  json.field("start_date", rfc3339_utc(created).substr(0, 10));
  null_field(json, "group_id");
  json.field("page_id", statuspage_page_id)
      .field("group", false)
      .field("only_show_if_degraded", false);
  json.end_object();
}

void components(JsonWriter& json, const StatusView& view) {
  json.key("components").begin_array();
  std::size_t position = 0;
  for (const LeaseRow& row : view.rows) component(json, view, row, ++position);
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
    json.begin_object().field("code", statuspage_component_id(id)).field("name", english_name(id));
    json.field("old_status", component_status(old_state));
    json.field("new_status", component_status(new_state)).end_object();
  }
  json.end_array();
}

void incident_update(JsonWriter& json, const StatusView& view, const Incident& incident,
                     std::size_t position) {
  const IncidentUpdate& update = incident.updates[position];
  json.begin_object();
  json.field("id", short_id(incident.id, std::to_string(position)));
  json.field("status", name(update.phase));
  json.field("body", incident_body(Language::en, incident, position) + "\n\n" +
                         incident_body(Language::ja, incident, position));
  json.field("incident_id", incident.id);
  for (const ByteView key : {"created_at", "updated_at", "display_at"}) {
    time_field(json, key, update.at);
  }
  affected_components(json, view, incident, position);
  json.field("deliver_notifications", false);
  null_field(json, "custom_tweet");
  null_field(json, "tweet_id");
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
        component(json, view, row, position);
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

void incidents(JsonWriter& json, const StatusView& view, const StatuspageOptions& options,
               bool only_open) {
  json.key("incidents").begin_array();
  std::size_t listed = 0;
  for (const Incident& each : view.incidents) {
    if (only_open && each.phase == IncidentPhase::resolved) continue;
    if (++listed > incidents_listed_max) break;
    incident(json, view, options, each);
  }
  json.end_array();
}

void no_maintenances(JsonWriter& json) {
  json.key("scheduled_maintenances").begin_array().end_array();
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
  return short_id(name(id.kind), id.name);
}

Bytes summary_json(const StatusView& view, const StatuspageOptions& options) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object();
  page(json, view, options);
  status(json, view);
  components(json, view);
  incidents(json, view, options, true);
  no_maintenances(json);
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

Bytes scheduled_maintenances_json(const StatusView& view, const StatuspageOptions& options) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object();
  page(json, view, options);
  no_maintenances(json);
  json.end_object();
  return out;
}

}  // namespace oki::notify
