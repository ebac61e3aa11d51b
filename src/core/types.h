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
constexpr AccountId customer_account_max{0xffff'ffff'ffff'ffef};

// Dense from 0, in order of adding.
using AssetId = Strong<struct AssetIdTag, std::uint16_t>;
using MarketId = Strong<struct MarketIdTag, std::uint16_t>;

// Given by the core, each from one counter that starts at 1 and serves all markets; 0 is none.
using KeyId = Strong<struct KeyIdTag, std::uint64_t>;
using OrderId = Strong<struct OrderIdTag, std::uint64_t>;
using TradeId = Strong<struct TradeIdTag, std::uint64_t>;

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
enum class OrderType : std::uint8_t { limit = 0, market = 1 };

enum class OrderStatus : std::uint8_t {
  unfilled = 0,
  partially_filled = 1,
  fully_filled = 2,
  canceled_unfilled = 3,
  canceled_partially_filled = 4,
  rejected = 5,  // A market order that the book could not fill completely.
};

// Fees are at most a tenth of what changes hands.
constexpr std::int32_t fee_ppm_max = 100'000;

constexpr bool is_final(OrderStatus status) {
  return status != OrderStatus::unfilled && status != OrderStatus::partially_filled;
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

// Valid when every name and number keeps its comment, and an order of the largest amount at the
// highest price with the highest fee is worth less than 2^63 of the quote's smallest unit: then no
// sum over one order can overflow.
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

  friend bool operator==(const MarketSpec&, const MarketSpec&) = default;
};

// An order as its owner sees it.
struct OrderView {
  OrderId id;
  AccountId account;
  MarketId market;
  Side side = Side::buy;
  OrderType type = OrderType::limit;
  bool post_only = false;
  OrderStatus status = OrderStatus::unfilled;
  Price price;    // 0 for a market order.
  Lots amount;    // As ordered.
  Lots executed;  // <= amount.
  Amount
      executed_quote;  // Sum of the quote amounts of its trades; average price = this / executed.
  WallTimeMs ordered_at;
  WallTimeMs canceled_at;  // 0 unless canceled.
  WallTimeMs executed_at;  // Of the last trade; 0 before.

  friend bool operator==(const OrderView&, const OrderView&) = default;
};

}  // namespace oki::core
