#include "sim/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace oki::sim {
namespace {

constexpr core::AssetId jpy{0};
constexpr core::AssetId btc{1};
constexpr core::MarketId market{0};
constexpr std::size_t orders_known_max = 12;  // Then the oldest is canceled.
constexpr std::uint64_t middle_price = 1'000'000;

// Bands narrow enough that they break, auctions short enough that they end.
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
  spec.band_ppm = 30;
  spec.band_step_ppm = 20;
  spec.band_max_ppm = 5'000;
  spec.break_ms = 1'000;
  spec.busy_per_second = 15;
  spec.very_busy_per_second = 30;
  spec.margin = {true, 0, 1200, 0, 1200, 400, 400, 500'000};
  spec.margin.open_maker_fee_ppm = spec.margin.close_maker_fee_ppm = 200;
  return spec;
}

}  // namespace

core::CoreLimits core_limits() {
  core::CoreLimits limits;
  limits.assets_max = 8;
  limits.markets_max = 8;
  limits.accounts_max = 1'000;
  limits.api_keys_max = 1'000;
  limits.open_orders_max = 20'000;
  limits.deposit_references_max = 20'000;
  limits.client_order_ids_max = 20'000;
  limits.withdrawals_open_max = 10'000;
  return limits;
}

const Bytes& tick_bytes() {
  static const Bytes bytes = encode(core::Command(core::Tick{}));
  return bytes;
}

std::vector<Bytes> setup_commands() {
  std::vector<core::Command> commands;
  commands.emplace_back(core::AddAsset{{"jpy", 4}});
  commands.emplace_back(core::AddAsset{{"btc", 8}});
  commands.emplace_back(core::AddMarket{btc_jpy()});
  commands.emplace_back(core::SetCollateral{jpy, 1'000'000});
  const auto fund = [&](core::AccountId account) {
    for (const auto& [asset, amount] : {std::pair{jpy, 1'000'000'0000u}, {btc, 10'000'000'00u}}) {
      commands.emplace_back(core::Deposit{account, asset, core::Amount{amount},
                                          fmt::format("first-{}-{}", account.value, asset.value)});
    }
  };
  fund(core::lender_account);
  for (std::uint64_t account = 1; account <= trading_accounts; ++account) {
    commands.emplace_back(core::AddAccount{core::AccountId{account}, 0, 0});
    commands.emplace_back(core::AllowMargin{core::AccountId{account}, true});
    fund(core::AccountId{account});
  }
  std::vector<Bytes> encoded;
  encoded.reserve(commands.size());
  for (const core::Command& command : commands) encoded.push_back(encode(command));
  return encoded;
}

Workload::Workload(core::AccountId account, std::uint64_t first_mark, std::uint64_t seed)
    : account_(account), mark_(first_mark), prng_(seed) {}

Bytes Workload::next(WallTimeMs now) {
  ++mark_;
  if (!to_be_decided_.empty() && prng_.chance(1, 3)) {
    const core::Command decision = std::move(to_be_decided_.front());
    to_be_decided_.pop_front();
    return encode(decision);
  }
  if (prng_.chance(1, 20)) return encode(house(now));
  return encode(trade(now));
}

