#include "watch/inputs/settings.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <toml.hpp>

#include "response/words.h"
#include "watch/inputs/alert.h"
#include "watch/inputs/outside_words.h"

namespace oki::watch::inputs {
namespace {

using notify::ComponentId;
using notify::ComponentKind;

constexpr const char* protocol_names[] = {"alertmanager", "pagerduty", "otlp", "cloud_events"};
constexpr std::int64_t day_ms = 86'400'000;

// One table being read: remembers which keys were asked for, and the first fault.
class Table {
 public:
  Table(const toml::value& value, std::string what) : what_(std::move(what)) {
    if (value.is_table()) {
      table_ = &value.as_table();
    } else {
      fault("is not a table");
    }
  }

  bool has(const std::string& key) { return find(key) != nullptr; }

  std::string text(const std::string& key, std::size_t bytes_max) {
    const toml::value* value = find(key);
    if (value == nullptr) return {};
    if (value->is_string() && !value->as_string().str.empty() &&
        response::is_line(value->as_string().str, bytes_max)) {
      return value->as_string().str;
    }
    fault("'" + key + "' must be a text of 1 to " + std::to_string(bytes_max) + " bytes");
    return {};
  }

  void integer(const std::string& key, std::int64_t& into, std::int64_t low, std::int64_t high) {
    const toml::value* value = find(key);
    if (value == nullptr) return;
    if (value->is_integer() && value->as_integer() >= low && value->as_integer() <= high) {
      into = value->as_integer();
    } else {
      fault("'" + key + "' must be a whole number from " + std::to_string(low) + " to " +
            std::to_string(high));
    }
  }

  bool boolean(const std::string& key) {
    const toml::value* value = find(key);
    if (value == nullptr) return false;
    if (value->is_boolean()) return value->as_boolean();
    fault("'" + key + "' must be true or false");
    return false;
  }

  // One of these words; nothing when the key is absent.
  std::optional<std::size_t> one_of(const std::string& key, const std::vector<std::string>& words) {
    const toml::value* value = find(key);
    if (value == nullptr) return std::nullopt;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (value->is_string() && value->as_string().str == words[i]) return i;
    }
    std::string list;
    for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
    fault("'" + key + "' must be one of: " + list);
    return std::nullopt;
  }

  std::vector<std::string> texts(const std::string& key, std::size_t count_max) {
    std::vector<std::string> all;
    const toml::value* value = find(key);
    if (value == nullptr) return all;
    if (value->is_array() && value->as_array().size() <= count_max) {
      for (const toml::value& text : value->as_array()) {
        if (text.is_string()) all.push_back(text.as_string().str);
      }
      if (all.size() == value->as_array().size()) return all;
    }
    fault("'" + key + "' must be a list of at most " + std::to_string(count_max) + " texts");
    return {};
  }

  // Tables under [[key]].
  std::vector<const toml::value*> tables(const std::string& key, std::size_t count_max) {
    std::vector<const toml::value*> all;
    const toml::value* value = find(key);
    if (value == nullptr) return all;
    if (!value->is_array() || value->as_array().size() > count_max) {
      fault("'" + key + "' must be at most " + std::to_string(count_max) + " tables");
      return all;
    }
    for (const toml::value& table : value->as_array()) all.push_back(&table);
    return all;
  }

  const toml::value* find(const std::string& key) {
    asked_.insert(key);
    if (table_ == nullptr) return nullptr;
    const auto found = table_->find(key);
    return found == table_->end() ? nullptr : &found->second;
  }

  const std::string& what() const { return what_; }

