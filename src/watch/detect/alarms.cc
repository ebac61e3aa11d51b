#include "watch/detect/alarms.h"

#include <algorithm>

#include "base/assert.h"

namespace oki::watch::detect {

Result<Alarms::Id> Alarms::add(AlarmWords words) {
  if (alarms_.size() >= alarms_max) {
    return error(Errc::full, "more than " + std::to_string(alarms_max) + " things to watch");
  }
  if (words.key.size() > response::signal_key_bytes_max ||
      words.words.size() > response::signal_words_bytes_max ||
      words.components.size() > notify::components_max) {
    return error(Errc::invalid, "'" + words.key.substr(0, 40) + "' is too long to be a signal");
  }
  Alarm alarm;
  alarm.words = std::move(words);
  alarms_.push_back(std::move(alarm));
  return alarms_.size() - 1;
}

void Alarms::rise(Alarm& alarm, MonoMs began, const Moment& now, Findings findings) {
  ++firing_;
  alarm.began = std::min(began, now.mono);
  alarm.findings = std::move(findings);
  send(alarm, true, alarm.began, now);
}

void Alarms::fall(Alarm& alarm, const Moment& now) {
  ASSERT(firing_ > 0);
  --firing_;
  send(alarm, false, alarm.level.good_since(), now);
}

void Alarms::worsen(Alarm& alarm, const Moment& now, Findings findings) {
  if (findings.state <= alarm.findings.state) return;
  alarm.findings = std::move(findings);
  send(alarm, true, alarm.began, now);
}

void Alarms::refresh(const Moment& now) {
  if (firing_ == 0) return;
  for (Alarm& alarm : alarms_) {
    if (alarm.level.firing() && now.mono - alarm.sent >= signal_.refresh_ms) {
      send(alarm, true, alarm.began, now);
    }
  }
}

void Alarms::send(Alarm& alarm, bool firing, MonoMs since, const Moment& now) {
  alarm.sent = now.mono;
  if (pending_.size() >= signals_pending_max) {
    ++dropped_;
    return;
  }
  response::Signal signal;
  signal.key = alarm.words.key;
  signal.source = alarm.words.source;
  signal.kind = alarm.words.kind;
  signal.trust = alarm.findings.proven ? response::Trust::proof : alarm.words.trust;
  signal.firing = firing;
  signal.state = firing ? alarm.findings.state : notify::State::operational;
  signal.components = alarm.words.components;
  signal.since = WallTimeMs{std::max<std::int64_t>(0, now.wall.value - (now.mono - since))};
  signal.seen = now.wall;
  signal.expires_ms = static_cast<std::uint32_t>(signal_.expires_ms);
  signal.words = alarm.words.words;
  signal.facts = alarm.findings.facts;
  if (alarm.level.flapping()) signal.facts.push_back({"flapping", "yes"});
  pending_.push_back(std::move(signal));
}

std::vector<response::Signal> Alarms::take() {
  std::vector<response::Signal> taken;
  taken.swap(pending_);
  return taken;
}

}  // namespace oki::watch::detect
