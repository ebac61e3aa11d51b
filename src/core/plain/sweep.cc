#include "core/plain/sweep.h"

#include <vector>

#include "core/plain/execute.h"
#include "core/plain/margin.h"
#include "core/plain/market_state.h"
#include "core/plain/orders.h"

namespace oki::core::plain {
namespace {

std::vector<PositionKey> positions_of(const State& state, AccountId account) {
  std::vector<PositionKey> keys;
  const auto& rows = state.positions.rows();
  for (auto row = rows.lower_bound({account, MarketId{}, PositionSide::none});
       row != rows.end() && row->first.account == account; ++row) {
    keys.push_back(row->first);
  }
  return keys;
}

bool can_liquidate(const State& state, AccountId account) {
  for (const PositionKey& key : positions_of(state, account)) {
    if (!waits(state.markets.at(key.market))) return true;
  }
  return false;
}

void liquidate_position(State& state, const PositionKey& key) {
  const Position* position = state.positions.find(key);
  if (position == nullptr || waits(state.markets.at(key.market))) return;
  OrderView order;
  order.id = OrderId{++state.counters.last_order.value};
  order.account = key.account;
  order.market = key.market;
  order.side = key.side == PositionSide::long_side ? Side::sell : Side::buy;
  order.type = OrderType::losscut;
  order.time_in_force = TimeInForce::ioc;
  order.position = key.side;
  order.amount = position->open;
  order.ordered_at = state.time;
  accept(state, order);
  execute(state, order.id);
}

void liquidate(State& state, AccountId account) {
  for (const OrderId id : orders_of(state, account)) {
    if (is_margin(state.orders.at(id).view)) cancel(state, id, Reason::losscut);
  }
  for (const PositionKey& key : positions_of(state, account)) liquidate_position(state, key);
}

// The next account after the last visited one; none: AccountId 0.
AccountId next_account(const State& state, AccountId last) {
  const auto& rows = state.sweep_accounts.rows();
  const auto next = rows.upper_bound(last);
  return next == rows.end() ? AccountId{} : next->first;
}

void visit(State& state, AccountId account) {
  for (const PositionKey& key : positions_of(state, account)) {
    accrue(state, state.positions.edit(key));
  }
  pay_debt(state, account);
  set_status(state, account);
}

void schedule_next(State& state, AccountId visited) {
  const bool done = next_account(state, visited).value == 0;
  state.counters.sweep_cursor = done ? AccountId{} : visited;
  state.counters.sweep_at =
      later(state.time, done ? state.limits.margin_sweep_ms : state.limits.margin_sweep_next_ms);
}

}  // namespace

void sweep(State& state) {
  AccountId last = state.counters.sweep_cursor;
  for (std::uint32_t visited = 0; visited < state.limits.margin_sweep_accounts_max; ++visited) {
    const AccountId account = next_account(state, last);
    if (account.value == 0) break;
    last = account;
    state.sweeping = account;
    visit(state, account);
    const bool cut = status_by_balance(state, account) == MarginStatus::losscut;
    if (!cut || !can_liquidate(state, account)) continue;
    liquidate(state, account);
    break;
  }
  schedule_next(state, last);
}

void drop_sweep(State& state) { schedule_next(state, state.sweeping); }

void set_sweep(State& state) {
  if (state.sweep_accounts.empty()) {
    state.counters.sweep_at = {};
    state.counters.sweep_cursor = {};
  } else if (state.counters.sweep_at.value == 0) {
    state.counters.sweep_at = later(state.time, state.limits.margin_sweep_ms);
  }
}

}  // namespace oki::core::plain
