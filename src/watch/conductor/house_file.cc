#include "watch/conductor/house_file.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "base/toml.h"
#include "watch/operators/operator_words.h"

namespace oki::watch {
namespace {

using response::Change;

WallTimeMs time_in(TomlReader& section, const std::string& key, bool required) {
  if (!required && !section.has(key)) return {};
  return section.word(key, [](ByteView given) {
    return given.starts_with('+') ? std::nullopt : time_of(given, {});
  });
}

std::vector<notify::ComponentId> components_in(TomlReader& section, const std::string& key) {
  std::vector<notify::ComponentId> ids;
  for (const std::string& each : section.texts(key)) {
    ids.push_back(section.meant(key, each, component_of));
  }
  return ids;
}

std::optional<std::uint8_t> right_of(ByteView text) {
  if (text == "configure") return response::right_to_configure;
  if (text == "all") return response::rights_all;
  const auto role = role_of(text);
  if (!role) return std::nullopt;
  return response::right_of(*role);
}

std::optional<notify::State> state_of(ByteView text) {
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(notify::state_sent_max); ++i) {
    if (text == notify::name(static_cast<notify::State>(i))) return static_cast<notify::State>(i);
  }
  return std::nullopt;
}

std::optional<notify::Language> language_of(ByteView text) {
  if (text == "ja") return notify::Language::ja;
  if (text == "en") return notify::Language::en;
  return std::nullopt;
}

std::optional<response::Approval> approval_of(ByteView text) {
  if (text == "automatic") return response::Approval::automatic;
  if (text == "one_person") return response::Approval::one_person;
  if (text == "two_people") return response::Approval::two_people;
  return std::nullopt;
}

// "09:30", as minutes of the day.
std::optional<std::uint16_t> minute_of(ByteView text) {
  const auto digit = [&text](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) {
    return std::nullopt;
  }
  const int hours = (text[0] - '0') * 10 + (text[1] - '0');
  const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
  if (hours > 23 || minutes > 59) return std::nullopt;
  return static_cast<std::uint16_t>(hours * 60 + minutes);
}

// "person 1", "schedule primary", "role commander", "everybody"
std::optional<response::Target> target_of(ByteView text) {
  response::Target target;
  if (text == "everybody") return target;
  const std::size_t blank = text.find(' ');
  if (blank == ByteView::npos) return std::nullopt;
  const ByteView kind = text.substr(0, blank);
  const ByteView what = text.substr(blank + 1);
  if (kind == "schedule") {
    target.kind = response::TargetKind::schedule;
    target.schedule = std::string(what);
    return target;
  }
  if (kind == "role") {
    const auto role = role_of(what);
    if (!role) return std::nullopt;
    target.kind = response::TargetKind::role;
    target.role = *role;
    return target;
  }
  std::uint32_t number = 0;
  for (const char c : what) {
    if (c < '0' || c > '9' || number > 100'000'000) return std::nullopt;
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  if (kind != "person" || what.empty()) return std::nullopt;
  target.kind = response::TargetKind::person;
  target.person = {number};
  return target;
}

std::vector<response::PersonId> people_of(TomlReader& section, const std::string& key) {
  std::vector<response::PersonId> people;
  for (const TomlValue& value : section.list(key)) {
    if (value.kind != TomlValue::Kind::integer || value.integer < 1 ||
        value.integer > 0xffff'ffff) {
      section.fault("'" + key + "' must hold numbers of people");
      return {};
    }
    people.push_back({static_cast<std::uint32_t>(value.integer)});
  }
  return people;
}

response::Component read_component(TomlReader& section) {
  response::Component component;
  component.id = section.word("id", component_of);
  const std::uint32_t tier = section.number("tier", 2);
  if (tier < 1 || tier > response::tiers) section.fault("'tier' must be 1, 2 or 3");
  component.tier = static_cast<std::uint8_t>(tier);
  component.needs = components_in(section, "needs");
  return component;
}

response::Service read_service(TomlReader& section) {
  return {section.text("name"), section.text("title_ja"), section.text("title_en"),
          components_in(section, "components")};
}

response::PutPerson read_person(TomlReader& section) {
  response::PutPerson put;
  put.id = {section.number("id", 0, true)};
  put.person.name = section.text("name");
  put.person.contacts = section.texts("contacts");
  put.person.left = section.boolean("left", false);
  if (section.find("language") != nullptr) {
    put.person.language = section.word("language", language_of);
  }
  for (const std::string& each : section.texts("rights")) {
    put.person.rights =
        static_cast<std::uint8_t>(put.person.rights | section.meant("rights", each, right_of));
  }
  return put;
}

response::Layer read_layer(TomlReader& section) {
  response::Layer layer;
  layer.start = time_in(section, "start", true);
  layer.end = time_in(section, "end", false);
  layer.rotation_ms = section.number("rotation_minutes", 1'440) * 60'000;
  if (section.find("day_from") != nullptr) layer.day_from = section.word("day_from", minute_of);
  if (section.find("day_to") != nullptr) layer.day_to = section.word("day_to", minute_of);
  layer.people = people_of(section, "people");
  return layer;
}

response::PutSchedule read_schedule(TomlReader& section) {
  response::PutSchedule put;
  put.name = section.text("name");
  put.schedule.title = section.text("title");
  for (const TomlValue& value : section.list("layer")) {
    TomlReader inner(value, "layer of " + put.name);
    put.schedule.layers.push_back(read_layer(inner));
    section.take_fault(inner);
  }
  for (const TomlValue& value : section.list("override")) {
    TomlReader inner(value, "override of " + put.name);
    response::Override change;
    change.from = time_in(inner, "from", true);
    change.to = time_in(inner, "to", true);
    change.person = {inner.number("person", 0, true)};
    put.schedule.overrides.push_back(change);
    section.take_fault(inner);
  }
  return put;
}

response::SetEscalation read_escalation(TomlReader& section) {
  response::SetEscalation set;
  set.severity = section.word("severity", severity_of);
  set.escalation.repeats = static_cast<std::uint8_t>(std::min(section.number("repeats", 1), 255u));
  set.escalation.when_suspected = section.boolean("when_suspected", false);
  for (const TomlValue& value : section.list("step")) {
    TomlReader inner(value, "step of an escalation");
    response::EscalationStep step;
    step.ack_ms = inner.number("ack_seconds", 300) * 1'000;
    for (const std::string& each : inner.texts("targets")) {
      step.targets.push_back(inner.meant("targets", each, target_of));
    }
    set.escalation.steps.push_back(std::move(step));
    section.take_fault(inner);
  }
  return set;
}

response::PutSpeaker read_speaker(TomlReader& section) {
  response::PutSpeaker put;
  put.name = section.text("name");
  put.speaker.silent_ms = section.number("silent_ms", 0, true);
  if (section.find("state") != nullptr) put.speaker.state = section.word("state", state_of);
  put.speaker.components = components_in(section, "components");
  return put;
}

response::PutRunbook read_runbook(TomlReader& section) {
  response::PutRunbook put;
  put.name = section.text("name");
  put.runbook.digest = section.text("digest");
  for (const TomlValue& value : section.list("step")) {
    TomlReader inner(value, "step of " + put.name);
    response::RunbookStep step;
    step.name = inner.text("name");
    step.approval = inner.word("approval", approval_of);
    put.runbook.steps.push_back(std::move(step));
    section.take_fault(inner);
  }
  return put;
}

response::PutSuppression read_planned(TomlReader& section) {
  response::PutSuppression put;
  put.id = section.number("id", 0, true);
  put.suppression.from = time_in(section, "from", true);
  put.suppression.to = time_in(section, "to", true);
  put.suppression.components = components_in(section, "components");
  put.suppression.words = section.text("words");
  put.suppression.title = {section.text("title_ja", false), section.text("title_en", false)};
  put.suppression.body = {section.text("body_ja", false), section.text("body_en", false)};
  return put;
}

response::SetRules read_rules(TomlReader& section) {
  response::SetRules set;
  response::Rules& rules = set.rules;
  const std::pair<const char*, std::uint32_t*> numbers[] = {
      {"join_window_ms", &rules.join_window_ms},
      {"reopen_window_ms", &rules.reopen_window_ms},
      {"flap_starts", &rules.flap_starts},
      {"flap_window_ms", &rules.flap_window_ms},
      {"flap_calm_ms", &rules.flap_calm_ms},
      {"new_signals_per_minute", &rules.new_signals_per_minute},
      {"new_proofs_per_minute", &rules.new_proofs_per_minute},
      {"signals_per_source", &rules.signals_per_source},
      {"proofs_per_source", &rules.proofs_per_source},
      {"opens_per_hour", &rules.opens_per_hour},
      {"gate_trades", &rules.gate_trades},
      {"gate_trades_each", &rules.gate_trades_each},
      {"gate_span_ms", &rules.gate_span_ms},
      {"gate_fresh_ms", &rules.gate_fresh_ms},
      {"check_fresh_ms", &rules.check_fresh_ms},
      {"monitoring_trades", &rules.monitoring_trades}};
  for (const auto& [key, number] : numbers) *number = section.number(key, *number);
  rules.resolve_alone = section.boolean("resolve_alone", rules.resolve_alone);
  for (std::size_t tier = 0; tier < response::tiers; ++tier) {
    const std::string key = "tier" + std::to_string(tier + 1);
    const std::vector<std::string> row = section.texts(key);
    if (row.empty()) continue;
    if (row.size() != 3) section.fault("'" + key + "' must be three severities");
    for (std::size_t i = 0; i < row.size() && i < 3; ++i) {
      set.severity_table.by_tier_and_state[tier * 3 + i] = section.meant(key, row[i], severity_of);
    }
  }
  if (section.find("wrong") != nullptr) {
    set.severity_table.wrong = section.word("wrong", severity_of);
  }
  if (section.find("suspected_best") != nullptr) {
    set.severity_table.suspected_best = section.word("suspected_best", severity_of);
  }
  return set;
}

// All tables of one name, each read by `read`; what they are called twice is a fault.
template <typename Read>
auto read_all(TomlReader& file, const std::string& name, const Read& read) {
  std::vector<decltype(read(file))> all;
  for (const TomlValue& value : file.list(name)) {
    TomlReader section(value, name + ' ' + std::to_string(all.size() + 1));
    all.push_back(read(section));
    file.take_fault(section);
  }
  return all;
}

template <typename Items, typename Key>
void refuse_doubles(TomlReader& file, const char* name, const Items& items, const Key& key) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (std::size_t other = 0; other < i; ++other) {
      if (std::invoke(key, items[i]) == std::invoke(key, items[other])) {
        file.fault(std::string(name) + ' ' + std::to_string(i + 1) + " is there twice");
      }
    }
  }
}

std::vector<Change> read_tables(TomlReader& file) {
  std::vector<Change> changes;
  response::SetTopology topology{read_all(file, "component", read_component),
                                 read_all(file, "service", read_service)};
  if (!topology.components.empty() || !topology.services.empty()) changes.push_back(topology);
  if (const TomlValue* rules = file.find("rules")) {
    TomlReader section(*rules, "rules");
    changes.emplace_back(read_rules(section));
    file.take_fault(section);
  }
  const auto add = [&](const char* name, const auto& read, const auto& key) {
    const auto items = read_all(file, name, read);
    refuse_doubles(file, name, items, key);
    for (const auto& item : items) changes.emplace_back(item);
  };
  add("runbook", read_runbook, &response::PutRunbook::name);
  add("speaker", read_speaker, &response::PutSpeaker::name);
  auto people = read_all(file, "person", read_person);
  refuse_doubles(file, "person", people, &response::PutPerson::id);
  std::ranges::sort(people, {}, [](const response::PutPerson& put) {
    return std::pair(response::may(put.person.rights, response::right_to_configure), put.id);
  });
  // Schedules and escalations name people, and from the second who may configure on nobody changes
  // anything alone: those get that right last of all.
  for (response::PutPerson& put : people) {
    if (response::may(put.person.rights, response::right_to_configure)) {
      response::PutPerson named = put;
      named.person.rights =
          static_cast<std::uint8_t>(named.person.rights & ~response::right_to_configure);
      changes.emplace_back(named);
    } else {
      changes.emplace_back(put);
    }
  }
  add("schedule", read_schedule, &response::PutSchedule::name);
  add("escalation", read_escalation, &response::SetEscalation::severity);
  add("planned_work", read_planned, &response::PutSuppression::id);
  for (const response::PutPerson& put : people) {
    if (response::may(put.person.rights, response::right_to_configure)) changes.emplace_back(put);
  }
  return changes;
}

}  // namespace

Result<std::vector<Change>> read_house_file(ByteView text) {
  if (text.size() > house_file_bytes_max) return error(Errc::invalid, "the file is too long");
  const Result<TomlValue> value = parse_toml(text, "house");
  if (!value) return tl::unexpected(value.error());
  TomlReader file(*value, "house");
  std::vector<Change> changes = read_tables(file);
  if (const std::string& fault = file.first_fault(); !fault.empty()) {
    return error(Errc::invalid, fault);
  }
  return changes;
}

}  // namespace oki::watch
