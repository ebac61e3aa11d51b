#include "response/judge.h"

#include <algorithm>
#include <set>

#include "response/gate.h"
#include "response/lifecycle.h"
#include "response/paging.h"
#include "response/past_alarms.h"
#include "response/signals.h"
#include "response/words.h"

namespace oki::response {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;

using notify::ComponentId;
using notify::State;
using House = response::House;

// What the signals of one incident come to.
struct Summary {
  bool proof = false;
  bool blocking = false;
  bool wrong = false;
  std::set<std::string> groups;  // Of evidence and proofs.
  State worst = State::operational;
  Severity severity = Severity::sev4;
};

bool contains(const std::vector<ComponentId>& ids, const ComponentId& id) {
  return std::ranges::find(ids, id) != ids.end();
}

void add(const response::State& state, Summary& summary, const HeldSignal& held) {
  summary.blocking = summary.blocking || is_blocking(held);
  if (!is_believed(held) || held.signal.trust == Trust::hint) return;
  const Signal& signal = held.signal;
  const bool proof = signal.trust == Trust::proof;
  summary.proof = summary.proof || proof;
  summary.groups.insert(group_of(signal));
  summary.worst = notify::worse(summary.worst, signal.state);
  if (proof && signal.kind == SignalKind::wrong) {
    summary.severity = worse(summary.severity, state.house.severity_table.wrong);
  }
  for (const ComponentId& id : signal.components) {
    summary.severity = worse(summary.severity, severity_of(state.house, id, signal.state));
  }
  if (signal.components.empty()) {
    summary.severity = worse(summary.severity, severity_of(state.house, {}, signal.state));
  }
}

bool is_confirmed_by(const Summary& summary) { return summary.proof || summary.groups.size() > 1; }

bool overlaps(const Incident& incident, const Signal& signal) {
  return std::ranges::any_of(signal.components, [&incident](const ComponentId& id) {
    return contains(incident.components, id);
  });
}

bool is_near(const House& house, const Incident& incident, const Signal& signal) {
  if (incident.components.empty() || signal.components.empty()) return true;
  return std::ranges::any_of(signal.components, [&](const ComponentId& id) {
    return std::ranges::any_of(incident.components, [&](const ComponentId& other) {
      return are_neighbours(house, id, other);
    });
  });
}

// What a machine is short of, unless somebody calls it evidence: it explains what is there already
// (docs/incidents.md, 4.6).
bool is_context(const Signal& signal) {
  return signal.source == Source::host && signal.kind == SignalKind::resource &&
         signal.trust == Trust::hint;
}

// The oldest open incident that the signal belongs to.
IncidentId find_incident(const Turn& turn, const Signal& signal) {
  for (const auto& [id, incident] : turn.state.incidents) {
    if (is_open(incident) && overlaps(incident, signal)) return id;
  }
  if (is_context(signal)) return {};
  const std::int64_t window = turn.state.house.rules.join_window_ms;
  for (const auto& [id, incident] : turn.state.incidents) {
    if (is_open(incident) && turn.now.value - incident.active.value <= window &&
        is_near(turn.state.house, incident, signal)) {
      return id;
    }
  }
  return {};
}

void join(Turn& turn, IncidentId id, const SignalKey& key, HeldSignal& held) {
  Incident& incident = turn.state.incidents.at(id);
  held.incident = id;
  const bool counts = !is_context(held.signal);
  if (counts) {
    incident.active = turn.now;
    incident.began = std::min(incident.began, held.signal.since);
  }
  add_row(turn, id, RowKind::signal_began,
          {.number = static_cast<std::uint32_t>(held.signal.trust),
           .subject = subject_of(key),
           .words = words_with_rule(held.signal)});
  if (!counts) return;
  for (const ComponentId& component : held.signal.components) join_component(turn, id, component);
}

// Signals that waited for company and belong to what was just opened.
void gather(Turn& turn, IncidentId id) {
  const std::int64_t window = turn.state.house.rules.join_window_ms;
  for (auto& [key, held] : turn.state.signals) {
    if (is_open_incident(turn.state, held.incident) || !is_believed(held)) continue;
    if (turn.now.value - held.changed.value > window) continue;
    const Incident& incident = turn.state.incidents.at(id);
    const bool belongs = is_context(held.signal) ? overlaps(incident, held.signal)
                                                 : is_near(turn.state.house, incident, held.signal);
    if (belongs) join(turn, id, key, held);
  }
}

bool has_company(const Turn& turn, const SignalKey& key, const HeldSignal& hint) {
  const std::int64_t window = turn.state.house.rules.join_window_ms;
  return std::ranges::any_of(turn.state.signals, [&](const auto& row) {
    const HeldSignal& other = row.second;
    if (row.first == key || !is_believed(other) || other.signal.source == Source::watch)
      return false;
    if (is_context(other.signal)) return false;
    if (group_of(other.signal) == group_of(hint.signal)) return false;
    if (turn.now.value - other.changed.value > window) return false;
    Incident alone;
    alone.components = other.signal.components;
    return is_near(turn.state.house, alone, hint.signal);
  });
}

Refusal may_open(Turn& turn, const SignalKey& key, const HeldSignal& held) {
  if (!has_room(turn.state)) return Refusal::incidents_full;
  if (held.signal.trust == Trust::proof) return Refusal::none;
  Budget& budget = turn.state.budgets[key.source];
  std::erase_if(budget.opens,
                [&turn](WallTimeMs at) { return turn.now.value - at.value >= hour_ms; });
  if (budget.opens.size() >= turn.state.house.rules.opens_per_hour) return Refusal::over_budget;
  budget.opens.push_back(turn.now);
  return Refusal::none;
}

void raise(Turn& turn, IncidentId id, Severity severity, bool sure) {
  Incident& incident = turn.state.incidents.at(id);
  const Severity best = turn.state.house.severity_table.suspected_best;
  if (incident.phase == Phase::suspected && !sure) severity = std::max(severity, best);
  if (severity >= incident.severity_seen) return;
  incident.severity_seen = severity;
  if (severity < incident.severity) set_worse(turn, id, severity);
}

// Worse: signals confirm, worsen and reopen. They never make anything better.
void judge_worse(Turn& turn, IncidentId id, const Summary& summary) {
  Incident& incident = turn.state.incidents.at(id);
  if (summary.blocking) {
    incident.disturbed = turn.now;
    incident.run = {};
  }
  const bool sure = is_confirmed_by(summary);
  if (incident.phase == Phase::monitoring && sure) {
    set_phase(turn, id, Phase::investigating, RowKind::worse_again);
  }
  if (incident.phase == Phase::resolved && sure) reopen(turn, id);
  if (summary.worst != State::operational && incident.phase < Phase::resolved) {
    raise(turn, id, summary.severity, sure);
    if (incident.state != summary.worst) {
      incident.state = summary.worst;
      incident.state_worst = notify::worse(incident.state_worst, summary.worst);
      tell_change(turn, id);
    }
  }
  // Severity first: it says whom to call.
  if (incident.phase == Phase::suspected && sure) confirm(turn, id);
  page_suspected(turn, id);
}

// Better: by proofs alone.
void judge_better(Turn& turn, IncidentId id) {
  Incident& incident = turn.state.incidents.at(id);
  if (incident.phase == Phase::resolved) {
    if (!closes_alone(incident)) return;
    if (later(*incident.resolved, turn.state.house.rules.reopen_window_ms) <= turn.now) {
      close(turn, id, RowKind::closed);
    }
    return;
  }
  if ((incident.phase == Phase::investigating || incident.phase == Phase::identified) &&
      is_recovering(turn.state, incident, turn.now)) {
    set_phase(turn, id, Phase::monitoring, RowKind::monitoring);
  }
  if (!turn.state.house.rules.resolve_alone || incident.by_person) return;
  if (gate_shut(turn.state, id, turn.now) != 0) return;
  if (incident.phase == Phase::suspected) return close(turn, id, RowKind::dismissed);
  if (incident.phase == Phase::monitoring) resolve(turn, id, {});
}

void forget_old(Turn& turn) {
  auto& incidents = turn.state.incidents;
  auto closed =
      std::ranges::count_if(incidents, [](const auto& row) { return !is_open(row.second); });
  for (auto at = incidents.begin();
       closed > static_cast<std::ptrdiff_t>(incidents_closed_max) && at != incidents.end();) {
    if (is_open(at->second)) {
      ++at;
    } else {
      at = incidents.erase(at);
      --closed;
    }
  }
}

}  // namespace

