#include "response/testing/response_world.h"

#include <utility>

#include "base/assert.h"

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

void World::resolve_one() {
  observe(proof("cross", "btc_jpy"));
  advance(1'000);
  observe(over(proof("cross", "btc_jpy")));
  for (int second = 0; second < 35; ++second) healthy_second();
}

}  // namespace oki::response
