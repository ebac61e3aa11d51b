#include "response/testing/response_world.h"

#include <cstdio>
#include <utility>

#include "base/assert.h"
#include "response/turn.h"

namespace oki::response {
namespace {

Signal signal_of(std::string key, Source source, std::string market, Trust trust) {
  Signal signal;
  signal.key = std::move(key);
  signal.source = source;
  signal.kind = SignalKind::errors;
  signal.trust = trust;
  signal.state = notify::State::partial_outage;
  signal.components = {{notify::ComponentKind::market, std::move(market)}};
  signal.words = "Something is wrong.";
  return signal;
}

}  // namespace

Signal hint(std::string key, Source source, std::string market) {
  return signal_of(std::move(key), source, std::move(market), Trust::hint);
}

Signal evidence(std::string key, Source source, std::string market) {
  return signal_of(std::move(key), source, std::move(market), Trust::evidence);
}

Signal proof(std::string key, std::string market) {
  Signal signal = signal_of(std::move(key), Source::test_trade, std::move(market), Trust::proof);
  signal.kind = SignalKind::down;
  signal.state = notify::State::major_outage;
  return signal;
}

Signal over(Signal signal) {
  signal.firing = false;
  return signal;
}

Reply World::send_bytes(ByteView command) {
  Bytes reply;
  Bytes happened;
  machine.apply(now_, command, reply, happened);
  ++index_.value;
  const std::uint64_t before = hash_;
  hash_ = replica::event_hash(before, index_, now_, happened);
  machine.end_block({index_, now_, before, hash_, happened});
  if (const char* what = fault(machine.state())) std::fprintf(stderr, "%s\n", what);
  machine.verify();
  events.clear();
  ByteView left = happened;
  while (auto event = take_event(left)) events.push_back(std::move(*event));
  ASSERT(left.empty());
  const auto decoded = decode_reply(reply);
  ASSERT(decoded.has_value());
  return *decoded;
}

Reply World::observe(Signal signal, const std::string& speaker) {
  signal.since = signal.seen = now_;
  return send(Observe{speaker, std::move(signal)});
}

void World::healthy_second(std::initializer_list<const char*> probers) {
  const WallTimeMs from = now_;
  now_.value += 1'000;
  for (const char* prober : probers) send(Prove{prober, from, now_, 4, 0});
  for (std::uint8_t kind = 0; kind < check_kinds; ++kind) {
    send(Check{"checker", static_cast<CheckKind>(kind), true, now_});
  }
}

void World::furnish() {
  using notify::ComponentKind;
  const auto must = [this](const Change& change) {
    ASSERT(send(Configure{{}, change}).refusal == Refusal::none);
  };
  SetTopology topology;
  topology.components = {
      {{ComponentKind::ledger, "ledger"}, 1, {}},
      {{ComponentKind::node, "1"}, 1, {}},
      {{ComponentKind::edge, "1"}, 2, {{ComponentKind::node, "1"}}},
      {{ComponentKind::edge, "2"}, 2, {{ComponentKind::node, "1"}}},
      {{ComponentKind::market, "btc_jpy"}, 1, {{ComponentKind::node, "1"}}},
      {{ComponentKind::market, "eth_jpy"}, 2, {{ComponentKind::node, "1"}}},
      {{ComponentKind::market, "lone_jpy"}, 3, {}},
  };
  topology.services = {{"trading", "取引", "Trading", {{ComponentKind::market, "btc_jpy"}}}};
  must(topology);
  must(PutRunbook{"restart edge",
                  {"abc",
                   {{"look", Approval::automatic},
                    {"drain", Approval::one_person},
                    {"restart", Approval::two_people}}}});
  must(PutPerson{chie, {"Chie", {"mail:chie"}, right_of(Role::communications), false}});
  must(PutPerson{daiki, {"Daiki", {}, right_of(Role::support), false}});
  must(PutPerson{ben, {"Ben", {"mail:ben"}, rights_all, false}});
  Schedule primary;
  primary.title = "First line";
  PutSchedule schedule{"primary", primary};
  schedule.schedule.layers = {{now_, {}, 86'400'000, 0, 0, {ben}}};
  must(schedule);
  Escalation escalation;
  escalation.steps = {{{{TargetKind::schedule, {}, "primary", {}}}, 60'000},
                      {{{TargetKind::person, ben, "", {}}}, 60'000}};
  must(SetEscalation{Severity::sev1, escalation});
  must(SetEscalation{Severity::sev2, escalation});
  must(PutPerson{aki, {"Aki", {"mail:aki", "tel:aki"}, rights_all, false}});
}

IncidentId World::confirm_one() {
  observe(proof("cross", "btc_jpy"));
  return {state().incident_last};
}

Bytes World::notice(IncidentId id, notify::NoticePhase phase) const {
  const Incident& incident = state().incidents.at(id);
  notify::Notice notice;
  notice.incident = name(id);
  notice.phase = phase;
  notice.impact = notify::Impact::major;
  notice.at = now_;
  notice.began = incident.began;
  notice.title = {"取引の障害", "Trading outage"};
  notice.body = {"調べています。", "We are looking into it."};
  notice.assets = {"資産は安全です。", "Assets are safe."};
  if (phase >= notify::NoticePhase::resolved) {
    notice.ended = now_;
  } else {
    notice.next_update_at = later(now_, 600'000);
  }
  Bytes bytes;
  notify::append(bytes, notice);
  return bytes;
}

void World::resolve_one() {
  observe(proof("cross", "btc_jpy"));
  advance(1'000);
  observe(over(proof("cross", "btc_jpy")));
  for (int second = 0; second < 35; ++second) healthy_second();
}

}  // namespace oki::response
