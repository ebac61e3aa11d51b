#include "core/events.h"

#include "core/fields.h"

namespace oki::core {

void fields(auto& io, Like<AssetAdded> auto& x) { io(x.id, x.spec); }

void fields(auto& io, Like<MarketAdded> auto& x) { io(x.id, x.spec); }

void fields(auto& io, Like<AccountAdded> auto& x) {
  io(x.id, x.updates_per_second, x.queries_per_second);
}

void fields(auto& io, Like<ApiKeyAdded> auto& x) {
  io(x.id, x.account);
  io.text(x.key, api_key_bytes_max);
  io.text(x.sealed_secret, sealed_secret_bytes_max);
}

void fields(auto& io, Like<NonceUsed> auto& x) { io(x.key, x.nonce); }

void fields(auto& io, Like<Deposited> auto& x) {
  io(x.account, x.asset, x.amount);
  io.text(x.reference, reference_bytes_max);
}

void fields(auto& io, Like<OrderAccepted> auto& x) { io(x.order); }

void fields(auto& io, Like<Traded> auto& x) {
  io(x.id, x.market, x.taker_side, x.price, x.amount, x.quote, x.maker_order, x.taker_order,
     x.maker_account, x.taker_account, x.maker_fee, x.taker_fee);
}

void fields(auto& io, Like<OrderChanged> auto& x) {
  io(x.id, x.account, x.market, x.status, x.reason, x.price, x.trigger, x.amount, x.executed,
     x.executed_quote, x.triggered_at, x.canceled_at, x.executed_at);
}

void fields(auto& io, Like<LevelChanged> auto& x) {
  io(x.market, x.side, x.price, x.lots, x.sequence);
}

void fields(auto& io, Like<BalanceChanged> auto& x) {
  io(x.account, x.asset, x.free, x.held, x.withdrawing);
}

void fields(auto& io, Like<MarketChanged> auto& x) { io(x.state); }

void fields(auto& io, Like<AuctionEstimated> auto& x) { io(x.market, x.price, x.lots); }

void fields(auto& io, Like<AuctionEnded> auto& x) { io(x.market, x.price, x.lots); }

void fields(auto& io, Like<MarginTraded> auto& x) {
  io(x.trade, x.order, x.account, x.position, x.opened, x.fee_occurred, x.fee_paid, x.interest,
     x.profit);
}

void fields(auto& io, Like<PositionChanged> auto& x) { io(x.position); }

void fields(auto& io, Like<MarginChanged> auto& x) { io(x.account, x.allowed, x.status, x.debt); }

void fields(auto& io, Like<CollateralChanged> auto& x) { io(x.asset, x.ratio_ppm); }

void fields(auto& io, Like<DeadManSet> auto& x) { io(x.account, x.at); }

void fields(auto& io, Like<HoldingsChanged> auto& x) {
  io(x.asset, x.holdings, x.liabilities);
  io.text(x.reference, reference_bytes_max);
}

void fields(auto& io, Like<CreditChanged> auto& x) {
  io(x.id, x.state, x.proposed_by, x.approved_by, x.account, x.asset, x.amount);
  io.text(x.reference, reference_bytes_max);
}

void fields(auto& io, Like<WithdrawalChanged> auto& x) {
  io(x.id, x.state, x.account, x.asset, x.amount, x.fee, x.by, x.requested_at);
  io.text(x.destination, destination_bytes_max);
}

void fields(auto& io, Like<WithdrawalsFrozen> auto& x) { io(x.asset, x.frozen, x.by); }

void fields(auto& io, Like<AccountRestricted> auto& x) {
  io(x.account, x.no_orders, x.no_withdrawals);
}

void fields(auto& io, Like<Quarantined> auto& x) {
  io(x.kind, x.number, x.subject);
  io.text(x.fault, fault_bytes_max);
}

void fields(auto& io, Like<ReleaseReported> auto& x) { io(x.node, x.release); }

void fields(auto& io, Like<ReleaseActivated> auto& x) { io(x.release); }

OrderChanged changed(const OrderView& order) {
  return {order.id,         order.account,        order.market,       order.status,
          order.reason,     order.price,          order.trigger,      order.amount,
          order.executed,   order.executed_quote, order.triggered_at, order.canceled_at,
          order.executed_at};
}

void update(OrderView& order, const OrderChanged& change) {
  order.status = change.status;
  order.reason = change.reason;
  order.price = change.price;
  order.trigger = change.trigger;
  order.amount = change.amount;
  order.executed = change.executed;
  order.executed_quote = change.executed_quote;
  order.triggered_at = change.triggered_at;
  order.canceled_at = change.canceled_at;
  order.executed_at = change.executed_at;
}

void append(Bytes& out, const Event& event) {
  Writer writer(out);
  const std::size_t start = writer.size();
  writer.u32(0);
  FieldWriter(out).variant(event);
  writer.patch_u32(start, static_cast<std::uint32_t>(writer.size() - start - 4));
}

std::optional<Event> take_event(ByteView& bytes) {
  while (!bytes.empty()) {
    Reader reader(bytes);
    const ByteView body = reader.blob(bytes.size());
    if (!reader.ok() || body.empty()) return std::nullopt;
    const auto kind = static_cast<std::uint8_t>(body.front());
    const bool known = kind >= 1 && kind <= std::variant_size_v<Event>;
    std::optional<Event> event;
    if (known) event = read_variant<FieldReader, Event>(body);
    if (known && !event) return std::nullopt;
    bytes.remove_prefix(4 + body.size());
    if (event) return event;
  }
  return std::nullopt;
}

}  // namespace oki::core
