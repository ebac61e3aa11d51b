// Everything the core knows, and what its parts share. Inside the room only.
#pragma once

#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/accounts.h"
#include "core/book_plain.h"
#include "core/core.h"
#include "core/events.h"
#include "core/ledger.h"
#include "core/money.h"
#include "core/types.h"

namespace oki::core {

struct Market {
  MarketSpec spec;
  Scale scale;
  PlainBook book;
  Sequence sequence;
};

// The deposits whose references are remembered, oldest first.
class Deposits {
 public:
  const Deposit* find(const std::string& reference) const;

  // REQUIRES: the reference is new. Forgets the oldest beyond `deposits_max`.
  void add(const Deposit& deposit, std::size_t deposits_max);
  const std::deque<Deposit>& all() const { return deposits_; }

 private:
  std::deque<Deposit> deposits_;
  std::unordered_map<std::string, std::uint64_t> places_;  // Counted from the first ever kept.
  std::uint64_t forgotten_ = 0;
};

// What the command under way has changed, in order of first change, for the events after it. Not
// part of the state: empty between commands.
struct Changes {
  struct LevelKey {
    MarketId market;
    Side side;
    Price price;
    friend bool operator==(const LevelKey&, const LevelKey&) = default;
  };
  std::vector<OrderView> orders;
  std::vector<LevelKey> levels;
};

struct CoreState {
  explicit CoreState(const CoreLimits& core_limits) : limits(core_limits) {}

  CoreLimits limits;
  WallTimeMs time;
  OrderId last_order;
  TradeId last_trade;
  std::vector<AssetSpec> assets;
  std::vector<Market> markets;
  Accounts accounts;
  Ledger ledger;
  Deposits deposits;
  std::unordered_map<std::uint64_t, OrderView> orders;  // Open ones, by id.

  Changes changes;
  std::vector<Fill> fills;              // Scratch of one command.
  std::vector<Ledger::Entry> balances;  // Scratch of one command.

  // REQUIRES: valid specs and ids that are not taken.
  void add_asset(const AssetSpec& spec);
  void add_market(const MarketSpec& spec);

  Amount hold_of(const OrderView& order) const;
  std::vector<const OrderView*> sorted_orders() const;  // By id.

  // The first broken invariant, or null. Asserts what no input can break.
  const char* fault() const;
};

constexpr Lots open_lots(const OrderView& order) {
  return Lots{order.amount.value - order.executed.value};
}

// One function per command; each decides first, then changes. Events that belong before the
// changes (nonces, deposits, orders, trades) are appended at once.
Refusal apply(CoreState& state, const AddAsset& command, Bytes& events);
Refusal apply(CoreState& state, const AddMarket& command, Bytes& events);
Refusal apply(CoreState& state, const AddAccount& command, Bytes& events);
Refusal apply(CoreState& state, const AddApiKey& command, Bytes& events);
Refusal apply(CoreState& state, const Deposit& command, Bytes& events);
Refusal apply(CoreState& state, const PlaceOrder& command, Bytes& events, Reply& reply);
Refusal apply(CoreState& state, const CancelOrders& command, Bytes& events, Reply& reply);

// What every order and cancel must pass: account, market, key, nonce, rate limit, in this order.
// Uses up the nonce and the update.
Refusal admit(CoreState& state, AccountId account, MarketId market, const Signed& auth,
              Bytes& events);

Bytes write_snapshot(const CoreState& state);
Result<void> read_snapshot(ByteView snapshot, CoreState& state);

}  // namespace oki::core