Reply place_signal(Turn& turn, const SignalKey& key, HeldSignal& held, bool began) {
  if (is_open_incident(turn.state, held.incident)) {
    if (began && !held.flapping) join(turn, held.incident, key, held);
    return {Refusal::none, held.incident.value};
  }
  held.incident = {};
  if (!is_believed(held)) return {};
  if (const IncidentId id = find_incident(turn, held.signal); id.value != 0) {
    join(turn, id, key, held);
    return {Refusal::none, id.value};
  }
  if (is_context(held.signal)) return {};
  if (held.signal.trust == Trust::hint && !has_company(turn, key, held)) return {};
  if (const Refusal refusal = may_open(turn, key, held); refusal != Refusal::none) return {refusal};
  const IncidentId id = open_incident(turn, held.signal.since);
  add_row(turn, id, RowKind::opened);
  join(turn, id, key, held);
  gather(turn, id);
  tell_change(turn, id);
  return {Refusal::none, id.value};
}

Reply record_change(Turn& turn, const RecordChange& command) {
  const ChangeRecord& change = command.change;
  if (!is_line(change.who, name_bytes_max) || !is_line(change.words, words_bytes_max)) {
    return {Refusal::invalid};
  }
  if (change.at > turn.now) return {Refusal::stale};
  auto& changes = turn.state.changes;
  // Every watch sees it and tells it, each at its own moment.
  const auto same = [&change](const ChangeRecord& known) {
    return known.kind == change.kind && known.components == change.components &&
           known.who == change.who && known.words == change.words &&
           std::abs(known.at.value - change.at.value) <= change_again_ms;
  };
  if (std::ranges::any_of(changes, same)) return {Refusal::no_change};
  if (changes.size() >= changes_kept_max) changes.erase(changes.begin());
  changes.push_back(change);
  Signal about;
  about.components = change.components;
  for (const auto& [id, incident] : turn.state.incidents) {
    if (!is_open(incident) || !is_near(turn.state.house, incident, about)) continue;
    add_row(turn, id, RowKind::change_recorded,
            {.number = static_cast<std::uint32_t>(change.kind),
             .subject = change.who,
             .words = change.words});
  }
  return {};
}

void end_signal(Turn& turn, const SignalKey& key, HeldSignal& held) {
  held.signal.firing = false;
  held.changed = turn.now;
  if (!is_open_incident(turn.state, held.incident)) return;
  add_row(turn, held.incident, RowKind::signal_over, {.subject = subject_of(key)});
}

void judge_all(Turn& turn) {
  std::map<IncidentId, Summary> summaries;
  for (const auto& [id, incident] : turn.state.incidents) {
    if (is_open(incident)) summaries[id];
  }
  for (const auto& [key, held] : turn.state.signals) {
    const auto summary = summaries.find(held.incident);
    if (summary != summaries.end()) add(turn.state, summary->second, held);
  }
  for (const auto& [id, summary] : summaries) {
    judge_worse(turn, id, summary);
    judge_better(turn, id);
  }
  forget_old(turn);
}

WallTimeMs next_judgement(const response::State& state) {
  WallTimeMs next = notify::time_max;
  for (const auto& [id, incident] : state.incidents) {
    if (incident.phase != Phase::resolved) continue;
    if (!closes_alone(incident)) continue;
    next = std::min(next, later(*incident.resolved, state.house.rules.reopen_window_ms));
  }
  return next;
}

}  // namespace oki::response
