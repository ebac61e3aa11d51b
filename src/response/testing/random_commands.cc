#include "response/testing/random_commands.h"

#include <algorithm>

namespace oki::response {
namespace {

constexpr const char* markets[] = {"btc_jpy", "eth_jpy", "lone_jpy", "new_jpy"};
constexpr const char* speakers[] = {"prober 1", "prober 2", "checker", "otlp", "must speak"};

Bytes notice_for(const State& state, IncidentId id, notify::NoticePhase phase, WallTimeMs now) {
  const auto found = state.incidents.find(id);
  notify::Notice notice;
  notice.incident = name(id);
  notice.phase = phase;
  notice.at = now;
  notice.began = found == state.incidents.end() ? now : found->second.began;
  notice.title = {"障害", "Outage"};
  notice.body = {"調査中", "Looking."};
  notice.assets = {"安全です", "Safe."};
  if (phase >= notify::NoticePhase::resolved) {
    notice.ended = now;
  } else {
    notice.next_update_at = WallTimeMs{now.value + 300'000};
  }
  Bytes bytes;
  notify::append(bytes, notice);
  return bytes;
}

// One that is resolved, if there is one; else any.
IncidentId resolved_or(const State& state, IncidentId other) {
  for (const auto& [id, incident] : state.incidents) {
    if (incident.phase == Phase::resolved) return id;
  }
  return other;
}

std::uint32_t last_step(const State& state, IncidentId id) {
  const auto found = state.incidents.find(id);
  return found == state.incidents.end() ? 0
                                        : static_cast<std::uint32_t>(found->second.steps.size());
}

}  // namespace

std::int64_t RandomCommands::pause() {
  if (random_.chance(1, 300)) return random_.between(0, 4'000'000);
  if (random_.chance(1, 100)) return random_.between(0, 20'000);
  return random_.between(0, 500);
}

IncidentId RandomCommands::incident(const State& state) {
  const std::uint32_t last = state.incident_last.value;
  const auto back = static_cast<std::uint32_t>(random_.below(2));
  return {last > back ? last - back : 0};
}

std::vector<notify::ComponentId> RandomCommands::components() {
  std::vector<notify::ComponentId> ids;
  if (random_.chance(4, 5))
    ids.push_back({notify::ComponentKind::market, markets[random_.below(4)]});
  if (random_.chance(1, 5)) ids.push_back({notify::ComponentKind::edge, coin() ? "1" : "2"});
  return ids;
}

Signal RandomCommands::signal(WallTimeMs now) {
  Signal signal;
  signal.key = "k" + std::to_string(random_.below(2));
  signal.source = static_cast<Source>(random_.below(sources));
  signal.kind = static_cast<SignalKind>(random_.below(signal_kinds));
  signal.trust = static_cast<Trust>(random_.below(3));
  signal.firing = random_.chance(3, 5);
  signal.state = static_cast<notify::State>(1 + random_.below(3));
  signal.components = components();
  signal.seen = {now.value - random_.between(0, 200)};
  signal.since = {signal.seen.value - random_.between(0, 5'000)};
  signal.expires_ms = random_.chance(1, 20) ? 0 : static_cast<std::uint32_t>(random_.below(30'000));
  signal.words = "Something.";
  return signal;
}

Command RandomCommands::next_of_sources(WallTimeMs now) {
  const std::string speaker = speakers[random_.below(5)];
  if (random_.chance(1, 300)) calm_ = !calm_;
  if (calm_ && coin()) return Prove{coin() ? "prober 1" : "prober 2", {now.value - 50}, now, 4, 0};
  if (calm_) {
    return Check{"checker", static_cast<CheckKind>(random_.below(check_kinds)), true, now};
  }
  switch (random_.below(14)) {
    case 0:
      return Observe{speaker, signal(now)};
    case 1:
    case 2:
      return Alive{speaker};
    case 3:
      return RecordChange{{now, static_cast<ChangeKind>(random_.below(change_kinds)), components(),
                           "Aki", "Changed a limit."}};
    case 4:
      return Tick{};
    case 5:
    case 6:
    case 7:
    case 8:
      return Check{"checker", static_cast<CheckKind>(random_.below(check_kinds)),
                   random_.chance(400, 401), now};
    default: {
      const auto failed = static_cast<std::uint32_t>(random_.chance(1, 1'000) ? 1 : 0);
      return Prove{coin() ? "prober 1" : "prober 2", {now.value - 50}, now, 4, failed};
    }
  }
}

Change RandomCommands::planned_work(WallTimeMs now) {
  const WallTimeMs from{now.value + random_.between(-50'000, 50'000)};
  PutSuppression put{static_cast<std::uint32_t>(random_.below(4)),
                     {from, {from.value + random_.between(1, 100'000)}, components(), "Work."}};
  if (coin()) {
    put.suppression.title = {"作業", "Work"};
    put.suppression.body = {"取引が止まります。", "No trading."};
  }
  return put;
}

Change RandomCommands::next_change(WallTimeMs now) {
  switch (random_.below(5)) {
    case 0:
      return PutSpeaker{"must speak",
                        coin(),
                        {static_cast<std::uint32_t>(random_.below(60'000)),
                         notify::State::degraded_performance, components()}};
    case 1:
      return planned_work(now);
    case 2:
      return PutPerson{person(),
                       {"Somebody", {}, static_cast<std::uint8_t>(random_.below(128)), coin()}};
    case 3: {
      SetRules rules;
      rules.rules.reopen_window_ms = static_cast<std::uint32_t>(random_.below(200'000));
      rules.rules.resolve_alone = random_.chance(3, 4);
      return rules;
    }
    default: {
      Escalation escalation;
      escalation.when_suspected = coin();
      escalation.steps = {{{{TargetKind::everybody, {}, "", {}}}, 30'000}};
      return SetEscalation{static_cast<Severity>(random_.below(severities)), escalation};
    }
  }
}

Command RandomCommands::next_of_people(const State& state, WallTimeMs now) {
  const PersonId by = person();
  const IncidentId id = incident(state);
  const auto severity = static_cast<Severity>(random_.below(severities));
  const auto role = static_cast<Role>(random_.below(roles));
  switch (random_.below(13)) {
    case 0:
      return Configure{by, next_change(now)};
    case 1:
      return DecideWish{
          by, state.wish_last - static_cast<std::uint32_t>(random_.below(state.wish_last + 1u)),
          coin()};
    case 2:
      return Declare{by,  coin(),       severity, notify::State::partial_outage,
                     now, components(), "Odd",    "Seen."};
    case 3:
      return Acknowledge{by, id};
    case 4:
      return TakeRole{by, id, role};
    case 5:
      return HandOver{by, id, role, person(), "Take over."};
    case 6:
      return SetSeverity{by, id, severity, "So it is."};
    case 7:
      return SetPhase{by, id, static_cast<Phase>(random_.below(phases)), "We know."};
    case 8:
      return Merge{by, id, incident(state)};
    case 9:
      return RequestResolve{by, id};
    case 10:
      return Close{by, resolved_or(state, id)};
    case 11:
      return AddNote{by, id, "Noted."};
    default:
      return Dismiss{by, id, "Nothing."};
  }
}

Command RandomCommands::next_of_work(const State& state, WallTimeMs now) {
  const PersonId by = person();
  const IncidentId id = incident(state);
  const auto seat = static_cast<std::uint32_t>(1 + random_.below(3));
  switch (random_.below(15)) {
    case 12:
      return Take{seat, static_cast<Telling>(random_.below(tellings)), id, place(),
                  static_cast<std::uint32_t>(random_.below(3))};
    case 13:
      return RecordTold{seat,   static_cast<Telling>(random_.below(tellings)), id,    place(),
                        "mail", static_cast<ToldOutcome>(random_.below(3)),    "250", coin()};
    case 14:
      return RecordDraft{seat, resolved_or(state, id), coin() ? "one" : "two"};
    case 0:
      return ProposeNotice{
          by, id, notice_for(state, id, static_cast<notify::NoticePhase>(random_.below(5)), now)};
    case 1:
      return DecideNotice{by, id, place(), coin(), "Read."};
    case 2:
      return Promise{by, id, {now.value + random_.between(1, 100'000)}};
    case 3:
      return RequestStep{by, id, "restart edge", coin() ? "look" : "restart"};
    case 4:
      return DecideStep{by, id, place(), coin()};
    case 5:
    case 6:
      return RecordStep{
          {}, id, last_step(state, id), static_cast<StepState>(3 + random_.below(4)), "d", "Out."};
    case 7:
      return AddItem{by, id, "Do better.", person(), now};
    case 8:
      return AssignItem{by, id, place(), person(), now};
    case 9:
      return FinishItem{by, id, place(), ""};
    case 10:
      return SubmitPostmortem{by, resolved_or(state, id), coin() ? "one" : "two"};
    default:
      return DecidePostmortem{by, resolved_or(state, id), coin() ? "one" : "two", coin()};
  }
}

Command RandomCommands::next(const State& state, WallTimeMs now) {
  const std::uint64_t kind = random_.below(20);
  if (kind < 14) return next_of_sources(now);
  return kind < 17 ? next_of_people(state, now) : next_of_work(state, now);
}

}  // namespace oki::response
