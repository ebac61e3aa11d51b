// The sweep over all accounts with margin, and losscuts: rules 9.7, 9.9, 9.10.
#include <algorithm>
#include <vector>

#include "core/fast/margin.h"
#include "core/fast/margin_values.h"
#include "core/fast/market.h"
#include "core/fast/timers.h"
#include "core/fast/trade.h"

namespace oki::core::fast {
namespace {

void accrue_all(State& state, Row account) {
  for (Row row = state.accounts[account].seat; row != 0; row = state.seats[row].next) {
    for (const Row position : state.seats[row].positions) {
      if (position != 0 && state.positions[position].open.value != 0) accrue(state, position);
    }
  }
}

bool below(const MarginValues& values, std::uint32_t ppm) {
  return values.has_position &&
         values.balance * million < static_cast<SignedWide>(values.positions * ppm);
}

MarginStatus status_of(const State& state, Row account, const MarginValues& values) {
  if (state.accounts[account].debt.value != 0) return MarginStatus::debt;
  if (below(values, state.limits().losscut_ppm)) return MarginStatus::losscut;
  return below(values, state.limits().margin_call_ppm) ? MarginStatus::call : MarginStatus::normal;
}

bool can_close(const State& state, Row position) {
  const Position& known = state.positions[position];
  return known.open.value != 0 && !waits(state.rules[State::market(known.market)]);
}

// Of an account, by market and side.
std::vector<Row> positions_of(const State& state, Row account) {
  std::vector<Row> rows;
  for (Row seat = state.accounts[account].seat; seat != 0; seat = state.seats[seat].next) {
    for (const Row position : state.seats[seat].positions) {
      if (position != 0) rows.push_back(position);
    }
  }
  std::sort(rows.begin(), rows.end(), [&](Row a, Row b) {
    const Position& x = state.positions[a];
    const Position& y = state.positions[b];
    return x.market != y.market ? x.market < y.market : x.side < y.side;
  });
  return rows;
}

// False when no market of a position trades now.
bool liquidate(State& state, Row account) {
  const std::vector<Row> positions = positions_of(state, account);
  if (std::none_of(positions.begin(), positions.end(),
                   [&](Row position) { return can_close(state, position); })) {
    return false;
  }
  for (const Row order : orders_of_account(state, account)) {
    if (state.orders[order].position != PositionSide::none) cancel(state, order, Reason::losscut);
  }
  for (const Row position : positions) {  // Each may break the circuit of the next.
    if (can_close(state, position)) place_losscut(state, position);
  }
  return true;
}

// True when the account was liquidated.
bool sweep(State& state, Row account) {
  accrue_all(state, account);
  if (const auto asset = margin_asset(state)) money_arrived(state, account, *asset);
  const MarginValues values = margin_values(state, account);
  const MarginStatus status = status_of(state, account, values);
  if (state.accounts[account].margin_status != status) {
    state.accounts.change(account).margin_status = status;
  }
  const bool liquidated = below(values, state.limits().losscut_ppm) && liquidate(state, account);
  watch_margin(state, account);
  return liquidated;
}

// The next sweep, behind the account `last`.
void go_on(State& state, AccountId last) {
  House& house = state.change_house();
  const bool more = state.indexes.above(house.margin_watch, {last.value, 0}) != 0;
  house.sweep_cursor = more ? last : AccountId{};
  if (house.margin_watch == 0) return;
  const std::int64_t pause =
      more ? state.limits().margin_sweep_next_ms : state.limits().margin_sweep_ms;
  house.sweep_due = WallTimeMs{state.time.value + pause};
  set_timer(state, TimerKind::margin_sweep, 0, {}, house.sweep_due);
}

}  // namespace

void run_margin_sweep(State& state) {
  state.sweeping = state.house().sweep_cursor;
  for (std::size_t i = 0; i < state.limits().margin_sweep_accounts_max; ++i) {
    const Row next = state.indexes.above(state.house().margin_watch, {state.sweeping.value, 0});
    if (next == 0) break;
    const auto account = static_cast<Row>(state.indexes[next].value);
    state.sweeping = state.accounts[account].id;
    if (sweep(state, account)) break;
  }
  go_on(state, state.sweeping);
}

void skip_margin_sweep(State& state) { go_on(state, state.sweeping); }

void start_or_stop_sweep(State& state) {
  House& house = state.change_house();
  const WallTimeMs before = house.sweep_due;
  const bool any = house.margin_watch != 0;
  house.sweep_cursor = AccountId{};
  house.sweep_due =
      any ? WallTimeMs{state.time.value + state.limits().margin_sweep_ms} : WallTimeMs{};
  set_timer(state, TimerKind::margin_sweep, 0, before, house.sweep_due);
}

}  // namespace oki::core::fast
