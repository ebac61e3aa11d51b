// What trading asks of margin (rules 8.4, 9), and what happens by time there.
#pragma once

#include "core/fast/state.h"

namespace oki::core::fast {

// --- Asked before an order is accepted. All are const and change nothing.
// Check 34: not allowed, or its status is losscut or debt.
bool may_open_position(const State& state, Row account);
// Check 36, rules 9.5. `worth`: quote_up(price, amount), or what a market order's plan trades.
bool margin_suffices(const State& state, Row account, MarketId market, Amount worth);
// Check 39, the part of margin: the position's cost + worth of the account's open opening orders of
// that side + worth passes 2^62. `seat` may be 0.
bool position_overflows(const State& state, Row seat, PositionSide side, Amount worth);

// --- One side of a trade that is margin. The trading code has already
//   - computed `fee` (never negative; capped by the hold for limit buys) and told Traded;
//   - taken what the account's part gives away from the lender: of a buy, `released` from the lender's
//     held quote, of which released - quote - fee went back to its free; of a sell, the base of the
//     lots from its held base (an order that opens held it itself, one that closes: the position);
//   - credited the fee account with the fees of both sides.
// settle_margin does the rest: the lender receives (long opened: base to held; short closed: base to
// free; short opened: quote - fee to held; long closed: quote - fee to free), interest is accrued first,
// the position is opened, grown, reduced; profit, debt and status follow 9.3 and 9.7; MarginTraded is
// told. A position that is closed keeps its row with open 0: the step drops it and tells it once.
struct MarginFill {
  TradeId trade;
  Row order = 0;
  Lots lots;
  Amount quote;
  Amount fee;
};
void settle_margin(State& state, const MarginFill& fill);

// What a position holds of the lender's money (8.4): in which pocket, and how much. 0 when closed.
struct PositionHold {
  Pocket pocket = 0;
  std::uint64_t amount = 0;
};
PositionHold position_hold(const State& state, const Position& position);

// --- By time.
void run_margin_sweep(State& state);             // Timer 7; sets the next one.
void lapse_credit(State& state, CreditId credit);  // Timer 6.

// After money arrived as free balance: an account in debt pays (9.7). Any account, any asset.
void money_arrived(State& state, Row account, AssetId asset);

}  // namespace oki::core::fast
