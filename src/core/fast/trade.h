// Orders: accepting, executing, cancelling. Rules 4, 5, 8, 10, 11.
#pragma once

#include "core/fast/state.h"

namespace oki::core::fast {

// --- Holds, rules 8.4.
// The pocket that an order holds money in; 0 for a closing sell, which holds none.
Pocket hold_pocket(const State& state, const Order& order);
// What an order with `open` lots at its price must hold: not for market types, nor inactive ones.
Amount hold_need(const State& state, const Order& order, Lots open);

// --- Orders of the house and of commands.
struct NewOrder {
  Order order;  // Without its id, time and status, which are given to it.
  Price trigger;
  Lots display;
  WallTimeMs expire_at;  // Of gtd.
  SessionId session;
  std::string_view client_order_id;
};
// Gives it an id and tells OrderAccepted; links it to its account, session and, with a trigger,
// to the triggers. REQUIRES: everything was checked, the pool is not full.
Row accept(State& state, const NewOrder& order);

// A losscut order (9.10) for all open lots of a position: accepted and executed. Its market must be
// in mode none, not halted, not uncrossing. What is not filled is cancelled.
void place_losscut(State& state, Row position);

// Closes an open order, wherever it waits: takes it out, gives its hold back (11.4).
void cancel(State& state, Row order, Reason reason);
// The same with a status of its own.
void close(State& state, Row order, OrderStatus status, Reason reason);

// Open orders of an account, by id: all, of one market, ...
std::vector<Row> orders_of_account(const State& state, Row account);

// --- Check 35: what is left to close of a position. `seat` may be 0.
Lots left_to_close(const State& state, Row seat, PositionSide side);

void link_seat(State& state, Row order);
void unlink_seat(State& state, Row order);

// The visible lots of a price are about to change.
void touch_level(State& state, MarketId market, Side side, Price price);

// Parts of accepting and closing.
void finish(State& state, Row order);  // It is closed: counts, session, timers.
// Puts a limit order with open lots at the end of its price: what its display says shows, or
// `visible`.
void rest_in_book(State& state, Row order);
void rest_in_book(State& state, Row order, Lots visible);
void leave_book(State& state, Row order);  // Keeps its hold.
void take_hold(State& state, Row order, Amount hold);
void give_back(State& state, Row order, Amount keep);

// --- Orders with a display in a book.
void note_iceberg(State& state, Row order);    // It has come into the book, or shows other lots.
void forget_iceberg(State& state, Row order);  // It is about to leave.

}  // namespace oki::core::fast
