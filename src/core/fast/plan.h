// What an order would do with the book, and doing it: rules 4.3.
#pragma once

#include "core/fast/state.h"

namespace oki::core::fast {

// Trades all or nothing at any price (or within the allowance), never rests.
inline bool is_market_type(OrderType type) {
  return type != OrderType::limit && type != OrderType::stop_limit;
}

struct Taker {
  Row account = 0;
  MarketId market;
  Side side = Side::buy;
  OrderType type = OrderType::limit;
  bool post_only = false;
  TimeInForce time_in_force = TimeInForce::gtc;
  SelfTrade self_trade = SelfTrade::allow;
  PositionSide position = PositionSide::none;
  Price price;
  Lots lots;
};
Taker taker_of(const Order& order);

// Fills state.plan. Changes nothing. REQUIRES: mode none.
void make_plan(State& state, const Taker& taker);

// 4.3 (c) without the money, in order of precedence.
enum class Verdict : std::uint8_t { would_cross, not_filled, breaks, carry_out };
Verdict judge(const State& state, const Taker& taker);

// The limit of a taker, none being the end of all prices.
Price limit_of(const State& state, const Taker& taker);

// Does what state.plan and its verdict say for an accepted order that holds nothing and is in no
// book. `hold` is what hold_to_take says. REQUIRES: so much is free.
void carry(State& state, Row order, Verdict verdict, Amount hold);
// What it will hold first.
Amount hold_to_take(const State& state, const Order& order, Verdict verdict);

// One trade, rules 8.2, 9: money, orders, events, prices; not the book.
struct Match {
  Row maker = 0;
  Row taker = 0;
  Price price;
  Lots lots;
  bool auction = false;
};
void trade(State& state, const Match& match);
// The fee rate of an order in a role.
std::int32_t fee_ppm(const MarketFacts& market, const Order& order, bool maker);

// An order in the book has fewer open lots now: shows min(visible, open), or, when nothing of it
// shows any more, min(display, open) at the end of its price. `traded` lots were taken from what
// shows.
void take_from_book(State& state, Row order, Lots lots);
void show_less(State& state, Row order);

// 5.4 from the holds on.
void execute_triggered(State& state, Row order);

}  // namespace oki::core::fast
