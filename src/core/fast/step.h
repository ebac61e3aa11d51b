// One step, from its handler to its events: rules 1.
#pragma once

#include "core/fast/margin.h"
#include "core/fast/market.h"
#include "core/fast/state.h"

namespace oki::core::fast {

// --- The end of a step.
void check_step(State& state);                 // The checkers of rules 1.5. Broken when one fails.
void check_money(const State& state);          // Those of pockets and their sums alone.
void tell_balances(State& state);              // The events of pockets alone.
void tell_changes(State& state);               // The events of rules 1.3 after the records.
void end_step(State& state);                   // What is gone leaves the tables; commits.
void add_events(State& state, Bytes& events);  // To these, and to the running hash.
std::uint64_t state_hash(const State& state);

// Runs `body` as a step: it ends committed, or taken back and quarantined. `skip` then does what
// rules 1.6 say of a timer or trigger, as a step of its own. False when it was quarantined.
struct StepName {
  StepKind kind = StepKind::command;
  std::uint64_t subject = 0;
};
template <typename Body, typename Skip>
bool run_step(State& state, const StepName& name, Body&& body, Skip&& skip);

// A whole command, from its bytes to those of its reply and events: Core::apply.
void apply(State& state, WallTimeMs time, ByteView command, Bytes& reply, Bytes& events);

// What stands in place of a broken step.
void quarantine(State& state, const StepName& name, const char* fault);

// The reply of state.answer, as the orders now stand.
void write_reply(State& state, Bytes& reply);

// The time that an order of the step was cancelled at.
inline WallTimeMs canceled_at(const State& state, const Order& order) {
  const bool canceled = order.status == OrderStatus::canceled_unfilled ||
                        order.status == OrderStatus::canceled_partially_filled;
  return canceled ? state.time : WallTimeMs{};
}
inline WallTimeMs expire_at(const State& state, const Order& order, const Extra* extra) {
  if (order.time_in_force == TimeInForce::gtd) return extra->expire_at;
  const bool lives = order.time_in_force == TimeInForce::gtc &&
                     (order.type == OrderType::limit || has_trigger(order.type));
  return lives ? WallTimeMs{order.ordered_at.value + state.limits().order_lifetime_ms}
               : WallTimeMs{};
}
inline void put_order(Put& put, const State& state, Row row) {
  const Order& order = state.orders[row];
  const Extra* const extra = state.extra(order);
  put_order(put, order, extra, state.accounts[order.account].id, expire_at(state, order, extra),
            canceled_at(state, order));
}

template <typename Body, typename Skip>
bool run_step(State& state, const StepName& name, Body&& body, Skip&& skip) {
  const std::size_t events_before = state.out.size();
  try {
    body();
    follow_margin_watch(state);
    set_first_references(state);
    check_step(state);
    tell_changes(state);
    return true;
  } catch (const Broken& fault) {
    state.rollback();
    state.out.cut(events_before);
    skip();
    quarantine(state, name, fault.what);
    tell_changes(state);
    return false;
  }
}

}  // namespace oki::core::fast
