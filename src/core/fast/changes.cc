// The events that a step ends with: what differs from before, each thing once, in the order of
// rules 1.3. What is looked at are the changes that the tables keep for undo.
#include <algorithm>
#include <array>

#include "core/fast/market.h"
#include "core/fast/step.h"

namespace oki::core::fast {
namespace {

// Numbers of changed rows with the key that orders their events; mostly one to four.
template <typename Key>
using Sorted = std::vector<std::pair<Key, std::uint32_t>>;

template <typename List>
inline void sort(List& list) {
  if (list.size() <= 1) [[likely]]
    return;
  if (list.size() > 16) return std::sort(list.begin(), list.end());
  for (std::size_t i = 1; i < list.size(); ++i) {
    const auto moved = list[i];
    std::size_t place = i;
    for (; place > 0 && moved < list[place - 1]; --place) list[place] = list[place - 1];
    list[place] = moved;
  }
}

bool shows_change(const State& state, const Table<Order>::Change& change) {
  const Order& now = state.orders[change.row];
  const Order& before = change.before;
  if (now.status != before.status || now.reason != before.reason || now.price != before.price ||
      now.amount != before.amount || now.executed != before.executed ||
      now.executed_quote != before.executed_quote || now.executed_at != before.executed_at) {
    return true;
  }
  if (now.extra == 0 || state.extras[now.extra].mark == 0 || change.created) return false;
  const Extra& extra_before = state.extras.before(now.extra);
  const Extra& extra = state.extras[now.extra];
  return extra.trigger != extra_before.trigger || extra.triggered_at != extra_before.triggered_at;
}

void tell_orders(State& state) {
  StepList<Told>& list = state.told;
  list.clear();
  for (const auto& change : state.orders.changes()) {
    if (shows_change(state, change))
      list.push_back({state.orders[change.row].id.value, 0, change.row});
  }
  sort(list);
  for (const Told& told : list) {
    const Order& order = state.orders[told.row];
    put_event<OrderChanged>(state.out, order_changed_bytes, [&](Put& put) {
      put_order_changed(put, order, state.extra(order), state.accounts[order.account].id,
                        canceled_at(state, order));
    });
  }
}

void tell_positions(State& state) {
  Sorted<std::array<std::uint64_t, 3>> list;
  for (const auto& change : state.positions.changes()) {
    const fast::Position& now = state.positions[change.row];
    const fast::Position& before = change.before;
    const bool same = now.open == before.open && now.cost == before.cost &&
                      now.fees == before.fees && now.interest == before.interest &&
                      now.interest_until == before.interest_until;
    if (same || (change.created && now.open.value == 0)) continue;
    list.push_back({{state.accounts[now.account].id.value, now.market.value,
                     static_cast<std::uint64_t>(now.side)},
                    change.row});
  }
  sort(list);
  for (const auto& [key, row] : list) {
    const fast::Position& now = state.positions[row];
    state.tell(PositionChanged{{AccountId{key[0]}, now.market, now.side, now.open, now.cost,
                                now.fees, now.interest, now.interest_until}});
  }
}

void tell_margin(State& state) {
  StepList<Told>& list = state.told;
  list.clear();
  for (const auto& change : state.accounts.changes()) {
    const Account& now = state.accounts[change.row];
    const Account& before = change.before;
    if (now.margin_allowed != before.margin_allowed || now.margin_status != before.margin_status ||
        now.debt != before.debt) {
      list.push_back({now.id.value, 0, change.row});
    }
  }
  sort(list);
  for (const Told& told : list) {
    const Account& now = state.accounts[told.row];
    state.tell(MarginChanged{now.id, now.margin_allowed, now.margin_status, now.debt});
  }
}

void tell_markets(State& state) {
  Sorted<std::uint16_t> list;
  for (const auto& change : state.rules.changes()) {
    const MarketId market{static_cast<std::uint16_t>(change.row - 1)};
    MarketRules before = change.before;
    if (public_state(market, state.rules[change.row]) != public_state(market, before)) {
      list.push_back({market.value, change.row});
    }
  }
  sort(list);
  for (const auto& [market, row] : list) {
    state.tell(MarketChanged{public_state(MarketId{market}, state.rules[row])});
  }
}

bool before_in_book(const LevelChange& a, const LevelChange& b) {
  if (a.market != b.market) return a.market < b.market;
  if (a.side != b.side) return a.side < b.side;
  if (a.price != b.price) return a.price < b.price;
  return a.turn < b.turn;
}

bool same_level(const LevelChange& a, const LevelChange& b) {
  return a.market == b.market && a.side == b.side && a.price == b.price;
}

void tell_levels(State& state) {
  StepList<LevelChange>& levels = state.levels;
  if (levels.size() > 1) {
    std::sort(levels.begin(), levels.end(), before_in_book);
    levels.cut(std::unique(levels.begin(), levels.end(), same_level));
  }
  for (const LevelChange& level : levels) {
    const Lots now = state.books[level.market].lots_at(level.side, level.price);
    if (now == level.before) continue;
    Sequence& sequence = state.flows.change(level.market + 1u).sequence;
    ++sequence.value;
    put_event<LevelChanged>(state.out, level_changed_bytes, [&](Put& put) {
      put(level.market, level.side, level.price, now, sequence);
    });
  }
  levels.clear();
}

}  // namespace

void tell_balances(State& state) {
  StepList<Told>& list = state.told;
  list.clear();
  for (const Purses::Change& change : state.purses.changes()) {
    if (state.purses.funds(change.pocket) == change.before) continue;
    const AccountId account = state.accounts[state.purses.owner(change.pocket)].id;
    list.push_back({account.value, state.purses.asset(change.pocket).value, change.pocket});
  }
  sort(list);
  for (const Told& told : list) {
    put_event<BalanceChanged>(state.out, balance_changed_bytes, [&](Put& put) {
      const Funds funds = state.purses.funds(told.row);
      put(told.first, static_cast<std::uint16_t>(told.second), funds.free, funds.held,
          funds.withdrawing);
    });
  }
}

void tell_changes(State& state) {
  tell_orders(state);
  if (!state.positions.changes().empty()) tell_positions(state);
  if (!state.accounts.changes().empty()) tell_margin(state);
  if (!state.rules.changes().empty()) tell_markets(state);
  tell_levels(state);
  tell_balances(state);
}

}  // namespace oki::core::fast
