// Cancels by owners, connections and the dead man's switch: docs/rules.md 11.
#include "core/plain/admission.h"
#include "core/plain/apply.h"
#include "core/plain/orders.h"

namespace oki::core::plain {
namespace {

Refusal cancels_stopped(const Market& market) {
  if (market.halted) return Refusal::market_halted;
  return stopped(market.stops, Stop::order_and_cancel) ? Refusal::orders_and_cancels_stopped
                                                       : Refusal::ok;
}

Reply::Row canceled(State& state, OrderId id) {
  cancel(state, id, Reason::by_owner);
  return {Refusal::ok, state.step.closed.at(id)};
}

}  // namespace

Refusal apply(State& state, const CancelOrders& command, Reply& reply) {
  Refusal refusal = admit(state, command.account, command.market, command.auth);
  if (refusal != Refusal::ok) return refusal;
  refusal = cancels_stopped(state.markets.at(command.market));
  if (refusal != Refusal::ok) return refusal;
  for (const OrderId id : command.orders) {
    const Order* order = state.orders.find(id);
    const bool is_own = order != nullptr && order->view.account == command.account &&
                        order->view.market == command.market;
    reply.rows.push_back(is_own ? canceled(state, id) : Reply::Row{Refusal::order_not_found, {}});
  }
  return Refusal::ok;
}

Refusal apply(State& state, const CancelAll& command, Reply& reply) {
  const std::optional<MarketId> market =
      command.all_markets ? std::nullopt : std::optional(command.market);
  const Refusal refusal = admit(state, command.account, market, command.auth);
  if (refusal != Refusal::ok) return refusal;
  for (const OrderId id : orders_of(state, command.account)) {
    const MarketId of = state.orders.at(id).view.market;
    if (market && of != *market) continue;
    if (cancels_stopped(state.markets.at(of)) != Refusal::ok) continue;
    const Reply::Row row = canceled(state, id);
    if (reply.rows.size() < reply_rows_max) reply.rows.push_back(row);
  }
  return Refusal::ok;
}

Refusal apply(State& state, const CancelAllAfter& command, Reply&) {
  const Refusal refusal = admit(state, command.account, std::nullopt, command.auth);
  if (refusal != Refusal::ok) return refusal;
  if (command.timeout_ms > dead_man_ms_max) return Refusal::invalid_time;
  Account& account = state.accounts.edit(command.account);
  account.dead_man_at =
      command.timeout_ms == 0 ? WallTimeMs{} : later(state.time, command.timeout_ms);
  state.tell(DeadManSet{command.account, account.dead_man_at});
  return Refusal::ok;
}

Refusal apply(State& state, const CloseSession& command, Reply&) {
  if (command.session.value == 0) return Refusal::malformed;
  std::vector<OrderId> orders;
  const auto& rows = state.orders_by_session.rows();
  for (auto row = rows.lower_bound({command.session, OrderId{}});
       row != rows.end() && row->first.first == command.session; ++row) {
    orders.push_back(row->first.second);
  }
  for (const OrderId id : orders) cancel(state, id, Reason::session_closed);
  return Refusal::ok;
}

Refusal apply(State& state, const EdgeAlive& command, Reply&) {
  if (state.edges.has(command.edge)) state.edges.edit(command.edge) = {state.time, false};
  return Refusal::ok;
}

Refusal apply(State&, const Tick&, Reply&) { return Refusal::ok; }

}  // namespace oki::core::plain
