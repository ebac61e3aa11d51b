// The exchange as a pure function of its commands: the same commands in the same order give the
// same state, replies and events on every machine. No clock, no randomness, no I/O; time comes
// with the command.
//
// Invariants, checked by verify():
//   (1) Per asset, the sum of all balances (free + held, fee account included) equals the deposits.
//   (2) Held amounts equal what the open orders of the account require.
//   (3) Each book is sorted, never crossed, and its levels sum its orders.
//   (4) Ids and sequences are larger than every one given out before.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "core/commands.h"
#include "core/events.h"

namespace oki::core {

struct CoreState;

// Sizes of the tables; reaching one refuses by name, nothing grows past it.
struct CoreLimits {
  std::size_t assets_max = 256;
  std::size_t markets_max = 256;
  std::size_t accounts_max = 1'000'000;
  std::size_t api_keys_max = 1'000'000;
  std::size_t open_orders_max = 10'000'000;
  std::size_t open_orders_per_account_and_market_max = 30;  // bitbank's; house accounts too.
  std::size_t deposit_references_max = 1'000'000;           // The oldest are forgotten.
};

class Core {
 public:
  explicit Core(const CoreLimits& limits);
  ~Core();
  Core(Core&&) noexcept;
  Core& operator=(Core&&) noexcept;

  // Applies one command at `time`, which never goes back from command to command. Appends the
  // encoded Reply to `reply` and the encoded events to `events`. Never fails: bad bytes are a
  // refusal.
  void apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes& events);

  // All of the state, canonical: equal states give equal bytes.
  // Docs: docs/formats/core-snapshot.md.
  Bytes snapshot() const;
  static Result<Core> restore(ByteView snapshot, const CoreLimits& limits);

  // Of everything that snapshot() would write. Costs as much as snapshot(): it walks all of the
  // state, so it belongs after every some thousand commands, not after each.
  std::uint64_t hash() const;

  // Walks everything and asserts the invariants.
  void verify() const;

  // --- For checkers, tests and tools; what does not exist is 0 or empty.
  struct Balance {
    AccountId account;
    AssetId asset;
    Amount free, held, withdrawing;
  };
  struct Level {
    Price price;
    Lots lots;
  };
  WallTimeMs applied_at() const;  // Of the last command.
  Balance balance(AccountId account, AssetId asset) const;
  std::vector<Balance> balances() const;       // Not zero; by account and asset.
  Amount paid_in(AssetId asset) const;         // Sum of all deposits.
  std::vector<OrderView> open_orders() const;  // Of all accounts, by id.
  std::size_t markets() const;
  std::vector<Level> levels(MarketId market, Side side) const;  // Best first.
  Sequence sequence(MarketId market) const;

 private:
  std::unique_ptr<CoreState> state_;
};

}  // namespace oki::core
