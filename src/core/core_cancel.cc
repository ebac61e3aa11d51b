// Admission of every trading command, and cancels.
#include <algorithm>

#include "core/state.h"

namespace oki::core {
namespace {

const OrderView* find_open(const CoreState& state, const CancelOrders& command, OrderId id) {
  const auto found = state.orders.find(id.value);
  if (found == state.orders.end()) return nullptr;
  const OrderView& order = found->second;
  return order.account == command.account && order.market == command.market ? &order : nullptr;
}

OrderView cancel(CoreState& state, OrderView order) {
  Market& market = state.markets[order.market.value];
  const AssetId asset = order.side == Side::buy ? market.spec.quote : market.spec.base;
  state.ledger.move(asset, {order.account, Pocket::held}, {order.account, Pocket::free},
                    state.hold_of(order));
  market.book.remove(order.id);
  --state.accounts.find(order.account)->open_orders_in(order.market);
  state.orders.erase(order.id.value);

  order.status = order.executed.value == 0 ? OrderStatus::canceled_unfilled
                                           : OrderStatus::canceled_partially_filled;
  order.canceled_at = state.time;
  state.changes.orders.push_back(order);
  const Changes::LevelKey level{order.market, order.side, order.price};
  if (std::ranges::find(state.changes.levels, level) == state.changes.levels.end()) {
    state.changes.levels.push_back(level);
  }
  return order;
}

}  // namespace

Refusal admit(CoreState& state, AccountId account_id, MarketId market, const Signed& auth,
              Bytes& events) {
  Account* account = state.accounts.find(account_id);
  if (account == nullptr) return Refusal::unknown_account;
  if (market.value >= state.markets.size()) return Refusal::unknown_market;
  const Refusal refusal = state.accounts.authorize(*account, auth);
  if (refusal != Refusal::ok) return refusal;
  if (auth.key.value != 0 && auth.nonce != 0) append(events, NonceUsed{auth.key, auth.nonce});
  if (account->updates_per_second == 0) return Refusal::ok;
  if (!account->updates.take(state.time, account->updates_per_second)) {
    return Refusal::too_many_updates;
  }
  return Refusal::ok;
}

Refusal apply(CoreState& state, const CancelOrders& command, Bytes& events, Reply& reply) {
  const Refusal refusal = admit(state, command.account, command.market, command.auth, events);
  if (refusal != Refusal::ok) return refusal;
  for (const OrderId id : command.orders) {
    if (const OrderView* order = find_open(state, command, id)) {
      reply.rows.push_back({Refusal::ok, cancel(state, *order)});
    } else {
      reply.rows.push_back({Refusal::order_not_found, {}});
    }
  }
  return Refusal::ok;
}

}  // namespace oki::core
