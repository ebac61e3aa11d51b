#include "response/causes.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace oki::response {
namespace {

using notify::ComponentId;
using notify::ComponentKind;

constexpr const char* cause_names[] = {"change",   "broken", "shortage",
                                       "overload", "abuse",  "defect"};
static_assert(std::size(cause_names) == cause_kinds);

// What a symptom of each kind says for a cause, at the place itself and at what needs it.
struct Weights {
  int here[signal_kinds];
  int above[signal_kinds];
};
// down errors slow rate_drop wrong resource lag abnormal new_log inquiry silent other
constexpr Weights broken_weights = {{10, 6, 1, 5, 0, 2, 2, 0, 3, 2, 10, 1},
                                    {5, 4, 1, 3, 0, 0, 1, 0, 1, 2, 1, 0}};
constexpr Weights shortage_weights = {{1, 2, 6, 1, 0, 14, 7, 0, 1, 1, 2, 1},
                                      {0, 2, 4, 1, 0, 0, 3, 0, 0, 1, 0, 0}};
constexpr Weights defect_weights = {{1, 2, 0, 0, 16, 0, 0, 0, 7, 3, 0, 1},
                                    {0, 1, 0, 0, 5, 0, 0, 0, 2, 1, 0, 0}};
constexpr int overload_weights[signal_kinds] = {1, 4, 6, 0, 0, 6, 3, 1, 0, 2, 0, 1};
constexpr int abuse_weights[signal_kinds] = {1, 3, 4, 0, 0, 3, 2, 16, 2, 1, 0, 1};

constexpr std::int64_t percent = 100;
constexpr std::int64_t load_is_high = 200;  // Per cent of the usual.
constexpr std::int64_t high_load_score = 60;
constexpr std::int64_t missing_here = 12;  // Nothing wrong is seen at the suspect itself.
constexpr std::int64_t missing_above = 9;  // Nor at one that needs it.
constexpr std::int64_t earliest_score = 8;
// Trades through a door that opens may fail for what lies behind it, and those through a door that
// does not open say nothing of what lies behind.
constexpr int open_door_percent = 30;
constexpr int behind_closed_door_percent = 20;
// Customers reach every market through the edges, whatever the house says of needs.
constexpr int through_door_percent = 40;
constexpr int through_closed_door_percent = 60;
constexpr std::int64_t change_window_ms = 1'800'000;
constexpr std::int64_t after_ms = 2'000;  // By which a change may seem later than its effect.

// Public reads need nothing but the edge: what is seen of them is its own. "watch 1/errors/pulse of
// edge 1", as the watch names it.
constexpr ByteView pulse_series = "/pulse of ";

int weight(Trust trust) { return trust == Trust::proof ? 4 : trust == Trust::evidence ? 3 : 1; }

bool needs(const House& house, const ComponentId& above, const ComponentId& below) {
  const auto found = std::ranges::find(house.components, above, &Component::id);
  return found != house.components.end() &&
         std::ranges::find(found->needs, below) != found->needs.end();
}

bool is_at(const Symptom& symptom, const ComponentId& place) {
  return std::ranges::find(symptom.components, place) != symptom.components.end();
}

bool is_at_kind(const Symptom& symptom, ComponentKind kind) {
  return std::ranges::find(symptom.components, kind, &ComponentId::kind) !=
         symptom.components.end();
}

bool is_above(const House& house, const Symptom& symptom, const ComponentId& place) {
  return std::ranges::any_of(symptom.components, [&](const ComponentId& component) {
    return needs(house, component, place);
  });
}

// One for each kind and place: the most trusted word, since the earliest, with the highest load.
std::vector<Symptom> without_echoes(const std::vector<Symptom>& symptoms) {
  std::vector<Symptom> out;
  for (const Symptom& symptom : symptoms) {
    const auto known = std::ranges::find_if(out, [&symptom](const Symptom& other) {
      return other.kind == symptom.kind && other.components == symptom.components &&
             other.itself == symptom.itself;
    });
    if (known == out.end()) {
      out.push_back(symptom);
      continue;
    }
    if (symptom.trust != Trust::hint && known->trust != Trust::hint) {
      known->since = std::min(known->since, symptom.since);
    } else if (known->trust == Trust::hint) {
      known->since = symptom.since;
    }
    if (weight(symptom.trust) > weight(known->trust)) known->trust = symptom.trust;
    known->load_percent = std::max(known->load_percent, symptom.load_percent);
  }
  return out;
}

class Ranking {
 public:
  Ranking(const House& house, const std::vector<Symptom>& symptoms, WallTimeMs began)
      : house_(house), symptoms_(without_echoes(symptoms)), began_(began) {
    for (const Component& component : house.components) add_place(component.id);
    for (const Symptom& symptom : symptoms_) {
      for (const ComponentId& id : symptom.components) {
        add_place(id);
        if (symptom.itself && id.kind == ComponentKind::edge) closed_.push_back(id);
      }
    }
  }

