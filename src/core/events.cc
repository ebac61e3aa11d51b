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

void fields(auto& io, Like<OrderChanged> auto& x) { io(x.order); }

void fields(auto& io, Like<LevelChanged> auto& x) {
  io(x.market, x.side, x.price, x.lots, x.sequence);
}

void fields(auto& io, Like<BalanceChanged> auto& x) { io(x.account, x.asset, x.free, x.held); }

void append(Bytes& out, const Event& event) {
  Writer writer(out);
  const std::size_t start = writer.size();
  writer.u32(0);
  write_kind(out, event);
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
    if (known) event = read_kind<Event>(body);
    if (known && !event) return std::nullopt;
    bytes.remove_prefix(4 + body.size());
    if (event) return event;
  }
  return std::nullopt;
}

}  // namespace oki::core
