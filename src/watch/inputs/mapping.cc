#include "watch/inputs/mapping.h"

#include <algorithm>

#include "watch/inputs/outside_words.h"

namespace oki::watch::inputs {
namespace {

constexpr std::size_t facts_of_labels_max = 12;

bool is_one_of(const std::string& word, std::initializer_list<ByteView> words) {
  return std::ranges::find(words, word) != words.end();
}

std::vector<notify::ComponentId> components_of(const Settings& settings, const Alert& alert,
                                               const Rule& rule) {
  std::vector<notify::ComponentId> all = rule.components;
  if (rule.component_label.empty() || all.size() >= response::signal_components_max) return all;
  const std::string* named = find_label(alert.labels, rule.component_label);
  if (named == nullptr) return all;
  // A stranger's label never makes a part of the exchange that the settings do not know.
  const notify::ComponentId id{rule.component_kind, *named};
  if (std::ranges::find(settings.components, id) != settings.components.end() &&
      std::ranges::find(all, id) == all.end()) {
    all.push_back(id);
  }
  return all;
}

std::vector<response::Fact> facts_of(const Alert& alert) {
  std::vector<response::Fact> facts;
  if (!alert.severity.empty()) facts.push_back({"severity", alert.severity});
  if (!alert.text.empty()) {
    facts.push_back({"text", clean_line(alert.text, response::fact_value_bytes_max)});
  }
  for (const auto& [label, value] : alert.labels) {
    if (facts.size() >= facts_of_labels_max) break;
    if (label == "severity" || value.empty()) continue;
    facts.push_back({clean_line(label, response::fact_name_bytes_max), value});
  }
  return facts;
}

}  // namespace

bool fits(const Where& where, const Labels& labels) {
  return std::ranges::all_of(where, [&labels](const auto& wanted) {
    const std::string* value = find_label(labels, wanted.first);
    return value != nullptr && *value == wanted.second;
  });
}

const Rule* find_rule(const SourceSettings& source, const Labels& labels) {
  for (const Rule& rule : source.rules) {
    if (fits(rule.where, labels)) return &rule;
  }
  return nullptr;
}

notify::State state_of_severity(const std::string& severity) {
  if (is_one_of(severity, {"critical", "fatal", "page", "emergency", "disaster", "sev1"})) {
    return notify::State::major_outage;
  }
  if (is_one_of(severity, {"error", "high", "major", "sev2"})) return notify::State::partial_outage;
  return notify::State::degraded_performance;
}

response::Signal to_signal(const SourceSettings& source, const Settings& settings,
                           const Alert& alert, const Rule* rule, WallTimeMs now) {
  static const Rule no_rule;
  const Rule& meant = rule == nullptr ? no_rule : *rule;
  response::Signal signal;
  signal.key = source.name + "/" + alert.id;
  signal.source = source_of(source.protocol);
  signal.kind = meant.kind;
  signal.trust = meant.trust;
  signal.state = meant.state.value_or(state_of_severity(alert.severity));
  signal.components = components_of(settings, alert, meant);
  const WallTimeMs earliest{std::max<std::int64_t>(now.value - backdate_ms_max, 0)};
  signal.since = alert.since.value == 0 ? now : std::clamp(alert.since, earliest, now);
  std::string words = source.name + " says: " + alert.title;
  if (!alert.text.empty()) words += ": " + alert.text;
  signal.words = clean_line(words, response::signal_words_bytes_max);
  signal.facts = facts_of(alert);
  return signal;
}

}  // namespace oki::watch::inputs
