// New orders, one or many: docs/rules.md 4.
#include "core/plain/admission.h"
#include "core/plain/apply.h"
#include "core/plain/checks.h"
#include "core/plain/execute.h"
#include "core/plain/market_state.h"
#include "core/plain/orders.h"

namespace oki::core::plain {
namespace {

WallTimeMs expiry_of(const State& state, const PlaceOrder& x) {
  if (x.time_in_force == TimeInForce::gtd) return x.expire_at;
  const bool stays = x.type == OrderType::limit && x.time_in_force == TimeInForce::gtc;
  if (!stays && !has_trigger(x.type)) return {};
  return later(state.time, state.limits.order_lifetime_ms);
}

// As it would be accepted, but for its id.
OrderView order_from(const State& state, const PlaceOrder& x) {
  OrderView order;
  order.account = x.account;
  order.market = x.market;
  order.side = x.side;
  order.type = x.type;
  order.post_only = x.post_only;
  order.time_in_force = x.time_in_force;
  order.self_trade = x.self_trade;
  order.position = x.position;
  order.status = has_trigger(x.type) ? OrderStatus::inactive : OrderStatus::unfilled;
  order.price = x.price;
  order.trigger = x.trigger;
  order.amount = x.amount;
  order.display = x.display;
  order.session = x.session;
  order.ordered_at = state.time;
  order.expire_at = expiry_of(state, x);
  order.client_order_id = x.client_order_id;
  return order;
}

OrderView as_it_stands(const State& state, OrderId id) {
  if (const Order* open = state.orders.find(id)) return open->view;
  const auto closed = state.step.closed.find(id);
  if (closed != state.step.closed.end()) return closed->second;
  OrderView only_id;
  only_id.id = id;
  return only_id;
}

// An order that passed admission. Its row has no more than the id of an order that ended before.
Reply::Row place(State& state, const PlaceOrder& command) {
  count_and_refresh(state, command.market);
  if (!command.client_order_id.empty()) {
    const ClientId* used = state.client_ids.find({command.account, command.client_order_id});
    if (used != nullptr) {
      Reply::Row row{Refusal::client_order_id_used, {}};
      row.order.id = used->order;
      return row;
    }
  }
  OrderView order = order_from(state, command);
  const Refusal refusal = check_new(state, command, order);
  if (refusal != Refusal::ok) return {refusal, {}};
  order.id = OrderId{++state.counters.last_order.value};
  accept(state, order);
  if (waits(order)) {
    await_trigger(state, order);
  } else {
    execute(state, order.id);
  }
  return {Refusal::ok, order};
}

// Rows show their orders as they stand at the end of the step.
void bring_up_to_date(const State& state, Reply& reply) {
  for (Reply::Row& row : reply.rows) {
    if (row.refusal == Refusal::ok) {
      row.order = as_it_stands(state, row.order.id);
    } else if (row.refusal == Refusal::client_order_id_used) {
      const OrderId id = row.order.id;
      const Order* open = state.orders.find(id);
      row.order = {};
      row.order.id = id;
      if (open != nullptr) row.order = open->view;
    }
  }
}

Refusal row_refusal(const State& state, const PlaceOrders& batch, const PlaceOrder& order) {
  if (order.account != batch.account || order.auth != batch.auth) return Refusal::malformed;
  if (!state.markets.has(order.market)) return Refusal::unknown_market;
  return state.accounts.at(order.account).no_orders ? Refusal::account_restricted : Refusal::ok;
}

}  // namespace

Refusal apply(State& state, const PlaceOrder& command, Reply& reply) {
  const Refusal refusal = admit_order(state, command.account, command.market, command.auth);
  if (refusal != Refusal::ok) return refusal;
  const Reply::Row row = place(state, command);
  if (row.refusal == Refusal::ok || row.refusal == Refusal::client_order_id_used) {
    reply.rows.push_back(row);
    bring_up_to_date(state, reply);
  }
  return row.refusal;
}

Refusal apply(State& state, const PlaceOrders& command, Reply& reply) {
  if (state.counters.release < 2) return Refusal::malformed;
  const Refusal refusal = admit(state, command.account, std::nullopt, command.auth);
  if (refusal != Refusal::ok) return refusal;
  for (const PlaceOrder& order : command.orders) {
    const Refusal refused = row_refusal(state, command, order);
    reply.rows.push_back(refused == Refusal::ok ? place(state, order) : Reply::Row{refused, {}});
  }
  bring_up_to_date(state, reply);
  return Refusal::ok;
}

}  // namespace oki::core::plain
