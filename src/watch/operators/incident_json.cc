#include "watch/operators/incident_json.h"

#include <fmt/format.h>

#include <iterator>
#include <optional>

#include "base/calendar.h"
#include "notify/notice.h"
#include "response/causes.h"
#include "response/gate.h"
#include "response/oncall.h"
#include "response/past_alarms.h"
#include "response/planned_work.h"
#include "response/row_text.h"

namespace oki::watch {
namespace {

using response::Incident;
using response::IncidentId;
using response::PersonId;
using response::State;

void time(JsonWriter& json, const char* name, std::optional<WallTimeMs> at) {
  if (at && at->value != 0) json.field(name, rfc3339_utc(*at));
}

void person(JsonWriter& json, const char* name, const State& state, PersonId id) {
  if (id.value == 0) return;
  const auto found = state.house.people.find(id);
  json.key(name).begin_object().field("id", std::uint64_t{id.value});
  if (found != state.house.people.end()) json.field("name", found->second.name);
  json.end_object();
}

void both(JsonWriter& json, const char* name, const notify::LocalText& text) {
  json.key(name).begin_object().field("ja", text.ja).field("en", text.en).end_object();
}

std::string component_text(const notify::ComponentId& id) {
  return std::string(notify::name(id.kind)) + ' ' + id.name;
}

void components(JsonWriter& json, const std::vector<notify::ComponentId>& ids) {
  json.key("components").begin_array();
  for (const notify::ComponentId& id : ids) json.string(component_text(id));
  json.end_array();
}

constexpr struct {
  std::uint16_t bit;
  const char* name;
} gate_bits[] = {
    {response::gate::signals, "signals"},           {response::gate::few_trades, "few_trades"},
    {response::gate::one_prober, "one_prober"},     {response::gate::too_short, "too_short"},
    {response::gate::stale_trades, "stale_trades"}, {response::gate::ledger, "ledger"},
    {response::gate::invariants, "invariants"},     {response::gate::error_rate, "error_rate"},
    {response::gate::inquiries, "inquiries"}};

void gate(JsonWriter& json, notify::Language language, const State& state, IncidentId id) {
  const std::uint16_t shut = response::gate_shut(state, id, state.now);
  json.key("gate").begin_object().field("open", shut == 0).key("shut_by").begin_array();
  for (const auto& bit : gate_bits) {
    if ((shut & bit.bit) != 0) json.string(bit.name);
  }
  json.end_array().field("text", response::gate_text(language, shut)).end_object();
}

void signals(JsonWriter& json, const State& state, IncidentId id) {
  json.key("signals").begin_array();
  for (const auto& [key, held] : state.signals) {
    if (held.incident != id) continue;
    json.begin_object().field("source", response::name(key.source)).field("key", key.key);
    json.field("kind", response::name(held.signal.kind));
    json.field("trust", response::name(held.signal.trust));
    json.field("state", notify::name(held.signal.state));
    json.field("firing", held.signal.firing).field("expired", held.expired);
    json.field("flapping", held.flapping).field("suppressed", held.suppressed);
    time(json, "since", held.signal.since);
    components(json, held.signal.components);
    json.field("words", held.signal.words).end_object();
  }
  json.end_array();
}

void causes(JsonWriter& json, const State& state, IncidentId id) {
  json.key("causes").begin_array();
  for (const response::Cause& cause : response::rank_causes(state, id)) {
    json.begin_object().field("kind", response::name(cause.kind));
    if (!cause.component.name.empty()) json.field("component", component_text(cause.component));
    if (!cause.words.empty()) json.field("words", cause.words);
    json.field("score", cause.score).field("explained", cause.explained);
    json.field("signals", cause.signals).end_object();
  }
  json.end_array();
}

const char* name(response::NoticeState state) {
  switch (state) {
    case response::NoticeState::proposed:
      return "proposed";
    case response::NoticeState::approved:
      return "approved";
    case response::NoticeState::rejected:
      break;
  }
  return "rejected";
}

void notices(JsonWriter& json, const State& state,
             const std::vector<response::NoticeRecord>& records) {
  json.key("notices").begin_array();
  for (std::size_t i = 0; i < records.size(); ++i) {
    const response::NoticeRecord& record = records[i];
    const auto notice = notify::read_notice(record.notice);
    json.begin_object().field("proposal", std::uint64_t{i + 1}).field("state", name(record.state));
    if (notice) {
      json.field("phase", notify::name(notice->phase)).field("title_ja", notice->title.ja);
      json.field("title_en", notice->title.en);
    }
    if (record.number != 0) json.field("number", std::uint64_t{record.number});
    person(json, "by", state, record.by);
    person(json, "decided_by", state, record.decided_by);
    json.field("taken_by_seat", std::uint64_t{record.taken_by});
    json.field("in_doubt", record.taken_over).field("told", record.told);
    json.key("channels").begin_array();
    for (const response::ChannelTold& told : record.channels) {
      json.begin_object().field("channel", told.channel);
      json.field("outcome", response::name(told.outcome)).field("proof", told.proof).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
}

constexpr const char* step_names[] = {"asked", "approved", "rejected", "started",
                                      "done",  "verified", "failed"};
static_assert(std::size(step_names) == response::step_states);

void steps(JsonWriter& json, const State& state, const Incident& incident) {
  json.key("steps").begin_array();
  for (std::size_t i = 0; i < incident.steps.size(); ++i) {
    const response::StepRecord& step = incident.steps[i];
    json.begin_object().field("step", std::uint64_t{i + 1}).field("runbook", step.runbook);
    json.field("name", step.step);
    json.field("state", step_names[static_cast<std::size_t>(step.state)]);
    person(json, "by", state, step.by);
    person(json, "decided_by", state, step.decided_by);
    if (!step.digest.empty()) json.field("digest", step.digest);
    json.field("seat", std::uint64_t{step.seat}).end_object();
  }
  json.end_array();
}

void items(JsonWriter& json, const State& state, const Incident& incident) {
  json.key("items").begin_array();
  for (std::size_t i = 0; i < incident.items.size(); ++i) {
    const response::Item& item = incident.items[i];
    json.begin_object().field("item", std::uint64_t{i + 1}).field("words", item.words);
    person(json, "owner", state, item.owner);
    time(json, "due", item.due);
    time(json, "done", item.done);
    json.end_object();
  }
  json.end_array();
}

void postmortem(JsonWriter& json, const State& state, const Incident& incident) {
  constexpr const char* names[] = {"none", "submitted", "approved"};
  const response::Postmortem& text = incident.postmortem;
  json.key("postmortem").begin_object();
  json.field("state", names[static_cast<std::size_t>(text.state)]);
  if (!text.digest.empty()) json.field("digest", text.digest);
  person(json, "by", state, text.by);
  person(json, "decided_by", state, text.decided_by);
  if (!text.draft.empty()) {
    json.field("draft_digest", text.draft).field("draft_seat", std::uint64_t{text.draft_seat});
  }
  json.end_object();
}

}  // namespace

void incident_line(JsonWriter& json, const State& state, IncidentId id) {
  const Incident& incident = state.incidents.at(id);
  json.begin_object().field("incident", std::uint64_t{id.value}).field("name", response::name(id));
  json.field("phase", response::name(incident.phase));
  json.field("severity", response::name(incident.severity));
  json.field("state", notify::name(incident.state)).field("drill", incident.drill);
  json.field("title", incident.title);
  time(json, "began", incident.began);
  time(json, "opened", incident.opened);
  time(json, "confirmed", incident.confirmed);
  time(json, "ended", incident.ended);
  time(json, "resolved", incident.resolved);
  time(json, "closed", incident.closed);
  components(json, incident.components);
  json.end_object();
}

std::string incident_json(notify::Language language, const State& state, IncidentId id) {
  const Incident& incident = state.incidents.at(id);
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("incident");
  incident_line(json, state, id);
  json.field("severity_worst", response::name(incident.severity_worst));
  json.field("state_worst", notify::name(incident.state_worst));
  json.field("reopened", std::uint64_t{incident.reopened}).field("dismissed", incident.dismissed);
  if (incident.merged_into.value != 0) {
    json.field("merged_into", std::uint64_t{incident.merged_into.value});
  }
  person(json, "acknowledged_by", state, incident.acknowledged_by);
  time(json, "acknowledged", incident.acknowledged);
  time(json, "next_update_at", incident.promise);
  json.field("promises_missed", std::uint64_t{incident.promises_missed});
  json.key("roles").begin_object();
  for (const auto& [role, holder] : incident.holders) {
    person(json, response::name(role), state, holder);
  }
  json.end_object();
  gate(json, language, state, id);
  signals(json, state, id);
  causes(json, state, id);
  notices(json, state, incident.notices);
  steps(json, state, incident);
  items(json, state, incident);
  postmortem(json, state, incident);
  json.field("rows", std::uint64_t{incident.rows.size()}).end_object();
  return out;
}

std::string timeline_json(notify::Language language, const State& state, IncidentId id,
                          std::size_t first, std::size_t count) {
  const Incident& incident = state.incidents.at(id);
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("rows").begin_array();
  std::size_t row = std::max<std::size_t>(first, 1);
  for (; row <= incident.rows.size() && count > 0; ++row, --count) {
    const response::Row& each = incident.rows[row - 1];
    json.begin_object().field("row", std::uint64_t{row}).field("at", rfc3339_utc(each.at));
    json.field("kind", response::name(each.kind));
    json.field("text", response::row_text(language, state.house, each));
    json.field("by", response::person_text(language, state.house, each.by));
    json.field("index", each.index.value).field("hash", fmt::format("{:016x}", each.hash));
    json.end_object();
  }
  json.end_array().field("next", std::uint64_t{row});
  json.field("rows_total", std::uint64_t{incident.rows.size()});
  json.field("rows_dropped", std::uint64_t{incident.rows_dropped}).end_object();
  return out;
}

std::string alarm_lines(const State& state, bool drills) {
  std::string out;
  for (const auto& [id, incident] : state.incidents) {
    for (const response::PastAlarm& alarm : response::past_alarms(state, id, drills)) {
      JsonWriter json(out);
      json.begin_object().field("rule", alarm.rule);
      if (alarm.missed) {
        json.field("missed", true);
      } else {
        json.field("was_true", alarm.was_true).field("delay_ms", alarm.delay_ms);
        json.field("signal", alarm.signal);
      }
      json.field("incident", response::name(id)).field("at", rfc3339_utc(alarm.at));
      json.field("drill", incident.drill).end_object();
      out += '\n';
    }
  }
  return out;
}

std::string house_json(const State& state) {
  const response::House& house = state.house;
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("revision", std::uint64_t{house.revision});
  json.key("components").begin_array();
  for (const response::Component& component : house.components) {
    json.begin_object().field("component", component_text(component.id));
    json.field("tier", std::uint64_t{component.tier}).key("needs").begin_array();
    for (const notify::ComponentId& need : component.needs) json.string(component_text(need));
    json.end_array().end_object();
  }
  json.end_array().key("people").begin_array();
  for (const auto& [id, each] : house.people) {
    json.begin_object().field("id", std::uint64_t{id.value}).field("name", each.name);
    json.field("left", each.left);
    json.field("language", each.language == notify::Language::ja ? "ja" : "en");
    json.key("rights").begin_array();
    for (std::uint8_t role = 0; role < response::roles; ++role) {
      const auto right = static_cast<response::Role>(role);
      if (response::may(each.rights, response::right_of(right))) json.string(response::name(right));
    }
    if (response::may(each.rights, response::right_to_configure)) json.string("configure");
    json.end_array().end_object();
  }
  json.end_array().key("on_call").begin_array();
  for (const auto& [schedule_name, schedule] : house.schedules) {
    json.begin_object().field("schedule", schedule_name);
    if (const auto on = response::on_call(schedule, state.now)) person(json, "now", state, *on);
    json.end_object();
  }
  json.end_array().key("runbooks").begin_array();
  constexpr const char* approvals[] = {"automatic", "one_person", "two_people"};
  for (const auto& [runbook, text] : house.runbooks) {
    json.begin_object().field("runbook", runbook).field("digest", text.digest);
    json.key("steps").begin_array();
    for (const response::RunbookStep& step : text.steps) {
      json.begin_object().field("name", step.name);
      json.field("approval", approvals[static_cast<std::size_t>(step.approval)]).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return out;
}

std::string works_json(const State& state) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("works").begin_array();
  for (auto at = state.works.rbegin(); at != state.works.rend(); ++at) {
    const auto& [number, work] = *at;
    json.begin_object().field("work", std::uint64_t{number});
    json.field("name", response::work_name(number)).field("phase", response::name(work.phase));
    both(json, "title", work.plan.title);
    both(json, "body", work.plan.body);
    time(json, "from", work.plan.from);
    time(json, "to", work.plan.to);
    components(json, work.plan.components);
    json.field("words", work.plan.words).field("revision", std::uint64_t{work.revision});
    time(json, "announced", work.announced);
    time(json, "changed", work.changed);
    person(json, "by", state, work.by);
    person(json, "agreed", state, work.agreed);
    notices(json, state, work.notices);
    json.end_object();
  }
  json.end_array().end_object();
  return out;
}

std::string change_text(const response::House& house, const response::Change& change) {
  struct Describe {
    const response::House& house;
    std::string operator()(const response::SetTopology& x) const {
      return fmt::format("topology of {} components, {} services", x.components.size(),
                         x.services.size());
    }
    std::string operator()(const response::PutPerson& x) const {
      if (x.person.left) return fmt::format("person {} ({}) leaves", x.id.value, x.person.name);
      return fmt::format("person {} ({}), rights {:#04x}, {} contacts, called in {}", x.id.value,
                         x.person.name, x.person.rights, x.person.contacts.size(),
                         x.person.language == notify::Language::ja ? "ja" : "en");
    }
    std::string operator()(const response::PutSchedule& x) const {
      return fmt::format("schedule {} of {} layers, {} overrides", x.name, x.schedule.layers.size(),
                         x.schedule.overrides.size());
    }
    std::string operator()(const response::SetEscalation& x) const {
      return fmt::format("escalation of {} in {} steps", response::name(x.severity),
                         x.escalation.steps.size());
    }
    std::string operator()(const response::PutSuppression& x) const {
      const response::Suppression& plan = x.suppression;
      const std::string which =
          x.id == 0 ? "new planned work" : fmt::format("planned work {}", x.id);
      if (plan.components.empty()) return which + " ends";
      std::string parts;
      for (const notify::ComponentId& id : plan.components) {
        parts += (parts.empty() ? "" : ", ") + component_text(id);
      }
      std::string text = fmt::format("{} on {} from {} to {}: {}", which, parts,
                                     rfc3339_utc(plan.from), rfc3339_utc(plan.to), plan.words);
      if (!response::is_public(plan)) return text;
      return text + fmt::format(" [{} / {}] {} / {}", plan.title.ja, plan.title.en, plan.body.ja,
                                plan.body.en);
    }
    std::string operator()(const response::PutSpeaker& x) const {
      if (!x.present) return fmt::format("speaker {} need not speak any more", x.name);
      return fmt::format("speaker {} must speak every {} ms", x.name, x.speaker.silent_ms);
    }
    std::string operator()(const response::PutRunbook& x) const {
      return fmt::format("runbook {} of {} steps, digest {}", x.name, x.runbook.steps.size(),
                         x.runbook.digest);
    }
    std::string operator()(const response::SetRules&) const { return "rules and severities"; }
  };
  return std::visit(Describe{house}, change);
}

std::string wishes_json(notify::Language language, const State& state) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("wishes").begin_array();
  for (const auto& [id, wish] : state.wishes) {
    json.begin_object().field("wish", std::uint64_t{id}).field("at", rfc3339_utc(wish.at));
    json.field("by", response::person_text(language, state.house, wish.by));
    if (const auto* lower = std::get_if<response::LowerSeverity>(&wish.what)) {
      json.field("what", fmt::format("severity of {} down to {}", response::name(lower->incident),
                                     response::name(lower->to)));
    } else {
      json.field("what", change_text(state.house, std::get<response::Change>(wish.what)));
    }
    json.end_object();
  }
  json.end_array().end_object();
  return out;
}

}  // namespace oki::watch
