#include "response/past_alarms.h"

#include <algorithm>
#include <array>
#include <set>

#include "response/turn.h"

namespace oki::response {
namespace {

constexpr std::size_t rule_bytes_max = 64;
constexpr std::size_t merges_max = incidents_open_max;
constexpr std::int64_t delay_ms_max = 7 * 86'400'000;

bool is_rule(ByteView text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  };
  return !text.empty() && text.size() <= rule_bytes_max && std::ranges::all_of(text, fits);
}

// What others write may say anything, also the name of a rule of ours.
bool is_outside(ByteView source) {
  constexpr std::array outside = {Source::alertmanager, Source::pagerduty, Source::otlp,
                                  Source::cloud_event, Source::person};
  return std::ranges::any_of(outside, [source](Source each) { return source == name(each); });
}

ByteView source_of(const Row& row) {
  return ByteView(row.subject).substr(0, row.subject.find(' '));
}

// Where the incident ended up.
const Incident* decided(const State& state, IncidentId id) {
  for (std::size_t i = 0; i <= merges_max; ++i) {
    const auto found = state.incidents.find(id);
    if (found == state.incidents.end()) return nullptr;
    const Incident& incident = found->second;
    if (incident.merged_into.value == 0) {
      const bool ended = incident.phase >= Phase::resolved;
      return ended && (incident.confirmed || incident.dismissed) ? &incident : nullptr;
    }
    id = incident.merged_into;
  }
  return nullptr;
}

}  // namespace

std::string words_with_rule(const Signal& signal) {
  for (const Fact& fact : signal.facts) {
    if (fact.name != "rule" || !is_rule(fact.value) || is_outside(name(signal.source))) continue;
    return cut(fact.value + ": " + signal.words, words_bytes_max);
  }
  return signal.words;
}

std::optional<std::string> rule_of(const Row& row) {
  if (row.kind != RowKind::signal_began) return std::nullopt;
  const ByteView source = source_of(row);
  if (is_outside(source)) return std::string(source);
  if (source == name(Source::watch)) return "silence.speaker";
  const std::size_t end = row.words.find(": ");
  const ByteView rule = ByteView(row.words).substr(0, std::min(end, row.words.size()));
  if (end == std::string::npos || !is_rule(rule)) return std::nullopt;
  return std::string(rule);
}

std::vector<PastAlarm> past_alarms(const State& state, IncidentId id, bool drills) {
  std::vector<PastAlarm> alarms;
  const Incident& incident = state.incidents.at(id);
  const Incident* verdict = decided(state, id);
  if (verdict == nullptr || (incident.drill && !drills)) return alarms;
  const bool was_true = verdict->confirmed.has_value();
  std::set<std::string> known;
  for (const Row& row : incident.rows) {
    if (row.kind == RowKind::declared && known.empty()) {
      alarms.push_back({id, no_rule, {}, row.at, true, false, 0});
    }
    if (known.size() >= rules_of_incident_max) break;
    auto rule = rule_of(row);
    if (!rule || !known.insert(*rule).second) continue;
    const std::int64_t delay = row.at.value - incident.began.value;
    alarms.push_back({id, std::move(*rule), row.subject, row.at, false, was_true,
                      std::clamp<std::int64_t>(delay, 0, delay_ms_max)});
  }
  return alarms;
}

}  // namespace oki::response
