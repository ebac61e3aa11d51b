// What a step changed, each thing once and as it stands after it: docs/rules.md 1.3.
#include <set>

#include "core/plain/margin.h"
#include "core/plain/market_state.h"
#include "core/plain/step.h"

namespace oki::core::plain {
namespace {

void tell_orders(State& state) {
  std::set<OrderId> touched;
  for (const auto& [id, before] : state.orders.before()) touched.insert(id);
  for (const OrderId id : touched) {
    const Order* before = state.orders.before(id);
    const auto accepted = state.step.accepted.find(id);
    const auto closed = state.step.closed.find(id);
    const Order* open = state.orders.find(id);
    const OrderView& old = before != nullptr ? before->view : accepted->second;
    const OrderView& now = open != nullptr ? open->view : closed->second;
    if (changed(now) != changed(old)) state.tell(changed(now));
  }
}

void tell_positions(State& state) {
  for (const auto& [key, before] : state.positions.before()) {
    const Position* now = state.positions.find(key);
    if (now != nullptr) {
      if (before != *now) state.tell(PositionChanged{*now});
    } else if (before) {
      Position closed{key.account, key.market, key.side, {}, {}, {}, {}, {}};
      closed.interest_until = last_midnight(state.time);  // It has accrued before it closed.
      state.tell(PositionChanged{closed});
    }
  }
}

MarginChanged margin_of(AccountId id, const Account& account) {
  return {id, account.margin_allowed, account.margin_status, account.debt};
}

void tell_accounts(State& state) {
  for (const auto& [id, before] : state.accounts.before()) {
    const MarginChanged old = before ? margin_of(id, *before) : MarginChanged{id, {}, {}, {}};
    const MarginChanged now = margin_of(id, state.accounts.at(id));
    if (now != old) state.tell(now);
  }
}

void tell_markets(State& state) {
  for (const auto& [id, before] : state.markets.before()) {
    const MarketSpec& spec = state.infos.at(id).spec;
    MarketState old;
    old.market = id;
    if (before) old = shown(id, spec, *before);
    const MarketState now = market_state(state, id);
    if (now != old) state.tell(MarketChanged{now});
  }
}

void tell_levels(State& state) {
  for (const auto& [key, before] : state.levels.before()) {
    const Lots* found = state.levels.find(key);
    const Lots now = found == nullptr ? Lots{} : *found;
    if (now == before.value_or(Lots{})) continue;
    const Sequence sequence{++state.markets.edit(key.market).sequence.value};
    state.tell(LevelChanged{key.market, key.side, key.price, now, sequence});
  }
}

void tell_balances(State& state) {
  for (const auto& [key, before] : state.balances.before()) {
    const Pockets& now = state.balances.at(key);
    if (now == before.value_or(Pockets{})) continue;
    state.tell(BalanceChanged{key.first, key.second, now.free, now.held, now.withdrawing});
  }
}

}  // namespace

void tell_differences(State& state) {
  tell_orders(state);
  tell_positions(state);
  tell_accounts(state);
  tell_markets(state);
  tell_levels(state);
  tell_balances(state);
}

}  // namespace oki::core::plain
