// The invariants of the whole state, found again from the start.
#include <map>
#include <memory>

#include "core/plain/derive.h"
#include "core/plain/margin.h"
#include "core/plain/orders.h"
#include "core/plain/snapshot.h"

namespace oki::core::plain {
namespace {

using Sums = std::map<BalanceKey, Wide>;

const char* ledger_fault(const State& state) {
  std::map<AssetId, Wide> sums;
  for (const auto& [key, own] : state.balances.rows()) {
    const bool known =
        key.first == fee_account || key.first == lender_account || state.accounts.has(key.first);
    if (!known) return "a balance of an account that does not exist";
    if (!state.assets.has(key.second)) return "a balance of an asset that does not exist";
    sums[key.second] += Wide{own.free.value} + own.held.value + own.withdrawing.value;
  }
  for (const auto& [id, asset] : state.assets.rows()) {
    if (sums[id] != asset.liabilities.value) return "balances do not sum to the liabilities";
    if (asset.liabilities > asset.holdings) return "the liabilities exceed the holdings";
  }
  return nullptr;
}

const char* required_fault(const State& state) {
  Sums held;
  Sums withdrawing;
  for (const auto& [id, order] : state.orders.rows()) {
    const Holder holder = holder_of(state, order.view);
    const Amount required = waits(order.view) ? Amount{} : hold_of(state, order.view);
    if (order.held != required) return "an order holds another amount than it must";
    held[{holder.account, holder.asset}] += required.value;
  }
  for (const auto& [key, position] : state.positions.rows()) {
    const MarketInfo& info = state.infos.at(key.market);
    if (position.side == PositionSide::long_side) {
      held[{lender_account, info.spec.base}] += base_of(info.scale, position.open).value;
    } else {
      held[{lender_account, info.spec.quote}] += position.cost.value - position.fees.value;
    }
  }
  for (const auto& [id, x] : state.withdrawals.rows()) {
    withdrawing[{x.account, x.asset}] += Wide{x.amount.value} + x.fee.value;
  }
  for (const auto& [key, own] : state.balances.rows()) {
    if (held[key] != own.held.value) return "held amounts differ from the open orders";
    if (withdrawing[key] != own.withdrawing.value) return "withdrawing amounts differ";
    held.erase(key);
    withdrawing.erase(key);
  }
  for (const Sums* rest : {&held, &withdrawing}) {
    for (const auto& [key, sum] : *rest) {
      if (sum != 0) return "an amount that nobody has is held";
    }
  }
  return nullptr;
}

const char* book_fault(const State& state) {
  std::map<std::pair<MarketId, Side>, Price> best;
  for (const auto& [key, id] : state.book.rows()) {
    best.try_emplace({key.market, key.side}, price_of_key(key.side, key.key));
  }
  for (const auto& [id, market] : state.markets.rows()) {
    const auto buy = best.find({id, Side::buy});
    const auto sell = best.find({id, Side::sell});
    const bool crossed = buy != best.end() && sell != best.end() && buy->second >= sell->second;
    if (crossed && market.mode == MarketMode::none) return "a book is crossed";
  }
  return nullptr;
}

const char* orders_fault(const State& state) {
  std::map<PositionKey, Wide> closing;
  for (const auto& [id, order] : state.orders.rows()) {
    const OrderView& view = order.view;
    if (view.id != id || id > state.counters.last_order) return "an order id not given out";
    if (order.resting == waits(view)) return "an open order that neither rests nor waits";
    if (!order.resting) continue;
    const Lots open = open_lots(view);
    const bool fits =
        open.value > 0 && order.visible.value > 0 && order.visible <= open &&
        (view.display.value > 0 ? order.visible <= view.display : order.visible == open);
    if (!fits) return "an order shows what it does not have";
    if (order.priority > state.counters.last_priority) return "a priority not given out";
    if (closes(view)) closing[{view.account, view.market, view.position}] += open.value;
  }
  for (const auto& [key, lots] : closing) {
    const Position* position = state.positions.find(key);
    if (position == nullptr || lots > position->open.value) {
      return "closing orders exceed their position";
    }
  }
  return nullptr;
}

const char* edges_fault(const State& state) {
  std::map<std::uint32_t, bool> used;
  for (const auto& [key, nothing] : state.orders_by_session.rows()) {
    used[static_cast<std::uint32_t>(key.first.value >> 32)] = true;
  }
  bool same = used.size() == state.edges.size();
  for (const auto& [edge, yes] : used) same = same && state.edges.has(edge);
  if (!same) return "edges differ from those with open orders";
  const bool sweeps = state.counters.sweep_at.value != 0;
  return sweeps == state.sweep_accounts.empty() ? "the sweep runs without need, or does not run"
                                                : nullptr;
}

std::map<std::pair<MarketId, Side>, Lots> not_zero(const State& state) {
  std::map<std::pair<MarketId, Side>, Lots> sides;
  for (const auto& [key, lots] : state.sides.rows()) {
    if (lots.value > 0) sides.emplace(key, lots);
  }
  return sides;
}

const char* derived_fault(const State& state) {
  State fresh(state.limits);
  fresh.time = state.time;
  fresh.counters = state.counters;
  fresh.assets = state.assets;
  fresh.infos = state.infos;
  fresh.markets = state.markets;
  fresh.accounts = state.accounts;
  fresh.keys = state.keys;
  fresh.balances = state.balances;
  fresh.orders = state.orders;
  fresh.edges = state.edges;
  fresh.positions = state.positions;
  fresh.client_ids = state.client_ids;
  fresh.references = state.references;
  fresh.credits = state.credits;
  derive(fresh);
  const bool same =
      fresh.keys_by_text.rows() == state.keys_by_text.rows() &&
      fresh.book.rows() == state.book.rows() && fresh.levels.rows() == state.levels.rows() &&
      not_zero(fresh) == not_zero(state) && fresh.triggers.rows() == state.triggers.rows() &&
      fresh.orders_by_account.rows() == state.orders_by_account.rows() &&
      fresh.orders_by_session.rows() == state.orders_by_session.rows() &&
      fresh.client_ids_by_place.rows() == state.client_ids_by_place.rows() &&
      fresh.references_by_place.rows() == state.references_by_place.rows() &&
      fresh.sweep_accounts.rows() == state.sweep_accounts.rows();
  if (!same) return "a derived table differs from what it follows from";
  const bool timers =
      fresh.timers.rows() == state.timers.rows() && fresh.timer_of.rows() == state.timer_of.rows();
  return timers ? nullptr : "a timer differs from what it is for";
}

}  // namespace

const char* state_fault(const State& state) {
  try {
    for (const auto check :
         {ledger_fault, required_fault, book_fault, orders_fault, edges_fault, derived_fault}) {
      if (const char* fault = check(state)) return fault;
    }
  } catch (const Fault& fault) {
    return fault.what;
  }
  return nullptr;
}

}  // namespace oki::core::plain
