#include "notify/channels/webhook_body.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/calendar.h"
#include "base/json.h"
#include "notify/incident_text.h"
#include "notify/statuspage_json.h"

namespace oki::notify {
namespace {

constexpr const char* event_prefix = "okiagari.";

void time_field(JsonWriter& json, ByteView key, std::optional<WallTimeMs> time) {
  json.key(key);
  if (time) {
    json.string(rfc3339_utc(*time));
  } else {
    json.null();
  }
}

void null_field(JsonWriter& json, ByteView key) { json.key(key).null(); }

// The worst that is said of any component now.
State overall_of(const Notice& notice) {
  State worst = State::operational;
  for (const NoticeComponent& component : notice.affected) worst = worse(worst, component.now);
  return worst;
}

void append_meta(JsonWriter& json, const WebhookWords& words, WallTimeMs at) {
  json.key("meta").begin_object();
  null_field(json, "unsubscribe");
  json.field("documentation", words.links.site_url + "/en/");
  time_field(json, "generated_at", at);
  json.end_object();
}

// Of planned work no colour is claimed: what happens meanwhile is for the page to say.
void append_page(JsonWriter& json, const Notice& last) {
  const bool over = last.phase >= NoticePhase::resolved;
  const State overall = over ? State::operational : overall_of(last);
  const bool planned = is_planned(last.phase);
  json.key("page").begin_object().field("id", statuspage_page_id);
  json.field("status_indicator", planned ? "maintenance" : indicator(overall));
  json.field("status_description", planned ? "Service Under Maintenance" : description(overall));
  json.end_object();
}

void append_page(JsonWriter& json, State overall) {
  json.key("page").begin_object().field("id", statuspage_page_id);
  json.field("status_indicator", indicator(overall));
  json.field("status_description", description(overall)).end_object();
}

const char* status_of(const Notice& notice) {
  // Statuspage takes what is cancelled off the page, and has no word for it.
  return notice.phase == NoticePhase::cancelled ? "completed" : name(notice.phase);
}

// Statuspage's words for a component before and after a notice.
std::pair<const char*, const char*> states_of(const Notice& notice,
                                              const NoticeComponent& component) {
  constexpr const char* fine = "operational";
  constexpr const char* worked_on = "under_maintenance";
  if (notice.phase == NoticePhase::in_progress) return {fine, worked_on};
  if (notice.phase == NoticePhase::completed) return {worked_on, fine};
  return {name(component.before), name(component.now)};
}

void append_affected(JsonWriter& json, const Notice& notice, Language language) {
  json.key("affected_components");
  if (notice.affected.empty()) {
    json.null();
    return;
  }
  json.begin_array();
  for (const NoticeComponent& component : notice.affected) {
    json.begin_object().field("code", statuspage_component_id(component.id));
    json.field("name", component_text(language, component.id));
    const auto [before, now] = states_of(notice, component);
    json.field("old_status", before).field("new_status", now).end_object();
  }
  json.end_array();
}

void append_update(JsonWriter& json, const Notice& notice, Language language) {
  json.begin_object();
  json.field("id", notice.incident + "-" + std::to_string(notice.number));
  json.field("status", status_of(notice)).field("body", in(language, notice.body));
  json.field("incident_id", notice.incident);
  for (const ByteView key : {"created_at", "updated_at", "display_at"}) {
    time_field(json, key, notice.at);
  }
  append_affected(json, notice, language);
  json.field("deliver_notifications", true);
  for (const ByteView key : {"custom_tweet", "tweet_id", "twitter_updated_at"}) {
    null_field(json, key);
  }
  json.field("wants_twitter_update", false).end_object();
}

void append_components(JsonWriter& json, const Notice& notice, Language language) {
  json.key("components").begin_array();
  for (const NoticeComponent& component : notice.affected) {
    json.begin_object().field("id", statuspage_component_id(component.id));
    json.field("name", component_text(language, component.id));
    json.field("status", states_of(notice, component).second);
    time_field(json, "created_at", notice.began);
    time_field(json, "updated_at", notice.at);
    json.field("page_id", statuspage_page_id);
    for (const ByteView key : {"description", "group_id", "start_date"}) null_field(json, key);
    json.field("showcase", true).field("group", false).field("only_show_if_degraded", false);
    json.end_object();
  }
  json.end_array();
}

// What Statuspage knows and we do not have: said as it says nothing.
void append_incident_rest(JsonWriter& json, const Notice& last) {
  json.field("postmortem_ignored", false);
  for (const ByteView key :
       {"postmortem_body", "postmortem_body_last_updated_at", "postmortem_published_at"}) {
    null_field(json, key);
  }
  json.field("postmortem_notified_subscribers", last.phase == NoticePhase::postmortem);
  json.field("postmortem_notified_twitter", false).field("backfilled", false);
  const bool planned = is_planned(last.phase);
  time_field(json, "scheduled_for", planned ? std::optional(last.began) : std::nullopt);
  time_field(json, "scheduled_until", planned ? last.ended : std::nullopt);
  for (const ByteView key : {"scheduled_reminded_at", "impact_override", "reminder_intervals"}) {
    null_field(json, key);
  }
  json.field("scheduled_remind_prior", false).field("scheduled_auto_in_progress", planned);
  json.field("scheduled_auto_completed", planned);
}

// Since when the incident is in this phase or a later one.
std::optional<WallTimeMs> first_at(const std::vector<Notice>& notices, NoticePhase phase) {
  for (std::size_t i = notices.size(); i-- > 0;) {
    if (notices[i].phase >= phase) return notices[i].at;
  }
  return std::nullopt;
}

void append_both(JsonWriter& json, ByteView key, const LocalText& text) {
  json.key(key).begin_object().field("ja", text.ja).field("en", text.en).end_object();
}

// The attributes of CloudEvents 1.0, up to the data.
void begin_event(JsonWriter& json, const WebhookWords& words, const char* type,
                 const std::string& id, const std::string& subject, WallTimeMs at) {
  json.begin_object().field("specversion", "1.0").field("id", id);
  json.field("source", words.links.site_url.empty() ? "/okiagari" : words.links.site_url);
  json.field("type", event_prefix + std::string(type)).field("subject", subject);
  time_field(json, "time", at);
  json.field("datacontenttype", "application/json").key("data").begin_object();
}

void append_named(JsonWriter& json, const ComponentId& id) {
  json.field("kind", name(id.kind)).field("component", id.name);
  append_both(json, "name", {component_text(Language::ja, id), component_text(Language::en, id)});
}

void append_states(JsonWriter& json, const std::vector<NoticeComponent>& components) {
  json.key("affected").begin_array();
  for (const NoticeComponent& component : components) {
    json.begin_object();
    append_named(json, component.id);
    json.field("before", name(component.before)).field("now", name(component.now)).end_object();
  }
  json.end_array();
}

void append_times(JsonWriter& json, const Notice& notice) {
  time_field(json, "published_at", notice.at);
  time_field(json, "began_at", notice.began);
  time_field(json, "ended_at", notice.ended);
  time_field(json, "next_update_at", notice.next_update_at);
  json.key("recovery");
  if (!notice.recovery) {
    json.null();
    return;
  }
  json.begin_object();
  time_field(json, "from", notice.recovery->from);
  time_field(json, "to", notice.recovery->to);
  json.field("cases", std::uint64_t{notice.recovery->cases});
  json.field("held_percent", std::uint64_t{notice.recovery->held_percent}).end_object();
}

}  // namespace

Bytes statuspage_incident(const std::vector<Notice>& notices, const WebhookWords& words) {
  const Notice& last = notices.front();
  const bool planned = is_planned(last.phase);
  Bytes out;
  JsonWriter json(out);
  json.begin_object();
  append_meta(json, words, last.at);
  append_page(json, last);
  json.key("incident").begin_object();
  json.field("id", last.incident).field("name", in(words.language, last.title));
  json.field("status", status_of(last)).field("impact", name(last.impact));
  json.field("shortlink", notice_url(words.language, last, words.links));
  json.field("page_id", statuspage_page_id);
  time_field(json, "created_at", notices.back().at);
  time_field(json, "started_at", last.began);
  time_field(json, "updated_at", last.at);
  time_field(json, "monitoring_at",
             planned ? std::nullopt : first_at(notices, NoticePhase::monitoring));
  const NoticePhase end = planned ? NoticePhase::completed : NoticePhase::resolved;
  time_field(json, "resolved_at", last.ended ? first_at(notices, end) : std::nullopt);
  json.key("incident_updates").begin_array();
  for (const Notice& notice : notices) append_update(json, notice, words.language);
  json.end_array();
  append_components(json, last, words.language);
  append_incident_rest(json, last);
  json.end_object().end_object();
  return out;
}

Bytes statuspage_component(const ComponentUpdate& update, const WebhookWords& words) {
  const std::string key = statuspage_component_id(update.id);
  Bytes out;
  JsonWriter json(out);
  json.begin_object();
  append_meta(json, words, update.at);
  append_page(json, update.now);
  json.key("component_update").begin_object();
  json.field("old_status", name(update.before)).field("new_status", name(update.now));
  time_field(json, "created_at", update.at);
  json.field("component_type", "Component").field("id", key + std::to_string(update.at.value));
  json.field("component_id", key).end_object();
  json.key("component").begin_object().field("id", key).field("page_id", statuspage_page_id);
  json.field("name", component_text(words.language, update.id));
  json.field("status", name(update.now));
  for (const ByteView time : {"created_at", "updated_at"}) time_field(json, time, update.at);
  json.field("position", 1).field("showcase", true);
  for (const ByteView absent : {"description", "group_id"}) null_field(json, absent);
  json.end_object().end_object();
  return out;
}

Bytes cloud_event(const Notice& notice, const WebhookWords& words) {
  Bytes out;
  JsonWriter json(out);
  begin_event(json, words, "notice.published", notice_posting_name(notice), notice.incident,
              notice.at);
  json.field("incident", notice.incident).field("number", std::uint64_t{notice.number});
  json.field("phase", name(notice.phase)).field("impact", name(notice.impact));
  json.field("drill", notice.drill);
  append_times(json, notice);
  append_both(json, "title", notice.title);
  append_both(json, "body", notice.body);
  append_both(json, "assets", notice.assets);
  if (notice.cause) append_both(json, "cause", *notice.cause);
  append_states(json, notice.affected);
  json.key("unaffected").begin_array();
  for (const ComponentId& id : notice.unaffected) {
    json.begin_object();
    append_named(json, id);
    json.end_object();
  }
  json.end_array();
  append_both(json, "url",
              {notice_url(Language::ja, notice, words.links),
               notice_url(Language::en, notice, words.links)});
  json.end_object().end_object();
  return out;
}

Bytes cloud_event(const ComponentUpdate& update, const WebhookWords& words) {
  Bytes out;
  JsonWriter json(out);
  begin_event(json, words, "component.changed", posting_name(update), update.id.name, update.at);
  append_named(json, update.id);
  json.field("before", name(update.before)).field("now", name(update.now));
  json.end_object().end_object();
  return out;
}

Bytes cloud_event(const Page& page, const WebhookWords& words, const PageLinks& links) {
  Bytes out;
  JsonWriter json(out);
  begin_event(json, words, "page.due", posting_name(page), page.incident, page.at);
  json.field("page", std::uint64_t{page.number}).field("incident", page.incident);
  json.field("severity", std::uint64_t{page.severity}).field("drill", page.drill);
  json.field("person", page.person).field("text", page_text(page, links));
  append_both(json, "title", page.title);
  time_field(json, "began_at", page.began);
  append_states(json, page.affected);
  json.end_object().end_object();
  return out;
}

}  // namespace oki::notify
