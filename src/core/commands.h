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

// --- Trading.
struct PlaceOrder {
  AccountId account;
  Signed auth;
  MarketId market;
  Side side = Side::buy;
  OrderType type = OrderType::limit;
  bool post_only = false;  // Only with limit.
  Price price;             // 0 with market.
  Lots amount;
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

using Command =
    std::variant<AddAsset, AddMarket, AddAccount, AddApiKey, Deposit, PlaceOrder, CancelOrders>;

// A command that breaks a length limit encodes to bytes that do not decode.
Bytes encode(const Command& command);
std::optional<Command> decode_command(ByteView bytes);

// --- The answer.

// In order of checking. Numbers are on the wire and never change meaning.
enum class [[nodiscard]] Refusal : std::uint8_t {
  ok = 0,
  malformed = 1,
  exists = 2,
  conflict = 3,
  unknown_account = 5,
  unknown_asset = 6,
  unknown_market = 7,
  unknown_key = 8,          // Or the key of another account.
  nonce_not_increased = 9,  // Refusals below this one have used up the nonce,
  too_many_updates = 10,    // and those below this one an update of the account's rate limit.
  invalid_spec = 11,
  invalid_amount = 12,  // Zero.
  invalid_price = 13,   // Zero with limit, not zero with market.
  post_only_with_market = 14,
  amount_below_min = 15,
  amount_above_max = 16,
  price_below_min = 17,
  price_above_max = 18,
  too_many_open_orders = 19,  // open_orders_per_account_and_market_max; limit orders only.
  limit_reached = 4,          // A table of the core is full.
  insufficient_amount = 20,
  order_not_found = 21,  // Not open: never was, is closed, or is another account's or market's.
  overflow = 22,         // A sum would pass 64 bits; nothing was changed.
};
constexpr std::uint8_t refusal_numbers = 23;  // All below it are taken.
const char* name(Refusal refusal);

// For PlaceOrder: one row. For CancelOrders: a row per order, in the order asked. Set-up commands:
// no rows. A command refused as a whole has its reason in `refusal` and no rows.
struct Reply {
  struct Row {
    Refusal refusal = Refusal::ok;
    OrderView order;  // Meaningful when `refusal` is ok.
    friend bool operator==(const Row&, const Row&) = default;
  };
  Refusal refusal = Refusal::ok;
  std::vector<Row> rows;
  friend bool operator==(const Reply&, const Reply&) = default;
};

// u8 refusal, u8 number of rows, then per row u8 refusal and, when that is ok, the order.
void append(Bytes& out, const Reply& reply);
std::optional<Reply> decode_reply(ByteView bytes);

}  // namespace oki::core
