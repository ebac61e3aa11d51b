// How far an incident reached, in exact numbers: filled in from the log and the edges' records by
// whoever reads them, and printed as it is. Nothing here is typed in or estimated.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "notify/state.h"

namespace oki::response {

struct ScopeAmount {
  std::string asset;        // "btc"
  std::uint64_t units = 0;  // Of 10^-digits.
  unsigned digits = 0;
  friend bool operator==(const ScopeAmount&, const ScopeAmount&) = default;
};

// Of one market.
struct MarketScope {
  std::string market;
  std::uint64_t accounts = 0;        // Different accounts with an order that was hit.
  std::uint64_t orders_refused = 0;  // Surely not taken.
  std::uint64_t orders_unknown = 0;  // Answered with neither yes nor no.
  std::uint64_t cancels_failed = 0;
  std::uint64_t orders_open = 0;     // That waited in the book meanwhile.
  std::vector<ScopeAmount> amounts;  // Of refused and unknown orders, by asset.
  friend bool operator==(const MarketScope&, const MarketScope&) = default;
};

struct ScopeReport {
  WallTimeMs from, to;
  LogIndex first, last;               // The entries that were read.
  bool complete = false;              // False: some edge's records are missing; numbers are floors.
  std::vector<std::string> services;  // Names of the house's services.
  std::vector<MarketScope> markets;
  std::uint64_t accounts = 0;          // Different ones over all markets and withdrawals.
  std::uint64_t withdrawals = 0;       // That waited or failed.
  std::vector<ScopeAmount> withdrawn;  // Their amounts, by asset.
  std::uint64_t inquiries = 0;
  std::string accounts_digest;  // Of the list of exact accounts, kept elsewhere.
  friend bool operator==(const ScopeReport&, const ScopeReport&) = default;
};

}  // namespace oki::response
