#include "response/signals.h"

#include <algorithm>
#include <utility>

#include "response/gate.h"
#include "response/judge.h"
#include "response/lifecycle.h"
#include "response/planned_work.h"
#include "response/words.h"

namespace oki::response {
namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t speaker_kept_ms = 3'600'000;  // Who need not speak is forgotten then.
constexpr std::int64_t deaf_ms = 5'000;              // So long without a word of anybody.
constexpr std::uint32_t own_signal_ms = 300'000;     // What the machine says about a source holds.

bool is_outside(Source source) {
  return source == Source::alertmanager || source == Source::pagerduty || source == Source::otlp ||
         source == Source::cloud_event;
}

bool may_prove(Source source) { return trust_max(source) == Trust::proof; }

// False when the speaker is new and there is no room for him.
bool hear(Turn& turn, const std::string& speaker) {
  auto& heard = turn.state.heard;
  const auto found = heard.find(speaker);
  if (found == heard.end()) {
    if (heard.size() >= speakers_max) return false;
    heard[speaker].at = turn.now;
    return true;
  }
  found->second.at = turn.now;
  if (!std::exchange(found->second.silent, false)) return true;
  const auto held = turn.state.signals.find({Source::watch, "silent/" + speaker});
  if (held != turn.state.signals.end()) end_signal(turn, held->first, held->second);
  return true;
}

bool is_late(const Turn& turn, WallTimeMs time) {
  return time.value < turn.now.value - late_ms_max || time.value > turn.now.value + ahead_ms_max;
}

std::uint32_t held_of(const State& state, Source source) {
  const auto from = state.signals.lower_bound({source, ""});
  std::uint32_t count = 0;
  for (auto at = from; at != state.signals.end() && at->first.source == source; ++at) ++count;
  return count;
}

Refusal spend(Turn& turn, Source source) {
  const Rules& rules = turn.state.house.rules;
  Budget& budget = turn.state.budgets[source];
  if (turn.now.value - budget.minute.value >= minute_ms) {
    budget.minute = turn.now;
    budget.new_signals = 0;
  }
  const bool proves = may_prove(source);
  const std::uint32_t held_max = proves ? rules.proofs_per_source : rules.signals_per_source;
  if (budget.new_signals >= (proves ? rules.new_proofs_per_minute : rules.new_signals_per_minute)) {
    return Refusal::over_budget;
  }
  if (held_of(turn.state, source) >= held_max) return Refusal::signals_full;
  ++budget.new_signals;
  return Refusal::none;
}

// Planned work that names all its components. A proof that something is wrong is never explained.
bool is_planned(const Turn& turn, const Signal& signal) {
  if (signal.components.empty()) return false;
  if (signal.kind == SignalKind::wrong && signal.trust == Trust::proof) return false;
  return std::ranges::any_of(turn.state.house.suppressions, [&](const auto& row) {
    const Suppression& plan = row.second;
    if (turn.now < plan.from || turn.now >= plan.to) return false;
    return std::ranges::all_of(signal.components, [&plan](const notify::ComponentId& id) {
      return std::ranges::find(plan.components, id) != plan.components.end();
    });
  });
}

// The last word under the key, with what is believed of it.
void take_words(Turn& turn, HeldSignal& held, const Signal& signal) {
  const bool was_firing = held.signal.firing && !held.expired && !held.signal.key.empty();
  held.signal = signal;
  held.signal.trust = std::min(signal.trust, trust_max(signal.source));
  held.heard = turn.now;
  held.expired = false;
  held.suppressed = is_planned(turn, held.signal);
  if (was_firing == signal.firing) return;
  held.changed = turn.now;
  if (!signal.firing) return;
  held.dismissed = false;
  const Rules& rules = turn.state.house.rules;
  std::erase_if(held.starts, [&](WallTimeMs start) {
    return start.value <= turn.now.value - std::int64_t{rules.flap_window_ms};
  });
  if (held.starts.size() >= flap_starts_kept_max) held.starts.erase(held.starts.begin());
  held.starts.push_back(turn.now);
}

void notice_flapping(Turn& turn, const SignalKey& key, HeldSignal& held) {
  if (held.flapping || held.starts.size() < turn.state.house.rules.flap_starts) return;
  held.flapping = true;
  if (is_open_incident(turn.state, held.incident)) {
    add_row(turn, held.incident, RowKind::signal_flaps, {.subject = subject_of(key)});
  }
}

// A signal that the machine itself says about a source. A hint: it opens nothing.
void say_of_source(Turn& turn, Source about, const char* what, const char* words) {
  const SignalKey key{Source::watch, std::string(what) + '/' + name(about)};
  HeldSignal& held = turn.state.signals[key];
  if (held.signal.key.empty()) held.changed = turn.now;
  held.signal = {.key = key.key,
                 .source = Source::watch,
                 .kind = SignalKind::other,
                 .trust = Trust::hint,
                 .firing = true,
                 .state = notify::State::degraded_performance,
                 .components = {},
                 .since = held.signal.key.empty() ? turn.now : held.signal.since,
                 .seen = turn.now,
                 .expires_ms = own_signal_ms,
                 .words = words,
                 .facts = {}};
  held.heard = turn.now;
  held.expired = false;
}

Signal silence_of(const Turn& turn, const std::string& speaker, const Speaker& rule) {
  return {.key = "silent/" + speaker,
          .source = Source::watch,
          .kind = SignalKind::source_silent,
          .trust = Trust::evidence,
          .firing = true,
          .state = rule.state,
          .components = rule.components,
          .since = turn.state.heard.at(speaker).at,
          .seen = turn.now,
          .words = "Nothing is heard of a source that must speak.",
          .facts = {}};
}

void age_suppressions(Turn& turn) {
  std::erase_if(turn.state.house.suppressions,
                [&turn](const auto& row) { return row.second.to <= turn.now; });
  for (auto& [key, held] : turn.state.signals) {
    const bool was = std::exchange(held.suppressed, is_planned(turn, held.signal));
    if (was && !held.suppressed && is_live(held)) place_signal(turn, key, held, true);
  }
  follow_plans(turn);
}

// Whoever was not heard while nobody was heard is not silent: the log stood still, or the watches
// did.
void forgive_deafness(Turn& turn) {
  WallTimeMs newest;
  for (const auto& [speaker, heard] : turn.state.heard) newest = std::max(newest, heard.at);
  if (turn.now.value - newest.value <= deaf_ms) return;
  for (const auto& [speaker, rule] : turn.state.house.speakers) {
    Heard& heard = turn.state.heard.at(speaker);
    if (!heard.silent) heard.at = turn.now;
  }
}

bool is_forgettable(const Turn& turn, const HeldSignal& held) {
  return !is_live(held) && !is_open_incident(turn.state, held.incident) &&
         turn.now.value - held.changed.value >= turn.state.house.rules.flap_window_ms;
}

WallTimeMs expiry(const HeldSignal& held) {
  if (held.expired || !held.signal.firing || held.signal.expires_ms == 0) return notify::time_max;
  return later(held.signal.seen, held.signal.expires_ms);
}

}  // namespace

