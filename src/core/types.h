// The words of the exchange: strong integers, the shapes of commands' parts, enums with their
// numbers on the wire. A number once given to an enumerator is never given to another.
#pragma once

#include <cstdint>
#include <string>

#include "base/strong.h"

namespace oki::core {

// Chosen by who opens the account; 0 is none.
using AccountId = Strong<struct AccountIdTag, std::uint64_t>;

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

struct AssetSpec {
  std::string name;           // "btc"; at most 16 characters of a-z and 0-9.
  std::uint8_t decimals = 0;  // Smallest unit is 10^-decimals; at most 12.

  friend bool operator==(const AssetSpec&, const AssetSpec&) = default;
};

struct MarketSpec {
  std::string name;  // "btc_jpy"; base and quote asset must exist.
  AssetId base;
  AssetId quote;
  std::uint8_t price_digits = 0;
  std::uint8_t amount_digits = 0;  // At most the decimals of the base asset.
  bool listed = true;              // False: in no public list, ticker or volume (probe markets).
  std::int32_t maker_fee_ppm = 0;  // Millionths of the quote amount; negative is a rebate.
  std::int32_t taker_fee_ppm = 0;  // Not negative, and taker + maker must not be negative.
  Price price_min{1};
  Price price_max{0};
  Lots amount_min{1};
  Lots limit_amount_max{0};
  Lots market_amount_max{0};

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
  Price price;           // 0 for a market order.
  Lots amount;           // As ordered.
  Lots executed;         // <= amount.
  Amount executed_quote; // Sum of the quote amounts of its trades; average price = this / executed.
  WallTimeMs ordered_at;
  WallTimeMs canceled_at;  // 0 unless canceled.
  WallTimeMs executed_at;  // Of the last trade; 0 before.

  friend bool operator==(const OrderView&, const OrderView&) = default;
};

}  // namespace oki::core
