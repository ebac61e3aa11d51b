#include "core/plain/timers.h"

#include <algorithm>
#include <vector>

#include "core/plain/auction.h"
#include "core/plain/market_state.h"
#include "core/plain/orders.h"
#include "core/plain/step.h"
#include "core/plain/sweep.h"
#include "core/plain/triggers.h"

namespace oki::core::plain {
namespace {

void set_timer(State& state, TimerKind kind, std::uint64_t subject, std::optional<WallTimeMs> due) {
  const TimerSubject key{kind, subject};
  const WallTimeMs* found = state.timer_of.find(key);
  if (found != nullptr && due == *found) return;
  if (found != nullptr) {
    state.timers.erase({*found, kind, subject});
    state.timer_of.erase(key);
  }
  if (!due) return;
  state.timers.add({*due, kind, subject}, {});
  state.timer_of.add(key, *due);
}

std::optional<WallTimeMs> unless_none(WallTimeMs time) {
  if (time.value == 0) return std::nullopt;
  return time;
}

void set_market_timers(State& state, MarketId id) {
  const Market& market = state.markets.at(id);
  set_timer(state, TimerKind::market_stage, id.value, unless_none(next_stage(market)));
  std::optional<WallTimeMs> load;
  if (market.load != MarketStatus::normal) {
    load = later(WallTimeMs{market.load_second * 1000}, 1000);
  }
  set_timer(state, TimerKind::load, id.value, load);
  const bool collects = market.mode != MarketMode::none && !market.uncrossing;
  set_timer(state, TimerKind::estimate, id.value,
            collects ? unless_none(market.estimate_at) : std::nullopt);
}

void set_order_timer(State& state, OrderId id) {
  const Order* order = state.orders.find(id);
  std::optional<WallTimeMs> due;
  if (order != nullptr && !order->expiry_dropped) due = unless_none(order->view.expire_at);
  set_timer(state, TimerKind::expiry, id.value, due);
}

void set_edge_timer(State& state, std::uint32_t id) {
  const Edge* edge = state.edges.find(id);
  std::optional<WallTimeMs> due;
  if (edge != nullptr && !edge->silence_dropped) {
    due = later(edge->heard_at, state.limits.edge_silence_ms);
  }
  set_timer(state, TimerKind::edge_silence, id, due);
}

void set_credit_timer(State& state, CreditId id) {
  const Credit* credit = state.credits.find(id);
  std::optional<WallTimeMs> due;
  if (credit != nullptr && !credit->lapse_dropped) {
    due = later(credit->proposed_at, state.limits.approval_ms_max);
  }
  set_timer(state, TimerKind::credit_lapse, id.value, due);
}

void cancel_session_orders(State& state, std::uint64_t edge) {
  std::vector<OrderId> orders;
  const auto& rows = state.orders_by_session.rows();
  for (auto row = rows.lower_bound({SessionId{edge << 32}, OrderId{}});
       row != rows.end() && row->first.first.value >> 32 == edge; ++row) {
    orders.push_back(row->first.second);
  }
  std::sort(orders.begin(), orders.end());
  for (const OrderId id : orders) cancel(state, id, Reason::session_closed);
}

void strike_dead_man(State& state, AccountId account) {
  state.accounts.edit(account).dead_man_at = {};
  state.tell(DeadManSet{account, {}});
  for (const OrderId id : orders_of(state, account)) cancel(state, id, Reason::dead_man);
}

void lapse(State& state, CreditId id) {
  const Credit credit = state.credits.at(id);
  const ProposeCredit& x = credit.proposal;
  state.credits.erase(id);
  state.tell(
      CreditChanged{id, CreditState::lapsed, x.by, {}, x.account, x.asset, x.amount, x.reference});
}

void fire(State& state, const Timer& timer) {
  const MarketId market{static_cast<std::uint16_t>(timer.subject)};
  switch (timer.kind) {
    case TimerKind::market_stage:
      return fire_stage(state, market);
    case TimerKind::load:
      return roll_load(state, market);
    case TimerKind::estimate:
      return estimate(state, market);
    case TimerKind::dead_man:
      return strike_dead_man(state, AccountId{timer.subject});
    case TimerKind::edge_silence:
      return cancel_session_orders(state, timer.subject);
    case TimerKind::expiry:
      return cancel(state, OrderId{timer.subject}, Reason::expired);
    case TimerKind::credit_lapse:
      return lapse(state, CreditId{timer.subject});
    case TimerKind::margin_sweep:
      return sweep(state);
  }
}

// As if it had fired: it is not tried again.
void drop(State& state, const Timer& timer) {
  const MarketId market{static_cast<std::uint16_t>(timer.subject)};
  switch (timer.kind) {
    case TimerKind::market_stage:
      return drop_stage(state, market);
    case TimerKind::load:
      return roll_load(state, market);
    case TimerKind::estimate:
      state.markets.edit(market).estimate_at = later(state.time, state.limits.estimate_ms);
      return;
    case TimerKind::dead_man:
      state.accounts.edit(AccountId{timer.subject}).dead_man_at = {};
      return;
    case TimerKind::edge_silence:
      state.edges.edit(static_cast<std::uint32_t>(timer.subject)).silence_dropped = true;
      return;
    case TimerKind::expiry:
      state.orders.edit(OrderId{timer.subject}).expiry_dropped = true;
      return;
    case TimerKind::credit_lapse:
      state.credits.edit(CreditId{timer.subject}).lapse_dropped = true;
      return;
    case TimerKind::margin_sweep:
      return drop_sweep(state);
  }
}

}  // namespace

void fire_timers(State& state, Bytes& events) {
  std::vector<Timer> due;
  for (const auto& [timer, nothing] : state.timers.rows()) {
    if (timer.due > state.time) break;
    due.push_back(timer);
  }
  std::uint32_t fired = 0;
  for (const Timer& timer : due) {
    if (fired == state.limits.timers_per_command_max) return;
    if (!state.timers.has(timer)) continue;  // An earlier one has made it needless.
    ++fired;
    run_step(
        state, StepKind::timer, timer.subject, events, [&] { fire(state, timer); },
        [&] { drop(state, timer); });
  }
}

void set_timers(State& state) {
  for (const auto& [id, before] : state.markets.before()) set_market_timers(state, id);
  for (const auto& [id, before] : state.orders.before()) set_order_timer(state, id);
  for (const auto& [id, before] : state.edges.before()) set_edge_timer(state, id);
  for (const auto& [id, before] : state.credits.before()) set_credit_timer(state, id);
  for (const auto& [id, before] : state.accounts.before()) {
    set_timer(state, TimerKind::dead_man, id.value, unless_none(state.accounts.at(id).dead_man_at));
  }
  set_timer(state, TimerKind::margin_sweep, 0, unless_none(state.counters.sweep_at));
}

std::optional<WallTimeMs> next_timer(const State& state) {
  if (has_pending_trigger(state)) return state.time;
  if (state.timers.empty()) return std::nullopt;
  return state.timers.rows().begin()->first.due;
}

}  // namespace oki::core::plain
