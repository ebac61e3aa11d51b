// How far an incident reached, in exact numbers: computed from the log and from what the edges
// remember of failed requests (scope_calculator.h), and printed as it is. Nothing here is typed in
// or estimated. docs/incidents.md, 14.
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
  std::uint64_t accounts = 0;          // Different ones: those that failed, those that waited.
  std::uint64_t accounts_failed = 0;   // With a request that was refused, unknown or lost.
  std::uint64_t accounts_waiting = 0;  // With an order in the book, who could not act.
  std::uint64_t orders_refused = 0;    // Surely not taken.
  std::uint64_t orders_unknown = 0;    // Answered with neither yes nor no, or to nobody.
  std::uint64_t cancels_failed = 0;    // Orders that were to be cancelled.
  std::uint64_t amends_failed = 0;
  std::uint64_t orders_open = 0;     // That waited in the book meanwhile.
  std::vector<ScopeAmount> amounts;  // Of refused and unknown orders, of the base asset.
  friend bool operator==(const MarketScope&, const MarketScope&) = default;
};

struct ScopeReport {
  WallTimeMs from, to;
  LogIndex first, last;  // The entries of that time.
  bool complete = false;
  std::vector<std::string> missing;   // Why it is not, a sentence each: the numbers are floors.
  std::vector<std::string> services;  // Names of the house's services.
  std::vector<MarketScope> markets;   // Affected ones, in the order of the exchange.
  std::uint64_t accounts = 0;         // Different ones over all markets and withdrawals.
  std::uint64_t accounts_failed = 0;
  std::uint64_t accounts_waiting = 0;
  std::uint64_t requests_everywhere = 0;  // Failed ones that named no market.
  std::uint64_t requests_unnamed = 0;     // Refused before anyone was known to send them.
  std::uint64_t withdrawals = 0;          // That waited or failed.
  std::vector<ScopeAmount> withdrawn;     // Their amounts, by asset.
  std::uint64_t inquiries = 0;
  std::string accounts_digest;  // SHA-256 of the list of exact accounts, in hexadecimal.
  friend bool operator==(const ScopeReport&, const ScopeReport&) = default;
};

// One JSON object; amounts are decimal texts.
std::string to_json(const ScopeReport& report);

}  // namespace oki::response
