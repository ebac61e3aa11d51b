#include "sim/workload.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace oki::sim {
namespace {

constexpr core::AssetId jpy{0};
constexpr core::AssetId btc{1};
constexpr core::MarketId market{0};
constexpr std::size_t orders_known_max = 12;  // Then the oldest is canceled.

core::MarketSpec btc_jpy() {
  core::MarketSpec spec;
  spec.name = "btc_jpy";
  spec.base = btc;
  spec.quote = jpy;
  spec.amount_digits = 4;
  spec.maker_fee_ppm = -200;
  spec.taker_fee_ppm = 1200;
  spec.price_max = core::Price{100'000'000};
  spec.limit_amount_max = core::Lots{10'000'000};
  spec.market_amount_max = core::Lots{1'000'000};
  return spec;
}

}  // namespace

const Bytes& tick_bytes() {
  static const Bytes bytes = encode(core::Command(core::Tick{}));
  return bytes;
}

std::vector<Bytes> setup_commands() {
  std::vector<core::Command> commands;
  commands.emplace_back(core::AddAsset{{"jpy", 4}});
  commands.emplace_back(core::AddAsset{{"btc", 8}});
  commands.emplace_back(core::AddMarket{btc_jpy()});
  for (std::uint64_t account = 1; account <= trading_accounts; ++account) {
    commands.emplace_back(core::AddAccount{core::AccountId{account}, 0, 0});
    for (const auto& [asset, amount] : {std::pair{jpy, 1'000'000'0000u}, {btc, 10'000'000'00u}}) {
      commands.emplace_back(core::Deposit{core::AccountId{account}, asset, core::Amount{amount},
                                          fmt::format("first-{}-{}", account, asset.value)});
    }
  }
  std::vector<Bytes> encoded;
  encoded.reserve(commands.size());
  for (const core::Command& command : commands) encoded.push_back(encode(command));
  return encoded;
}

Workload::Workload(core::AccountId account, std::uint64_t first_mark, std::uint64_t seed)
    : account_(account), mark_(first_mark), prng_(seed) {}

Bytes Workload::next() {
  ++mark_;
  if (prng_.chance(1, 40)) return deposit();
  if (!orders_.empty() && (orders_.size() > orders_known_max || prng_.chance(1, 4))) {
    return cancel();
  }
  return place();
}

// The house's own commands carry no nonce rule, so that the nonce is free to be the mark.
Bytes Workload::place() {
  core::PlaceOrder order;
  order.account = account_;
  order.auth = {core::KeyId{}, mark_};
  order.market = market;
  order.side = prng_.chance(1, 2) ? core::Side::buy : core::Side::sell;
  order.amount = core::Lots{1 + prng_.below(50)};
  if (prng_.chance(1, 8)) {
    order.type = core::OrderType::market;
  } else {
    order.post_only = prng_.chance(1, 8);
    const std::int64_t away = prng_.between(-20, 40);
    order.price = core::Price{static_cast<std::uint64_t>(
        order.side == core::Side::buy ? 1'000'000 - away : 1'000'000 + away)};
  }
  return encode(core::Command(order));
}

Bytes Workload::cancel() {
  core::CancelOrders cancel;
  cancel.account = account_;
  cancel.auth = {core::KeyId{}, mark_};
  cancel.market = market;
  const std::size_t count = prng_.chance(1, 5) ? 2 : 1;
  for (std::size_t i = 0; i < count && !orders_.empty(); ++i) {
    cancel.orders.push_back(orders_.front());
    orders_.pop_front();
  }
  return encode(core::Command(cancel));
}

Bytes Workload::deposit() {
  return encode(core::Command(core::Deposit{account_, prng_.chance(1, 2) ? jpy : btc,
                                            core::Amount{1 + prng_.below(1'000'000)},
                                            fmt::format("more-{}", mark_)}));
}

void Workload::on_reply(ByteView reply) {
  const std::optional<core::Reply> decoded = core::decode_reply(reply);
  if (!decoded) return;
  for (const core::Reply::Row& row : decoded->rows) {
    const bool open = row.refusal == core::Refusal::ok && !is_final(row.order.status);
    if (open) orders_.push_back(row.order.id);
  }
}

}  // namespace oki::sim
