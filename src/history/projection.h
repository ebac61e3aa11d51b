// The exchange as readers see it, built from events alone: the same blocks give the same
// projection on a node (which serves it to new followers) and on every edge.
//
// Everything is bounded by ProjectionLimits: the oldest rows fall out first, and queries say so by
// finding nothing. SQL history (sql_store.h), which keeps everything, reads the same events.
// Queries about a market, account or order that does not exist find nothing.
//
// Invariants, checked by verify(): active orders are exactly the orders with an open status; each
// book's levels are sorted, positive and sum to the side's total; a book in mode none is not
// crossed; trades are in order of time; candles of one type are in order of time, each with low <=
// open, close <= high; positions are of margin and have open lots; the house owes no more than it
// holds.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "core/events.h"
#include "core/types.h"
#include "history/rows.h"
#include "replica/state_machine.h"

namespace oki::history {

struct ProjectionLimits {
  std::size_t public_trades_max = 20'000;  // Per market.
  std::size_t account_trades_max = 5'000;  // Per account.
  // A busy account forgets its own oldest closed orders, not those of others.
  std::size_t closed_orders_per_account_max = 5'000;
  std::size_t closed_orders_max = 200'000;  // Of all accounts together; oldest closed first out.
  std::size_t candles_max = 20'000;         // Per market and type; at least 1,500 are kept.
  std::size_t deposits_per_account_max = 1'000;
  std::size_t closed_withdrawals_per_account_max = 1'000;
  std::size_t quarantines_max = 1'000;
  std::size_t node_releases_max = 64;  // As many as the core knows.
};

enum class CandleType : std::uint8_t {
  min1,
  min5,
  min15,
  min30,
  hour1,
  hour4,
  hour8,
  hour12,
  day1,
  week1,
  month1
};
constexpr std::size_t candle_types = 11;

struct Candle {
  WallTimeMs start;
  core::Price open, high, low, close;
  core::Lots volume;
  friend bool operator==(const Candle&, const Candle&) = default;
};

struct Level {
  core::Price price;
  core::Lots lots;
  friend bool operator==(const Level&, const Level&) = default;
};

// Over the 24 hours before the newest trade or `now`, whichever is later; the window starts with a
// whole minute. `sell` and `buy` are the best prices of the book, nothing when its side is empty;
// sell <= buy is possible while the market collects orders for an auction;
// the others are nothing before the first trade, and the last price when the window has no trade.
// `timestamp` is that of the last change of the book or of the newest trade.
struct Ticker {
  std::optional<core::Price> sell, buy, high, low, open, last;
  core::Lots volume;
  WallTimeMs timestamp;
  friend bool operator==(const Ticker&, const Ticker&) = default;
};

struct Balance {
  core::Amount free, held, withdrawing;
  friend bool operator==(const Balance&, const Balance&) = default;
};

class Projection {
 public:
  explicit Projection(const ProjectionLimits& limits);
  ~Projection();
  Projection(Projection&&) noexcept;
  Projection& operator=(Projection&&) noexcept;

  // REQUIRES: blocks come in order, without gaps (the Client checks the hash chain). An error
  // (events that do not decode or contradict what came before) leaves a projection that is only
  // good for being dropped.
  Result<void> apply(const replica::EventBlock& block);

  // Canonical: equal projections give equal bytes. Docs: docs/formats/projection-snapshot.md.
  Bytes snapshot() const;
  static Result<Projection> restore(ByteView snapshot, const ProjectionLimits& limits);

  LogIndex index() const;
  WallTimeMs time() const;
  std::uint64_t event_hash() const;  // Of the last block; it fixes everything in here.

  // --- Reference data. Pointers live until the next apply().
  const std::vector<core::AssetSpec>& assets() const;    // Position = AssetId.
  const std::vector<core::MarketSpec>& markets() const;  // Position = MarketId.
  std::optional<core::MarketId> market(ByteView name) const;
  std::optional<core::AssetId> asset(ByteView name) const;
  struct ApiKey {
    core::KeyId id;
    core::AccountId account;
    std::string sealed_secret;
    std::uint64_t nonce = 0;
  };
  const ApiKey* api_key(ByteView key) const;
  struct Account {
    std::uint32_t updates_per_second = 0;
    std::uint32_t queries_per_second = 0;
  };
  const Account* account(core::AccountId id) const;

