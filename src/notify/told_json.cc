#include <algorithm>
#include <vector>

#include "notify/notice_view.h"
#include "notify/statuspage_json.h"
#include "notify/statuspage_parts.h"

namespace oki::notify {
namespace {

constexpr const char* maintenance_impact = "maintenance";

std::string both(const LocalText& text) { return text.en + "\n\n" + text.ja; }

std::string told_body(const Notice& notice) {
  std::string body = both(notice.body);
  if (notice.cause) body += "\n\n" + both(*notice.cause);
  return body + "\n\n" + both(notice.assets);
}

std::string told_id(const Notice& notice) { return statuspage_id("told", notice.incident); }

void told_update(JsonWriter& json, const Notice& notice) {
  json.begin_object();
  const std::string number = notice.incident + "/" + std::to_string(notice.number);
  update_head(json, {statuspage_id("told update", number), told_id(notice), name(notice.phase),
                     told_body(notice), notice.at});
  json.key("affected_components");
  if (notice.affected.empty()) {
    json.null();
  } else {
    json.begin_array();
    for (const NoticeComponent& component : notice.affected) {
      component_change(json, component.id, component.before, component.now);
    }
    json.end_array();
  }
  update_tail(json);
  json.end_object();
}

void components_of(JsonWriter& json, const StatusView& view, const std::vector<ComponentId>& ids) {
  json.key("components").begin_array();
  std::size_t position = 0;
  for (const LeaseRow& row : view.rows) {
    ++position;
    const bool is_one = std::find(ids.begin(), ids.end(), row.id) != ids.end();
    if (is_one) component_object(json, view, row, position);
  }
  json.end_array();
}

// When the incident first was in this phase or a later one.
std::optional<WallTimeMs> reached(const std::vector<const Notice*>& all, NoticePhase phase) {
  std::optional<WallTimeMs> at;
  for (const Notice* notice : all) {
    if (notice->phase >= phase) at = notice->at;
  }
  return at;
}

const char* maintenance_status(MaintenancePhase phase) {
  switch (phase) {
    case MaintenancePhase::ahead:
      return "scheduled";
    case MaintenancePhase::under_way:
      return "in_progress";
    case MaintenancePhase::over:
    case MaintenancePhase::cancelled:
      break;
  }
  return "completed";
}

void maintenance_update(JsonWriter& json, const Maintenance& maintenance, const char* status) {
  json.key("incident_updates").begin_array().begin_object();
  const std::string number = maintenance.name + "/" + std::to_string(maintenance.revision);
  update_head(json, {statuspage_id("maintenance update", number),
                     statuspage_id("maintenance", maintenance.name), status, both(maintenance.body),
                     maintenance.changed_at});
  json.key("affected_components").begin_array();
  for (const ComponentId& id : maintenance.components) {
    json.begin_object().field("code", statuspage_component_id(id)).field("name", english_name(id));
    json.field("old_status", "operational").field("new_status", "under_maintenance").end_object();
  }
  json.end_array();
  update_tail(json);
  json.end_object().end_array();
}

}  // namespace

void told_incident(JsonWriter& json, const StatusView& view, const StatuspageOptions& options,
                   const Notice& newest) {
  const std::vector<const Notice*> all = notices_of(*view.board, newest.incident);
  std::vector<ComponentId> affected;
  for (const Notice* notice : all) {
    for (const NoticeComponent& component : notice->affected) affected.push_back(component.id);
  }
  json.begin_object();
  json.field("id", told_id(newest)).field("name", newest.title.en);
  json.field("status", name(newest.phase));
  time_field(json, "created_at", all.back()->at);
  time_field(json, "updated_at", newest.at);
  time_field(json, "monitoring_at", reached(all, NoticePhase::monitoring));
  time_field(json, "resolved_at", reached(all, NoticePhase::resolved));
  json.field("impact", name(newest.impact));
  json.field("shortlink", options.url + notice_path(Language::ja, newest.incident));
  time_field(json, "started_at", newest.began);
  json.field("page_id", statuspage_page_id);
  json.key("incident_updates").begin_array();
  for (const Notice* notice : all) told_update(json, *notice);
  json.end_array();
  components_of(json, view, affected);
  null_field(json, "reminder_intervals");
  json.end_object();
}

void maintenance_object(JsonWriter& json, const StatusView& view, const StatuspageOptions& options,
                        const Maintenance& maintenance) {
  const MaintenancePhase phase = phase_of(maintenance, view.now);
  const char* status = maintenance_status(phase);
  const bool over = phase == MaintenancePhase::over;
  json.begin_object();
  json.field("id", statuspage_id("maintenance", maintenance.name));
  json.field("name", maintenance.title.en).field("status", status);
  time_field(json, "created_at", maintenance.announced_at);
  time_field(json, "updated_at", maintenance.changed_at);
  null_field(json, "monitoring_at");
  time_field(json, "resolved_at", over ? std::optional(maintenance.to) : std::nullopt);
  json.field("impact", maintenance_impact);
  json.field("shortlink", options.url + maintenance_path(Language::ja, maintenance.name));
  time_field(json, "started_at", maintenance.from);
  json.field("page_id", statuspage_page_id);
  maintenance_update(json, maintenance, status);
  components_of(json, view, maintenance.components);
  null_field(json, "reminder_intervals");
  time_field(json, "scheduled_for", maintenance.from);
  time_field(json, "scheduled_until", maintenance.to);
  json.end_object();
}

}  // namespace oki::notify
