// What has happened, for every reader of the log, and its bytes.
//
// A command is applied in steps: what is due by time, what was triggered, then the command itself.
// The events of one step come in the order of docs/rules.md and carry all that a reader needs: no
// reader repeats a computation of the core. One event is u32 length, kind byte (its place in
// `Event`, counted from 1), fields, little-endian. A reader skips a kind it does not know.
// Docs: docs/formats/events.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "core/types.h"

namespace oki::core {

struct AssetAdded {
  AssetId id;
  AssetSpec spec;
  friend bool operator==(const AssetAdded&, const AssetAdded&) = default;
};

struct MarketAdded {
  MarketId id;
  MarketSpec spec;
  friend bool operator==(const MarketAdded&, const MarketAdded&) = default;
};

struct AccountAdded {
  AccountId id;
  std::uint32_t updates_per_second = 0;
  std::uint32_t queries_per_second = 0;
  friend bool operator==(const AccountAdded&, const AccountAdded&) = default;
};

struct ApiKeyAdded {
  KeyId id;
  AccountId account;
  std::string key;
  std::string sealed_secret;
  friend bool operator==(const ApiKeyAdded&, const ApiKeyAdded&) = default;
};

// The key's highest nonce seen in a command, also when the command was then refused.
struct NonceUsed {
  KeyId key;
  std::uint64_t nonce = 0;
  friend bool operator==(const NonceUsed&, const NonceUsed&) = default;
};

struct Deposited {
  AccountId account;
  AssetId asset;
  Amount amount;
  std::string reference;
  friend bool operator==(const Deposited&, const Deposited&) = default;
};

// Accepted, before its trades. It may wait, rest, trade, or be closed by the next events.
struct OrderAccepted {
  OrderView order;
  friend bool operator==(const OrderAccepted&, const OrderAccepted&) = default;
};

// One fill. Fees are in the quote asset, positive when paid, negative when received.
struct Traded {
  TradeId id;
  MarketId market;
  Side taker_side = Side::buy;
  Price price;
  Lots amount;
  Amount quote;  // What changed hands, before fees.
  OrderId maker_order, taker_order;
  AccountId maker_account, taker_account;
  std::int64_t maker_fee = 0;
  std::int64_t taker_fee = 0;
  friend bool operator==(const Traded&, const Traded&) = default;
};

// What has changed of an order: for each that the step traded with, amended, triggered or closed,
// once, as it stands after the step, taker last. Everything else of it is in OrderAccepted. An
// order that only comes to rest has no such event.
struct OrderChanged {
  OrderId id;
  AccountId account;
  MarketId market;
  OrderStatus status = OrderStatus::unfilled;
  Reason reason = Reason::none;
  Price price, trigger;
  Lots amount, executed;
  Amount executed_quote;
  WallTimeMs triggered_at, canceled_at, executed_at;
  friend bool operator==(const OrderChanged&, const OrderChanged&) = default;
};
OrderChanged changed(const OrderView& order);
void update(OrderView& order, const OrderChanged& change);  // REQUIRES: the same order.

// The visible open lots at one price of one side are now `lots` (0: the price is gone). One event
// per changed price and step; `sequence` rises with every such event of the market.
struct LevelChanged {
  MarketId market;
  Side side = Side::buy;
  Price price;
  Lots lots;
  Sequence sequence;
  friend bool operator==(const LevelChanged&, const LevelChanged&) = default;
};

// The balance after the step, once per changed account and asset.
struct BalanceChanged {
  AccountId account;
  AssetId asset;
  Amount free;
  Amount held;         // By open orders.
  Amount withdrawing;  // By withdrawals that are not settled. onhand = free + held + withdrawing.
  friend bool operator==(const BalanceChanged&, const BalanceChanged&) = default;
};

// Whenever any of it changes.
struct MarketChanged {
  MarketState state;
  friend bool operator==(const MarketChanged&, const MarketChanged&) = default;
};

// While a market collects orders: where the auction would end now. 0: nowhere.
struct AuctionEstimated {
  MarketId market;
  Price price;
  Lots lots;
  friend bool operator==(const AuctionEstimated&, const AuctionEstimated&) = default;
};

// The auction has executed; its trades came before.
struct AuctionEnded {
  MarketId market;
  Price price;  // 0: there was nothing to execute.
  Lots lots;
  friend bool operator==(const AuctionEnded&, const AuctionEnded&) = default;
};

// The margin side of a trade, after its Traded, for each party that has one.
struct MarginTraded {
  TradeId trade;
  OrderId order;
  AccountId account;
  PositionSide position = PositionSide::long_side;
  bool opened = true;
  Amount fee_occurred;      // By this trade; paid when the position is closed.
  Amount fee_paid;          // With this trade. Zero when it opened.
  Amount interest;          // Paid.
  std::int64_t profit = 0;  // Before fees and interest.
  friend bool operator==(const MarginTraded&, const MarginTraded&) = default;
};

// As it stands after the step; open 0: it is closed.
struct PositionChanged {
  Position position;
  friend bool operator==(const PositionChanged&, const PositionChanged&) = default;
};

struct MarginChanged {
  AccountId account;
  bool allowed = false;
  MarginStatus status = MarginStatus::normal;
  Amount debt;  // Owed to the house after a loss that the account could not pay.
  friend bool operator==(const MarginChanged&, const MarginChanged&) = default;
};

struct CollateralChanged {
  AssetId asset;
  std::uint32_t ratio_ppm = 0;
  friend bool operator==(const CollateralChanged&, const CollateralChanged&) = default;
};

struct DeadManSet {
  AccountId account;
  WallTimeMs at;  // 0: off, or it has struck.
  friend bool operator==(const DeadManSet&, const DeadManSet&) = default;
};

struct HoldingsChanged {
  AssetId asset;
  Amount holdings;     // Deposits included.
  Amount liabilities;  // What all balances sum to.
  std::string reference;
  friend bool operator==(const HoldingsChanged&, const HoldingsChanged&) = default;
};

enum class CreditState : std::uint8_t { proposed = 0, done = 1, lapsed = 2 };
struct CreditChanged {
  CreditId id;
  CreditState state = CreditState::proposed;
  OperatorId proposed_by, approved_by;
  AccountId account;
  AssetId asset;
  Amount amount;
  std::string reference;
  friend bool operator==(const CreditChanged&, const CreditChanged&) = default;
};

enum class WithdrawalState : std::uint8_t {
  requested = 0,
  approved = 1,
  settled = 2,
  rejected = 3
};
struct WithdrawalChanged {
  WithdrawalId id;
  WithdrawalState state = WithdrawalState::requested;
  AccountId account;
  AssetId asset;
  Amount amount, fee;
  OperatorId by;  // Who approved or rejected.
  WallTimeMs requested_at;
  std::string destination;
  friend bool operator==(const WithdrawalChanged&, const WithdrawalChanged&) = default;
};

struct WithdrawalsFrozen {
  AssetId asset;
  bool frozen = true;
  OperatorId by;  // 0: by a checker or a schedule.
  friend bool operator==(const WithdrawalsFrozen&, const WithdrawalsFrozen&) = default;
};

struct AccountRestricted {
  AccountId account;
  bool no_orders = false;
  bool no_withdrawals = false;
  friend bool operator==(const AccountRestricted&, const AccountRestricted&) = default;
};

// A step whose application broke an invariant: it was undone and will not be tried again.
enum class StepKind : std::uint8_t { command = 0, timer = 1, trigger = 2 };
struct Quarantined {
  StepKind kind = StepKind::command;
  std::uint64_t number = 0;   // Of the command since the beginning, from 1.
  std::uint64_t subject = 0;  // The order, market, account or edge of a timer or trigger; else 0.
  std::string fault;          // At most fault_bytes_max.
  friend bool operator==(const Quarantined&, const Quarantined&) = default;
};
constexpr std::size_t fault_bytes_max = 128;

struct ReleaseReported {
  std::uint64_t node = 0;
  std::uint32_t release = 0;  // 0: it is forgotten.
  friend bool operator==(const ReleaseReported&, const ReleaseReported&) = default;
};

struct ReleaseActivated {
  std::uint32_t release = 0;
  friend bool operator==(const ReleaseActivated&, const ReleaseActivated&) = default;
};

using Event = std::variant<AssetAdded, MarketAdded, AccountAdded, ApiKeyAdded, NonceUsed, Deposited,
                           OrderAccepted, Traded, OrderChanged, LevelChanged, BalanceChanged,
                           MarketChanged, AuctionEstimated, AuctionEnded, MarginTraded,
                           PositionChanged, MarginChanged, CollateralChanged, DeadManSet,
                           HoldingsChanged, CreditChanged, WithdrawalChanged, WithdrawalsFrozen,
                           AccountRestricted, Quarantined, ReleaseReported, ReleaseActivated>;

void append(Bytes& out, const Event& event);

// Takes the next event off `bytes`. Nothing when no whole event is left or the event is malformed;
// `bytes` is then not empty and the stream cannot be trusted. Unknown kinds are skipped.
std::optional<Event> take_event(ByteView& bytes);

}  // namespace oki::core