core::Command Workload::trade(WallTimeMs now) {
  if (prng_.chance(1, 60)) return core::CancelAll{account_, {{}, mark_}, true, {}};
  if (prng_.chance(1, 30)) {
    const auto timeout_ms = static_cast<std::uint32_t>(prng_.below(8'000));
    return core::CancelAllAfter{account_, {{}, mark_}, timeout_ms};
  }
  if (!orders_.empty() && (orders_.size() > orders_known_max || prng_.chance(1, 4))) {
    return prng_.chance(1, 3) ? amend() : cancel();
  }
  return place(now);
}

core::Price Workload::a_price(core::Side side, std::int64_t low, std::int64_t high) {
  const std::int64_t away = prng_.between(low, high);
  const auto middle = static_cast<std::int64_t>(middle_price);
  return {static_cast<std::uint64_t>(side == core::Side::buy ? middle - away : middle + away)};
}

// The house's own commands carry no nonce rule, so that the nonce is free to be the mark.
core::Command Workload::place(WallTimeMs now) {
  core::PlaceOrder order;
  order.account = account_;
  order.auth = {core::KeyId{}, mark_};
  order.market = market;
  order.side = prng_.chance(1, 2) ? core::Side::buy : core::Side::sell;
  order.amount = core::Lots{1 + prng_.below(50)};
  order.self_trade = static_cast<core::SelfTrade>(prng_.below(5));
  if (prng_.chance(1, 6)) {
    order.position =
        prng_.chance(1, 2) ? core::PositionSide::long_side : core::PositionSide::short_side;
  }
  // Closed when this edge, which never says that it lives, is silent for too long.
  if (prng_.chance(1, 10)) order.session = {account_.value << 32 | 1};
  if (prng_.chance(1, 8)) {
    order.type = core::OrderType::market;
  } else if (prng_.chance(1, 10)) {
    order.type = prng_.chance(1, 2) ? core::OrderType::stop : core::OrderType::stop_limit;
    order.position = core::PositionSide::none;
    order.trigger = a_price(order.side, -60, -5);
    if (order.type == core::OrderType::stop_limit) order.price = a_price(order.side, -80, 0);
  } else {
    place_limit(order, now);
  }
  return order;
}

void Workload::place_limit(core::PlaceOrder& order, WallTimeMs now) {
  order.price = a_price(order.side, -20, 40);
  switch (prng_.below(10)) {
    case 0:
      order.post_only = true;
      break;
    case 1:
      order.time_in_force = core::TimeInForce::ioc;
      break;
    case 2:
      order.time_in_force = core::TimeInForce::fok;
      break;
    case 3:
    case 4:
      order.time_in_force = core::TimeInForce::gtd;
      order.expire_at = {now.value + prng_.between(100, 10'000)};
      break;
    case 5:
      order.display = core::Lots{1 + prng_.below(order.amount.value)};
      break;
    default:
      break;
  }
}

core::Command Workload::cancel() {
  core::CancelOrders cancel;
  cancel.account = account_;
  cancel.auth = {core::KeyId{}, mark_};
  cancel.market = market;
  const std::size_t count = prng_.chance(1, 5) ? 2 : 1;
  for (std::size_t i = 0; i < count && !orders_.empty(); ++i) {
    cancel.orders.push_back(orders_.front());
    orders_.pop_front();
  }
  return cancel;
}

core::Command Workload::amend() {
  core::AmendOrder amend;
  amend.account = account_;
  amend.auth = {core::KeyId{}, mark_};
  amend.market = market;
  amend.order = orders_[prng_.below(orders_.size())];
  if (prng_.chance(1, 2)) amend.price = a_price(core::Side::buy, -20, 40);
  if (prng_.chance(1, 2)) amend.amount = core::Lots{1 + prng_.below(60)};
  return amend;
}

core::Command Workload::deposit() {
  return core::Deposit{account_, prng_.chance(1, 2) ? jpy : btc,
                       core::Amount{1 + prng_.below(1'000'000)}, fmt::format("more-{}", mark_)};
}

// What the house and its treasury do.
core::Command Workload::house(WallTimeMs now) {
  const core::Amount amount{1 + prng_.below(100'000)};
  switch (prng_.below(5)) {
    case 0:
      return core::ProposeCredit{{1}, account_, jpy, amount, fmt::format("credit-{}", mark_)};
    case 1:
      return core::RequestWithdrawal{account_, {{}, mark_},      jpy,
                                     amount,   core::Amount{10}, "an address"};
    case 2:
      return core::AdjustHoldings{jpy, prng_.chance(1, 3), amount, fmt::format("house-{}", mark_)};
    case 3:
      if (account_.value > 1) return deposit();  // One operator: no two times are the same.
      last_auction_.value =
          std::max(last_auction_.value + 1, now.value + prng_.between(500, 3'000));
      return core::StartAuction{market, core::MarketMode::resumption, {}, last_auction_};
    default:
      return deposit();
  }
}

void Workload::on_reply(ByteView command, ByteView reply) {
  const std::optional<core::Reply> decoded = core::decode_reply(reply);
  if (!decoded) return;
  for (const core::Reply::Row& row : decoded->rows) {
    const bool open = row.refusal == core::Refusal::ok && !is_final(row.order.status);
    if (open) orders_.push_back(row.order.id);
  }
  if (decoded->id == 0) return;
  const std::optional<core::Command> asked = core::decode_command(command);
  if (!asked) return;
  if (std::holds_alternative<core::ProposeCredit>(*asked)) {
    to_be_decided_.emplace_back(core::ApproveCredit{{2}, {decoded->id}});
  } else if (prng_.chance(1, 4)) {
    to_be_decided_.emplace_back(core::RejectWithdrawal{{1}, {decoded->id}});
  } else {
    to_be_decided_.emplace_back(core::ApproveWithdrawal{{1}, {decoded->id}});
    to_be_decided_.emplace_back(core::SettleWithdrawal{{decoded->id}});
  }
}

}  // namespace oki::sim
