// The levels of all detectors as the signals that response/ reads.
//
// An Alarm is one level with the words for it. What changes is sent once, at once, and again every
// refresh_ms while it holds, so that a lost message heals and a dead watch is noticed by expiry.
// Times in signals are wall times, computed at the moment of sending from monotonic ones: a clock
// that is set moves no detector.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "response/signal.h"
#include "watch/detect/level.h"
#include "watch/detect/settings.h"

namespace oki::watch::detect {

// Both readings of one instant.
struct Moment {
  MonoMs mono = 0;
  WallTimeMs wall;
};

constexpr std::size_t alarms_max = 2'048;
// More in one go are dropped and counted; what holds is sent again by refresh.
constexpr std::size_t signals_pending_max = 1'024;

struct AlarmWords {
  std::string key;
  response::Source source = response::Source::metric;
  response::SignalKind kind = response::SignalKind::other;
  response::Trust trust = response::Trust::evidence;
  std::vector<notify::ComponentId> components;
  std::string words;
};

// What is known when it fires: the state claimed, and the numbers behind it.
struct Findings {
  notify::State state = notify::State::degraded_performance;
  std::vector<response::Fact> facts;
  bool proven = false;  // These findings are a proof, whatever the alarm usually is.
};

class Alarms {
 public:
  using Id = std::size_t;

  Alarms(const LevelSettings& level, const SignalSettings& signal)
      : level_(level), signal_(signal) {}

  // The number of the alarm, or Errc::full.
  Result<Id> add(AlarmWords words);

  // `find` gives the Findings; it is called only when something is to be sent or may be worse.
  // `good_since`: when it became good, where whoever calls knows better than that it is so now.
  template <typename Find>
  void set(Id id, bool bad, MonoMs began, const Moment& now, const Find& find,
           std::optional<MonoMs> good_since = {}) {
    Alarm& alarm = alarms_[id];
    if (!bad && !alarm.level.firing()) return;
    const LevelChange change =
        alarm.level.update(level_, bad, now.mono, good_since.value_or(now.mono));
    if (change == LevelChange::rose) {
      rise(alarm, began, now, find());
    } else if (change == LevelChange::fell) {
      fall(alarm, now);
    } else if (bad && now.mono - alarm.sent >= worse_look_ms) {
      worsen(alarm, now, find());
    }
  }

  // Sends again what holds. Once a second.
  void refresh(const Moment& now);

  bool firing(Id id) const { return alarms_[id].level.firing(); }
  std::size_t firing() const { return firing_; }
  std::size_t size() const { return alarms_.size(); }
  std::uint64_t dropped() const { return dropped_; }

  bool has_signals() const { return !pending_.empty(); }
  std::vector<response::Signal> take();

 private:
  static constexpr std::int64_t worse_look_ms = 1'000;

  struct Alarm {
    AlarmWords words;
    Level level;
    Findings findings;
    MonoMs began = 0;
    MonoMs sent = 0;
  };

  void rise(Alarm& alarm, MonoMs began, const Moment& now, Findings findings);
  void fall(Alarm& alarm, const Moment& now);
  void worsen(Alarm& alarm, const Moment& now, Findings findings);
  void send(Alarm& alarm, bool firing, MonoMs since, const Moment& now);

  LevelSettings level_;
  SignalSettings signal_;
  std::vector<Alarm> alarms_;
  std::vector<response::Signal> pending_;
  std::size_t firing_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace oki::watch::detect
