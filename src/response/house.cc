#include "response/house.h"

#include <algorithm>

#include "response/words.h"

namespace oki::response {
namespace {

using notify::ComponentId;

const Component* find(const House& house, const ComponentId& id) {
  const auto found = std::ranges::find(house.components, id, &Component::id);
  return found == house.components.end() ? nullptr : &*found;
}

bool contains(const std::vector<ComponentId>& ids, const ComponentId& id) {
  return std::ranges::find(ids, id) != ids.end();
}

bool is_window(std::uint32_t ms) { return ms > 0 && ms <= window_ms_max; }

const char* fault(const Rules& rules) {
  if (rules.gate_trades < gate_trades_min || rules.gate_span_ms < gate_span_ms_min ||
      rules.gate_trades_each == 0 || rules.gate_trades > 100'000) {
    return "The recovery gate is never lower than 20 test trades over 30 seconds.";
  }
  for (const std::uint32_t ms :
       {rules.join_window_ms, rules.reopen_window_ms, rules.flap_window_ms, rules.flap_calm_ms,
        rules.gate_span_ms, rules.gate_fresh_ms, rules.check_fresh_ms}) {
    if (!is_window(ms)) return "A window is from 1 ms to a day.";
  }
  if (rules.gate_fresh_ms > 60'000 || rules.check_fresh_ms > 60'000) {
    return "What counts as fresh is at most a minute old.";
  }
  if (rules.flap_starts < 2 || rules.flap_starts > flap_starts_kept_max) {
    return "A signal flaps from 2 to 16 starts on.";
  }
  if (rules.opens_per_hour == 0 || rules.opens_per_hour > 256 || rules.signals_per_source > 200 ||
      rules.proofs_per_source > 700 || rules.signals_per_source == 0 ||
      rules.proofs_per_source == 0) {
    return "A source holds 1 to 200 signals (700 proofs) and opens 1 to 256 incidents an hour.";
  }
  return nullptr;
}

const char* fault(const Component& component) {
  if (component.tier < 1 || component.tier > tiers) return "A tier is 1, 2 or 3.";
  if (component.needs.size() > needs_max || contains(component.needs, component.id)) {
    return "A component needs at most 16 others, and not itself.";
  }
  return nullptr;
}

}  // namespace

const char* fault(const House& house) {
  if (const char* what = fault(house.rules)) return what;
  if (house.severities.by_tier_and_state.size() != std::size_t{tiers} * 3) {
    return "The severity table has 9 cells.";
  }
  if (house.components.size() > notify::components_max) return "At most 64 components.";
  for (std::size_t i = 0; i < house.components.size(); ++i) {
    if (const char* what = fault(house.components[i])) return what;
    if (find(house, house.components[i].id) != &house.components[i]) {
      return "A component is named once.";
    }
  }
  if (house.speakers.size() > speakers_max) return "At most 256 speakers.";
  for (const auto& [speaker, rule] : house.speakers) {
    if (!is_name(speaker, name_bytes_max)) return "A speaker has a name of small letters.";
    if (rule.silent_ms > window_ms_max) return "A speaker may be silent for at most a day.";
    if (rule.state == notify::State::operational) return "Silence claims a state worse than fine.";
  }
  return nullptr;
}

bool are_neighbours(const House& house, const ComponentId& a, const ComponentId& b) {
  const Component* first = find(house, a);
  const Component* second = find(house, b);
  if (first == nullptr || second == nullptr || a == b) return true;
  if (contains(first->needs, b) || contains(second->needs, a)) return true;
  return std::ranges::any_of(
      first->needs, [second](const ComponentId& need) { return contains(second->needs, need); });
}

std::uint8_t tier_of(const House& house, const ComponentId& id) {
  const Component* component = find(house, id);
  return component == nullptr ? 2 : component->tier;
}

Severity severity_of(const House& house, const ComponentId& id, notify::State state) {
  if (state == notify::State::operational) return Severity::sev4;
  const std::size_t row = tier_of(house, id) - 1u;
  return house.severities.by_tier_and_state[row * 3 + static_cast<std::size_t>(state) - 1];
}

}  // namespace oki::response
