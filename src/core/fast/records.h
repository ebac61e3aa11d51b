// What the core keeps, as plain rows of tables. Every row has a `mark` for its table
// (fast/table.h). Sizes matter: there are up to ten million orders and a million accounts.
#pragma once

#include <array>
#include <cstring>

#include "core/fast/ordered_index.h"
#include "core/fast/table.h"
#include "core/money.h"
#include "core/types.h"

namespace oki::core::fast {

// A bounded string without an allocation.
template <std::size_t size_max>
struct Text {
  std::uint16_t size = 0;
  char bytes[size_max] = {};

  // REQUIRES: text.size() <= size_max.
  void set(std::string_view text) {
    size = static_cast<std::uint16_t>(text.size());
    std::memcpy(bytes, text.data(), text.size());
  }
  std::string_view view() const { return {bytes, size}; }
  std::string string() const { return std::string(view()); }
};

struct Account {
  AccountId id;
  std::uint64_t tokens_milli = 0;  // Of the updates' token bucket.
  WallTimeMs filled_at;
  Amount debt;
  WallTimeMs dead_man_at;  // 0: off.
  std::uint32_t updates_per_second = 0;
  std::uint32_t queries_per_second = 0;
  Row purse = 0;  // The first one.
  Row seat = 0;   // The first one.
  bool margin_allowed = false;
  MarginStatus margin_status = MarginStatus::normal;
  bool no_orders = false;
  bool no_withdrawals = false;
  std::uint32_t mark = 0;
};
static_assert(sizeof(Account) == 64);

struct ApiKey {
  Row account = 0;
  std::uint32_t mark = 0;
  std::uint64_t nonce = 0;
  Text<64> key;
  Text<256> sealed_secret;
};

struct Asset {
  Text<asset_name_bytes_max> name;
  std::uint8_t decimals = 0;
  bool frozen = false;  // Withdrawals are.
  std::uint32_t collateral_ppm = 0;
  Amount paid_in;   // Liabilities: what all pockets sum to.
  Amount holdings;  // What the house has.
  std::uint32_t fee_pocket = 0;
  std::uint32_t lender_pocket = 0;
  Wide approved = 0;  // Sums of amount + fee of withdrawals that were approved, and settled.
  Wide settled = 0;
  OperatorId resume_by;  // Who wished to resume the withdrawals of this asset first; 0: nobody.
  WallTimeMs resume_until;
  std::uint32_t mark = 0;
};

// What an account has open in one market: found by (account, market), never given up again.
struct Seat {
  Row account = 0;
  Row next = 0;         // Of the account.
  Row first_order = 0;  // Open orders, newest first, linked both ways.
  std::uint32_t open = 0;
  std::uint32_t base_pocket = 0;
  std::uint32_t quote_pocket = 0;
  std::array<Row, 2> positions = {};  // Long, short; 0: none.
  MarketId market;
  std::uint16_t unused = 0;
  std::uint32_t mark = 0;
};
static_assert(sizeof(Seat) == 40);

// An order; its row is its slot in the pool of book nodes, too. What few orders have is in Extra.
// The fields from `market` to `position` lie as the formats of commands and events have them, so
// that they are copied as one word.
struct Order {
  OrderId id;
  Price price;
  Lots amount;
  Lots executed;
  Amount executed_quote;
  Amount hold;  // What it holds now, of the account or of the lender: rules 8.4.
  WallTimeMs ordered_at;
  WallTimeMs executed_at;
  MarketId market;
  Side side = Side::buy;
  OrderType type = OrderType::limit;
  bool post_only = false;
  TimeInForce time_in_force = TimeInForce::gtc;
  SelfTrade self_trade = SelfTrade::allow;
  PositionSide position = PositionSide::none;
  OrderStatus status = OrderStatus::unfilled;
  Reason reason = Reason::none;
  bool in_book = false;
  bool never_expires = false;  // Its expiry was quarantined.
  Row account = 0;
  Row seat = 0;
  Row extra = 0;
  std::uint32_t mark = 0;
  std::uint32_t unused = 0;

