#include "core/plain/derive.h"

#include "core/plain/margin.h"
#include "core/plain/orders.h"
#include "core/plain/timers.h"

namespace oki::core::plain {
namespace {

void derive_order(State& state, Order& order) {
  const OrderView& view = order.view;
  state.orders_by_account.add({view.account, view.id}, {});
  if (view.session.value != 0) state.orders_by_session.add({view.session, view.id}, {});
  if (!order.resting) {
    order.held = {};
    if (!order.trigger_dropped) await_trigger(state, view);
    return;
  }
  const Lots open = open_lots(view);
  order.held = hold_of(state, view);
  state.book.add({view.market, view.side, price_key(view.side, view.price), order.priority},
                 view.id);
  state.levels.put({view.market, view.side, view.price}).value += order.visible.value;
  Lots& side = state.sides.put({view.market, view.side});
  CHECK(open.value <= u64_max - side.value, "a side would pass 64 bits");
  side.value += open.value;
}

}  // namespace

void derive(State& state) {
  for (const auto& [id, key] : state.keys.rows()) state.keys_by_text.add(key.key, id);
  for (const auto& [id, order] : state.orders.rows()) derive_order(state, state.orders.edit(id));
  for (const auto& [key, used] : state.client_ids.rows()) {
    state.client_ids_by_place.add(used.place, key);
  }
  for (const auto& [text, reference] : state.references.rows()) {
    state.references_by_place.add(reference.place, text);
  }
  for (const auto& [id, account] : state.accounts.rows()) note_for_sweep(state, id);
  // Timers are set for what was touched: all of it.
  for (const auto& [id, row] : state.markets.rows()) state.markets.edit(id);
  for (const auto& [id, row] : state.edges.rows()) state.edges.edit(id);
  for (const auto& [id, row] : state.credits.rows()) state.credits.edit(id);
  for (const auto& [id, row] : state.accounts.rows()) state.accounts.edit(id);
  set_timers(state);
  state.each_table([](auto& table) { table.settle(); });
  state.counters_before = state.counters;
}

}  // namespace oki::core::plain
