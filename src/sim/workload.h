// The commands that simulated clients send: an exchange with one market, set up once, then orders
// of every kind, cancels, deposits, credits and withdrawals, much of it with something due later.
// No two commands of a world have the same bytes.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "base/bytes.h"
#include "base/prng.h"
#include "base/strong.h"
#include "core/commands.h"
#include "core/core.h"

namespace oki::sim {

constexpr std::uint64_t trading_accounts = 6;

// Of all nodes and of the oracle's model. Small tables, as each life of a node makes a core.
core::CoreLimits core_limits();

// What leaders propose by themselves when something is due.
const Bytes& tick_bytes();

// In an order in which they succeed.
std::vector<Bytes> setup_commands();

// The commands of one account.
class Workload {
 public:
  // `first_mark` to first_mark + 2^32 - 1 mark this workload's commands; no two overlap.
  Workload(core::AccountId account, std::uint64_t first_mark, std::uint64_t seed);

  // `now` is what a good clock says; the nodes' may differ.
  Bytes next(WallTimeMs now);
  // Learns the ids of what was made.
  void on_reply(ByteView command, ByteView reply);

 private:
  core::Command trade(WallTimeMs now);
  core::Command place(WallTimeMs now);
  void place_limit(core::PlaceOrder& order, WallTimeMs now);
  core::Command cancel();
  core::Command amend();
  core::Command deposit();
  core::Command house(WallTimeMs now);
  core::Price a_price(core::Side side, std::int64_t low, std::int64_t high);

  core::AccountId account_;
  std::uint64_t mark_;
  Prng prng_;
  std::deque<core::OrderId> orders_;         // Perhaps still open, oldest first.
  std::deque<core::Command> to_be_decided_;  // Credits and withdrawals of ours, each once.
  WallTimeMs last_auction_;
};

}  // namespace oki::sim