  void fault(const std::string& sentence) { take_fault(what_ + ": " + sentence); }
  void take_fault(const std::string& sentence) {
    if (fault_.empty()) fault_ = sentence;
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

template <typename Enum, std::size_t Count>
std::vector<std::string> names_of() {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < Count; ++i) names.emplace_back(name(static_cast<Enum>(i)));
  return names;
}

std::vector<std::string> component_kind_names() {
  return {name(ComponentKind::market), name(ComponentKind::edge), name(ComponentKind::node),
          name(ComponentKind::ledger)};
}

ComponentKind component_kind(std::size_t place) { return static_cast<ComponentKind>(place + 1); }

// "market:btc_jpy", "edge:1"
std::optional<ComponentId> parse_component(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return std::nullopt;
  const std::vector<std::string> kinds = component_kind_names();
  const auto kind = std::ranges::find(kinds, text.substr(0, colon));
  if (kind == kinds.end()) return std::nullopt;
  const ComponentId id{component_kind(static_cast<std::size_t>(kind - kinds.begin())),
                       text.substr(colon + 1)};
  Bytes bytes;
  notify::append(bytes, id);
  Reader in(bytes);
  notify::read_component_id(in);
  if (!in.done()) return std::nullopt;
  return id;
}

std::vector<ComponentId> read_components(Table& table, const std::string& key) {
  std::vector<ComponentId> components;
  for (const std::string& text : table.texts(key, response::signal_components_max)) {
    const auto id = parse_component(text);
    if (!id) {
      table.fault("'" + key + "' has '" + text + "', which is none: KIND:NAME, like edge:1");
    } else if (std::ranges::find(components, *id) != components.end()) {
      table.fault("'" + key + "' has '" + text + "' twice");
    } else {
      components.push_back(*id);
    }
  }
  return components;
}

Where read_where(Table& table) {
  Where where;
  const toml::value* value = table.find("where");
  if (value == nullptr) return where;
  if (!value->is_table() || value->as_table().size() > labels_max) {
    table.fault("'where' must be a table of labels");
    return where;
  }
  for (const auto& [label, wanted] : value->as_table()) {
    if (wanted.is_string() && wanted.as_string().str.size() <= label_bytes_max) {
      where.emplace_back(label, wanted.as_string().str);
    } else {
      table.fault("'where' wants '" + label + "' to be no text of at most " +
                  std::to_string(label_bytes_max) + " bytes");
    }
  }
  std::ranges::sort(where);
  return where;
}

Rule read_rule(Table& table) {
  Rule rule;
  rule.where = read_where(table);
  rule.ignore = table.boolean("ignore");
  const auto kind =
      table.one_of("kind", names_of<response::SignalKind, std::size_t{response::signal_kinds}>());
  if (kind) rule.kind = static_cast<response::SignalKind>(*kind);
  const auto trust = table.one_of("trust", {"hint", "evidence"});
  if (trust) rule.trust = static_cast<response::Trust>(*trust);
  const auto state =
      table.one_of("state", {"degraded_performance", "partial_outage", "major_outage"});
  if (state) rule.state = static_cast<notify::State>(*state + 1);
  rule.components = read_components(table, "components");
  rule.component_label = table.text("component_label", label_bytes_max / 2);
  const auto component = table.one_of("component_kind", component_kind_names());
  if (component) rule.component_kind = component_kind(*component);
  if (rule.component_label.empty() == component.has_value()) {
    table.fault("'component_label' and 'component_kind' need each other");
  }
  return rule;
}

void read_rules(Table& table, SourceSettings& source) {
  const bool events = source.protocol == Protocol::cloud_events;
  for (const toml::value* value : table.tables("rule", rules_max)) {
    Table row(*value, table.what() + ", rule " + std::to_string(source.rules.size() + 1));
    Rule rule = read_rule(row);
    if (events) {
      rule.ends = row.boolean("ends");
      rule.key = row.text("key", key_part_bytes_max);
      if (rule.ends && rule.key.empty()) row.fault("what 'ends' something needs its 'key'");
    }
    table.take_fault(row.first_fault());
    source.rules.push_back(std::move(rule));
  }
}

void read_limit(Table& row, const char* key, MetricRule& into) {
  const toml::value* value = row.find(key);
  if (value == nullptr) return;
  std::optional<std::int64_t> milli;
  if (value->is_integer()) milli = parse_milli(std::to_string(value->as_integer()));
  if (value->is_string()) milli = parse_milli(value->as_string().str);
  if (!milli) row.fault("'" + std::string(key) + "' must be a whole number, or a decimal as text");
  into.limit_milli = milli.value_or(0);
}

void read_metrics(Table& table, SourceSettings& source) {
  if (source.protocol != Protocol::otlp) return;
  for (const toml::value* value : table.tables("metric", rules_max)) {
    Table row(*value, table.what() + ", metric " + std::to_string(source.metrics.size() + 1));
    MetricRule metric;
    metric.metric = row.text("name", label_bytes_max);
    if (metric.metric.empty()) row.fault("'name' is missing");
    metric.below = row.has("below");
    if (row.has("above") == metric.below) row.fault("needs either 'above' or 'below'");
    read_limit(row, "above", metric);
    read_limit(row, "below", metric);
    metric.rule = read_rule(row);
    table.take_fault(row.first_fault());
    source.metrics.push_back(std::move(metric));
  }
}

void read_polling(Table& table, SourceSettings& source) {
  if (source.protocol != Protocol::alertmanager) return;
  for (const std::string& text : table.texts("poll", polled_max)) {
    const auto address = parse_address(text);
    if (address) {
      source.poll.push_back(*address);
    } else {
      table.fault("'poll': " + address.error().message);
    }
  }
  table.integer("poll_every_ms", source.poll_every_ms, 2'000, 60'000);
  table.integer("poll_deadline_ms", source.poll_deadline_ms, 100, 10'000);
  if (source.poll_deadline_ms >= source.poll_every_ms) {
    table.fault("'poll_deadline_ms' must be below 'poll_every_ms'");
  }
  source.heartbeat = table.text("heartbeat", title_bytes_max);
}

SourceSettings read_source(Table& table) {
  SourceSettings source;
  source.name = table.text("name", response::fact_name_bytes_max);
  if (!response::is_name(source.name, response::fact_name_bytes_max) ||
      source.name.find(' ') != std::string::npos) {
    table.fault("'name' must be of a-z, 0-9, '_' and '-'");
  }
  const auto protocol = table.one_of("protocol", names_of<Protocol, std::size(protocol_names)>());
  if (!table.has("protocol")) table.fault("'protocol' is missing");
  source.protocol = static_cast<Protocol>(protocol.value_or(0));
  table.integer("requests_per_minute", source.requests_per_minute, 1, 60'000);
  table.integer("new_signals_per_minute", source.new_signals_per_minute, 1, 6'000);
  table.integer("signals_max", source.signals_max, 1, 2'000);
  table.integer("body_bytes_max", source.body_bytes_max, 1'024,
                static_cast<std::int64_t>(body_bytes_limit));
  table.integer("expires_ms", source.expires_ms, 10'000, day_ms);
  read_polling(table, source);
  read_rules(table, source);
  read_metrics(table, source);
  return source;
}

Result<Settings> read_root(const toml::value& root) {
  Settings settings;
  Table table(root, "signals");
  settings.components = read_components(table, "components");
  for (const toml::value* value : table.tables("source", sources_max)) {
    Table row(*value, "source " + std::to_string(settings.sources.size() + 1));
    SourceSettings source = read_source(row);
    for (const SourceSettings& other : settings.sources) {
      if (other.name == source.name) row.fault("there are two of the name '" + source.name + "'");
    }
    table.take_fault(row.first_fault());
    settings.sources.push_back(std::move(source));
  }
  if (const std::string& fault = table.first_fault(); !fault.empty()) {
    return error(Errc::invalid, fault);
  }
  return settings;
}

}  // namespace

const char* name(Protocol protocol) { return protocol_names[static_cast<std::size_t>(protocol)]; }

response::Source source_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::alertmanager:
      return response::Source::alertmanager;
    case Protocol::pagerduty:
      return response::Source::pagerduty;
    case Protocol::otlp:
      return response::Source::otlp;
    case Protocol::cloud_events:
      return response::Source::cloud_event;
  }
  return response::Source::cloud_event;
}

Result<Settings> read_settings(ByteView toml) {
  if (toml.size() > settings_bytes_max) {
    return error(Errc::invalid, "the file of signals is longer than " +
                                    std::to_string(settings_bytes_max) + " bytes");
  }
  try {
    std::istringstream stream{std::string(toml)};
    return read_root(toml::parse(stream, "signals"));
  } catch (const std::exception& fault) {
    return error(Errc::invalid, std::string("the file of signals is not TOML: ") + fault.what());
  }
}

}  // namespace oki::watch::inputs
