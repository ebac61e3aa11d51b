// A limit order on its direct way, from its bytes to what it does.
#pragma once

#include <cstddef>

#include "core/fast/direct_entry.h"

namespace oki::core::fast {

// A spot limit order, gtc or ioc, without trigger, display, expiry, session and name.
struct PlainOrder {
  AccountId account;
  Signed auth;
  MarketId market;
  std::uint64_t traits = 0;  // From `market` to `position`, as the formats and `Order` have them.
  Side side = Side::buy;
  bool post_only = false;
  bool ioc = false;
  SelfTrade self_trade = SelfTrade::allow;
  Price price;
  Lots amount;
};

// What is known of it once it is checked.
struct Placing {
  const PlainOrder& x;
  const MarketFacts& facts;
  Entry entry;
  Row seat = 0;
  Pocket pocket = 0;  // Where its hold is taken from.
  Amount hold;
  // Of the load counter, when the order is counted.
  std::int64_t second = 0;
  std::uint32_t counted = 0;
};

// Trades with what the order meets from `first` on (0: nothing), as far as that is plain. False:
// nothing has changed.
bool fill_directly(State& state, const Placing& placing, Slot first, Bytes& reply);

// Makes admission and the load counter so, and fills in `order` as it begins, holding nothing.
// Tells OrderAccepted at `at`, gives its end.
[[gnu::always_inline]] inline char* accept_for_good(State& state, const Placing& placing,
                                                    Order& order, char* at) {
  const PlainOrder& x = placing.x;
  at = enter(state, placing.entry, x.auth, at);
  MarketFlow& flow = state.flows.settled(State::market(x.market));
  flow.second = placing.second;
  flow.counted = placing.counted;
  order.id = OrderId{++state.counters_table.settled(1).last_order.value};
  order.price = x.price;
  order.amount = x.amount;
  order.executed = Lots{};
  order.executed_quote = order.hold = Amount{};
  order.ordered_at = state.time;
  order.executed_at = WallTimeMs{};
  static_assert(offsetof(Order, status) == offsetof(Order, market) + sizeof x.traits);
  std::memcpy(reinterpret_cast<char*>(&order) + offsetof(Order, market), &x.traits,
              sizeof x.traits);
  order.status = OrderStatus::unfilled;
  order.reason = Reason::none;
  order.in_book = order.never_expires = false;
  order.account = placing.entry.account;
  order.seat = placing.seat;
  order.extra = order.mark = order.unused = 0;
  const WallTimeMs expire_at =
      x.ioc ? WallTimeMs{} : WallTimeMs{state.time.value + state.limits().order_lifetime_ms};
  return put_event_at<OrderAccepted>(
      at, [&](Put& put) { put_order(put, order, nullptr, x.account, expire_at, WallTimeMs{}); });
}

// Puts an accepted order with open lots at the end of its price. It has its hold already.
inline void rest_for_good(State& state, Row row, Order& order) {
  order.in_book = true;
  Seat& seat = state.seats.settled(order.seat);
  ++seat.open;
  ++state.counters_table.settled(1).open_orders;
  state.links.settled(row) = {seat.first_order, 0, 0};
  if (seat.first_order != 0) state.links.settled(seat.first_order).previous = row;
  seat.first_order = row;
  state.order_ids.insert_for_good(order.id.value, row, state.id_of_order());
  state.books[order.market.value].add<Undo::none>(row, order.side, order.price, order.open(),
                                                  order.id);
}

}  // namespace oki::core::fast
