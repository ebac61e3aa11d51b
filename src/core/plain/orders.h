// Open orders: their holds, their place in the book, their end.
#pragma once

#include "core/plain/state.h"

namespace oki::core::plain {

// Whose money an order holds, and which: the lender's for margin orders.
struct Holder {
  AccountId account;
  AssetId asset;
};
Holder holder_of(const State& state, const OrderView& order);

// What an open limit order must hold for its open lots: docs/rules.md 8.4.
Amount hold_of(const State& state, const OrderView& order);

std::int32_t fee_ppm(const MarketSpec& spec, const OrderView& order, bool maker);

// Sets what the order holds, out of or back to its holder's free money.
// REQUIRES: there is enough.
void set_hold(State& state, Order& order, Amount amount);

// A new order: it is open from here on.
Order& accept(State& state, const OrderView& view);

// To the end of its price, and away from it.
void enter_book(State& state, Order& order);
void leave_book(State& state, Order& order);

// Takes lots off a resting order without closing it: visible ones of it become `visible`.
void reduce_resting(State& state, Order& order, Lots open_less, Lots visible);
// The same lots, at the end of the price again.
void requeue(State& state, Order& order);

// Ends an open order, wherever it is: canceled, rejected or fully filled. The hold goes back.
void close(State& state, OrderId id, OrderStatus status, Reason reason);
void cancel(State& state, OrderId id, Reason reason);

// Takes the order's trigger away from those that wait, or puts it there.
void forget_trigger(State& state, const OrderView& order);
void await_trigger(State& state, const OrderView& order);

// The open orders of an account, by id.
std::vector<OrderId> orders_of(const State& state, AccountId account);

}  // namespace oki::core::plain
