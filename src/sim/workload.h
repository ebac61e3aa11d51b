// The commands that simulated clients send: an exchange with one market, set up once, then orders,
// cancels and deposits. No two commands of a world have the same bytes.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "base/bytes.h"
#include "base/prng.h"
#include "core/commands.h"

namespace oki::sim {

constexpr std::uint64_t trading_accounts = 6;

// What leaders propose by themselves when something is due.
const Bytes& tick_bytes();

// In an order in which they succeed.
std::vector<Bytes> setup_commands();

// The commands of one account.
class Workload {
 public:
  // `first_mark` to first_mark + 2^32 - 1 mark this workload's commands; no two overlap.
  Workload(core::AccountId account, std::uint64_t first_mark, std::uint64_t seed);

  Bytes next();
  void on_reply(ByteView reply);  // Learns the ids of the orders placed.

 private:
  Bytes place();
  Bytes cancel();
  Bytes deposit();

  core::AccountId account_;
  std::uint64_t mark_;
  Prng prng_;
  std::deque<core::OrderId> orders_;  // Perhaps still open, oldest first.
};

}  // namespace oki::sim
