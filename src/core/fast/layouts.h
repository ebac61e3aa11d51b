// The layouts of the frequent events and of orders in replies, as core/events.h and core/fields.h
// define them: layouts_test.cc holds both against each other.
#pragma once

#include "core/fast/out.h"
#include "core/fast/records.h"

namespace oki::core::fast {

// Most bytes of an event's fields.
constexpr std::size_t traded_bytes = 91;
constexpr std::size_t order_changed_bytes = 84;
constexpr std::size_t level_changed_bytes = 27;
constexpr std::size_t balance_changed_bytes = 34;
constexpr std::size_t nonce_used_bytes = 16;
constexpr std::size_t event_head_bytes = 5;

constexpr std::size_t order_bytes = 126;  // Without a client order id.
constexpr std::size_t order_bytes_max = order_bytes + client_order_id_bytes_max;

// An order as core/fields.h writes an OrderView. `canceled_at` is 0 or the time it was closed.
inline void put_order(Put& put, const Order& order, const Extra* extra, AccountId account,
                      WallTimeMs expire_at, WallTimeMs canceled_at) {
  put(order.id, account, order.market, order.side, order.type, order.post_only, order.time_in_force,
      order.self_trade, order.position, order.status, order.reason, order.price);
  if (extra == nullptr) [[likely]] {
    constexpr std::uint64_t none = 0;
    put(none, order.amount, none, order.executed, order.executed_quote, none, order.ordered_at,
        expire_at, none, canceled_at, order.executed_at, std::uint32_t{0});
    return;
  }
  put(extra->trigger, order.amount, extra->display, order.executed, order.executed_quote,
      extra->session, order.ordered_at, expire_at, extra->triggered_at, canceled_at,
      order.executed_at);
  put.text(extra->client_order_id.view());
}

// What core/events.h calls OrderChanged.
[[gnu::always_inline]] inline void put_order_changed(Put& put, const Order& order,
                                                     const Extra* extra, AccountId account,
                                                     WallTimeMs canceled_at) {
  put(order.id, account, order.market, order.status, order.reason, order.price,
      extra == nullptr ? Price{} : extra->trigger, order.amount, order.executed,
      order.executed_quote, extra == nullptr ? WallTimeMs{} : extra->triggered_at, canceled_at,
      order.executed_at);
}

}  // namespace oki::core::fast
