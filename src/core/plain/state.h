// Everything the plain core knows. Inside the folder only.
//
// The state is tables of rows. Tables marked as derived follow from the others: a snapshot does not
// hold them.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "core/commands.h"
#include "core/core.h"
#include "core/events.h"
#include "core/money.h"
#include "core/order_book.h"
#include "core/plain/table.h"
#include "core/types.h"

namespace oki::core::plain {

__extension__ using Signed128 = __int128;

constexpr std::uint64_t million = 1'000'000;
constexpr std::uint64_t u64_max = ~std::uint64_t{0};

// Later by `ms`; the end of time stays the end.
constexpr WallTimeMs later(WallTimeMs time, std::int64_t ms) {
  constexpr std::int64_t end = std::int64_t{~(std::uint64_t{1} << 63)};
  return WallTimeMs{time.value > end - ms ? end : time.value + ms};
}

struct Asset {
  AssetSpec spec;
  Amount liabilities;  // What all pockets sum to.
  Amount holdings;
  bool frozen = false;  // Withdrawals of it.
  std::uint32_t collateral_ppm = 0;
};

struct MarketInfo {
  MarketSpec spec;
  Scale scale;
};

enum class Direction : std::uint8_t { none = 0, up = 1, down = 2 };

// Prices and times 0 are none.
struct Market {
  bool halted = false;
  std::uint16_t stops = 0;
  MarketStatus load = MarketStatus::normal;
  std::int64_t load_second = 0;
  std::uint64_t load_count = 0;
  MarketMode mode = MarketMode::none;
  FeeType fee_type = FeeType::normal;
  Price reference;
  WallTimeMs reference_at;
  Price last;
  std::uint32_t width_down = 0, width_up = 0;  // Of the band, in millionths.
  Direction last_break = Direction::none;
  WallTimeMs widened_until;
  Price lower_itayose, upper_itayose;
  WallTimeMs reopen_at, cancel_only_at, auction_at, withdrawals_at;
  Price low, high;          // Of trades whose triggers are not all done.
  bool uncrossing = false;  // An auction executes in chunks,
  Price cross_price;        // at this price,
  Lots cross_lots;          // so many until now,
  WallTimeMs chunk_at;      // the next one then.
  Price told_price;         // Of the last estimate.
  Lots told_lots;
  WallTimeMs estimate_at;
  Sequence sequence;
};

struct Account {
  std::uint32_t updates_per_second = 0;
  std::uint32_t queries_per_second = 0;
  std::uint64_t tokens_milli = 0;  // Of the rate limit, in thousandths of an update.
  WallTimeMs filled_at;
  bool no_orders = false;
  bool no_withdrawals = false;
  bool margin_allowed = false;
  MarginStatus margin_status = MarginStatus::normal;
  Amount debt;
  WallTimeMs dead_man_at;
};

struct ApiKey {
  AccountId account;
  std::string key;
  std::string sealed_secret;
  std::uint64_t nonce = 0;
};

enum class Pocket : std::uint8_t { free, held, withdrawing };
struct Place {
  AccountId account;
  Pocket pocket = Pocket::free;
};
struct Pockets {
  Amount free, held, withdrawing;
  friend bool operator==(const Pockets&, const Pockets&) = default;
};
using BalanceKey = std::pair<AccountId, AssetId>;

struct Order {
  OrderView view;
  bool resting = false;        // In the book; an open order that is not waits for its trigger.
  Lots visible;                // While resting.
  std::uint64_t priority = 0;  // Rank within its price, while resting.
  Amount held;                 // Of its holder's money; derived.
  bool expiry_dropped = false;
  bool trigger_dropped = false;
};

// The best price has the lowest key on both sides.
struct BookKey {
  MarketId market;
  Side side = Side::buy;
  std::uint64_t key = 0;
  std::uint64_t priority = 0;
  friend auto operator<=>(const BookKey&, const BookKey&) = default;
};
constexpr std::uint64_t price_key(Side side, Price price) {
  return side == Side::sell ? price.value : ~price.value;
}
constexpr Price price_of_key(Side side, std::uint64_t key) {
  return Price{side == Side::sell ? key : ~key};
}

struct LevelKey {
  MarketId market;
  Side side = Side::buy;
  Price price;
  friend auto operator<=>(const LevelKey&, const LevelKey&) = default;
};

// Upward triggers fire from the lowest, downward ones from the highest.
struct TriggerKey {
  MarketId market;
  bool down = false;
  std::uint64_t key = 0;
  OrderId order;
  friend auto operator<=>(const TriggerKey&, const TriggerKey&) = default;
};

struct PositionKey {
  AccountId account;
  MarketId market;
  PositionSide side = PositionSide::long_side;
  friend auto operator<=>(const PositionKey&, const PositionKey&) = default;
};

enum class TimerKind : std::uint8_t {
  market_stage = 0,
  load = 1,
  estimate = 2,
  dead_man = 3,
  edge_silence = 4,
  expiry = 5,
  credit_lapse = 6,
  margin_sweep = 7,
};
constexpr std::uint8_t timer_kinds = 8;
using TimerSubject = std::pair<TimerKind, std::uint64_t>;
struct Timer {
  WallTimeMs due;
  TimerKind kind = TimerKind::market_stage;
  std::uint64_t subject = 0;
  friend auto operator<=>(const Timer&, const Timer&) = default;
};

// What a reference was used for.
struct Reference {
  std::uint64_t place = 0;  // Counted from the first ever remembered.
  std::variant<Deposit, AdjustHoldings, ProposeCredit> use;
};

struct ClientId {
  std::uint64_t place = 0;
  OrderId order;
};
using ClientIdKey = std::pair<AccountId, std::string>;

struct Credit {
  ProposeCredit proposal;
  WallTimeMs proposed_at;
  bool lapse_dropped = false;
};

// The first of two operators who wish to resume withdrawals: of one asset, or of all.
struct Wish {
  OperatorId by;
  WallTimeMs at;
};
using WishKey = std::pair<bool, AssetId>;

struct Edge {
  WallTimeMs heard_at;
  bool silence_dropped = false;
};

struct Counters {
  OrderId last_order;
  TradeId last_trade;
  CreditId last_credit;
  WithdrawalId last_withdrawal;
  std::uint64_t last_priority = 0;
  std::uint64_t last_reference = 0;
  std::uint64_t last_client_id = 0;
  std::uint32_t release = 1;
  WallTimeMs sweep_at;  // 0: not needed.
  AccountId sweep_cursor;
};

// What the step under way has to tell.
struct Step {
  Bytes records;
  std::map<OrderId, OrderView> accepted;  // As they were told.
  std::map<OrderId, OrderView> closed;
  std::set<MarketId> traded;
};

struct State {
  explicit State(const CoreLimits& core_limits) : limits(core_limits) {}

