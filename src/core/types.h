// The words of the exchange: strong integers, the shapes of commands' parts, enums with their
// numbers on the wire. A number once given to an enumerator is never given to another.
#pragma once

#include <cstdint>
#include <string>

#include "base/strong.h"

namespace oki::core {

// Chosen by who opens the account; 0 is none, and the highest sixteen are the core's own.
using AccountId = Strong<struct AccountIdTag, std::uint64_t>;
constexpr AccountId fee_account{0xffff'ffff'ffff'ffff};      // Receives fees, pays rebates.
constexpr AccountId outside_account{0xffff'ffff'ffff'fffe};  // Owes what was deposited.
constexpr AccountId lender_account{0xffff'ffff'ffff'fffd};   // Lends to margin positions.
constexpr AccountId customer_account_max{0xffff'ffff'ffff'ffef};

// Dense from 0, in order of adding.
using AssetId = Strong<struct AssetIdTag, std::uint16_t>;
using MarketId = Strong<struct MarketIdTag, std::uint16_t>;

// Given by the core, each from one counter that starts at 1 and serves all markets; 0 is none.
using KeyId = Strong<struct KeyIdTag, std::uint64_t>;
using OrderId = Strong<struct OrderIdTag, std::uint64_t>;
using TradeId = Strong<struct TradeIdTag, std::uint64_t>;
using WithdrawalId = Strong<struct WithdrawalIdTag, std::uint64_t>;
using CreditId = Strong<struct CreditIdTag, std::uint64_t>;

// A person of the house, as its console knows him; 0 is none.
using OperatorId = Strong<struct OperatorIdTag, std::uint64_t>;

// A connection whose orders are cancelled when it closes: the edge's number in the upper 32 bits,
// the connection's in the lower. 0 is none.
using SessionId = Strong<struct SessionIdTag, std::uint64_t>;

// Counts the smallest unit of its asset (10^-decimals). Never a float.
using Amount = Strong<struct AmountTag, std::uint64_t>;

// A price in ticks of its market (10^-price_digits of the quote asset for one base asset).
using Price = Strong<struct PriceTag, std::uint64_t>;

// A size in lots of its market (10^-amount_digits of the base asset).
using Lots = Strong<struct LotsTag, std::uint64_t>;

// One counter per market, raised by at least one with every change of its book and never reset:
// `sequenceId` and `s` of the public streams.
using Sequence = Strong<struct SequenceTag, std::uint64_t>;

enum class Side : std::uint8_t { buy = 0, sell = 1 };
enum class OrderType : std::uint8_t {
  limit = 0,
  market = 1,       // All or nothing.
  stop = 2,         // Becomes a market order,
  stop_limit = 3,   // a limit order,
  take_profit = 4,  // or a market order that closes a margin position,
  stop_loss = 5,    // when the price reaches its trigger.
  losscut = 6,      // Placed by the core alone: closes a position whose margin is too small.
};

enum class OrderStatus : std::uint8_t {
  unfilled = 0,
  partially_filled = 1,
  fully_filled = 2,
  canceled_unfilled = 3,
  canceled_partially_filled = 4,
  rejected = 5,  // A market order that the book could not fill completely.
  inactive = 6,  // Waits for its trigger.
};

enum class TimeInForce : std::uint8_t { gtc = 0, ioc = 1, fok = 2, gtd = 3 };

// What becomes of an order that meets one of its own account; the taker's choice decides.
enum class SelfTrade : std::uint8_t {
  allow = 0,
  cancel_newest = 1,
  cancel_oldest = 2,
  cancel_both = 3,
  decrement = 4,  // Both lose the smaller amount, without a trade.
};

// Which margin position an order opens or closes; `none` is spot. buy+long and sell+short open.
enum class PositionSide : std::uint8_t { none = 0, long_side = 1, short_side = 2 };

// Why an order was closed before it was filled, or is not as it was placed.
enum class Reason : std::uint8_t {
  none = 0,
  by_owner = 1,
  would_cross = 2,  // Post-only.
  not_filled = 3,   // Remainder of an IOC, FOK or losscut order, or a market order.
  self_trade = 4,
  expired = 5,
  dead_man = 6,             // The owner's dead man's switch.
  session_closed = 7,       // Or its edge is silent.
  circuit_break = 8,        // Would have traded outside the band and cannot wait for the auction.
  insufficient_amount = 9,  // When it was triggered.
  nothing_to_close = 10,    // When it was triggered: the position is gone.
  losscut = 11,             // Margin orders of an account that is being liquidated.
  fills_limit = 12,         // fills_per_order_max.
  by_operator = 13,
  market_stopped = 14,  // When it was triggered: a flag or mode of the market forbids it.
};

// Fees are at most a tenth of what changes hands.
constexpr std::int32_t fee_ppm_max = 100'000;

constexpr bool is_final(OrderStatus status) {
  return status != OrderStatus::unfilled && status != OrderStatus::partially_filled &&
         status != OrderStatus::inactive;
}

// Whether the order waits for the price to reach its trigger first.
constexpr bool has_trigger(OrderType type) {
  return type >= OrderType::stop && type <= OrderType::stop_loss;
}

// Whether an order of this side opens a margin position of that one; otherwise it closes it.
constexpr bool opens(Side side, PositionSide position) {
  return (side == Side::buy) == (position == PositionSide::long_side);
}

// How a command was signed. `key` 0: by the house itself, no nonce rule. `nonce` 0: by request
// time, the edge has checked the window. Otherwise the nonce must exceed the key's last one.
struct Signed {
  KeyId key;
  std::uint64_t nonce = 0;

  friend bool operator==(const Signed&, const Signed&) = default;
};

constexpr std::size_t asset_name_bytes_max = 16;
constexpr std::size_t market_name_bytes_max = 33;
constexpr std::uint8_t decimals_max = 12;

struct AssetSpec {
  std::string name;           // "btc"; 1 to asset_name_bytes_max characters of a-z and 0-9.
  std::uint8_t decimals = 0;  // Smallest unit is 10^-decimals; at most decimals_max.

  friend bool operator==(const AssetSpec&, const AssetSpec&) = default;
};

// How a market trades on margin; docs/rules.md, section Margin. Rates in millionths.
struct MarginSpec {
  bool enabled = false;
  std::int32_t open_maker_fee_ppm = 0;  // Not negative, at most fee_ppm_max; so the next three.
  std::int32_t open_taker_fee_ppm = 0;
  std::int32_t close_maker_fee_ppm = 0;
  std::int32_t close_taker_fee_ppm = 0;
  std::uint32_t long_interest_ppm = 0;  // Per day, of what was lent; at most fee_ppm_max.
  std::uint32_t short_interest_ppm = 0;
  std::uint32_t ratio_ppm = 500'000;  // Margin that a position needs; 1 to a million.

  friend bool operator==(const MarginSpec&, const MarginSpec&) = default;
};

// Valid when every name and number keeps its comment, and an order of the largest amount at the
// highest price with the highest fee is worth less than 2^63 of the quote's smallest unit: then no
// sum over one order can overflow. Widths of bands and collars are millionths of a price, below a
// million; 0 switches the rule off.
struct MarketSpec {
  std::string name;  // "btc_jpy"; 1 to market_name_bytes_max characters of a-z, 0-9 and '_'.
  AssetId base;      // Not the quote.
  AssetId quote;
  std::uint8_t price_digits = 0;   // At most decimals_max.
  std::uint8_t amount_digits = 0;  // At most the decimals of the base asset.
  bool listed = true;              // False: in no public list, ticker or volume (probe markets).
  std::int32_t maker_fee_ppm = 0;  // Millionths of the quote amount; negative is a rebate.
  std::int32_t taker_fee_ppm = 0;  // Not negative, and taker + maker must not be negative.
  Price price_min{1};              // At least 1.
  Price price_max{0};              // At least price_min.
  Lots amount_min{1};              // At least 1.
  Lots limit_amount_max{0};        // At least amount_min.
  Lots market_amount_max{0};       // At least amount_min.

  std::uint32_t band_ppm = 0;       // Circuit breaker: half width of the band around the reference,
  std::uint32_t band_step_ppm = 0;  // how much a repeated trigger widens its side,
  std::uint32_t band_max_ppm = 0;   // up to here; at least band_ppm.
  std::uint32_t break_ms = 600'000;        // From the trigger to the auction; at least 1,000.
  std::uint32_t collar_ppm = 0;            // How far through the reference a limit price may be.
  std::uint32_t market_allowance_ppm = 0;  // How far from the best price a market order may fill.
  std::uint32_t busy_per_second = 0;       // Orders in one second that make it BUSY; 0: never.
  std::uint32_t very_busy_per_second = 0;  // At least busy_per_second.
  Lots busy_amount_min{0};                 // Smallest order while BUSY; 0: as always.
  Lots very_busy_amount_min{0};
  MarginSpec margin;

  friend bool operator==(const MarketSpec&, const MarketSpec&) = default;
};

// --- The state of a market; docs/rules.md, section Market states.
enum class MarketStatus : std::uint8_t { normal = 0, busy = 1, very_busy = 2, halt = 3 };

enum class MarketMode : std::uint8_t {
  none = 0,  // Continuous trading; all others collect orders for one auction.
  circuit_break = 1,
  full_range_circuit_break = 2,  // Ends only by an operator.
  resumption = 3,
  listing = 4,
};

// Who is the maker in an auction.
enum class FeeType : std::uint8_t { normal = 0, sell_maker = 1, buy_maker = 2, dynamic = 3 };

// What operators switch off, one bit each. Names as in bitbank's pairs.
enum class Stop : std::uint16_t {
  order = 1 << 0,  // Cancel-only.
  order_and_cancel = 1 << 1,
  market_order = 1 << 2,
  stop_order = 1 << 3,  // stop, take_profit and stop_loss.
  stop_limit_order = 1 << 4,
  margin_long_order = 1 << 5,  // Opening a long position.
  margin_short_order = 1 << 6,
  buy_order = 1 << 7,
  sell_order = 1 << 8,
  not_post_only = 1 << 9,  // Only post-only limit orders are taken.
  disabled = 1 << 10,      // is_enabled is false.
};
constexpr std::uint16_t stops_mask = (1 << 11) - 1;
constexpr bool stopped(std::uint16_t stops, Stop what) {
  return (stops & static_cast<std::uint16_t>(what)) != 0;
}

// All that is public of a market's state. Prices 0 and times 0 are none.
struct MarketState {
  MarketId market;
  MarketStatus status = MarketStatus::normal;
  MarketMode mode = MarketMode::none;
  FeeType fee_type = FeeType::normal;
  std::uint16_t stops = 0;
  Price reference;
  Price lower_trigger, upper_trigger;  // Trades outside start a circuit break; both 0 without one.
  Price lower_itayose, upper_itayose;  // The auction must end within; 0: anywhere.
  WallTimeMs reopen_at;                // Of the auction, 0 when not known.
  WallTimeMs cancel_only_at, auction_at, withdrawals_at;  // Of a scheduled reopening; 0 when past.

  friend bool operator==(const MarketState&, const MarketState&) = default;
};

enum class MarginStatus : std::uint8_t { normal = 0, call = 1, losscut = 2, debt = 3 };

// A margin position. Amounts are of the market's quote asset.
struct Position {
  AccountId account;
  MarketId market;
  PositionSide side = PositionSide::long_side;
  Lots open;
  Amount cost;                // What the open lots were bought or sold for.
  Amount fees;                // Of opening, not yet paid.
  Amount interest;            // Not yet paid.
  WallTimeMs interest_until;  // The midnight (UTC+9) up to which interest is in `interest`.

  friend bool operator==(const Position&, const Position&) = default;
};

constexpr std::size_t client_order_id_bytes_max = 32;

// An order as its owner sees it.
struct OrderView {
  OrderId id;
  AccountId account;
  MarketId market;
  Side side = Side::buy;
  OrderType type = OrderType::limit;
  bool post_only = false;
  TimeInForce time_in_force = TimeInForce::gtc;
  SelfTrade self_trade = SelfTrade::allow;
  PositionSide position = PositionSide::none;
  OrderStatus status = OrderStatus::unfilled;
  Reason reason = Reason::none;
  Price price;    // 0 for orders that are or become market orders.
  Price trigger;  // 0 without a trigger.
  Lots amount;    // As ordered, or as amended; 0 until the trigger of one that closes everything.
  Lots display;   // Of an iceberg order: the largest amount shown at a time. 0: all.
  Lots executed;  // <= amount.
  Amount
      executed_quote;  // Sum of the quote amounts of its trades; average price = this / executed.
  SessionId session;   // Cancelled with this connection; 0: with none.
  WallTimeMs ordered_at;
  WallTimeMs expire_at;         // 0 for orders that never rest.
  WallTimeMs triggered_at;      // 0 before.
  WallTimeMs canceled_at;       // 0 unless canceled.
  WallTimeMs executed_at;       // Of the last trade; 0 before.
  std::string client_order_id;  // The owner's own name for it; may be empty.

  friend bool operator==(const OrderView&, const OrderView&) = default;
};

}  // namespace oki::core
