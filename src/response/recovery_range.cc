#include "response/recovery_range.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/assert.h"

namespace oki::response {
namespace {

constexpr std::int64_t minute_ms = 60'000;

struct Stretch {
  std::int64_t shortest_ms = 0, longest_ms = 0;
  std::size_t cases = 0;
};

// What these cases say of one that has lasted so long already.
std::optional<Stretch> stretch_of(std::span<const RecoveryCase> cases, std::int64_t passed_ms) {
  std::vector<std::int64_t> lasted;
  for (const RecoveryCase& each : cases) {
    if (each.lasted_ms > passed_ms) lasted.push_back(each.lasted_ms);
  }
  if (lasted.size() < cases_min) return std::nullopt;
  std::ranges::sort(lasted);
  const std::size_t k = std::max<std::size_t>((lasted.size() + 1) / 10, 1);
  return Stretch{lasted[k - 1], lasted[lasted.size() - k], lasted.size()};
}

struct Held {
  std::size_t checks = 0, held = 0;
};

Held count_held(std::span<const RecoveryCase> cases, std::int64_t passed_ms) {
  Held count;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].lasted_ms <= passed_ms) continue;
    const auto said = stretch_of(cases.first(i), passed_ms);
    if (!said) continue;
    ++count.checks;
    const bool held =
        cases[i].lasted_ms >= said->shortest_ms && cases[i].lasted_ms <= said->longest_ms;
    count.held += held ? 1 : 0;
  }
  return count;
}

bool is_case(const Incident& incident) {
  return incident.confirmed && incident.ended && !incident.dismissed &&
         incident.merged_into.value == 0 && *incident.ended > incident.began;
}

}  // namespace

std::vector<RecoveryCase> recovery_cases(const State& state, IncidentId id) {
  const auto found = state.incidents.find(id);
  ASSERT(found != state.incidents.end());
  const Incident& now = found->second;
  const auto chosen = [&](bool same_state, bool drills) {
    std::vector<RecoveryCase> cases;
    for (const auto& [other, incident] : state.incidents) {
      if (other == id || !is_case(incident) || *incident.ended > state.now) continue;
      if (same_state && incident.state_worst != now.state_worst) continue;
      if (!drills && incident.drill) continue;
      cases.push_back({incident.began, incident.ended->value - incident.began.value});
    }
    std::ranges::sort(cases, {},
                      [](const RecoveryCase& x) { return std::pair(x.began, x.lasted_ms); });
    return cases;
  };
  for (const bool drills : {now.drill, true}) {
    for (const bool same_state : {true, false}) {
      std::vector<RecoveryCase> cases = chosen(same_state, drills);
      if (cases.size() >= cases_min) return cases;
    }
  }
  return {};
}

std::optional<notify::RecoveryRange> recovery_range(const std::vector<RecoveryCase>& cases,
                                                    WallTimeMs began, WallTimeMs now) {
  const std::int64_t passed_ms = now.value - began.value;
  const auto said = stretch_of(cases, passed_ms);
  const Held held = count_held(cases, passed_ms);
  if (!said || held.checks < checks_min) return std::nullopt;
  const auto percent = static_cast<std::uint32_t>(held.held * 100 / held.checks);
  if (percent < held_percent_min) return std::nullopt;
  notify::RecoveryRange range;
  const std::int64_t from = (began.value + said->shortest_ms) / minute_ms * minute_ms;
  const std::int64_t to = (began.value + said->longest_ms + minute_ms - 1) / minute_ms * minute_ms;
  range.from = {std::max(from, now.value / minute_ms * minute_ms)};
  range.to = {std::max(to, range.from.value + minute_ms)};
  range.cases = static_cast<std::uint32_t>(said->cases);
  range.held_percent = percent;
  return range;
}

}  // namespace oki::response
