#include "core/fast/triggers.h"

#include <algorithm>

#include "base/planted.h"
#include "core/fast/market.h"
#include "core/fast/plan.h"
#include "core/fast/trade.h"

namespace oki::core::fast {
namespace {

constexpr std::size_t upward = 0;
constexpr std::size_t downward = 1;

std::size_t direction(const Order& order) {
  return waits_upward(order.type, order.side) ? upward : downward;
}

// Downward the highest trigger comes first.
IndexKey key_of(const State& state, const Order& order) {
  const std::uint64_t trigger = state.extras[order.extra].trigger.value;
  return {direction(order) == upward ? trigger : ~trigger, order.id.value};
}

Row pending_in(const State& state, Row market) {
  const MarketFlow& flow = state.flows[market];
  return flow.high.value == 0 ? 0 : first_reached(state, flow, flow.low, flow.high);
}

bool forbidden(const MarketRules& rules, const Order& order) {
  const auto stops = rules.stops;
  const bool market_type = order.type != OrderType::stop_limit;
  return stopped(stops, Stop::order) || stopped(stops, Stop::order_and_cancel) ||
         stopped(stops, Stop::disabled) ||
         stopped(stops, order.side == Side::buy ? Stop::buy_order : Stop::sell_order) ||
         (market_type && stopped(stops, Stop::market_order));
}

}  // namespace

Row first_reached(const State& state, const MarketFlow& flow, Price low, Price high) {
  if (const Row first = state.indexes.first(flow.triggers[upward])) {
    const IndexNode& node = state.indexes[first];
    if (node.key.first <= high.value) return static_cast<Row>(node.value);
  }
  if (const Row first = state.indexes.first(flow.triggers[downward])) {
    const IndexNode& node = state.indexes[first];
    if (~node.key.first >= low.value) return static_cast<Row>(node.value);
  }
  return 0;
}

void add_trigger(State& state, Row row) {
  const Order& order = state.orders[row];
  Row& root = state.flows.change(State::market(order.market)).triggers[direction(order)];
  root = state.indexes.insert(root, key_of(state, order), row);
}

void remove_trigger(State& state, Row row) {
  const Order& order = state.orders[row];
  if (state.extras[order.extra].trigger_dead) return;
  Row& root = state.flows.change(State::market(order.market)).triggers[direction(order)];
  root = state.indexes.erase(root, key_of(state, order));
}

void note_price(State& state, MarketId market, Price price) {
  MarketFlow& flow = state.flows.change(State::market(market));
  flow.last_price = price;
  if (flow.high.value != 0) [[likely]] {
    flow.low = std::min(flow.low, price);
    flow.high = std::max(flow.high, price);
  } else {
    flow.low = flow.high = price;
  }
  std::vector<Row>& fired = state.fired_markets;
  const Row row = State::market(market);
  const auto place = std::lower_bound(fired.begin(), fired.end(), row);
  if (place == fired.end() || *place != row) fired.insert(place, row);
}

Row pending_trigger(const State& state) {
  for (const Row market : state.fired_markets) {
    if (waits(state.rules[market])) continue;
    if (const Row order = pending_in(state, market)) return order;
  }
  return 0;
}

void forget_prices(State& state) {
  std::erase_if(state.fired_markets, [&](Row market) {
    if (state.flows[market].high.value == 0) return true;
    if (waits(state.rules[market]) || pending_in(state, market) != 0) return false;
    MarketFlow& flow = state.flows.change(market);
    flow.low = flow.high = Price{};
    return true;
  });
  state.flows.commit();
}

void fire_trigger(State& state, Row row) {
  remove_trigger(state, row);
  Order& order = state.orders.change(row);
  INVARIANT(!(PLANTED(core_trigger_fails) && order.amount.value == planted_lots),
            "a planted assertion");
  state.extras.change(order.extra).triggered_at = state.time;
  order.status = OrderStatus::unfilled;
  if (forbidden(state.rules[State::market(order.market)], order)) {
    return cancel(state, row, Reason::market_stopped);
  }
  if (order.position != PositionSide::none) {
    const Lots left = left_to_close(state, order.seat, order.position);
    if (left.value == 0 || left < order.amount) return cancel(state, row, Reason::nothing_to_close);
    if (order.amount.value == 0) order.amount = left;
  }
  execute_triggered(state, row);
}

void kill_trigger(State& state, Row row) {
  remove_trigger(state, row);
  state.extras.change(state.orders[row].extra).trigger_dead = true;
}

}  // namespace oki::core::fast
