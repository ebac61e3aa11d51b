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
  io(x.account, x.auth, x.market, x.side, x.type, x.post_only, x.time_in_force, x.self_trade,
     x.position, x.price, x.trigger, x.amount, x.display, x.expire_at, x.session);
  io.text(x.client_order_id, client_order_id_bytes_max);
}

// A list is a u8 count, never 0, and its members.
template <typename T>
void write_list(FieldWriter& io, const std::vector<T>& list) {
  io(static_cast<std::uint8_t>(list.size()));
  for (const T& one : list) io(one);
}

template <typename T>
void read_list(FieldReader& io, std::vector<T>& list, std::size_t count_max) {
  std::uint8_t count = 0;
  io(count);
  if (count < 1 || count > count_max) return io.fail();
  list.resize(count);
  for (T& one : list) io(one);
}

void fields(FieldWriter& io, const CancelOrders& x) {
  io(x.account, x.auth, x.market);
  write_list(io, x.orders);
}

void fields(FieldReader& io, CancelOrders& x) {
  io(x.account, x.auth, x.market);
  read_list(io, x.orders, cancel_orders_max);
}

void fields(auto&, Like<Tick> auto&) {}

void fields(auto& io, Like<AmendOrder> auto& x) {
  io(x.account, x.auth, x.market, x.order, x.price, x.trigger, x.amount);
}

void fields(auto& io, Like<CancelAll> auto& x) { io(x.account, x.auth, x.all_markets, x.market); }

void fields(auto& io, Like<CancelAllAfter> auto& x) { io(x.account, x.auth, x.timeout_ms); }

void fields(auto& io, Like<CloseSession> auto& x) { io(x.session); }

void fields(auto& io, Like<EdgeAlive> auto& x) { io(x.edge); }

void fields(auto& io, Like<SetMarketStops> auto& x) { io(x.market, x.stops); }

void fields(auto& io, Like<SetMarketHalt> auto& x) { io(x.market, x.halt); }

void fields(auto& io, Like<StartAuction> auto& x) {
  io(x.market, x.mode, x.reference, x.reopen_at);
}

void fields(auto& io, Like<ScheduleReopening> auto& x) {
  io(x.market, x.cancel_only_at, x.auction_at, x.trading_at, x.withdrawals_at);
}

void fields(auto& io, Like<AdjustHoldings> auto& x) {
  io(x.asset, x.less, x.amount);
  io.text(x.reference, reference_bytes_max);
}

void fields(auto& io, Like<ProposeCredit> auto& x) {
  io(x.by, x.account, x.asset, x.amount);
  io.text(x.reference, reference_bytes_max);
}

void fields(auto& io, Like<ApproveCredit> auto& x) { io(x.by, x.credit); }

void fields(auto& io, Like<RequestWithdrawal> auto& x) {
  io(x.account, x.auth, x.asset, x.amount, x.fee);
  io.text(x.destination, destination_bytes_max);
}

void fields(auto& io, Like<ApproveWithdrawal> auto& x) { io(x.by, x.withdrawal); }

void fields(auto& io, Like<RejectWithdrawal> auto& x) { io(x.by, x.withdrawal); }

void fields(auto& io, Like<SettleWithdrawal> auto& x) { io(x.withdrawal); }

void fields(auto& io, Like<FreezeWithdrawals> auto& x) {
  io(x.by, x.all_assets, x.asset, x.freeze);
}

void fields(auto& io, Like<RestrictAccount> auto& x) {
  io(x.by, x.account, x.no_orders, x.no_withdrawals);
}

void fields(auto& io, Like<SetCollateral> auto& x) { io(x.asset, x.ratio_ppm); }

void fields(auto& io, Like<AllowMargin> auto& x) { io(x.account, x.allowed); }

void fields(auto& io, Like<ReportRelease> auto& x) { io(x.node, x.release); }

void fields(FieldWriter& io, const ActivateRelease& x) {
  io(x.release);
  write_list(io, x.nodes);
}

void fields(FieldReader& io, ActivateRelease& x) {
  io(x.release);
  read_list(io, x.nodes, nodes_max);
}

void fields(FieldWriter& io, const PlaceOrders& x) {
  io(x.account, x.auth);
  write_list(io, x.orders);
}

void fields(FieldReader& io, PlaceOrders& x) {
  io(x.account, x.auth);
  read_list(io, x.orders, place_orders_max);
}

// Whether a row carries its order.
constexpr bool has_order(Refusal refusal) {
  return refusal == Refusal::ok || refusal == Refusal::client_order_id_used;
}

void fields(FieldWriter& io, const Reply& x) {
  io(x.refusal, static_cast<std::uint8_t>(x.rows.size()));
  for (const Reply::Row& row : x.rows) {
    io(row.refusal);
    if (has_order(row.refusal)) io(row.order);
  }
  io(x.id);
}

void fields(FieldReader& io, Reply& x) {
  std::uint8_t count = 0;
  io(x.refusal, count);
  if (count > 0 && !has_order(x.refusal)) return io.fail();
  x.rows.resize(count);
  for (Reply::Row& row : x.rows) {
    io(row.refusal);
    if (io.ok() && has_order(row.refusal)) io(row.order);
  }
  io(x.id);
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
