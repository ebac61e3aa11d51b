#include "watch/conductor/house_file.h"

#include <algorithm>
#include <exception>
#include <functional>
#include <optional>
#include <set>
#include <sstream>
#include <toml.hpp>

#include "watch/operators/operator_words.h"

namespace oki::watch {
namespace {

using response::Change;

// One table being read: remembers which keys were asked for, and the first fault.
class Section {
 public:
  Section(const toml::value& value, std::string what) : what_(std::move(what)) {
    if (value.is_table()) {
      table_ = &value.as_table();
    } else {
      fault("is not a table");
    }
  }

  const toml::value* find(const std::string& key, bool required = false) {
    asked_.insert(key);
    if (table_ == nullptr) return nullptr;
    const auto found = table_->find(key);
    if (found != table_->end()) return &found->second;
    if (required) fault("'" + key + "' is missing");
    return nullptr;
  }

  std::string text(const std::string& key, bool required = true) {
    const toml::value* value = find(key, required);
    if (value == nullptr) return {};
    if (value->is_string()) return value->as_string().str;
    fault("'" + key + "' must be a text in quotes");
    return {};
  }

  std::vector<std::string> texts(const std::string& key) {
    std::vector<std::string> out;
    for (const toml::value& value : list(key)) {
      if (!value.is_string()) {
        fault("'" + key + "' must hold texts in quotes");
        return {};
      }
      out.push_back(value.as_string().str);
    }
    return out;
  }

  std::uint32_t number(const std::string& key, std::uint32_t fallback, bool required = false) {
    const toml::value* value = find(key, required);
    if (value == nullptr) return fallback;
    if (value->is_integer() && value->as_integer() >= 0 && value->as_integer() <= 0xffff'ffff) {
      return static_cast<std::uint32_t>(value->as_integer());
    }
    fault("'" + key + "' must be a whole number");
    return fallback;
  }

  bool boolean(const std::string& key, bool fallback) {
    const toml::value* value = find(key);
    if (value == nullptr) return fallback;
    if (value->is_boolean()) return value->as_boolean();
    fault("'" + key + "' must be true or false");
    return fallback;
  }

  // Empty when the key is not there.
  const toml::array& list(const std::string& key) {
    static const toml::array none;
    const toml::value* value = find(key);
    if (value == nullptr) return none;
    if (value->is_array()) return value->as_array();
    fault("'" + key + "' must be a list");
    return none;
  }

  // A text that `parse` understands.
  template <typename Parse>
  auto word(const std::string& key, const Parse& parse) {
    return meant(key, text(key), parse);
  }
  template <typename Parse>
  auto meant(const std::string& key, const std::string& given, const Parse& parse) {
    const auto value = parse(given);
    if (!value) fault("'" + key + "': '" + given + "' is none that is known");
    return value.value_or(typename decltype(parse(given))::value_type{});
  }

  WallTimeMs time(const std::string& key, bool required) {
    if (!required && find(key) == nullptr) return {};
    return word(key, [](ByteView given) {
      return given.starts_with('+') ? std::nullopt : time_of(given, {});
    });
  }

  std::vector<notify::ComponentId> components(const std::string& key) {
    std::vector<notify::ComponentId> ids;
    for (const std::string& each : texts(key)) ids.push_back(meant(key, each, component_of));
    return ids;
  }

  void fault(const std::string& sentence) {
    if (fault_.empty()) fault_ = what_ + ": " + sentence;
  }
  void take_fault(Section& inner) {
    if (const std::string& sentence = inner.first_fault(); !sentence.empty()) fault(sentence);
  }

  // Call last: a key that nobody asked for is a fault too.
  const std::string& first_fault() {
    if (table_ != nullptr) {
      for (const auto& [key, value] : *table_) {
        if (!asked_.contains(key)) fault("unknown key '" + key + "'");
      }
    }
    return fault_;
  }

