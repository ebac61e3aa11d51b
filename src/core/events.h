// What has happened, for every reader of the log, and its bytes.
//
// The events of one command come in the order written here and carry all that a reader needs: no
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

// Accepted, before its trades. It may rest, trade, or be closed by the next events.
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

// The order as it stands after the command: for each order that the command placed, traded with or
// closed, once, taker last.
struct OrderChanged {
  OrderView order;
  friend bool operator==(const OrderChanged&, const OrderChanged&) = default;
};

// The open lots at one price of one side are now `lots` (0: the price is gone). One event per
// changed price and command; `sequence` rises with every such event of the market.
struct LevelChanged {
  MarketId market;
  Side side = Side::buy;
  Price price;
  Lots lots;
  Sequence sequence;
  friend bool operator==(const LevelChanged&, const LevelChanged&) = default;
};

// The balance after the command, once per changed account and asset.
struct BalanceChanged {
  AccountId account;
  AssetId asset;
  Amount free;
  Amount held;  // By open orders. onhand = free + held.
  friend bool operator==(const BalanceChanged&, const BalanceChanged&) = default;
};

using Event = std::variant<AssetAdded, MarketAdded, AccountAdded, ApiKeyAdded, NonceUsed, Deposited,
                           OrderAccepted, Traded, OrderChanged, LevelChanged, BalanceChanged>;

void append(Bytes& out, const Event& event);

// Takes the next event off `bytes`. Nothing when no whole event is left or the event is malformed;
// `bytes` is then not empty and the stream cannot be trusted. Unknown kinds are skipped.
std::optional<Event> take_event(ByteView& bytes);

}  // namespace oki::core