  const std::vector<ComponentId>& places() const { return places_; }

  Cause at_place(CauseKind kind, const Weights& weights, const ComponentId& place) const {
    Cause cause = empty(kind);
    cause.component = place;
    bool here = false;
    for (const Symptom& symptom : symptoms_) {
      const std::int64_t points = points_of(weights, symptom, place);
      here = here || (points > 0 && is_at(symptom, place));
      add(cause, symptom, points);
      if (points > percent && symptom.since == earliest_) cause.score += earliest_score;
    }
    if (cause.score == 0) return cause;
    if (!here) cause.score -= missing_here;
    if (kind == CauseKind::broken) cause.score -= missing_above * silent_above(place);
    return cause;
  }

  // Causes that come through the edges, wherever these are. What is seen behind them counts half:
  // it may as well be of its own making.
  Cause through_edges(CauseKind kind, const int (&weights)[signal_kinds]) const {
    Cause cause = empty(kind);
    for (const Symptom& symptom : symptoms_) {
      const int points = weights[static_cast<std::size_t>(symptom.kind)];
      add(cause, symptom,
          (is_at_kind(symptom, ComponentKind::edge) ? points : points / 2) * percent);
    }
    if (cause.score == 0) return cause;
    for (const ComponentId& place : places_) {
      if (place.kind == ComponentKind::edge && !is_hit(place)) cause.score -= missing_above;
    }
    // Much load with abnormal access is a flood, without it a busy day.
    const bool abnormal = is_seen(SignalKind::abnormal_access);
    if (abnormal != (kind == CauseKind::abuse)) return empty(kind);
    cause.score += load() >= load_is_high ? high_load_score : -30;
    return cause;
  }

  // As if what was changed were broken, short of something or defective, by how recent it is.
  Cause of_change(const ChangeRecord& change) const {
    Cause best = empty(CauseKind::change);
    const std::int64_t age = began_.value - change.at.value;
    if (age > change_window_ms || age < -after_ms) return best;
    for (const ComponentId& place : change.components) {
      for (const Cause& cause : {at_place(CauseKind::change, broken_weights, place),
                                 at_place(CauseKind::change, shortage_weights, place),
                                 at_place(CauseKind::change, defect_weights, place)}) {
        if (cause.score > best.score) best = cause;
      }
    }
    best.kind = CauseKind::change;
    best.words = change.who.empty() ? change.words : change.who + ": " + change.words;
    best.at = change.at;
    if (best.score <= 0) return best;
    const std::int64_t recency = age <= 60'000 ? 80 : age <= 180'000 ? 45 : age <= 600'000 ? 10 : 0;
    best.score = best.score * (100 + recency) / 100 + recency / 2 - (recency == 0 ? 10 : 0);
    return best;
  }

 private:
  void add_place(const ComponentId& id) {
    if (std::ranges::find(places_, id) == places_.end()) places_.push_back(id);
  }

  Cause empty(CauseKind kind) const {
    Cause cause;
    cause.kind = kind;
    cause.signals = std::ssize(symptoms_);
    return cause;
  }

  // In hundredths.
  std::int64_t points_of(const Weights& weights, const Symptom& symptom,
                         const ComponentId& place) const {
    const auto column = static_cast<std::size_t>(symptom.kind);
    const bool is_edge = place.kind == ComponentKind::edge;
    if (is_at(symptom, place)) {
      const bool doubtful = is_edge && symptom.kind == SignalKind::down && !is_closed(place);
      return std::int64_t{weights.here[column]} * (doubtful ? open_door_percent : percent);
    }
    const bool at_a_market = is_at_kind(symptom, ComponentKind::market);
    if (is_edge && at_a_market) {
      const int share = is_closed(place) ? through_closed_door_percent : through_door_percent;
      return std::int64_t{weights.above[column]} * share;
    }
    if (!is_above(house_, symptom, place)) return 0;
    const bool hidden = !closed_.empty() && (at_a_market || is_at_closed(symptom));
    return std::int64_t{weights.above[column]} * (hidden ? behind_closed_door_percent : percent);
  }

