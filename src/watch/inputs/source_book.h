// What one source holds to be wrong at the moment, and what of it the incident machine was told.
//
// Webhooks get lost, on both sides of us: so levels are kept, not events. A signal that holds is
// told again every book_refresh_ms, one that changes at most every book_gap_ms, one that its source
// has not said again for `expires_ms` is forgotten; that it ends by silence is the machine's
// business, which knows when it expires, and is no all-clear. A signal ends only by the source's
// own word, and that says no more than that this signal is over.
//
// Limits, each with a name: signals_max held at once (full), new_signals_per_minute (over_budget).
// Beyond them nothing is kept, and one hint says so.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "response/tell.h"
#include "watch/inputs/alert.h"
#include "watch/inputs/budget.h"
#include "watch/inputs/settings.h"

namespace oki::watch::inputs {

constexpr std::int64_t book_refresh_ms = 10'000;
constexpr std::int64_t book_gap_ms = 5'000;
constexpr std::int64_t book_over_kept_ms =
    15'000;  // So long an end is remembered against old news.
constexpr std::int64_t alive_every_ms = 1'000;
constexpr std::uint32_t too_many_expires_ms = 60'000;

// Both readings of one instant.
struct Now {
  MonoTimeNs mono;
  WallTimeMs wall;
};

enum class Taken : std::uint8_t {
  accepted = 0,
  ignored = 1,  // By a rule, or nothing that anybody knew of.
  stale = 2,    // An older occurrence than the one that is known.
  full = 3,
  over_budget = 4,
};
constexpr std::size_t taken_kinds = 5;
const char* name(Taken taken);

// `polled`: the source was asked what it holds; `pushed`: it came by itself.
enum class Way : std::uint8_t { pushed, polled };

class SourceBook {
 public:
  // All must outlive the book.
  SourceBook(const SourceSettings& source, const Settings& settings, response::Tell tell,
             Metrics& metrics);

  // What an alert means by the first rule that fits, or by none.
  Taken take(const Alert& alert, Way way, const Now& now) {
    return take(alert, find(alert), way, now);
  }
  Taken take(const Alert& alert, const Rule* rule, Way way, const Now& now);

  // The source was heard, and made sense.
  void alive(const Now& now);

  bool spend_request(const Now& now) { return requests_.spend(now.mono); }

  // Once a second: tells what holds again, forgets what the source does not say any more.
  void tick(const Now& now);

  std::size_t held() const { return held_.size(); }
  const SourceSettings& source() const { return source_; }
  const Settings& settings() const { return settings_; }

 private:
  struct Held {
    response::Signal signal;
    WallTimeMs occurrence;
    MonoTimeNs heard;
    MonoTimeNs told;
    bool changed = false;
  };

  const Rule* find(const Alert& alert) const;
  Taken take_firing(const Alert& alert, const Rule* rule, Way way, const Now& now);
  Taken take_over(const Alert& alert, const Now& now);
  Taken refuse(Taken why, const Now& now);
  void tell(Held& held, const Now& now);
  void observe(const response::Signal& signal);

  const SourceSettings& source_;
  const Settings& settings_;
  response::Tell tell_;
  Budget requests_;
  Budget new_signals_;
  std::map<std::string, Held> held_;  // By the alert's id.
  MonoTimeNs alive_;
  bool was_alive_ = false;
  MonoTimeNs too_many_told_;
  WallTimeMs too_many_since_;
  Counter& told_;
  Gauge& held_gauge_;
  Metrics& metrics_;
};

}  // namespace oki::watch::inputs
