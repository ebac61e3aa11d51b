// Every URL of the edge in one table: what a request is for, who may ask, and what it counts as.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "edge/codes.h"

namespace oki::edge {

enum class Endpoint : std::uint8_t {
  health,
  pairs,
  statuses,
  ticker,
  tickers,
  tickers_jpy,
  depth,
  transactions,
  transactions_of_day,
  candlestick,
  circuit_break_info,
  assets,
  order,
  place_order,
  place_orders,
  amend_order,
  cancel_order,
  cancel_orders,
  cancel_all,
  cancel_all_after,
  orders_info,
  active_orders,
  trade_history,
  margin_status,
  margin_positions,
};

enum class Access : std::uint8_t {
  everyone,  // Not limited by account: nobody is asked who they are.
  query,     // Signed; counts against the account's queries.
  update,    // Signed; becomes a command, which the core counts as an update.
};

struct Route {
  ByteView method;
  ByteView pattern;  // Segments; a segment in braces matches anything that is not empty.
  Access access;
  Endpoint endpoint;
};

constexpr std::size_t path_args_max = 3;
using PathArgs = std::array<std::string, path_args_max>;  // In order of the braces.

struct Match {
  const Route* route = nullptr;
  PathArgs args;
};

// Error: url_not_found, or path_without_version for a private path that lacks its /v1.
Checked<Match> find_route(ByteView method, ByteView path);

}  // namespace oki::edge
