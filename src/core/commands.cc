#include "core/commands.h"

#include <iterator>

#include "core/fields.h"

namespace oki::core {
namespace {

// By number.
constexpr const char* refusal_names[] = {
    "ok",
    "malformed",
    "exists",
    "conflict",
    "limit_reached",
    "unknown_account",
    "unknown_asset",
    "unknown_market",
    "unknown_key",
    "nonce_not_increased",
    "too_many_updates",
    "invalid_spec",
    "invalid_amount",
    "invalid_price",
    "post_only_with_market",
    "amount_below_min",
    "amount_above_max",
    "price_below_min",
    "price_above_max",
    "too_many_open_orders",
    "insufficient_amount",
    "order_not_found",
    "overflow",
    "quarantined",
    "unknown_withdrawal",
    "unknown_credit",
    "account_restricted",
    "client_order_id_used",
    "same_operator",
    "wrong_state",
    "node_not_ready",
    "invalid_time",
    "invalid_client_order_id",
    "invalid_type",
    "invalid_trigger",
    "invalid_time_in_force",
    "invalid_display",
    "invalid_position",
    "no_margin_market",
    "stop_opens_position",
    "not_closing",
    "market_halted",
    "orders_and_cancels_stopped",
    "orders_stopped",
    "market_uncrossing",
    "market_orders_stopped",
    "no_market_orders_in_auction",
    "stop_orders_stopped",
    "stop_limit_orders_stopped",
    "long_orders_stopped",
    "short_orders_stopped",
    "buy_orders_stopped",
    "sell_orders_stopped",
    "only_post_only",
    "amount_below_busy_min",
    "price_beyond_collar",
    "trigger_below_min",
    "trigger_above_max",
    "triggers_at_once",
    "margin_not_allowed",
    "exceeds_position",
    "insufficient_margin",
    "lender_exhausted",
    "withdrawals_frozen",
    "exceeds_holdings",
    "would_cross",
    "not_amendable",
};
static_assert(std::size(refusal_names) == refusal_numbers);

}  // namespace

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
  FieldWriter(out).variant(command);
  return out;
}

std::optional<Command> decode_command(ByteView bytes) {
  return read_variant<FieldReader, Command>(bytes);
}

const char* name(Refusal refusal) {
  const auto number = static_cast<std::uint8_t>(refusal);
  return number < refusal_numbers ? refusal_names[number] : "unknown";
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
