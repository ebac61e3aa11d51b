#include "notify/state.h"

#include <algorithm>

namespace oki::notify {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

const char* name(State state) {
  switch (state) {
    case State::operational:
      return "operational";
    case State::degraded_performance:
      return "degraded_performance";
    case State::partial_outage:
      return "partial_outage";
    case State::major_outage:
      return "major_outage";
    case State::unknown:
      return "unknown";
  }
  return "unknown";
}

const char* name(ComponentKind kind) {
  switch (kind) {
    case ComponentKind::market:
      return "market";
    case ComponentKind::edge:
      return "edge";
    case ComponentKind::node:
      return "node";
    case ComponentKind::ledger:
      return "ledger";
  }
  return "";
}

const char* name(Reason reason) {
  switch (reason) {
    case Reason::none:
      return "none";
    case Reason::test_trades_failing:
      return "test_trades_failing";
    case Reason::no_proof:
      return "no_proof";
    case Reason::ledger_mismatch:
      return "ledger_mismatch";
    case Reason::monitoring_lost:
      return "monitoring_lost";
  }
  return "";
}

void append(Bytes& out, const ComponentId& id) {
  Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(id.kind));
  writer.blob(id.name);
}

ComponentId read_component_id(Reader& in) {
  const std::uint8_t kind = in.u8();
  const ByteView name = in.blob(component_name_bytes_max);
  const bool kind_known = kind >= static_cast<std::uint8_t>(ComponentKind::market) &&
                          kind <= static_cast<std::uint8_t>(ComponentKind::ledger);
  if (!kind_known || name.empty() || !std::all_of(name.begin(), name.end(), is_name_character)) {
    in.fail();
    return {};
  }
  return {static_cast<ComponentKind>(kind), std::string(name)};
}

State read_state(Reader& in) {
  const std::uint8_t value = in.u8();
  if (value <= static_cast<std::uint8_t>(state_sent_max)) return static_cast<State>(value);
  in.fail();
  return State::major_outage;
}

Reason read_reason(Reader& in) {
  const std::uint8_t value = in.u8();
  if (value <= static_cast<std::uint8_t>(reason_sent_max)) return static_cast<Reason>(value);
  in.fail();
  return Reason::none;
}

WallTimeMs read_time(Reader& in) {
  const WallTimeMs time{in.i64()};
  if (time.value < 0 || time.value > time_max.value) in.fail();
  return time;
}

}  // namespace oki::notify
