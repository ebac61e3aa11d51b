#include "watch/inputs/settings.h"

#include <algorithm>

#include "base/toml.h"
#include "response/words.h"
#include "watch/inputs/alert.h"
#include "watch/inputs/outside_words.h"

namespace oki::watch::inputs {
namespace {

using notify::ComponentId;
using notify::ComponentKind;

constexpr const char* protocol_names[] = {"alertmanager", "pagerduty", "otlp", "cloud_events"};
constexpr std::int64_t day_ms = 86'400'000;

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

std::vector<ComponentId> read_components(TomlReader& table, const std::string& key) {
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

Where read_where(TomlReader& table) {
  Where where;
  const TomlValue* value = table.find("where");
  if (value == nullptr) return where;
  if (value->kind != TomlValue::Kind::table || value->keys.size() > labels_max) {
    table.fault("'where' must be a table of labels");
    return where;
  }
  for (std::size_t i = 0; i < value->keys.size(); ++i) {
    const std::string& label = value->keys[i];
    const TomlValue& wanted = value->items[i];
    if (wanted.kind == TomlValue::Kind::text && wanted.text.size() <= label_bytes_max) {
      where.emplace_back(label, wanted.text);
    } else {
      table.fault("'where' wants '" + label + "' to be no text of at most " +
                  std::to_string(label_bytes_max) + " bytes");
    }
  }
  std::ranges::sort(where);
  return where;
}

Rule read_rule(TomlReader& table) {
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
  rule.component_label = table.line("component_label", label_bytes_max / 2);
  const auto component = table.one_of("component_kind", component_kind_names());
  if (component) rule.component_kind = component_kind(*component);
  if (rule.component_label.empty() == component.has_value()) {
    table.fault("'component_label' and 'component_kind' need each other");
  }
  return rule;
}

void read_rules(TomlReader& table, SourceSettings& source) {
  const bool events = source.protocol == Protocol::cloud_events;
  for (const TomlValue& value : table.list("rule", rules_max)) {
    TomlReader row(value, table.what() + ", rule " + std::to_string(source.rules.size() + 1));
    Rule rule = read_rule(row);
    if (events) {
      rule.ends = row.boolean("ends");
      rule.key = row.line("key", key_part_bytes_max);
      if (rule.ends && rule.key.empty()) row.fault("what 'ends' something needs its 'key'");
    }
    table.take_fault(row);
    source.rules.push_back(std::move(rule));
  }
}

void read_limit(TomlReader& row, const char* key, MetricRule& into) {
  const TomlValue* value = row.find(key);
  if (value == nullptr) return;
  std::optional<std::int64_t> milli;
  if (value->kind == TomlValue::Kind::integer) milli = parse_milli(std::to_string(value->integer));
  if (value->kind == TomlValue::Kind::text) milli = parse_milli(value->text);
  if (!milli) row.fault("'" + std::string(key) + "' must be a whole number, or a decimal as text");
  into.limit_milli = milli.value_or(0);
}

void read_metrics(TomlReader& table, SourceSettings& source) {
  if (source.protocol != Protocol::otlp) return;
  for (const TomlValue& value : table.list("metric", rules_max)) {
    TomlReader row(value, table.what() + ", metric " + std::to_string(source.metrics.size() + 1));
    MetricRule metric;
    metric.metric = row.line("name", label_bytes_max);
    if (metric.metric.empty()) row.fault("'name' is missing");
    metric.below = row.has("below");
    if (row.has("above") == metric.below) row.fault("needs either 'above' or 'below'");
    read_limit(row, "above", metric);
    read_limit(row, "below", metric);
    metric.rule = read_rule(row);
    table.take_fault(row);
    source.metrics.push_back(std::move(metric));
  }
}

void read_polling(TomlReader& table, SourceSettings& source) {
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
  source.heartbeat = table.line("heartbeat", title_bytes_max);
  table.integer("silent_ms", source.silent_ms, 10'000, day_ms);
  if (source.silent_ms != 0 && source.heartbeat.empty() && source.poll.empty()) {
    table.fault("'silent_ms' needs a 'heartbeat' or somebody to 'poll': alerts alone may be few");
  }
}

SourceSettings read_source(TomlReader& table) {
  SourceSettings source;
  source.name = table.line("name", response::fact_name_bytes_max);
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

Result<Settings> read_root(const TomlValue& root) {
  Settings settings;
  TomlReader table(root, "signals");
  settings.components = read_components(table, "components");
  for (const TomlValue& value : table.list("source", sources_max)) {
    TomlReader row(value, "source " + std::to_string(settings.sources.size() + 1));
    SourceSettings source = read_source(row);
    for (const SourceSettings& other : settings.sources) {
      if (other.name == source.name) row.fault("there are two of the name '" + source.name + "'");
    }
    table.take_fault(row);
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

std::vector<response::PutSpeaker> speakers_of(const Settings& settings) {
  std::vector<response::PutSpeaker> all;
  for (const SourceSettings& source : settings.sources) {
    if (source.silent_ms == 0) continue;
    response::PutSpeaker must{source.name, true, {}};
    must.speaker.silent_ms = static_cast<std::uint32_t>(source.silent_ms);
    all.push_back(std::move(must));
  }
  return all;
}

Result<Settings> read_settings(ByteView toml) {
  if (toml.size() > settings_bytes_max) {
    return error(Errc::invalid, "the file of signals is longer than " +
                                    std::to_string(settings_bytes_max) + " bytes");
  }
  const Result<TomlValue> root = parse_toml(toml, "signals");
  if (!root) {
    return error(Errc::invalid, "the file of signals is not TOML: " + root.error().message);
  }
  return read_root(*root);
}

}  // namespace oki::watch::inputs
