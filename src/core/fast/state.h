// The state of the fast core, and how to write a command for it.
//
// A step (docs/rules.md, 1) runs one handler and ends in fast/step.cc, which checks, tells what
// changed, and commits, or takes everything back. A handler
//   - is `Refusal handle(State&, const Xxx&)`, declared in fast/handlers.h;
//   - decides first: returns a refusal while nothing has been changed (the nonce, the token and the
//     load counter excepted); what it reads it reads through const rows: state.accounts[row];
//   - then changes: rows through `table.change(row)`, balances through `state.purses`, books and
//     the cancelling of orders through fast/trade.h, timers through fast/timers.h. All of these
//     keep what was before. There is no other way to write; what is kept elsewhere (IdMaps) keeps
//     its own undo and is committed in fast/state.cc.
//   - tells its records at once: state.tell(Event) or put_event(state.out, ...). The events of what
//     differs at the end of the step (orders, positions, margin, markets, levels, balances) are
//     made by the step itself out of the tables' changes;
//   - answers through state.answer: rows of orders, or the id of what it made.
// Whatever must hold and does not is INVARIANT(condition, "words"): the step is then taken back and
// quarantined. ASSERT is for what could not be taken back.
//
// Money: per asset, the pockets sum to Asset::paid_in. Whoever changes what an order or a position
// holds changes `held` of the same pocket by the same amount: Order::hold of an order (pocket:
// hold_pocket), what `position_hold` says of a position (the lender's pocket). The step compares.
//
// REQUIRES of all: rows that are 0 are nobody's and are not changed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/book_fast.h"
#include "core/commands.h"
#include "core/core.h"
#include "core/events.h"
#include "core/fast/layouts.h"
#include "core/fast/prepare.h"
#include "core/fast/purses.h"
#include "core/fast/records.h"
#include "core/id_map.h"
#include "core/order_ids.h"

namespace oki::core::fast {

using Book = FastBook<CoreBookPolicy>;
using Pool = BookPool<CoreBookPolicy>;

constexpr std::uint32_t million = 1'000'000;

// The books by market, each at an address of its own for good.
class Books {
 public:
  Book& operator[](std::size_t market) { return *books_.data()[market]; }
  const Book& operator[](std::size_t market) const { return *books_.data()[market]; }
  std::size_t size() const { return books_.size(); }
  void add(Pool& pool) { books_.push_back(std::make_unique<Book>(pool)); }
  void pop_back() { books_.pop_back(); }

 private:
  std::vector<std::unique_ptr<Book>> books_;
};

// What of a market never changes.
struct MarketFacts {
  MarketSpec spec;
  Scale scale;
  std::int32_t hold_ppm = 0;        // The higher of the spot fees,
  std::int32_t hold_open_ppm = 0;   // of the fees for opening a position,
  std::int32_t hold_close_ppm = 0;  // for closing one.
  std::uint32_t busy_from = 0;      // So many orders in a second change the status; 0: none do.
};

// The visible lots of one price before the step.
struct LevelChange {
  std::uint16_t market = 0;
  Side side = Side::buy;
  std::uint32_t turn = 0;  // Counts the step's: of two of one price, the first one is meant.
  Price price;
  Lots before;
};

// A changed row and what orders its event among the others of its kind.
struct Told {
  std::uint64_t first = 0;
  std::uint32_t second = 0;
  std::uint32_t row = 0;
  friend bool operator<(const Told& a, const Told& b) {
    return a.first != b.first ? a.first < b.first : a.second < b.second;
  }
};

// The reply while it is made.
struct Answer {
  struct Line {
    Refusal refusal = Refusal::ok;
    Row order = 0;    // Shown as it is at the end of the step.
    OrderId only_id;  // When `order` is 0 and the refusal is client_order_id_used.
  };
  Refusal refusal = Refusal::ok;
  StepList<Line> lines;
  std::uint64_t id = 0;
  void clear() {
    refusal = Refusal::ok;
    lines.clear();
    id = 0;
  }
};

// What a taker would do, in order: rules 4.3 (b).
struct Plan {
  enum class Kind : std::uint8_t {
    trade,
    cancel,        // The maker, for self-trade.
    shrink_both,   // decrement: the taker loses the maker's lots, the maker is cancelled.
    shrink_maker,  // decrement: the maker loses the taker's lots, which is cancelled.
  };
  struct Item {
    Row maker = 0;
    Kind kind = Kind::trade;
    Price price;
    Lots lots;
  };
  StepList<Item> items;
  std::size_t trades = 0;
  Lots traded;
  Wide quote = 0;              // Of the trades,
  Wide cost = 0;               // and with the fees of a taker who buys. Both for market types only.
  bool breaks = false;         // Some trade is outside the band.
  Reason rest = Reason::none;  // Why what is left of the taker is cancelled: self_trade,
                               // fills_limit.
  void clear() {
    items.clear();
    trades = 0;
    traded = Lots{};
    quote = cost = 0;
    breaks = false;
    rest = Reason::none;
  }
};

// What an order trades with another on its direct way (fast/direct_fill.cc).
struct Fill {
  Row maker = 0;
  Price price;
  Lots lots;
  std::uint64_t quote = 0;
  std::int64_t maker_fee = 0;
  std::int64_t taker_fee = 0;
  Amount maker_hold;  // After it.
};

constexpr Row fee_row = 1;     // The accounts of the house; in no map, so no command can name them.
constexpr Row lender_row = 2;  // Deposits and credits may (`deposit_account`).

struct State {
  explicit State(const CoreLimits& given);
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  const CoreLimits& limits() const { return limits_; }

