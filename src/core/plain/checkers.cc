// The invariants over what a step changed: docs/rules.md 1.5. Before the step they held, so what
// each thing changed by must agree.
#include <map>
#include <set>

#include "core/plain/orders.h"
#include "core/plain/step.h"

namespace oki::core::plain {
namespace {

using Deltas = std::map<BalanceKey, Signed128>;

Signed128 sum_of(const Pockets& own) {
  return Signed128{own.free.value} + own.held.value + own.withdrawing.value;
}

const char* assets_fault(const State& state) {
  std::map<AssetId, Signed128> sums;
  for (const auto& [key, before] : state.balances.before()) {
    sums[key.second] += sum_of(state.balances.at(key)) - sum_of(before.value_or(Pockets{}));
  }
  for (const auto& [id, before] : state.assets.before()) {
    sums[id] -= state.assets.at(id).liabilities.value;
    if (before) sums[id] += before->liabilities.value;
  }
  for (const auto& [id, sum] : sums) {
    if (sum != 0) return "balances do not sum to the liabilities";
    const Asset& asset = state.assets.at(id);
    if (asset.liabilities > asset.holdings) return "the liabilities exceed the holdings";
  }
  return nullptr;
}

// What an open order requires of its holder, from nothing but what its owner sees.
void add_order(const State& state, const Order& order, Signed128 sign, Deltas& held) {
  if (waits(order.view)) return;
  const Holder holder = holder_of(state, order.view);
  held[{holder.account, holder.asset}] += sign * hold_of(state, order.view).value;
}

// What a position requires of the lender.
void add_position(const State& state, const Position& position, Signed128 sign, Deltas& held) {
  const MarketInfo& info = state.infos.at(position.market);
  if (position.side == PositionSide::long_side) {
    held[{lender_account, info.spec.base}] += sign * base_of(info.scale, position.open).value;
  } else {
    const std::uint64_t owed = position.cost.value - position.fees.value;
    held[{lender_account, info.spec.quote}] += sign * owed;
  }
}

const char* held_fault(const State& state) {
  Deltas held;
  for (const auto& [id, before] : state.orders.before()) {
    if (before) add_order(state, *before, -1, held);
    if (const Order* now = state.orders.find(id)) add_order(state, *now, 1, held);
  }
  for (const auto& [key, before] : state.positions.before()) {
    if (before) add_position(state, *before, -1, held);
    if (const Position* now = state.positions.find(key)) add_position(state, *now, 1, held);
  }
  for (const auto& [key, before] : state.balances.before()) {
    held[key] -= state.balances.at(key).held.value;
    held[key] += before.value_or(Pockets{}).held.value;
  }
  for (const auto& [key, delta] : held) {
    if (delta != 0) return "held amounts differ from the open orders and positions";
  }
  return nullptr;
}

const char* withdrawals_fault(const State& state) {
  Deltas withdrawing;
  std::map<AssetId, Signed128> may_leave;
  const auto add = [&](const WithdrawalChanged& x, Signed128 sign) {
    withdrawing[{x.account, x.asset}] += sign * (Signed128{x.amount.value} + x.fee.value);
  };
  for (const auto& [id, before] : state.withdrawals.before()) {
    const WithdrawalChanged* now = state.withdrawals.find(id);
    if (before) add(*before, -1);
    if (now != nullptr) add(*now, 1);
    const bool approved = before && before->state == WithdrawalState::approved;
    if (approved && now == nullptr) may_leave[before->asset] += before->amount.value;
  }
  for (const auto& [key, before] : state.balances.before()) {
    withdrawing[key] -= state.balances.at(key).withdrawing.value;
    withdrawing[key] += before.value_or(Pockets{}).withdrawing.value;
  }
  for (const auto& [key, delta] : withdrawing) {
    if (delta != 0) return "withdrawing amounts differ from the open withdrawals";
  }
  for (const auto& [id, before] : state.assets.before()) {
    if (!before) continue;
    const Signed128 left =
        Signed128{before->liabilities.value} - state.assets.at(id).liabilities.value;
    if (left > may_leave[id]) return "more has left than was approved";
  }
  return nullptr;
}

const char* book_fault(const State& state) {
  for (const auto& [id, before] : state.markets.before()) {
    if (state.markets.at(id).mode != MarketMode::none) continue;
    const auto best = [&, market = id](Side side) -> std::optional<Price> {
      const auto row = state.book.rows().lower_bound({market, side, 0, 0});
      const bool found =
          row != state.book.rows().end() && row->first.market == market && row->first.side == side;
      if (!found) return std::nullopt;
      return price_of_key(side, row->first.key);
    };
    const auto buy = best(Side::buy);
    const auto sell = best(Side::sell);
    if (buy && sell && *buy >= *sell) return "a book is crossed";
  }
  return nullptr;
}

const char* closing_fault(const State& state) {
  std::set<PositionKey> touched;
  for (const auto& [key, before] : state.positions.before()) touched.insert(key);
  for (const auto& [id, before] : state.orders.before()) {
    const Order* now = state.orders.find(id);
    if (now == nullptr || !closes(now->view) || !now->resting) continue;
    touched.insert({now->view.account, now->view.market, now->view.position});
  }
  for (const PositionKey& key : touched) {
    Wide closing = 0;
    for (const OrderId id : orders_of(state, key.account)) {
      const Order& order = state.orders.at(id);
      const bool same = order.resting && order.view.market == key.market &&
                        order.view.position == key.side && closes(order.view);
      if (same) closing += open_lots(order.view).value;
    }
    const Position* position = state.positions.find(key);
    if (closing > (position == nullptr ? 0 : position->open.value)) {
      return "closing orders exceed their position";
    }
  }
  return nullptr;
}

}  // namespace

const char* step_fault(const State& state) {
  for (const auto check :
       {assets_fault, held_fault, withdrawals_fault, book_fault, closing_fault}) {
    if (const char* fault = check(state)) return fault;
  }
  return nullptr;
}

}  // namespace oki::core::plain