bool is_live(const HeldSignal& held) {
  return !held.expired && (held.signal.firing || held.flapping) && !held.signal.key.empty();
}

bool is_believed(const HeldSignal& held) {
  return is_live(held) && !held.suppressed &&
         ((!held.flapping && !held.dismissed) || held.signal.trust == Trust::proof);
}

bool is_blocking(const HeldSignal& held) {
  return is_live(held) && !held.suppressed && held.signal.trust >= Trust::evidence &&
         !is_outside(held.signal.source);
}

std::string group_of(const Signal& signal) {
  if (is_outside(signal.source)) return "outside";
  if (signal.kind == SignalKind::source_silent) return signal.key;
  // What a watch finds by asking, and may be its own network: "watch 1/errors/pulse of edge 1".
  if (signal.source == Source::test_trade && signal.trust == Trust::evidence) {
    return std::string(name(signal.source)) + "/" + signal.key.substr(0, signal.key.find('/'));
  }
  return name(signal.source);
}

Reply observe(Turn& turn, const Observe& command) {
  if (!is_name(command.speaker, name_bytes_max) || !response::check(command.signal) ||
      command.signal.source == Source::watch) {
    return {Refusal::invalid};
  }
  if (is_late(turn, command.signal.seen)) return {Refusal::stale};
  const SignalKey key{command.signal.source, command.signal.key};
  auto found = turn.state.signals.find(key);
  if (found != turn.state.signals.end() && command.signal.seen < found->second.signal.seen) {
    return {Refusal::stale};
  }
  if (!hear(turn, command.speaker)) return {Refusal::speakers_full};
  if (found == turn.state.signals.end()) {
    if (!command.signal.firing) return {};  // Nobody knew of it, and now it is over.
    if (const Refusal refusal = spend(turn, key.source); refusal != Refusal::none) {
      say_of_source(turn, key.source, "too many", "A source says more than it may.");
      return {refusal};
    }
    found = turn.state.signals.try_emplace(key).first;
  }
  HeldSignal& held = found->second;
  const bool was_live = is_live(held);
  take_words(turn, held, command.signal);
  notice_flapping(turn, key, held);
  if (is_live(held)) return place_signal(turn, key, held, !was_live);
  if (was_live) end_signal(turn, key, held);
  return {Refusal::none, held.incident.value};
}

