#include "core/fast/prepare.h"

#include "core/fast/decode.h"
#include "core/fast/direct_entry.h"
#include "core/fast/state.h"

namespace oki::core::fast {
namespace {

// Of commands that name an account, a market and an order or its price: fixed places of all forms.
constexpr std::size_t cancel_bytes_min = 36;
constexpr std::size_t amend_bytes = 59;
constexpr std::size_t place_bytes_min = 85;

// So few rows are in a cache anyway.
bool is_small(const State& state) {
  constexpr std::size_t rows_max = 16'384;
  return state.accounts.last() + state.order_ids.size() < rows_max;
}

}  // namespace

bool Lookahead::read(const State& state, ByteView command, Hint& hint) {
  hint = Hint{};
  if (command.size() < cancel_bytes_min) return false;
  const char* const at = command.data();
  const char kind = command.front();
  hint.places = kind == place_kind && command.size() >= place_bytes_min;
  if (!hint.places && kind != cancel_kind &&
      !(kind == amend_kind && command.size() == amend_bytes)) {
    return false;
  }
  hint.account = load<AccountId>(at + 1);
  hint.market = load<MarketId>(at + 25);
  if (hint.market.value >= state.markets_count()) return false;
  if (hint.places) {
    hint.side = static_cast<Side>(at[27] & 1);
    hint.price = load<Price>(at + 33);
  } else {
    hint.order_id = load<OrderId>(at + (kind == cancel_kind ? 28 : 27));
  }
  return true;
}

// What is found by what the command says.
void Lookahead::fetch_ids(const State& state, const Hint& hint, KeyId key) {
  state.account_ids.prefetch(hint.account.value);
  if (key.value < state.keys.rows_max()) state.keys.prefetch(static_cast<Row>(key.value));
  if (hint.places) {
    state.books[hint.market.value].prefetch(hint.side, hint.price);
  } else {
    state.order_ids.prefetch(hint.order_id.value);
  }
}

void Lookahead::fetch_rows(const State& state, Hint& hint) {
  hint.account_row = state.account_ids.guess(hint.account.value);
  state.accounts.prefetch(hint.account_row);
  if (hint.places) {
    state.seat_ids.prefetch(State::seat_key(hint.account_row, hint.market));
    hint.order = state.books[hint.market.value].crossing(hint.side, hint.price);
  } else {
    hint.order = state.order_ids.guess(hint.order_id.value);
  }
  if (hint.order == 0) return;
  state.orders.prefetch(hint.order);
  state.links.prefetch(hint.order);
  state.pool.prefetch(hint.order);
}

void Lookahead::fetch_seats(const State& state, Hint& hint) {
  if (hint.places) {
    hint.seat = state.seat_ids.guess(State::seat_key(hint.account_row, hint.market));
    state.seats.prefetch(hint.seat);
  }
  if (hint.order == 0) return;
  const Order& order = state.orders[hint.order];
  const OrderLinks& links = state.links[hint.order];
  state.seats.prefetch(order.seat);
  state.accounts.prefetch(order.account);
  state.order_ids.prefetch(order.id.value);
  state.links.prefetch(links.next);
  state.links.prefetch(links.previous);
  state.pool.prefetch_neighbours(hint.order);
  state.books[order.market.value].prefetch(order.side, order.price);
}

void Lookahead::fetch_purses(const State& state, const Hint& hint) {
  const auto fetch = [&](Row row) {
    const Seat& seat = state.seats[row];
    state.purses.prefetch(seat.quote_pocket >> 2);
    if (seat.base_pocket >> 2 != seat.quote_pocket >> 2) {
      state.purses.prefetch(seat.base_pocket >> 2);
    }
    return seat.first_order;
  };
  if (hint.places) state.links.prefetch(fetch(hint.seat));
  if (hint.order != 0) fetch(state.orders[hint.order].seat);
}

void Lookahead::prepare(const State& state, ByteView command) {
  if (is_small(state)) return;
  Hint& fresh = before(0);
  if (read(state, command, fresh)) {
    fetch_ids(state, fresh, load<KeyId>(command.data() + 9));
  } else {
    fresh = Hint{};  // What was read of it may name a market that is not there.
  }
  fetch_rows(state, before(commands_per_step));
  fetch_seats(state, before(2 * commands_per_step));
  fetch_purses(state, before(3 * commands_per_step));
  ++next_;
}

}  // namespace oki::core::fast
