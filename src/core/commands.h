// What can be asked of the exchange, and its bytes.
//
// A command is one kind byte (its place in `Command`, counted from 1) and the fields in the order
// below, little-endian; strings are u32 length and bytes. Docs: docs/formats/commands.md.
// Commands come only from edges and operators' tools, but are decoded as if from a stranger:
// whatever does not decode exactly is refused as `malformed`, changes nothing, and stops nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "core/types.h"

namespace oki::core {

constexpr std::size_t cancel_orders_max = 30;  // Of one CancelOrders.
constexpr std::size_t api_key_bytes_max = 64;
constexpr std::size_t sealed_secret_bytes_max = 256;
constexpr std::size_t reference_bytes_max = 64;
constexpr std::size_t destination_bytes_max = 128;
constexpr std::size_t place_orders_max = 30;  // Of one PlaceOrders.
constexpr std::size_t nodes_max = 16;         // Of one ActivateRelease.
constexpr std::size_t reply_rows_max = 255;
constexpr std::uint32_t dead_man_ms_max = 86'400'000;

// --- Set-up, by operators. Each is refused with `exists` when the same thing is there already, and
// with `conflict` when another thing has its name.
struct AddAsset {
  AssetSpec spec;
  friend bool operator==(const AddAsset&, const AddAsset&) = default;
};

struct AddMarket {
  MarketSpec spec;
  friend bool operator==(const AddMarket&, const AddMarket&) = default;
};

struct AddAccount {
  AccountId account;
  std::uint32_t updates_per_second = 6;   // Orders and cancels; 0: no limit.
  std::uint32_t queries_per_second = 10;  // Enforced by the edges; 0: no limit.
  friend bool operator==(const AddAccount&, const AddAccount&) = default;
};

struct AddApiKey {
  AccountId account;
  std::string key;            // What the client sends as ACCESS-KEY.
  std::string sealed_secret;  // Readable only by edges that hold the sealing key.
  friend bool operator==(const AddApiKey&, const AddApiKey&) = default;
};

// Credits an account from outside the exchange. `reference` makes it happen once.
struct Deposit {
  AccountId account;
  AssetId asset;
  Amount amount;
  std::string reference;  // Not empty.
  friend bool operator==(const Deposit&, const Deposit&) = default;
};

// --- Trading. Rules: docs/rules.md.
struct PlaceOrder {
  AccountId account;
  Signed auth;
  MarketId market;
  Side side = Side::buy;
  OrderType type = OrderType::limit;  // Not losscut.
  bool post_only = false;             // Only with limit.
  TimeInForce time_in_force = TimeInForce::gtc;
  SelfTrade self_trade = SelfTrade::allow;
  PositionSide position = PositionSide::none;
  Price price;           // 0 with market, stop, take_profit and stop_loss.
  Price trigger;         // Only with the types that have one.
  Lots amount;           // 0 with take_profit and stop_loss: all of the position.
  Lots display;          // Iceberg; 0: shows all.
  WallTimeMs expire_at;  // Only with gtd.
  SessionId session;
  std::string client_order_id;  // Idempotency: an id of the account is used once.
  friend bool operator==(const PlaceOrder&, const PlaceOrder&) = default;
};

// One or many; each order has its own result in the reply. The command counts as one update.
struct CancelOrders {
  AccountId account;
  Signed auth;
  MarketId market;
  std::vector<OrderId> orders;  // 1 to cancel_orders_max.
  friend bool operator==(const CancelOrders&, const CancelOrders&) = default;
};

// Makes what is due happen when no other command comes. Proposed by the leader.
struct Tick {
  friend bool operator==(const Tick&, const Tick&) = default;
};

// Keeps the order's priority when only the amount shrinks; otherwise the order goes to the end of
// its price and may trade at once.
struct AmendOrder {
  AccountId account;
  Signed auth;
  MarketId market;
  OrderId order;
  Price price;    // 0: as it is.
  Price trigger;  // 0: as it is. Only while the order is inactive.
  Lots amount;    // The whole amount, executed lots included; 0: as it is.
  friend bool operator==(const AmendOrder&, const AmendOrder&) = default;
};

// All open orders of the account, in one market or in all. Each is a row of the reply, up to
// reply_rows_max; all are cancelled.
struct CancelAll {
  AccountId account;
  Signed auth;
  bool all_markets = true;
  MarketId market;  // Unless all_markets.
  friend bool operator==(const CancelAll&, const CancelAll&) = default;
};

// Dead man's switch: cancels all orders of the account at command time + timeout, unless set again
// before. 0 switches it off.
struct CancelAllAfter {
  AccountId account;
  Signed auth;
  std::uint32_t timeout_ms = 0;  // At most dead_man_ms_max.
  friend bool operator==(const CancelAllAfter&, const CancelAllAfter&) = default;
};

// From edges: the connection is closed; its orders are cancelled.
struct CloseSession {
  SessionId session;
  friend bool operator==(const CloseSession&, const CloseSession&) = default;
};

// From edges with open sessions, once a second: silence for edge_silence_ms closes all of them.
struct EdgeAlive {
  std::uint32_t edge = 0;
  friend bool operator==(const EdgeAlive&, const EdgeAlive&) = default;
};

// --- Market states, by operators.
struct SetMarketStops {
  MarketId market;
  std::uint16_t stops = 0;
  friend bool operator==(const SetMarketStops&, const SetMarketStops&) = default;
};

// HALT by hand, or back to what the load says.
struct SetMarketHalt {
  MarketId market;
  bool halt = false;
  friend bool operator==(const SetMarketHalt&, const SetMarketHalt&) = default;
};

// Starts collecting orders for an auction (resumption, listing, full_range_circuit_break), or sets
// the time of the auction under way.
struct StartAuction {
  MarketId market;
  MarketMode mode = MarketMode::resumption;  // Not none, not circuit_break.
  Price reference;                           // 0: as it is.
  WallTimeMs reopen_at;                      // After now; 0 with full_range_circuit_break only.
  friend bool operator==(const StartAuction&, const StartAuction&) = default;
};

// The staged reopening of halted markets: announced at once, then cancel-only, then orders for the
// auction, then trading, then withdrawals of the market's two assets. Times rise; all are after
// now.
struct ScheduleReopening {
  MarketId market;
  WallTimeMs cancel_only_at, auction_at, trading_at, withdrawals_at;
  friend bool operator==(const ScheduleReopening&, const ScheduleReopening&) = default;
};

// --- Money, by operators and the treasury.
// The house's own funds on chains and in banks, or what left them: holdings, nobody's balance.
struct AdjustHoldings {
  AssetId asset;
  bool less = false;
  Amount amount;
  std::string reference;  // Not empty; makes it happen once.
  friend bool operator==(const AdjustHoldings&, const AdjustHoldings&) = default;
};

// A manual credit needs two operators. The proposal lapses after approval_ms_max.
struct ProposeCredit {
  OperatorId by;
  AccountId account;
  AssetId asset;
  Amount amount;
  std::string reference;
  friend bool operator==(const ProposeCredit&, const ProposeCredit&) = default;
};

struct ApproveCredit {
  OperatorId by;  // Not who proposed it.
  CreditId credit;
  friend bool operator==(const ApproveCredit&, const ApproveCredit&) = default;
};

struct RequestWithdrawal {
  AccountId account;
  Signed auth;
  AssetId asset;
  Amount amount;
  Amount fee;               // The house's, on top.
  std::string destination;  // Opaque to the core; 1 to destination_bytes_max.
  friend bool operator==(const RequestWithdrawal&, const RequestWithdrawal&) = default;
};

struct ApproveWithdrawal {
  OperatorId by;
  WithdrawalId withdrawal;
  friend bool operator==(const ApproveWithdrawal&, const ApproveWithdrawal&) = default;
};

// Gives the amount back; also after the approval, as long as nothing was sent.
struct RejectWithdrawal {
  OperatorId by;
  WithdrawalId withdrawal;
  friend bool operator==(const RejectWithdrawal&, const RejectWithdrawal&) = default;
};

// It has left the exchange.
struct SettleWithdrawal {
  WithdrawalId withdrawal;
  friend bool operator==(const SettleWithdrawal&, const SettleWithdrawal&) = default;
};

// Of one asset, or of all. Any operator may freeze; to resume takes two within approval_ms_max.
struct FreezeWithdrawals {
  OperatorId by;
  bool all_assets = true;
  AssetId asset;
  bool freeze = true;
  friend bool operator==(const FreezeWithdrawals&, const FreezeWithdrawals&) = default;
};

struct RestrictAccount {
  OperatorId by;
  AccountId account;
  bool no_orders = false;
  bool no_withdrawals = false;
  friend bool operator==(const RestrictAccount&, const RestrictAccount&) = default;
};

// How much of an asset's value counts as margin, in millionths (at most a million), and from which
// margin percentages the exchange calls and liquidates. For all accounts.
struct SetCollateral {
  AssetId asset;
  std::uint32_t ratio_ppm = 0;
  friend bool operator==(const SetCollateral&, const SetCollateral&) = default;
};

// Whether the account may open margin positions.
struct AllowMargin {
  AccountId account;
  bool allowed = true;
  friend bool operator==(const AllowMargin&, const AllowMargin&) = default;
};

// --- Releases of the rules: docs/rules.md, section Releases.
struct ReportRelease {
  std::uint64_t node = 0;     // Not 0.
  std::uint32_t release = 0;  // 0: forget it, it has left the log for good.
  friend bool operator==(const ReportRelease&, const ReportRelease&) = default;
};

// Switches the rules of `release` on, when all nodes that have reported, and all `nodes`, know it.
struct ActivateRelease {
  std::uint32_t release = 0;         // The active one plus 1.
  std::vector<std::uint64_t> nodes;  // The members of the log, 1 to nodes_max.
  friend bool operator==(const ActivateRelease&, const ActivateRelease&) = default;
};

// Since release 2: many orders of one account in one command, each with its own row. Counts as one
// update; an order's own account and auth must equal those of the command.
struct PlaceOrders {
  AccountId account;
  Signed auth;
  std::vector<PlaceOrder> orders;  // 1 to place_orders_max.
  friend bool operator==(const PlaceOrders&, const PlaceOrders&) = default;
};

using Command =
    std::variant<AddAsset, AddMarket, AddAccount, AddApiKey, Deposit, PlaceOrder, CancelOrders,
                 Tick, AmendOrder, CancelAll, CancelAllAfter, CloseSession, EdgeAlive,
                 SetMarketStops, SetMarketHalt, StartAuction, ScheduleReopening, AdjustHoldings,
                 ProposeCredit, ApproveCredit, RequestWithdrawal, ApproveWithdrawal,
                 RejectWithdrawal, SettleWithdrawal, FreezeWithdrawals, RestrictAccount,
                 SetCollateral, AllowMargin, ReportRelease, ActivateRelease, PlaceOrders>;

// A command that breaks a length limit encodes to bytes that do not decode.
Bytes encode(const Command& command);
std::optional<Command> decode_command(ByteView bytes);

// --- The answer.

// In order of checking. Numbers are on the wire and never change meaning. One table in the edge
// gives each its bitbank code.
enum class [[nodiscard]] Refusal : std::uint8_t {
  ok = 0,
  malformed = 1,     // Also a kind of a release that is not active.
  quarantined = 23,  // Its application broke an invariant and was undone.
  exists = 2,
  conflict = 3,
  unknown_account = 5,
  unknown_asset = 6,
  unknown_market = 7,
  unknown_withdrawal = 24,
  unknown_credit = 25,
  unknown_key = 8,          // Or the key of another account.
  nonce_not_increased = 9,  // Refusals below this one have used up the nonce,
  too_many_updates = 10,    // and those below this one an update of the account's rate limit.
  account_restricted = 26,
  client_order_id_used = 27,  // The row holds the id of the order that has it.
  invalid_spec = 11,
  same_operator = 28,   // Two are needed.
  wrong_state = 29,     // The withdrawal, credit, market or release is not where it must be.
  node_not_ready = 30,  // A node has not reported the release.
  invalid_time = 31,    // Not after now, too late, or not in order.
  invalid_client_order_id = 32,  // Characters other than A-Z a-z 0-9 . _ : -
  invalid_type = 33,             // losscut.
  invalid_amount = 12,           // Zero, or more than executed is asked back.
  invalid_price = 13,            // Zero with limit, not zero with market.
  invalid_trigger = 34,          // Zero with a trigger type, not zero without.
  post_only_with_market = 14,    // Or with another type than limit.
  invalid_time_in_force = 35,    // Not with this type, with post_only, or without its expiry.
  invalid_display = 36,   // Below amount_min, above the amount, or not a resting limit order.
  invalid_position = 37,  // take_profit and stop_loss need one.
  no_margin_market = 38,
  stop_opens_position = 39,  // stop and stop_limit may not open one.
  not_closing = 40,          // take_profit and stop_loss must close.
  market_halted = 41,
  orders_and_cancels_stopped = 42,
  orders_stopped = 43,
  market_uncrossing = 44,  // The auction is executing: try again at once.
  market_orders_stopped = 45,
  no_market_orders_in_auction = 46,  // Nor IOC, FOK.
  stop_orders_stopped = 47,
  stop_limit_orders_stopped = 48,
  long_orders_stopped = 49,
  short_orders_stopped = 50,
  buy_orders_stopped = 51,
  sell_orders_stopped = 52,
  only_post_only = 53,
  amount_below_min = 15,
  amount_below_busy_min = 54,
  amount_above_max = 16,
  price_below_min = 17,
  price_above_max = 18,
  price_beyond_collar = 55,
  trigger_below_min = 56,
  trigger_above_max = 57,
  triggers_at_once = 58,
  too_many_open_orders = 19,  // open_orders_per_account_and_market_max; orders that may rest only.
  limit_reached = 4,          // A table of the core is full.
  margin_not_allowed = 59,    // The account has no margin trading, or is being liquidated.
  exceeds_position = 60,      // More than is left to close.
  insufficient_margin = 61,
  lender_exhausted = 62,
  withdrawals_frozen = 63,
  exceeds_holdings = 64,  // Liabilities would pass what the house holds.
  insufficient_amount = 20,
  would_cross = 65,      // An amended post-only order.
  order_not_found = 21,  // Not open: never was, is closed, or is another account's or market's.
  not_amendable = 66,    // An order of this type or state, or nothing to change.
  overflow = 22,         // A sum would pass 64 bits; nothing was changed.
};
constexpr std::uint8_t refusal_numbers = 67;  // All below it are taken.
const char* name(Refusal refusal);

// For PlaceOrder and AmendOrder: one row. For PlaceOrders, CancelOrders and CancelAll: a row per
// order, in the order asked or by id. Others: no rows. A command refused as a whole has its reason
// in `refusal` and no rows; only client_order_id_used of a single order has a row all the same.
struct Reply {
  struct Row {
    Refusal refusal = Refusal::ok;
    // Whole when `refusal` is ok. With client_order_id_used: the order as it is while it is open,
    // otherwise only its id. Otherwise nothing.
    OrderView order;
    friend bool operator==(const Row&, const Row&) = default;
  };
  Refusal refusal = Refusal::ok;
  std::vector<Row> rows;
  std::uint64_t id = 0;  // Of the withdrawal or credit that the command made; 0 otherwise.
  friend bool operator==(const Reply&, const Reply&) = default;
};

// u8 refusal, u8 number of rows, then per row u8 refusal and, when that is ok or
// client_order_id_used, the order. `id` of what the command made (withdrawal, credit) follows.
void append(Bytes& out, const Reply& reply);
std::optional<Reply> decode_reply(ByteView bytes);

}  // namespace oki::core