Reply prove(Turn& turn, const Prove& command) {
  if (!is_name(command.speaker, name_bytes_max) || command.from > command.to ||
      command.to.value - command.from.value > proof_span_ms_max ||
      command.succeeded > proof_trades_max || command.failed > proof_trades_max) {
    return {Refusal::invalid};
  }
  if (is_late(turn, command.to)) return {Refusal::stale};
  const auto heard = turn.state.heard.find(command.speaker);
  if (heard != turn.state.heard.end() && command.from < heard->second.proved_to) {
    return {Refusal::stale};
  }
  if (!hear(turn, command.speaker)) return {Refusal::speakers_full};
  turn.state.heard.at(command.speaker).proved_to = command.to;
  for (auto& [id, incident] : turn.state.incidents) {
    if (incident.phase < Phase::resolved) count_trades(turn, incident, command);
  }
  return {};
}

Reply check(Turn& turn, const Check& command) {
  if (!is_name(command.speaker, name_bytes_max)) return {Refusal::invalid};
  if (is_late(turn, command.at)) return {Refusal::stale};
  const auto known = turn.state.checks.find({command.kind, command.speaker});
  if (known != turn.state.checks.end() && command.at < known->second.at) return {Refusal::stale};
  if (!hear(turn, command.speaker)) return {Refusal::speakers_full};
  CheckState& state = turn.state.checks[{command.kind, command.speaker}];
  const bool gap =
      command.at.value - state.at.value > std::int64_t{turn.state.house.rules.check_fresh_ms};
  if (command.fine && (!state.fine || gap)) state.fine_since = command.at;
  state.fine = command.fine;
  state.at = command.at;
  return {};
}

Reply alive(Turn& turn, const Alive& command) {
  if (!is_name(command.speaker, name_bytes_max)) return {Refusal::invalid};
  return {hear(turn, command.speaker) ? Refusal::none : Refusal::speakers_full};
}

void age_signals(Turn& turn) {
  age_suppressions(turn);
  forgive_deafness(turn);
  for (const auto& [speaker, rule] : turn.state.house.speakers) {
    Heard& heard = turn.state.heard.at(speaker);
    if (rule.silent_ms == 0 || heard.silent || turn.now < later(heard.at, rule.silent_ms)) continue;
    heard.silent = true;
    const Signal silence = silence_of(turn, speaker, rule);
    const SignalKey key{Source::watch, silence.key};
    HeldSignal& held = turn.state.signals[key];
    take_words(turn, held, silence);
    notice_flapping(turn, key, held);
    place_signal(turn, key, held, true);
  }
  for (auto& [key, held] : turn.state.signals) {
    const bool was_live = is_live(held);
    if (expiry(held) <= turn.now) {
      held.expired = true;
      held.changed = turn.now;
      if (is_open_incident(turn.state, held.incident)) {
        add_row(turn, held.incident, RowKind::signal_expired, {.subject = subject_of(key)});
      }
    }
    if (held.flapping && later(held.changed, turn.state.house.rules.flap_calm_ms) <= turn.now) {
      held.flapping = false;
      held.starts.clear();
      if (was_live && !held.expired && !held.signal.firing) end_signal(turn, key, held);
    }
  }
  std::erase_if(turn.state.signals,
                [&turn](const auto& row) { return is_forgettable(turn, row.second); });
  std::erase_if(turn.state.heard, [&turn](const auto& row) {
    return !turn.state.house.speakers.contains(row.first) &&
           turn.now.value - row.second.at.value >= speaker_kept_ms;
  });
}

WallTimeMs next_age(const State& state) {
  WallTimeMs next = notify::time_max;
  for (const auto& [speaker, rule] : state.house.speakers) {
    const Heard& heard = state.heard.at(speaker);
    if (rule.silent_ms > 0 && !heard.silent) next = std::min(next, later(heard.at, rule.silent_ms));
  }
  for (const auto& [id, plan] : state.house.suppressions) {
    next = std::min(next, plan.from > state.now ? plan.from : plan.to);
  }
  for (const auto& [key, held] : state.signals) {
    next = std::min(next, expiry(held));
    if (held.flapping) {
      next = std::min(next, later(held.changed, state.house.rules.flap_calm_ms));
    }
  }
  return next;
}

}  // namespace oki::response
