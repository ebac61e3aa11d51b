// What a part of the exchange is said to be, worst last.
//
// The words are those of Statuspage v2; `unknown` is ours: nobody has proven anything lately. It is
// computed where the page is shown and never sent, so that no message can claim it.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/strong.h"

namespace oki::notify {

enum class State : std::uint8_t {
  operational = 0,
  degraded_performance = 1,
  partial_outage = 2,
  major_outage = 3,
  unknown = 4,
};
constexpr State state_sent_max = State::major_outage;

constexpr State worse(State a, State b) { return a < b ? b : a; }

// "operational" … "major_outage", "unknown"
const char* name(State state);

enum class ComponentKind : std::uint8_t { market = 1, edge = 2, node = 3, ledger = 4 };
const char* name(ComponentKind kind);

// Why the overall state is what it is, in words that can be said in any language.
enum class Reason : std::uint8_t {
  none = 0,
  test_trades_failing = 1,
  no_proof = 2,         // Too few recent successes to say that trading works.
  ledger_mismatch = 3,  // Balances of the house accounts are not explained by their trades.
  monitoring_lost = 4,  // Never sent: the site has no valid lease.
};
constexpr Reason reason_sent_max = Reason::ledger_mismatch;
const char* name(Reason reason);

constexpr std::size_t components_max = 64;
constexpr std::size_t component_name_bytes_max = 33;

// `name` is "btc_jpy" for a market, and the number from 1 for an edge or a node.
struct ComponentId {
  ComponentKind kind = ComponentKind::market;
  std::string name;

  friend bool operator==(const ComponentId&, const ComponentId&) = default;
};

void append(Bytes& out, const ComponentId& id);

// Marks the reader failed when the kind is unknown or the name is empty, too long, or holds
// anything but a-z, 0-9 and '_'.
ComponentId read_component_id(Reader& in);

// Marks the reader failed beyond what may be sent.
State read_state(Reader& in);
Reason read_reason(Reader& in);

// The end of the year 9999: later times have no RFC 3339 spelling.
constexpr WallTimeMs time_max{253'402'300'799'999};

// A time from 1970 to time_max; anything else marks the reader failed.
WallTimeMs read_time(Reader& in);

}  // namespace oki::notify
