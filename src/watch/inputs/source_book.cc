#include "watch/inputs/source_book.h"

#include <utility>

#include "watch/inputs/mapping.h"

namespace oki::watch::inputs {
namespace {

bool passed(MonoTimeNs since, std::int64_t ms, MonoTimeNs now) {
  return now - since >= ms * ns_per_ms;
}

std::string label_of(const SourceSettings& source) { return "source=\"" + source.name + "\""; }

// What is worth telling before its time. A source that words the same differently each time is not
// worth a word each time.
bool says_the_same(const response::Signal& a, const response::Signal& b) {
  return a.kind == b.kind && a.trust == b.trust && a.state == b.state && a.firing == b.firing &&
         a.components == b.components;
}

}  // namespace

const char* name(Taken taken) {
  constexpr const char* names[] = {"accepted", "ignored", "stale", "full", "over_budget"};
  static_assert(std::size(names) == taken_kinds);
  return names[static_cast<std::size_t>(taken)];
}

SourceBook::SourceBook(const SourceSettings& source, const Settings& settings, response::Tell tell,
                       Metrics& metrics)
    : source_(source),
      settings_(settings),
      tell_(std::move(tell)),
      requests_(source.requests_per_minute),
      new_signals_(source.new_signals_per_minute),
      told_(metrics.counter("okiagari_signals_told_total", "Signals told to the incident machine.",
                            label_of(source))),
      held_gauge_(
          metrics.gauge("okiagari_signals_held", "Signals that a source holds.", label_of(source))),
      metrics_(metrics) {}

const Rule* SourceBook::find(const Alert& alert) const { return find_rule(source_, alert.labels); }

Taken SourceBook::take(const Alert& alert, const Rule* rule, Way way, const Now& now) {
  Taken taken = Taken::ignored;
  if (rule == nullptr || !rule->ignore) {
    taken = alert.firing ? take_firing(alert, rule, way, now) : take_over(alert, now);
  }
  metrics_
      .counter("okiagari_signals_taken_total", "Alerts of a source, by what became of them.",
               label_of(source_) + ",outcome=\"" + name(taken) + "\"")
      .add();
  return taken;
}

Taken SourceBook::take_firing(const Alert& alert, const Rule* rule, Way way, const Now& now) {
  auto found = held_.find(alert.id);
  if (found == held_.end()) {
    if (held_.size() >= static_cast<std::size_t>(source_.signals_max)) {
      return refuse(Taken::full, now);
    }
    if (!new_signals_.spend(now.mono)) return refuse(Taken::over_budget, now);
    found = held_.try_emplace(alert.id).first;
    found->second.told = now.mono + -book_gap_ms * ns_per_ms;
    held_gauge_.set(static_cast<std::int64_t>(held_.size()));
  }
  Held& held = found->second;
  const bool is_new = held.signal.key.empty();
  if (!is_new && alert.occurrence < held.occurrence) return Taken::stale;
  // The source may have made its list before it said that this is over.
  if (!is_new && !held.signal.firing && way == Way::polled && alert.occurrence == held.occurrence) {
    return Taken::stale;
  }
  response::Signal signal = to_signal(source_, settings_, alert, rule, now.wall);
  signal.firing = true;
  if (!is_new && held.signal.firing && alert.since.value == 0) signal.since = held.signal.since;
  held.changed = held.changed || is_new || !says_the_same(held.signal, signal);
  held.signal = std::move(signal);
  held.occurrence = alert.occurrence;
  held.heard = now.mono;
  if (held.changed && passed(held.told, book_gap_ms, now.mono)) tell(held, now);
  return Taken::accepted;
}

Taken SourceBook::take_over(const Alert& alert, const Now& now) {
  const auto found = held_.find(alert.id);
  if (found == held_.end()) return Taken::ignored;
  Held& held = found->second;
  if (alert.occurrence != held.occurrence) return Taken::stale;
  if (!held.signal.firing) return Taken::accepted;
  held.signal.firing = false;
  held.signal.since = now.wall;
  held.heard = now.mono;
  held.changed = true;
  if (passed(held.told, book_gap_ms, now.mono)) tell(held, now);
  return Taken::accepted;
}

Taken SourceBook::refuse(Taken why, const Now& now) {
  const bool first = too_many_since_.value == 0;
  if (!first && !passed(too_many_told_, book_refresh_ms, now.mono)) return why;
  if (first || passed(too_many_told_, too_many_expires_ms, now.mono)) too_many_since_ = now.wall;
  too_many_told_ = now.mono;
  response::Signal signal;
  signal.key = source_.name + "/too many";
  signal.source = source_of(source_.protocol);
  signal.trust = response::Trust::hint;
  signal.since = std::min(too_many_since_, now.wall);
  signal.seen = now.wall;
  signal.expires_ms = too_many_expires_ms;
  signal.words = source_.name + " says more than it may; the rest is not kept.";
  observe(signal);
  return why;
}

void SourceBook::alive(const Now& now) {
  if (was_alive_ && !passed(alive_, alive_every_ms, now.mono)) return;
  was_alive_ = true;
  alive_ = now.mono;
  tell_(response::Alive{source_.name});
}

void SourceBook::tick(const Now& now) {
  for (auto at = held_.begin(); at != held_.end();) {
    Held& held = at->second;
    const bool due = held.changed
                         ? passed(held.told, book_gap_ms, now.mono)
                         : held.signal.firing && passed(held.told, book_refresh_ms, now.mono);
    const bool gone = passed(held.heard, source_.expires_ms, now.mono);
    if (due && !gone) tell(held, now);
    const bool ended =
        !held.signal.firing && !held.changed && passed(held.heard, book_over_kept_ms, now.mono);
    at = gone || ended ? held_.erase(at) : std::next(at);
  }
  held_gauge_.set(static_cast<std::int64_t>(held_.size()));
}

void SourceBook::tell(Held& held, const Now& now) {
  held.told = now.mono;
  held.changed = false;
  response::Signal signal = held.signal;
  signal.seen = now.wall;
  signal.since =
      std::min(signal.since, signal.seen);  // The machine's clock may have been set back.
  const std::int64_t left_ms = source_.expires_ms - (now.mono - held.heard) / ns_per_ms;
  signal.expires_ms = static_cast<std::uint32_t>(std::max<std::int64_t>(left_ms, 1));
  observe(signal);
}

void SourceBook::observe(const response::Signal& signal) {
  told_.add();
  tell_(response::Observe{source_.name, signal});
}

}  // namespace oki::watch::inputs
