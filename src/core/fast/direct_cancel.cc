// A cancel of one order that waits in a book, or of none: rules 11.1.
#include "core/fast/direct_entry.h"
#include "core/fast/step.h"

namespace oki::core::fast {
namespace {

constexpr std::size_t cancel_one_bytes = 36;

struct CancelOne {
  AccountId account;
  Signed auth;
  MarketId market;
  OrderId order;
};

bool read(ByteView bytes, CancelOne& x) {
  if (bytes.size() != cancel_one_bytes || bytes[27] != 1) return false;
  const char* const at = bytes.data();
  x.account = load<AccountId>(at + 1);
  x.auth = {load<KeyId>(at + 9), load<std::uint64_t>(at + 17)};
  x.market = load<MarketId>(at + 25);
  x.order = load<OrderId>(at + 28);
  return true;
}

// An order in the book that holds nothing but its own account's money.
bool is_plain(const Order& order) {
  return order.in_book && order.extra == 0 && order.position == PositionSide::none &&
         order.hold.value != 0;
}

bool may_give_back(const State& state, Pocket pocket, Amount hold) {
  std::uint64_t sum = 0;
  return state.purses.held(pocket) >= hold.value &&
         !__builtin_add_overflow(state.purses.free(pocket), hold.value, &sum);
}

// Ends the order: what is left are its events.
void end(State& state, Row row, Pocket pocket) {
  Order& order = state.orders.settled(row);
  state.purses.release_for_good(pocket, order.hold.value);
  order.hold = Amount{};
  order.in_book = false;
  order.status = order.executed.value == 0 ? OrderStatus::canceled_unfilled
                                           : OrderStatus::canceled_partially_filled;
  order.reason = Reason::by_owner;
  state.books[order.market.value].remove<Undo::none>(row);
  forget_for_good(state, row, order);
}

}  // namespace

bool cancel_directly(State& state, ByteView bytes, Bytes& reply) {
  CancelOne x;
  Entry entry;
  if (!read(bytes, x) || !may_enter(state, x.account, x.auth, x.market, entry)) return false;
  if (!may_cancel(state.rules[State::market(x.market)])) return false;
  const Row row = state.open_order(x.order);
  const Order& order = state.orders[row];
  char* at = state.out.room(direct_bytes_max);
  if (row == 0 || order.account != entry.account || order.market != x.market) {
    at = enter(state, entry, x.auth, at);
    put_reply(state, at, Refusal::order_not_found, reply, [](Put&) {});
    return true;
  }
  const Seat& seat = state.seats[order.seat];
  const bool buy = order.side == Side::buy;
  const Pocket pocket = buy ? seat.quote_pocket : seat.base_pocket;
  if (!is_plain(order) || !may_give_back(state, pocket, order.hold)) return false;
  at = enter(state, entry, x.auth, at);
  end(state, row, pocket);
  const MarketSpec& spec = state.facts.data()[x.market.value].spec;
  at = put_event_at<OrderChanged>(
      at, [&](Put& put) { put_order_changed(put, order, nullptr, x.account, state.time); });
  at = put_level_changed(state, x.market, order.side, order.price, at);
  at = put_balance_changed(state, x.account, buy ? spec.quote : spec.base, pocket, at);
  put_reply(state, at, Refusal::ok, reply, [&](Put& put) {
    put_order(put, order, nullptr, x.account, expire_at(state, order, nullptr), state.time);
  });
  return true;
}

}  // namespace oki::core::fast
