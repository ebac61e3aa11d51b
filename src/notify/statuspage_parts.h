// What the objects of the Statuspage v2 JSON share.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "notify/statuspage_json.h"

namespace oki::notify {

// Twelve characters of a-z and 0-9, as Statuspage's own; the same for the same thing for ever.
std::string statuspage_id(ByteView kind, ByteView value);

// "operational" … "major_outage"; unknown has no word there and is the worst.
const char* component_status(State state);

// "Trading BTC/JPY"
std::string english_name(const ComponentId& id);

void time_field(JsonWriter& json, ByteView name, std::optional<WallTimeMs> time);
void null_field(JsonWriter& json, ByteView name);

void component_object(JsonWriter& json, const StatusView& view, const LeaseRow& row,
                      std::size_t position);

// One of affected_components.
void component_change(JsonWriter& json, const ComponentId& id, State before, State now);

// The members of an update from "id" to "display_at", the same for machines and people.
struct UpdateHead {
  std::string id, incident_id;
  const char* status = "";
  std::string body;
  WallTimeMs at;
};
void update_head(JsonWriter& json, const UpdateHead& head);
void update_tail(JsonWriter& json);

// Incidents that people told of, newest first, and planned maintenance, first to come first.
void told_incident(JsonWriter& json, const StatusView& view, const StatuspageOptions& options,
                   const Notice& newest);
void maintenance_object(JsonWriter& json, const StatusView& view, const StatuspageOptions& options,
                        const Maintenance& maintenance);

}  // namespace oki::notify