 private:
  std::string what_;
  const toml::table* table_ = nullptr;
  std::set<std::string> asked_;
  std::string fault_;
};

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

std::vector<response::PersonId> people_of(Section& section, const std::string& key) {
  std::vector<response::PersonId> people;
  for (const toml::value& value : section.list(key)) {
    if (!value.is_integer() || value.as_integer() < 1 || value.as_integer() > 0xffff'ffff) {
      section.fault("'" + key + "' must hold numbers of people");
      return {};
    }
    people.push_back({static_cast<std::uint32_t>(value.as_integer())});
  }
  return people;
}

response::Component read_component(Section& section) {
  response::Component component;
  component.id = section.word("id", component_of);
  const std::uint32_t tier = section.number("tier", 2);
  if (tier < 1 || tier > response::tiers) section.fault("'tier' must be 1, 2 or 3");
  component.tier = static_cast<std::uint8_t>(tier);
  component.needs = section.components("needs");
  return component;
}

response::Service read_service(Section& section) {
  return {section.text("name"), section.text("title_ja"), section.text("title_en"),
          section.components("components")};
}

response::PutPerson read_person(Section& section) {
  response::PutPerson put;
  put.id = {section.number("id", 0, true)};
  put.person.name = section.text("name");
  put.person.contacts = section.texts("contacts");
  put.person.left = section.boolean("left", false);
  for (const std::string& each : section.texts("rights")) {
    put.person.rights =
        static_cast<std::uint8_t>(put.person.rights | section.meant("rights", each, right_of));
  }
  return put;
}

response::Layer read_layer(Section& section) {
  response::Layer layer;
  layer.start = section.time("start", true);
  layer.end = section.time("end", false);
  layer.rotation_ms = section.number("rotation_minutes", 1'440) * 60'000;
  if (section.find("day_from") != nullptr) layer.day_from = section.word("day_from", minute_of);
  if (section.find("day_to") != nullptr) layer.day_to = section.word("day_to", minute_of);
  layer.people = people_of(section, "people");
  return layer;
}

response::PutSchedule read_schedule(Section& section) {
  response::PutSchedule put;
  put.name = section.text("name");
  put.schedule.title = section.text("title");
  for (const toml::value& value : section.list("layer")) {
    Section inner(value, "layer of " + put.name);
    put.schedule.layers.push_back(read_layer(inner));
    section.take_fault(inner);
  }
  for (const toml::value& value : section.list("override")) {
    Section inner(value, "override of " + put.name);
    response::Override change;
    change.from = inner.time("from", true);
    change.to = inner.time("to", true);
    change.person = {inner.number("person", 0, true)};
    put.schedule.overrides.push_back(change);
    section.take_fault(inner);
  }
  return put;
}

response::SetEscalation read_escalation(Section& section) {
  response::SetEscalation set;
  set.severity = section.word("severity", severity_of);
  set.escalation.repeats = static_cast<std::uint8_t>(std::min(section.number("repeats", 1), 255u));
  set.escalation.when_suspected = section.boolean("when_suspected", false);
  for (const toml::value& value : section.list("step")) {
    Section inner(value, "step of an escalation");
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

response::PutSpeaker read_speaker(Section& section) {
  response::PutSpeaker put;
  put.name = section.text("name");
  put.speaker.silent_ms = section.number("silent_ms", 0, true);
  if (section.find("state") != nullptr) put.speaker.state = section.word("state", state_of);
  put.speaker.components = section.components("components");
  return put;
}

response::PutRunbook read_runbook(Section& section) {
  response::PutRunbook put;
  put.name = section.text("name");
  put.runbook.digest = section.text("digest");
  for (const toml::value& value : section.list("step")) {
    Section inner(value, "step of " + put.name);
    response::RunbookStep step;
    step.name = inner.text("name");
    step.approval = inner.word("approval", approval_of);
    put.runbook.steps.push_back(std::move(step));
    section.take_fault(inner);
  }
  return put;
}

response::PutSuppression read_planned(Section& section) {
  response::PutSuppression put;
  put.id = section.number("id", 0, true);
  put.suppression.from = section.time("from", true);
  put.suppression.to = section.time("to", true);
  put.suppression.components = section.components("components");
  put.suppression.words = section.text("words");
  return put;
}

response::SetRules read_rules(Section& section) {
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
auto read_all(Section& file, const std::string& name, const Read& read) {
  std::vector<decltype(read(file))> all;
  for (const toml::value& value : file.list(name)) {
    Section section(value, name + ' ' + std::to_string(all.size() + 1));
    all.push_back(read(section));
    file.take_fault(section);
  }
  return all;
}

template <typename Items, typename Key>
void refuse_doubles(Section& file, const char* name, const Items& items, const Key& key) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (std::size_t other = 0; other < i; ++other) {
      if (std::invoke(key, items[i]) == std::invoke(key, items[other])) {
        file.fault(std::string(name) + ' ' + std::to_string(i + 1) + " is there twice");
      }
    }
  }
}

std::vector<Change> read_tables(Section& file) {
  std::vector<Change> changes;
  response::SetTopology topology{read_all(file, "component", read_component),
                                 read_all(file, "service", read_service)};
  if (!topology.components.empty() || !topology.services.empty()) changes.push_back(topology);
  if (const toml::value* rules = file.find("rules")) {
    Section section(*rules, "rules");
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
  try {
    std::istringstream stream{std::string(text)};
    const toml::value value = toml::parse(stream, "house");
    Section file(value, "house");
    std::vector<Change> changes = read_tables(file);
    if (const std::string& fault = file.first_fault(); !fault.empty()) {
      return error(Errc::invalid, fault);
    }
    return changes;
  } catch (const std::exception& fault) {
    return error(Errc::invalid, fault.what());
  }
}

}  // namespace oki::watch
