#include "core/plain/triggers.h"

#include <vector>

#include "core/plain/execute.h"
#include "core/plain/ledger.h"
#include "core/plain/margin.h"
#include "core/plain/market_state.h"
#include "core/plain/orders.h"
#include "core/plain/step.h"

namespace oki::core::plain {
namespace {

// The first order whose trigger was reached; none: OrderId 0.
OrderId first_pending(const State& state, MarketId id) {
  const Market& market = state.markets.at(id);
  if (market.low.value == 0) return {};
  const auto& rows = state.triggers.rows();
  for (const bool down : {false, true}) {
    const auto row = rows.lower_bound({id, down, 0, OrderId{}});
    if (row == rows.end() || row->first.market != id || row->first.down != down) continue;
    const Price trigger{down ? ~row->first.key : row->first.key};
    if (down ? trigger >= market.low : trigger <= market.high) return row->first.order;
  }
  return {};
}

bool is_stopped(const Market& market, const OrderView& order) {
  const auto has = [&](Stop stop) { return stopped(market.stops, stop); };
  return has(Stop::order) || has(Stop::order_and_cancel) || has(Stop::disabled) ||
         has(order.side == Side::buy ? Stop::buy_order : Stop::sell_order) ||
         (is_market_like(order.type) && has(Stop::market_order));
}

// Gives an order that closes everything its amount; false when its position is gone.
bool take_position(const State& state, OrderView& order) {
  const Lots left = closable(state, order);
  if (left.value == 0 || left < order.amount) return false;
  if (order.amount.value == 0) order.amount = left;
  return true;
}

bool can_rest(const State& state, const OrderView& order) {
  const Holder holder = holder_of(state, order);
  if (hold_of(state, order) > free_of(state, holder.account, holder.asset)) return false;
  const Lots* side = state.sides.find({order.market, order.side});
  return side == nullptr || open_lots(order).value <= u64_max - side->value;
}

void fire(State& state, OrderId id) {
  Order& order = state.orders.edit(id);
  forget_trigger(state, order.view);
  order.view.triggered_at = state.time;
  order.view.status = OrderStatus::unfilled;
  if (is_stopped(state.markets.at(order.view.market), order.view)) {
    return cancel(state, id, Reason::market_stopped);
  }
  if (closes(order.view) && !take_position(state, order.view)) {
    return cancel(state, id, Reason::nothing_to_close);
  }
  if (order.view.type == OrderType::stop_limit && !can_rest(state, order.view)) {
    return cancel(state, id, Reason::insufficient_amount);
  }
  execute(state, id);
}

void drop(State& state, OrderId id) {
  Order& order = state.orders.edit(id);
  forget_trigger(state, order.view);
  order.trigger_dropped = true;
}

void clear_range(State& state, MarketId id) {
  Market& market = state.markets.edit(id);
  market.low = {};
  market.high = {};
}

void fire_market(State& state, MarketId id, Bytes& events) {
  // A trigger that was undone may leave its market waiting or not, so that is asked each time.
  while (!waits(state.markets.at(id))) {
    const OrderId order = first_pending(state, id);
    if (order.value == 0) return clear_range(state, id);
    if (state.triggers_left == 0) return;
    --state.triggers_left;
    run_step(
        state, StepKind::trigger, order.value, events, [&] { fire(state, order); },
        [&] { drop(state, order); });
  }
}

}  // namespace

bool reaches(Price price, Side side, OrderType type, Price trigger) {
  const bool down = (side == Side::buy) == (type == OrderType::take_profit);
  return down ? price <= trigger : price >= trigger;
}

void fire_triggers(State& state, Bytes& events) {
  std::vector<MarketId> traded;
  for (const auto& [id, market] : state.markets.rows()) {
    if (market.low.value != 0) traded.push_back(id);
  }
  for (const MarketId id : traded) fire_market(state, id, events);
}

bool has_pending_trigger(const State& state) {
  for (const auto& [id, market] : state.markets.rows()) {
    if (!waits(market) && first_pending(state, id).value != 0) return true;
  }
  return false;
}

}  // namespace oki::core::plain