  bool is_closed(const ComponentId& edge) const {
    return std::ranges::find(closed_, edge) != closed_.end();
  }

  bool is_at_closed(const Symptom& symptom) const {
    return std::ranges::any_of(
        closed_, [&symptom](const ComponentId& edge) { return is_at(symptom, edge); });
  }

  static void add(Cause& cause, const Symptom& symptom, std::int64_t points) {
    cause.score += points * weight(symptom.trust) / percent;
    if (points > 0) ++cause.explained;
  }

  bool is_hit(const ComponentId& place) const {
    return std::ranges::any_of(symptoms_,
                               [&place](const Symptom& symptom) { return is_at(symptom, place); });
  }

  bool is_seen(SignalKind kind) const {
    return std::ranges::find(symptoms_, kind, &Symptom::kind) != symptoms_.end();
  }

  std::int64_t load() const {
    std::uint32_t most = 0;
    for (const Symptom& symptom : symptoms_) most = std::max(most, symptom.load_percent);
    return most;
  }

  std::int64_t silent_above(const ComponentId& place) const {
    return std::ranges::count_if(house_.components, [&](const Component& component) {
      return needs(house_, component.id, place) && !is_hit(component.id);
    });
  }

  WallTimeMs earliest() const {
    WallTimeMs time = notify::time_max;
    for (const Symptom& symptom : symptoms_) {
      if (symptom.trust != Trust::hint) time = std::min(time, symptom.since);
    }
    return time;
  }

  const House& house_;
  std::vector<Symptom> symptoms_;
  std::vector<ComponentId> closed_;  // Edges that are broken themselves.
  WallTimeMs began_;
  WallTimeMs earliest_ = earliest();
  std::vector<ComponentId> places_;
};

bool is_before(const Cause& a, const Cause& b) {
  return std::tie(b.score, a.kind, a.component.kind, a.component.name, a.words) <
         std::tie(a.score, b.kind, b.component.kind, b.component.name, b.words);
}

std::uint32_t load_of(const Signal& signal) {
  for (const Fact& fact : signal.facts) {
    if (fact.name != "load_percent") continue;
    std::uint32_t number = 0;
    for (const char c : fact.value) {
      if (c < '0' || c > '9' || number > 1'000'000) return 0;
      number = number * 10 + static_cast<std::uint32_t>(c - '0');
    }
    return number;
  }
  return 0;
}

}  // namespace

const char* name(CauseKind kind) { return cause_names[static_cast<std::size_t>(kind)]; }

std::vector<Cause> rank_causes(const House& house, const std::vector<Symptom>& symptoms,
                               const std::vector<ChangeRecord>& changes, WallTimeMs began) {
  const Ranking ranking(house, symptoms, began);
  std::vector<Cause> causes;
  for (const ComponentId& place : ranking.places()) {
    causes.push_back(ranking.at_place(CauseKind::broken, broken_weights, place));
    causes.push_back(ranking.at_place(CauseKind::shortage, shortage_weights, place));
    causes.push_back(ranking.at_place(CauseKind::defect, defect_weights, place));
  }
  causes.push_back(ranking.through_edges(CauseKind::overload, overload_weights));
  causes.push_back(ranking.through_edges(CauseKind::abuse, abuse_weights));
  for (const ChangeRecord& change : changes) causes.push_back(ranking.of_change(change));
  std::erase_if(causes, [](const Cause& cause) { return cause.score <= 0; });
  std::ranges::sort(causes, is_before);
  if (causes.size() > causes_max) causes.resize(causes_max);
  return causes;
}

std::vector<Cause> rank_causes(const State& state, IncidentId id) {
  std::vector<Symptom> symptoms;
  for (const auto& [key, held] : state.signals) {
    if (held.incident != id) continue;
    const bool itself = key.source == Source::test_trade &&
                        held.signal.kind == SignalKind::errors &&
                        key.key.find(pulse_series) != std::string::npos;
    symptoms.push_back({held.signal.kind, held.signal.trust, held.signal.components,
                        held.signal.since, load_of(held.signal), itself});
  }
  return rank_causes(state.house, symptoms, state.changes, state.incidents.at(id).began);
}

}  // namespace oki::response