  CoreLimits limits;
  WallTimeMs time;           // Of the last command. Time and number are never undone.
  std::uint64_t number = 0;  // Of commands since the beginning.
  std::uint32_t triggers_left = 0;
  AccountId sweeping;  // The account that the sweep under way visits.
  Counters counters, counters_before;
  Step step;

  Table<AssetId, Asset> assets;
  Table<MarketId, MarketInfo> infos;
  Table<MarketId, Market> markets;
  Table<AccountId, Account> accounts;
  Table<KeyId, ApiKey> keys;
  Table<std::string, KeyId> keys_by_text;  // Derived.
  Table<BalanceKey, Pockets> balances;
  Table<OrderId, Order> orders;                           // Open ones.
  Table<BookKey, OrderId> book;                           // Derived.
  Table<LevelKey, Lots> levels;                           // Visible lots; derived.
  Table<std::pair<MarketId, Side>, Lots> sides;           // Open lots; derived.
  Keys<TriggerKey> triggers;                              // Derived.
  Keys<std::pair<AccountId, OrderId>> orders_by_account;  // Derived.
  Keys<std::pair<SessionId, OrderId>> orders_by_session;  // Derived.
  Table<std::uint32_t, Edge> edges;                       // With open orders.
  Table<PositionKey, Position> positions;
  Keys<AccountId> sweep_accounts;  // Derived.
  Table<ClientIdKey, ClientId> client_ids;
  Table<std::uint64_t, ClientIdKey> client_ids_by_place;  // Derived.
  Table<std::string, Reference> references;
  Table<std::uint64_t, std::string> references_by_place;  // Derived.
  Table<CreditId, Credit> credits;
  Table<WithdrawalId, WithdrawalChanged> withdrawals;  // Open ones.
  Table<WishKey, Wish> wishes;
  Table<std::uint64_t, std::uint32_t> node_releases;
  Keys<Timer> timers;  // Derived, with the next.
  Table<TimerSubject, WallTimeMs> timer_of;

  void each_table(auto call) {
    call(assets), call(infos), call(markets), call(accounts), call(keys), call(keys_by_text);
    call(balances), call(orders), call(book), call(levels), call(sides), call(triggers);
    call(orders_by_account), call(orders_by_session), call(edges), call(positions);
    call(sweep_accounts), call(client_ids), call(client_ids_by_place), call(references);
    call(references_by_place), call(credits), call(withdrawals), call(wishes);
    call(node_releases), call(timers), call(timer_of);
  }

  void tell(const Event& event) { append(step.records, event); }
};

constexpr Lots open_lots(const OrderView& order) {
  return Lots{order.amount.value - order.executed.value};
}
constexpr bool is_margin(const OrderView& order) { return order.position != PositionSide::none; }
constexpr bool opens(const OrderView& order) {
  return is_margin(order) && core::opens(order.side, order.position);
}
constexpr bool closes(const OrderView& order) {
  return is_margin(order) && !core::opens(order.side, order.position);
}
constexpr bool waits(const OrderView& order) { return order.status == OrderStatus::inactive; }

}  // namespace oki::core::plain
