#include "core/plain/margin.h"

#include <algorithm>

#include "core/plain/ledger.h"
#include "core/plain/orders.h"

namespace oki::core::plain {
namespace {

constexpr Wide interest_max = Wide{1} << 62;
constexpr Wide value_max = (Wide{1} << 63) - 1;

Wide part_of_million_up(Wide value, std::uint32_t ppm) {
  return (value * ppm + (million - 1)) / million;
}

// Like quote_down and quote_up, for lots of more than one order: at most value_max.
Wide wide_quote(const Scale& scale, Price price, Lots lots, bool up) {
  const Wide product = Wide{price.value} * lots.value;
  Wide quote = product / scale.quote_down;
  if (up && product % scale.quote_down != 0) ++quote;
  return quote > value_max / scale.quote_up ? value_max : quote * scale.quote_up;
}

Wide value_of(const State& state, const Position& position, bool up) {
  return wide_quote(state.infos.at(position.market).scale, state.markets.at(position.market).last,
                    position.open, up);
}

// The part of `value` that belongs to `lots` of `open`.
Amount part(Amount value, Lots lots, Lots open) {
  if (lots == open) return value;
  return Amount{static_cast<std::uint64_t>(Wide{value.value} * lots.value / open.value)};
}

void settle_net(State& state, AssetId asset, AccountId account, Signed128 net) {
  const Place own{account, Pocket::free};
  const Place lender{lender_account, Pocket::free};
  if (net >= 0) return move(state, asset, lender, own, Amount{static_cast<std::uint64_t>(net)});
  const auto loss = static_cast<std::uint64_t>(-net);
  const std::uint64_t paid = std::min(loss, free_of(state, account, asset).value);
  move(state, asset, own, lender, Amount{paid});
  if (paid == loss) return;
  Account& row = state.accounts.edit(account);
  CHECK(loss - paid <= u64_max - row.debt.value, "a debt would pass 64 bits");
  row.debt.value += loss - paid;
  row.margin_status = MarginStatus::debt;
}

void open_more(Position& position, const Traded& trade, Amount fee, MarginTraded& told) {
  position.open.value += trade.amount.value;
  position.cost.value += trade.quote.value;
  position.fees.value += fee.value;
  told.opened = true;
}

void close_part(State& state, Position& position, const Traded& trade, Amount fee,
                MarginTraded& told) {
  CHECK(trade.amount <= position.open, "a trade closes more than the position");
  const Amount cost = part(position.cost, trade.amount, position.open);
  const Amount fees = part(position.fees, trade.amount, position.open);
  const Amount interest = part(position.interest, trade.amount, position.open);
  const AssetId asset = state.infos.at(trade.market).spec.quote;
  const bool is_long = position.side == PositionSide::long_side;
  if (!is_long) {
    move(state, asset, {lender_account, Pocket::held}, {lender_account, Pocket::free},
         Amount{cost.value - fees.value});
  }
  const Signed128 gain = Signed128{trade.quote.value} - Signed128{cost.value};
  const Signed128 profit = is_long ? gain : -gain;
  settle_net(state, asset, position.account,
             profit - Signed128{fees.value} - Signed128{fee.value} - Signed128{interest.value});
  position.open.value -= trade.amount.value;
  position.cost.value -= cost.value;
  position.fees.value -= fees.value;
  position.interest.value -= interest.value;
  told.opened = false;
  told.fee_paid = Amount{fees.value + fee.value};
  told.interest = interest;
  told.profit = static_cast<std::int64_t>(profit);
}

void for_positions(const State& state, AccountId account, auto call) {
  const auto& rows = state.positions.rows();
  for (auto row = rows.lower_bound({account, MarketId{}, PositionSide::none});
       row != rows.end() && row->first.account == account; ++row) {
    call(row->second);
  }
}

void for_opening_orders(const State& state, AccountId account, auto call) {
  for (const OrderId id : orders_of(state, account)) {
    const Order& order = state.orders.at(id);
    if (order.resting && opens(order.view)) call(order.view);
  }
}

// One asset's value as collateral, before its ratio.
Wide collateral_value(const State& state, AssetId asset, AssetId in, Wide units) {
  if (asset == in) return units;
  for (const auto& [id, info] : state.infos.rows()) {
    if (info.spec.base != asset || info.spec.quote != in) continue;
    const Wide product = units * state.markets.at(id).last.value;
    const Wide quote = product / (info.scale.quote_down * info.scale.lot);
    return quote > value_max / info.scale.quote_up ? value_max : quote * info.scale.quote_up;
  }
  return 0;
}

Wide worth_up(const State& state, const OrderView& order) {
  return quote_up(state.infos.at(order.market).scale, order.price, open_lots(order)).value;
}

}  // namespace

std::optional<AssetId> margin_asset(const State& state) {
  for (const auto& [id, info] : state.infos.rows()) {
    if (info.spec.margin.enabled) return info.spec.quote;
  }
  return std::nullopt;
}

WallTimeMs last_midnight(WallTimeMs time) {
  constexpr std::int64_t day_ms = 86'400'000;
  constexpr std::int64_t ahead_ms = 32'400'000;
  return WallTimeMs{time.value - (time.value % day_ms + ahead_ms) % day_ms};
}

void accrue(const State& state, Position& position) {
  constexpr std::int64_t day_ms = 86'400'000;
  const MarginSpec& spec = state.infos.at(position.market).spec.margin;
  const bool is_long = position.side == PositionSide::long_side;
  const std::uint32_t ppm = is_long ? spec.long_interest_ppm : spec.short_interest_ppm;
  const WallTimeMs until = last_midnight(state.time);
  if (until <= position.interest_until) return;
  const auto days =
      static_cast<std::uint64_t>((until.value - position.interest_until.value) / day_ms);
  const Wide interest =
      position.interest.value + part_of_million_up(position.cost.value, ppm) * days;
  position.interest = Amount{static_cast<std::uint64_t>(std::min(interest, interest_max))};
  position.interest_until = until;
}

void change_position(State& state, const OrderView& order, const Traded& trade, Amount fee) {
  const PositionKey key{order.account, order.market, order.position};
  if (!state.positions.has(key)) {
    CHECK(opens(order), "a trade closes a position that is not there");
    state.positions.add(
        key,
        {order.account, order.market, order.position, {}, {}, {}, {}, last_midnight(state.time)});
  }
  Position& position = state.positions.edit(key);
  accrue(state, position);
  MarginTraded told;
  told.trade = trade.id;
  told.order = order.id;
  told.account = order.account;
  told.position = order.position;
  told.fee_occurred = fee;
  if (opens(order)) {
    open_more(position, trade, fee, told);
  } else {
    close_part(state, position, trade, fee, told);
  }
  state.tell(told);
  if (position.open.value == 0) state.positions.erase(key);
  note_for_sweep(state, order.account);
}

Lots closable(const State& state, const OrderView& order) {
  const Position* position = state.positions.find({order.account, order.market, order.position});
  if (position == nullptr) return {};
  std::uint64_t closing = 0;
  for (const OrderId id : orders_of(state, order.account)) {
    const Order& other = state.orders.at(id);
    const bool same = other.resting && other.view.market == order.market &&
                      other.view.position == order.position && closes(other.view);
    if (same) closing += open_lots(other.view).value;
  }
  CHECK(closing <= position->open.value, "closing orders exceed their position");
  return Lots{position->open.value - closing};
}

Signed128 margin_balance(const State& state, AccountId account, AssetId asset, Wide less) {
  const std::optional<AssetId> in = margin_asset(state);
  if (!in) return 0;
  Wide collateral = 0;
  for (const auto& [id, row] : state.assets.rows()) {
    if (row.collateral_ppm == 0) continue;
    const Pockets own = pockets(state, account, id);
    const Wide taken = id == asset ? std::min(less, Wide{own.free.value}) : 0;
    const Wide units = Wide{own.free.value} - taken + own.held.value;
    collateral += collateral_value(state, id, *in, units) * row.collateral_ppm / million;
  }
  auto balance = static_cast<Signed128>(collateral);
  for_positions(state, account, [&](const Position& position) {
    if (position.side == PositionSide::long_side) {
      balance += static_cast<Signed128>(value_of(state, position, false));
      balance -= position.cost.value;
    } else {
      balance += position.cost.value;
      balance -= static_cast<Signed128>(value_of(state, position, true));
    }
    balance -= position.fees.value;
    balance -= position.interest.value;
  });
  const Account* row = state.accounts.find(account);
  return balance - (row == nullptr ? 0 : row->debt.value);
}

Wide margin_of(const MarketSpec& spec, Wide worth) {
  return part_of_million_up(worth, spec.margin.ratio_ppm);
}

Wide margin_required(const State& state, AccountId account) {
  Wide required = 0;
  for_positions(state, account, [&](const Position& position) {
    required += margin_of(state.infos.at(position.market).spec, value_of(state, position, true));
  });
  for_opening_orders(state, account, [&](const OrderView& order) {
    required += margin_of(state.infos.at(order.market).spec, worth_up(state, order));
  });
  return required;
}

Wide opening_worth(const State& state, const PositionKey& key) {
  Wide worth = 0;
  for_opening_orders(state, key.account, [&](const OrderView& order) {
    if (order.market != key.market || order.position != key.side) return;
    worth += worth_up(state, order);
  });
  return worth;
}

bool has_positions(const State& state, AccountId account) {
  bool found = false;
  for_positions(state, account, [&](const Position&) { found = true; });
  return found;
}

bool has_opening_orders(const State& state, AccountId account) {
  bool found = false;
  for_opening_orders(state, account, [&](const OrderView&) { found = true; });
  return found;
}

MarginStatus status_by_balance(const State& state, AccountId account) {
  Wide value = 0;
  for_positions(state, account,
                [&](const Position& position) { value += value_of(state, position, true); });
  if (!has_positions(state, account)) return MarginStatus::normal;
  const Signed128 balance = margin_balance(state, account) * Signed128{million};
  if (balance < static_cast<Signed128>(value * state.limits.losscut_ppm)) {
    return MarginStatus::losscut;
  }
  if (balance < static_cast<Signed128>(value * state.limits.margin_call_ppm)) {
    return MarginStatus::call;
  }
  return MarginStatus::normal;
}

void set_status(State& state, AccountId account) {
  Account& row = state.accounts.edit(account);
  row.margin_status = row.debt.value > 0 ? MarginStatus::debt : status_by_balance(state, account);
  note_for_sweep(state, account);
}

void pay_debt(State& state, AccountId account) {
  const Account* row = state.accounts.find(account);
  const std::optional<AssetId> asset = margin_asset(state);
  if (row == nullptr || row->debt.value == 0 || !asset) return;
  const Amount paid = std::min(row->debt, free_of(state, account, *asset));
  move(state, *asset, {account, Pocket::free}, {lender_account, Pocket::free}, paid);
  state.accounts.edit(account).debt.value -= paid.value;
}

void note_for_sweep(State& state, AccountId account) {
  const Account& row = state.accounts.at(account);
  const bool listed = has_positions(state, account) || row.debt.value > 0 ||
                      row.margin_status != MarginStatus::normal;
  if (listed && !state.sweep_accounts.has(account)) state.sweep_accounts.add(account, {});
  if (!listed && state.sweep_accounts.has(account)) state.sweep_accounts.erase(account);
}

}  // namespace oki::core::plain