  // --- Looking things up; 0 when there is none.
  Row account(AccountId id) const {
    return account_ids.find(id.value, [this](Slot row) { return accounts[row].id.value; });
  }
  // Whose balance operators may raise: customers and the lender.
  Row deposit_account(AccountId id) const {
    return id == lender_account ? lender_row : account(id);
  }
  Row asset(AssetId id) const { return id.value < assets_count() ? Row{id.value} + 1 : 0; }
  std::size_t assets_count() const { return assets.rows(); }
  std::size_t markets_count() const { return facts.size(); }
  static Row market(MarketId id) { return Row{id.value} + 1; }
  Row seat(Row account_row, MarketId id) const {
    const std::uint64_t key = seat_key(account_row, id);
    return seat_ids.find(
        key, [this](Slot row) { return seat_key(seats[row].account, seats[row].market); });
  }
  // What order_ids asks of a slot.
  auto id_of_order() const {
    return [this](Slot at) { return orders[at].id.value; };
  }
  // An order that is open, inactive ones included.
  Row open_order(OrderId id) const {
    const Row row = order_ids.find(id.value, id_of_order());
    return orders[row].closed() ? 0 : row;
  }
  const Extra* extra(const Order& order) const {
    return order.extra == 0 ? nullptr : &extras[order.extra];
  }
  static std::uint64_t seat_key(Row account_row, MarketId id) {
    return std::uint64_t{account_row} << 16 | id.value;
  }

  // --- Making things.
  Row sit(Row account_row, MarketId id);       // The seat; with both pockets.
  Pocket pocket(Row account_row, AssetId id);  // The account's pocket, made when needed.

  // --- Telling. Records of the command, in order.
  void tell(const Event& event);

  // --- The time of the command that is being applied, and its number.
  WallTimeMs time;
  std::uint64_t number = 0;

  // Set when a table of those below that change rarely was changed in this step.
  bool rare_touched = false;

  // --- Tables.
  Table<Account> accounts;
  Table<ApiKey> keys;   // A key's id is its row.
  Table<Asset> assets;  // Row = number + 1; so with markets.
  Table<Seat> seats;
  Table<Order> orders;      // By slot,
  Table<OrderLinks> links;  // and so are these.
  Table<Extra> extras;
  Table<Position> positions;
  Table<MarketFlow> flows;
  Table<MarketRules> rules;
  Table<Session> sessions;
  Table<Edge> edges;
  Table<ClientOrderId> client_ids;
  Table<Reference> references;
  Table<Withdrawal> withdrawals;
  Table<Credit> credits;
  Table<NodeRelease> node_releases;
  Table<Counters> counters_table;
  Table<House> house_table;
  OrderedIndex indexes;  // Timers, triggers, the margin watch.
  Purses purses;
  Pool pool;
  std::vector<MarketFacts> facts;  // By market; grows in a step, cut when it is undone.
  Books books;

  using Ids = IdMap<Undo::keep>;
  Ids account_ids, seat_ids, session_ids, edge_ids;
  OrderIds<Undo::keep> order_ids;
  Ids key_texts, client_id_texts, reference_texts;  // By a hash of the text.
  Ids withdrawal_ids, credit_ids;

  const Counters& counters() const { return counters_table[1]; }
  const House& house() const { return house_table[1]; }
  Counters& change_counters() { return counters_table.change(1); }
  House& change_house() { return house_table.change(1); }

  // --- Of the step under way.
  OutBuffer out;  // Its events.
  Answer answer;
  StepList<LevelChange> levels;  // May name a price twice; the first is the one that counts.
  StepList<Row> closed;          // Orders that leave at the end of the step.
  Plan plan;
  StepList<Fill> fills;
  StepList<Told> told;  // Of one kind at a time: fast/changes.cc.
  std::size_t facts_before = 0;

  AccountId sweeping;  // By a margin sweep; stays when it is undone.

  // --- Of the command under way.
  std::size_t triggers_left = 0;

  // --- Not state: found again from it.
  std::vector<Row> fired_markets;  // With low and high set, by market.
  OrderId expiry_cursor{1};        // No open order with the usual lifetime has a lower id.
  WallTimeMs expiry_bound;         // None of them expires before.
  WallTimeMs timers_bound;         // No other timer is due before.

  Lookahead lookahead;  // Hints only.

  std::uint64_t events_hash = 0;  // Of all events ever told, in order.

  bool direct = true;  // Tests that compare the direct way with the general one switch it off.

  void commit();
  void rollback();

 private:
  CoreLimits limits_;
};

// A 64-bit hash of a text and its owner, for the maps by text.
std::uint64_t text_hash(std::uint64_t owner, std::string_view text);

}  // namespace oki::core::fast
