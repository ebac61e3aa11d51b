// What must be seen after a step, as one line of text. docs/runbooks.md has the table.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace oki::response {

constexpr std::uint32_t trades_wanted_max = 1'000;
constexpr std::uint32_t probers_wanted_max = 32;
constexpr std::size_t metric_name_bytes_max = 100;

enum class ConditionKind : std::uint8_t {
  nothing,      // "nothing"
  green,        // "green"
  test_trades,  // "test trades 20 by 2"
  a_leader,     // "a leader"
  leader_is,    // "leader is 2"
  market_is,    // "market btc_jpy is halted"
  process_is,   // "process edge1 is up"
  edge_is,      // "edge 1 is draining"
  metric,       // "metric okiagari_edge_tightened of edge1 = 1"
};

enum class MarketWord : std::uint8_t { halted, trading, cancel_only, auction };

struct Condition {
  ConditionKind kind = ConditionKind::nothing;
  std::string subject;        // A market, a process ("edge1").
  std::string metric;         // Its name.
  char comparison = '=';      // Of a metric: < > =
  std::int64_t number = 0;    // Trades, a seat, an edge, the bound of a metric.
  std::uint32_t probers = 0;  // Of test trades.
  MarketWord market = MarketWord::trading;
  bool up = true;  // A process; an edge that is serving.
  friend bool operator==(const Condition&, const Condition&) = default;
};

// Errc::invalid with a sentence: not one of those above, or a value beyond its limit.
Result<Condition> parse_condition(ByteView text);

}  // namespace oki::response
