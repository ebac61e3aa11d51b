#include "core/fast/timers.h"

#include <algorithm>

#include "core/fast/auction.h"
#include "core/fast/margin.h"
#include "core/fast/market.h"
#include "core/fast/sessions.h"
#include "core/fast/trade.h"
#include "core/fast/triggers.h"

namespace oki::core::fast {
namespace {

IndexKey key_of(WallTimeMs due, std::uint64_t subject) {
  return {static_cast<std::uint64_t>(due.value), subject};
}

// The first one of a kind that was set before this command, if `settled`.
Row first_of(const State& state, TimerKind kind, bool settled) {
  const Row root = state.house().timers[static_cast<std::size_t>(kind)];
  Row row = state.indexes.first(root);
  while (settled && row != 0 && state.indexes[row].value == state.number) {
    row = state.indexes.above(root, state.indexes[row].key);
  }
  return row;
}

bool usual_expiry(const Order& order) {
  return !order.closed() && !order.never_expires && order.time_in_force == TimeInForce::gtc &&
         (order.type == OrderType::limit || has_trigger(order.type));
}

// Orders with the usual lifetime expire in the order of their ids: a cursor follows the oldest one.
std::optional<DueTimer> first_usual_expiry(State& state, WallTimeMs not_after) {
  const OrderId last = state.counters().last_order;
  if (state.expiry_bound > not_after) return std::nullopt;
  for (OrderId& id = state.expiry_cursor; id <= last; ++id.value) {
    const Row row = state.open_order(id);
    if (row == 0 || !usual_expiry(state.orders[row])) continue;
    state.expiry_bound =
        WallTimeMs{state.orders[row].ordered_at.value + state.limits().order_lifetime_ms};
    return DueTimer{state.expiry_bound, TimerKind::expiry, id.value};
  }
  state.expiry_bound = WallTimeMs{state.time.value + state.limits().order_lifetime_ms};
  return std::nullopt;
}

void take_off(State& state, const DueTimer& timer) {
  const auto kind = static_cast<std::size_t>(timer.kind);
  const Row root = state.house().timers[kind];
  const IndexKey key = key_of(timer.due, timer.subject);
  if (state.indexes.find(root, key) == 0) return;  // An order with the usual lifetime.
  state.change_house().timers[kind] = state.indexes.erase(root, key);
}

// The times that the owners keep are forgotten with the timer.
void forget_due(State& state, const DueTimer& timer) {
  const auto subject = static_cast<Row>(timer.subject);
  switch (timer.kind) {
    case TimerKind::stage:
      state.rules.change(subject + 1).stage_due = WallTimeMs{};
      break;
    case TimerKind::load:
      state.rules.change(subject + 1).load_due = WallTimeMs{};
      break;
    case TimerKind::estimate:
      state.rules.change(subject + 1).estimate_due = WallTimeMs{};
      break;
    case TimerKind::dead_man:
      state.accounts.change(state.account(AccountId{timer.subject})).dead_man_at = WallTimeMs{};
      break;
    case TimerKind::margin_sweep:
      state.change_house().sweep_due = WallTimeMs{};
      break;
    case TimerKind::edge_silence:
      forget_silence(state, subject);
      break;
    case TimerKind::expiry:
    case TimerKind::credit_lapse:
      break;
  }
}

}  // namespace

void set_timer(State& state, TimerKind kind, std::uint64_t subject, WallTimeMs before,
               WallTimeMs due) {
  const auto place = static_cast<std::size_t>(kind);
  Row root = state.house().timers[place];
  if (before.value != 0) root = state.indexes.erase(root, key_of(before, subject));
  if (due.value != 0) {
    root = state.indexes.insert(root, key_of(due, subject), state.number);
    state.timers_bound = std::min(state.timers_bound, due);
  }
  state.change_house().timers[place] = root;
}

void forget_expiry(State& state, OrderId order, WallTimeMs due) {
  take_off(state, {due, TimerKind::expiry, order.value});
}

std::optional<DueTimer> earliest_timer(State& state, bool settled) {
  std::optional<DueTimer> earliest;
  for (std::size_t kind = 0; kind < timer_kinds; ++kind) {
    const Row row = first_of(state, static_cast<TimerKind>(kind), settled);
    if (row == 0) continue;
    const IndexKey& key = state.indexes[row].key;
    const DueTimer timer{WallTimeMs{static_cast<std::int64_t>(key.first)},
                         static_cast<TimerKind>(kind), key.second};
    if (!earliest || timer < *earliest) earliest = timer;
  }
  const WallTimeMs horizon{settled ? state.time.value : std::int64_t{1} << 62};
  const std::optional<DueTimer> expiry = first_usual_expiry(state, horizon);
  if (expiry && (!earliest || *expiry < *earliest)) earliest = expiry;
  return earliest;
}

void fire(State& state, const DueTimer& timer) {
  take_off(state, timer);
  forget_due(state, timer);
  const MarketId market{static_cast<std::uint16_t>(timer.subject)};
  switch (timer.kind) {
    case TimerKind::stage:
      return run_stage(state, market, timer.due);
    case TimerKind::load:
      return run_load(state, market);
    case TimerKind::estimate:
      return run_estimate(state, market);
    case TimerKind::dead_man:
      return run_dead_man(state, AccountId{timer.subject});
    case TimerKind::edge_silence:
      return run_edge_silence(state, static_cast<std::uint32_t>(timer.subject));
    case TimerKind::expiry:
      if (const Row row = state.open_order(OrderId{timer.subject})) {
        cancel(state, row, Reason::expired);
      }
      return;
    case TimerKind::credit_lapse:
      return lapse_credit(state, CreditId{timer.subject});
    case TimerKind::margin_sweep:
      return run_margin_sweep(state);
  }
}

void skip(State& state, const DueTimer& timer) {
  take_off(state, timer);
  forget_due(state, timer);
  const MarketId market{static_cast<std::uint16_t>(timer.subject)};
  if (timer.kind == TimerKind::stage) skip_stage(state, market, timer.due);
  if (timer.kind == TimerKind::load) run_load(state, market);
  if (timer.kind == TimerKind::estimate) await_estimate(state, market);
  if (timer.kind == TimerKind::margin_sweep) skip_margin_sweep(state);
  if (timer.kind == TimerKind::credit_lapse) keep_credit(state, CreditId{timer.subject});
  if (timer.kind == TimerKind::expiry) {
    state.orders.change(state.open_order(OrderId{timer.subject})).never_expires = true;
  }
}

void find_expiry_cursor(State& state) {
  OrderId first{state.counters().last_order.value + 1};
  for (Row seat = 1; seat <= state.seats.last(); ++seat) {
    for (Row row = state.seats[seat].first_order; row != 0; row = state.links[row].next) {
      if (usual_expiry(state.orders[row])) first = std::min(first, state.orders[row].id);
    }
  }
  state.expiry_cursor = first;
  state.expiry_bound = WallTimeMs{};
}

void bound_timers(State& state) {
  state.timers_bound = WallTimeMs{std::int64_t{1} << 62};
  for (std::size_t kind = 0; kind < timer_kinds; ++kind) {
    const Row row = first_of(state, static_cast<TimerKind>(kind), false);
    if (row == 0) continue;
    const WallTimeMs due{static_cast<std::int64_t>(state.indexes[row].key.first)};
    state.timers_bound = std::min(state.timers_bound, due);
  }
}

std::optional<WallTimeMs> next_timer(State& state) {
  if (pending_trigger(state) != 0) return state.time;
  const std::optional<DueTimer> earliest = earliest_timer(state, false);
  if (!earliest) return std::nullopt;
  return earliest->due;
}

}  // namespace oki::core::fast