  Lots open() const { return Lots{amount.value - executed.value}; }
  bool closed() const { return is_final(status); }
  bool inactive() const { return status == OrderStatus::inactive; }
  bool opens_position() const { return position != PositionSide::none && opens(side, position); }
};
static_assert(sizeof(Order) == 96);

// Where an order is in the list of its seat; the row is the order's. Apart from the order, because
// every order that comes or goes changes its neighbours: that is no change of theirs that has to be
// checked or told.
struct OrderLinks {
  Row next = 0;
  Row previous = 0;
  std::uint32_t mark = 0;
};

// For orders with a trigger, a display, an own expiry, a session or a client order id.
struct Extra {
  Price trigger;
  Lots display;
  Lots hidden;           // In the book: open lots that do not show.
  WallTimeMs expire_at;  // Of gtd.
  WallTimeMs triggered_at;
  SessionId session;
  Row session_row = 0;
  Row next = 0;  // Orders of the session.
  Row previous = 0;
  Row next_iceberg = 0;  // Orders of the market with hidden lots allowed, while in the book.
  Row previous_iceberg = 0;
  std::uint32_t mark = 0;
  bool trigger_dead = false;  // Its trigger was quarantined.
  Text<client_order_id_bytes_max> client_order_id;
};

struct Position {
  Row account = 0;
  std::uint32_t mark = 0;
  MarketId market;
  PositionSide side = PositionSide::long_side;
  Lots open;
  Amount cost;
  Amount fees;
  Amount interest;
  WallTimeMs interest_until;
};

// What changes of a market with nearly every order.
struct MarketFlow {
  Sequence sequence;
  Price last_price;            // 0 before the first trade.
  Price low, high;             // Rules 5.1; 0: none.
  std::array<Lots, 2> hidden;  // Of icebergs in the book, by side: open lots that do not show.
  std::int64_t second = 0;     // Of the load counter.
  std::uint32_t counted = 0;
  Row icebergs = 0;                  // The first one.
  std::array<Row, 2> triggers = {};  // Indexes of orders waiting upward, downward.
  std::uint32_t mark = 0;
};

// What changes rarely.
struct MarketRules {
  MarketStatus load = MarketStatus::normal;
  bool halted = false;
  MarketMode mode = MarketMode::none;
  FeeType fee_type = FeeType::normal;
  std::uint16_t stops = 0;
  bool uncrossing = false;
  bool last_break_up = false;
  std::uint32_t width_up = 0;
  std::uint32_t width_down = 0;
  std::uint32_t mark = 0;
  Price reference;
  WallTimeMs reference_at;
  WallTimeMs widened_until;
  Price lower_trigger, upper_trigger;  // From the fields above, kept for speed.
  Price lower_itayose, upper_itayose;
  WallTimeMs reopen_at, cancel_only_at, auction_at, withdrawals_at;
  WallTimeMs chunk_at;    // Of an uncrossing; 0: none.
  Price auction_price;    // While uncrossing,
  Wide auction_lots = 0;  // and what was executed.
  Price told_price;       // By AuctionEstimated.
  Lots told_lots;
  WallTimeMs stage_due, load_due, estimate_due;  // Timers as set; 0: none.
};

struct Session {
  SessionId id;
  Row edge = 0;
  Row first_order = 0;
  Row next = 0;  // Of the edge.
  Row previous = 0;
  std::uint32_t mark = 0;
};

struct Edge {
  std::uint32_t edge = 0;
  Row first_session = 0;
  WallTimeMs due;
  std::uint32_t mark = 0;
};

// A client order id that is remembered; places are used round and round.
struct ClientOrderId {
  OrderId order;
  Row account = 0;
  std::uint32_t mark = 0;
  Text<client_order_id_bytes_max> text;
};

// Of Deposit, AdjustHoldings, ProposeCredit: what the command said, so that a repetition is known.
enum class ReferenceKind : std::uint8_t { deposit = 0, holdings = 1, credit = 2 };
struct Reference {
  AccountId account;  // 0 with holdings.
  Amount amount;
  OperatorId by;  // Of credits.
  std::uint32_t mark = 0;
  AssetId asset;
  ReferenceKind kind = ReferenceKind::deposit;
  bool less = false;
  Text<64> text;
};

struct Withdrawal {
  WithdrawalId id;
  Row account = 0;
  std::uint32_t mark = 0;
  Amount amount, fee;
  OperatorId by;
  WallTimeMs requested_at;
  AssetId asset;
  bool approved = false;
  bool closed = false;  // Settled or rejected: leaves at the end of the step.
  Text<128> destination;
};

struct Credit {
  CreditId id;
  OperatorId by;
  AccountId account;  // May be the lender.
  Amount amount;
  WallTimeMs lapses_at;  // 0: never, its timer was quarantined.
  std::uint32_t mark = 0;
  AssetId asset;
  Text<64> reference;
};

struct NodeRelease {
  std::uint64_t node = 0;
  std::uint32_t release = 0;
  std::uint32_t mark = 0;
};

// The wish of a first operator to resume all withdrawals at once; the ones of single assets are
// with the assets.
enum class TimerKind : std::uint8_t {
  stage = 0,
  load = 1,
  estimate = 2,
  dead_man = 3,
  edge_silence = 4,
  expiry = 5,
  credit_lapse = 6,
  margin_sweep = 7,
};
constexpr std::size_t timer_kinds = 8;

// Counters; one row.
struct Counters {
  OrderId last_order;
  TradeId last_trade;
  std::uint64_t open_orders = 0;
  std::uint32_t mark = 0;
};

// The rest of what there is once; one row.
struct House {
  WithdrawalId last_withdrawal;
  CreditId last_credit;
  std::uint32_t release = 1;
  std::uint32_t mark = 0;
  std::array<Row, timer_kinds> timers =
      {};                // Indexes by (due, subject); expiry: of gtd orders only.
  Row margin_watch = 0;  // Accounts that the sweep visits, an index by (id, 0); value: their row.
  WallTimeMs sweep_due;  // 0: no sweep.
  AccountId sweep_cursor;
  OperatorId resume_all_by;  // As Asset::resume_by, for all assets at once.
  WallTimeMs resume_all_until;
  std::uint64_t client_ids = 0;  // Ever remembered; the newest ones still are.
  std::uint64_t references = 0;
};

}  // namespace oki::core::fast
