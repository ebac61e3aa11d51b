// The exchange as a pure function of its commands: the same commands in the same order give the
// same state, replies and events on every machine. No clock, no randomness, no I/O; time comes
// with the command.
//
// Invariants, checked by verify(), and after every step over what the step changed:
//   (1) Per asset, all balances sum to the liabilities, which the holdings cover.
//   (2) Held amounts equal what the open orders and the positions require.
//   (3) Each book is sorted, its levels sum its orders, and outside auctions it is not crossed.
//   (4) Ids and sequences are larger than every one given out before.
//   (5) Withdrawing amounts equal the open withdrawals.
//   (6) The orders that close a position do not exceed it.
// A step that breaks one is undone and named: docs/rules.md, 1.6.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "core/commands.h"
#include "core/events.h"

namespace oki {
class Sink;
}

namespace oki::core {

// Sizes of the tables: reaching one refuses by name, nothing grows past it. What has no limit of
// its own cannot be full before one that has: an account has one balance per asset and two
// positions per market, a session has an open order. accounts_max times markets_max must be below
// 2^31. And the numbers that docs/rules.md names; all nodes must have the same.
struct CoreLimits {
  std::size_t assets_max = 256;
  std::size_t markets_max = 256;
  std::size_t accounts_max = 1'000'000;
  std::size_t api_keys_max = 1'000'000;
  std::size_t open_orders_max = 10'000'000;
  std::size_t open_orders_per_account_and_market_max = 30;  // bitbank's; house accounts too.
  std::size_t edges_max = 65'536;                           // With open orders of their sessions.
  std::size_t deposit_references_max = 1'000'000;           // The oldest are forgotten.
  std::size_t client_order_ids_max = 1'000'000;             // The oldest are forgotten.
  std::size_t withdrawals_open_max = 100'000;
  std::size_t credits_open_max = 1'000;
  std::size_t node_releases_max = 4 * nodes_max;

  std::uint32_t timers_per_command_max = 100;
  std::uint32_t triggers_per_command_max = 100;
  std::uint32_t fills_per_order_max = 2'000;  // And per chunk of an auction.
  std::uint32_t iceberg_slices_max = 100;
  std::uint32_t margin_sweep_accounts_max = 200;
  std::uint32_t losscut_ppm = 250'000;
  std::uint32_t margin_call_ppm = 500'000;
  std::int64_t order_lifetime_ms = 15'552'000'000;
  std::int64_t edge_silence_ms = 5'000;
  std::int64_t approval_ms_max = 3'600'000;
  std::int64_t reference_ms = 60'000;
  std::int64_t widen_ms = 3'600'000;
  std::int64_t after_auction_ms = 1'800'000;
  std::int64_t estimate_ms = 1'000;
  std::int64_t margin_sweep_ms = 1'000;
  std::int64_t margin_sweep_next_ms = 10;  // When a sweep left accounts for the next.
};

// The newest release of the rules that this program knows.
#ifndef OKI_CORE_RELEASE_MAX  // A test builds an older program.
#define OKI_CORE_RELEASE_MAX 2
#endif
constexpr std::uint32_t core_release_max = OKI_CORE_RELEASE_MAX;
std::uint32_t known_release();  // The same, of the core that the process is linked with.

namespace fast {
struct State;
}

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

  // Says that this command will be applied `prepare_ahead` calls later, so that what it needs is
  // fetched meanwhile. Costs little, and helps where accounts and orders are too many for a cache;
  // changes nothing that could be seen.
  static constexpr std::size_t prepare_ahead = 8;
  void prepare(ByteView command);

  // All of the state, canonical: equal states give equal bytes. Into a sink it goes piece by piece,
  // each of at most snapshot_piece_bytes_max: a child of fork() can write a large one without
  // holding it. Docs: docs/formats/core-snapshot.md.
  static constexpr std::size_t snapshot_piece_bytes_max = std::size_t{1} << 20;
  void snapshot(Sink& sink) const;
  Bytes snapshot() const;
  static Result<Core> restore(ByteView snapshot, const CoreLimits& limits);

  // Of everything that snapshot() would write. Costs as much as snapshot(): it walks all of the
  // state, so it belongs after every some thousand commands, not after each.
  std::uint64_t hash() const;
  // Of all events ever told and of what has no events; costs nothing.
  std::uint64_t running_hash() const;

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
  struct Margin {
    bool allowed = false;
    MarginStatus status = MarginStatus::normal;
    Amount debt;
    friend bool operator==(const Margin&, const Margin&) = default;
  };
  // When something is due without a command; nothing while nothing is. In the past or at
  // applied_at() when something is due at once: the leader proposes a Tick then.
  std::optional<WallTimeMs> next_timer() const;
  WallTimeMs applied_at() const;  // Of the last command.
  std::uint64_t applied() const;  // The number of commands.
  std::uint32_t release() const;  // The active one.
  Balance balance(AccountId account, AssetId asset) const;
  std::vector<Balance> balances() const;  // Not zero; by account and asset.
  Amount paid_in(AssetId asset) const;    // The liabilities: what all balances sum to.
  Amount holdings(AssetId asset) const;
  std::vector<OrderView> open_orders() const;  // Of all accounts, by id.
  std::size_t markets() const;
  MarketState market_state(MarketId market) const;
  std::vector<Level> levels(MarketId market, Side side) const;  // Visible lots; best first.
  Sequence sequence(MarketId market) const;
  std::vector<Position> positions() const;  // By account, market and side.
  Margin margin(AccountId account) const;
  std::vector<WithdrawalChanged> withdrawals() const;  // Open ones, by id.

 private:
  struct Restored {};
  Core(Restored, std::unique_ptr<fast::State> state);

  std::unique_ptr<fast::State> state_;
};

}  // namespace oki::core
