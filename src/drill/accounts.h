// The accounts of a demo or drill: who trades, with what money, signing with which keys.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "core/commands.h"
#include "core/types.h"

namespace oki::drill {

struct Funds {
  const char* asset;
  const char* amount;  // A decimal.
};

struct DrillAccount {
  core::AccountId id;
  std::string key;     // ACCESS-KEY
  std::string secret;  // For ACCESS-SIGNATURE; lives in this process and its key files only.
};

struct DrillAccounts {
  std::vector<DrillAccount> house;    // Two for each watch: they make the test trades.
  std::vector<DrillAccount> traders;  // Two: for whoever tries the exchange.
  std::vector<DrillAccount> makers;
  std::vector<DrillAccount> oracles;    // Customers who try all the time; without rate limits.
  std::vector<DrillAccount> customers;  // With the usual rate limits.
  std::vector<DrillAccount> intruders;  // The same; they send floods.
};

DrillAccounts make_accounts(Random& random, std::size_t makers, std::size_t oracles = 0,
                            std::size_t watches = 1);

void add_customers(DrillAccounts& accounts, Random& random, std::size_t customers,
                   std::size_t intruders);

// Everything an empty exchange needs before these accounts can trade: the configured assets and
// markets, the accounts, their sealed keys and their money. Each command is harmless when repeated.
Result<std::vector<core::Command>> setup_commands(const std::vector<core::Command>& exchange_config,
                                                  const DrillAccounts& accounts, bool rate_limits,
                                                  ByteView seal_key, Random& random);

}  // namespace oki::drill
