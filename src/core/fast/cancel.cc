// Cancelling by the owner: rules 11.1.
#include "core/fast/admission.h"
#include "core/fast/handlers.h"
#include "core/fast/market.h"
#include "core/fast/trade.h"

namespace oki::core::fast {
Refusal handle(State& state, const CancelView& x) {
  Row account = 0;
  const Refusal refusal = admit(state, x.account, x.auth, &x.market, account);
  if (refusal != Refusal::ok) return refusal;
  const MarketRules& rules = state.rules[State::market(x.market)];
  if (rules.halted) return Refusal::market_halted;
  if (!may_cancel(rules)) return Refusal::orders_and_cancels_stopped;
  for (std::size_t i = 0; i < x.count(); ++i) {
    const Row row = state.open_order(x.order(i));
    const Order& order = state.orders[row];
    if (row == 0 || order.account != account || order.market != x.market) {
      state.answer.lines.push_back({Refusal::order_not_found, 0, {}});
      continue;
    }
    cancel(state, row, Reason::by_owner);
    state.answer.lines.push_back({Refusal::ok, row, {}});
  }
  return Refusal::ok;
}

Refusal handle(State& state, const CancelAll& x) {
  Row account = 0;
  const MarketId* const market = x.all_markets ? nullptr : &x.market;
  const Refusal refusal = admit(state, x.account, x.auth, market, account);
  if (refusal != Refusal::ok) return refusal;
  for (const Row row : orders_of_account(state, account)) {
    const Order& order = state.orders[row];
    if (!x.all_markets && order.market != x.market) continue;
    if (!may_cancel(state.rules[State::market(order.market)])) continue;
    cancel(state, row, Reason::by_owner);
    if (state.answer.lines.size() < reply_rows_max) {
      state.answer.lines.push_back({Refusal::ok, row, {}});
    }
  }
  return Refusal::ok;
}

}  // namespace oki::core::fast