  // --- Public data.
  std::vector<Level> levels(core::MarketId market, core::Side side, std::size_t levels_max) const;
  // The open lots beyond the first `levels_max` levels: asks_over and bids_under.
  core::Lots lots_beyond(core::MarketId market, core::Side side, std::size_t levels_max) const;
  core::Sequence sequence(core::MarketId market) const;
  WallTimeMs book_changed_at(core::MarketId market) const;
  Ticker ticker(core::MarketId market, WallTimeMs now) const;
  // Newest first.
  std::vector<PublicTrade> newest_trades(core::MarketId market, std::size_t trades_max) const;
  // Executed in [from, to), oldest first.
  std::vector<PublicTrade> trades_between(core::MarketId market, WallTimeMs from,
                                          WallTimeMs to) const;
  // Those that start in [from, to), oldest first, from the first trade on to time() without gaps:
  // where nothing was traded, a candle of volume 0 stands at the last close. At most
  // ProjectionLimits::candles_max.
  std::vector<Candle> candles(core::MarketId market, CandleType type, WallTimeMs from,
                              WallTimeMs to) const;

  // The state told last; the default one of the market before.
  core::MarketState market_state(core::MarketId market) const;
  AuctionEstimate auction_estimate(core::MarketId market) const;
  AuctionResult auction_result(core::MarketId market) const;

  // --- The house.
  Funds funds(core::AssetId asset) const;
  bool withdrawals_frozen(core::AssetId asset) const;
  std::uint32_t collateral_ppm(core::AssetId asset) const;
  const std::deque<QuarantinedStep>& quarantines() const;               // Oldest first.
  std::uint32_t release() const;                                        // The active one.
  const std::map<std::uint64_t, std::uint32_t>& node_releases() const;  // As reported, by node.

  // --- Private data. Pointers live until the next apply().
  Balance balance(core::AccountId account, core::AssetId asset) const;
  const core::OrderView* order(core::OrderId id) const;  // Open, or closed and still kept.
  // The newest one of that name, open, or closed and still kept.
  const core::OrderView* order(core::AccountId account, ByteView client_order_id) const;
  // By id; those that wait for their trigger too.
  std::vector<const core::OrderView*> active_orders(core::AccountId account) const;
  std::vector<AccountTrade> account_trades(core::AccountId account) const;  // Oldest first.
  std::vector<Deposit> deposits(core::AccountId account) const;             // Oldest first.
  const Withdrawal* withdrawal(core::WithdrawalId id) const;  // Open, or closed and still kept.
  std::vector<const Withdrawal*> withdrawals(core::AccountId account) const;  // By id.
  std::vector<const Withdrawal*> open_withdrawals() const;  // Of all accounts, by id.
  // By market, then side.
  std::vector<core::Position> positions(core::AccountId account) const;
  Margin margin(core::AccountId account) const;
  Restrictions restrictions(core::AccountId account) const;
  WallTimeMs dead_man_at(core::AccountId account) const;  // 0: not set.

  // Whether nothing of the list has fallen out yet: what is not in it never was.
  bool has_all_trades(core::AccountId account) const;
  bool has_all_deposits(core::AccountId account) const;
  bool has_all_withdrawals(core::AccountId account) const;

  // For readers that start from a snapshot.
  std::uint64_t deposit_count() const;                        // Since the beginning.
  std::vector<core::Position> all_positions() const;          // By account, market, side.
  std::vector<const core::OrderView*> closed_orders() const;  // Oldest closed first.
  std::vector<core::AccountId> accounts_seen() const;         // That have anything of the above.

  // Of all accounts: how many orders are open, and how many balances are not zero.
  std::size_t active_order_count() const;
  std::size_t balance_count() const;

  void verify() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The canonical start of the candle that holds `time`: UTC; weeks start on Monday as bitbank's do
// not say otherwise (docs/decisions).
WallTimeMs candle_start(CandleType type, WallTimeMs time);
const char* name(CandleType type);  // "1min" … "1month"
std::optional<CandleType> candle_type(ByteView name);

}  // namespace oki::history
