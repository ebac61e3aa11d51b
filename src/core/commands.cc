#include "core/commands.h"

#include "core/fields.h"

namespace oki::core {

void fields(auto& io, Like<AddAsset> auto& x) { io(x.spec); }

void fields(auto& io, Like<AddMarket> auto& x) { io(x.spec); }

void fields(auto& io, Like<AddAccount> auto& x) {
  io(x.account, x.updates_per_second, x.queries_per_second);
}

void fields(auto& io, Like<AddApiKey> auto& x) {
  io(x.account);
  io.text(x.key, api_key_bytes_max);
  io.text(x.sealed_secret, sealed_secret_bytes_max);
}

void fields(auto& io, Like<Deposit> auto& x) {
  io(x.account, x.asset, x.amount);
  io.text(x.reference, reference_bytes_max);
}

void fields(auto& io, Like<PlaceOrder> auto& x) {
  io(x.account, x.auth, x.market, x.side, x.type, x.post_only, x.price, x.amount);
}

void fields(FieldWriter& io, const CancelOrders& x) {
  io(x.account, x.auth, x.market, static_cast<std::uint8_t>(x.orders.size()));
  for (const OrderId order : x.orders) io(order);
}

void fields(FieldReader& io, CancelOrders& x) {
  std::uint8_t count = 0;
  io(x.account, x.auth, x.market, count);
  if (count < 1 || count > cancel_orders_max) return io.fail();
  x.orders.resize(count);
  for (OrderId& order : x.orders) io(order);
}

void fields(FieldWriter& io, const Reply& x) {
  io(x.refusal, static_cast<std::uint8_t>(x.rows.size()));
  for (const Reply::Row& row : x.rows) {
    io(row.refusal);
    if (row.refusal == Refusal::ok) io(row.order);
  }
}

void fields(FieldReader& io, Reply& x) {
  std::uint8_t count = 0;
  io(x.refusal, count);
  if (count > cancel_orders_max || (count > 0 && x.refusal != Refusal::ok)) return io.fail();
  x.rows.resize(count);
  for (Reply::Row& row : x.rows) {
    io(row.refusal);
    if (io.ok() && row.refusal == Refusal::ok) io(row.order);
  }
}

Bytes encode(const Command& command) {
  Bytes out;
  write_kind(out, command);
  return out;
}

std::optional<Command> decode_command(ByteView bytes) { return read_kind<Command>(bytes); }

const char* name(Refusal refusal) {
  switch (refusal) {
    case Refusal::ok:
      return "ok";
    case Refusal::malformed:
      return "malformed";
    case Refusal::exists:
      return "exists";
    case Refusal::conflict:
      return "conflict";
    case Refusal::limit_reached:
      return "limit_reached";
    case Refusal::unknown_account:
      return "unknown_account";
    case Refusal::unknown_asset:
      return "unknown_asset";
    case Refusal::unknown_market:
      return "unknown_market";
    case Refusal::unknown_key:
      return "unknown_key";
    case Refusal::nonce_not_increased:
      return "nonce_not_increased";
    case Refusal::too_many_updates:
      return "too_many_updates";
    case Refusal::invalid_spec:
      return "invalid_spec";
    case Refusal::invalid_amount:
      return "invalid_amount";
    case Refusal::invalid_price:
      return "invalid_price";
    case Refusal::post_only_with_market:
      return "post_only_with_market";
    case Refusal::amount_below_min:
      return "amount_below_min";
    case Refusal::amount_above_max:
      return "amount_above_max";
    case Refusal::price_below_min:
      return "price_below_min";
    case Refusal::price_above_max:
      return "price_above_max";
    case Refusal::too_many_open_orders:
      return "too_many_open_orders";
    case Refusal::insufficient_amount:
      return "insufficient_amount";
    case Refusal::order_not_found:
      return "order_not_found";
    case Refusal::overflow:
      return "overflow";
  }
  return "unknown";
}

void append(Bytes& out, const Reply& reply) {
  FieldWriter io(out);
  io(reply);
}

std::optional<Reply> decode_reply(ByteView bytes) {
  FieldReader io(bytes);
  Reply reply;
  io(reply);
  if (!io.done()) return std::nullopt;
  return reply;
}

}  // namespace oki::core
