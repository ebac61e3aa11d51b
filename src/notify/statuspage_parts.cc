#include "notify/statuspage_parts.h"

#include "base/calendar.h"
#include "base/hash64.h"
#include "notify/incident_text.h"

namespace oki::notify {
namespace {

WallTimeMs first_seen(const StatusView& view, const ComponentId& id, WallTimeMs otherwise) {
  for (const DocumentComponent& known : view.document->components) {
    if (known.id == id) return known.first_seen;
  }
  return otherwise;
}

}  // namespace

std::string statuspage_id(ByteView kind, ByteView value) {
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

std::string english_name(const ComponentId& id) {
  const std::string name = component_text(Language::en, id);
  return id.kind == ComponentKind::market ? "Trading " + name : name;
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

void component_object(JsonWriter& json, const StatusView& view, const LeaseRow& row,
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
  json.field("page_id", statuspage_page_id).field("group", false);
  json.field("only_show_if_degraded", false);
  json.end_object();
}

void component_change(JsonWriter& json, const ComponentId& id, State before, State now) {
  json.begin_object().field("code", statuspage_component_id(id)).field("name", english_name(id));
  json.field("old_status", component_status(before));
  json.field("new_status", component_status(now)).end_object();
}

void update_head(JsonWriter& json, const UpdateHead& head) {
  json.field("id", head.id).field("status", head.status).field("body", head.body);
  json.field("incident_id", head.incident_id);
  for (const ByteView key : {"created_at", "updated_at", "display_at"}) {
    time_field(json, key, head.at);
  }
}

void update_tail(JsonWriter& json) {
  json.field("deliver_notifications", false);
  null_field(json, "custom_tweet");
  null_field(json, "tweet_id");
}

}  // namespace oki::notify
