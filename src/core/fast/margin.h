// What trading asks of margin (rules 8.4, 9), and what happens by time there.
#pragma once

#include "core/fast/state.h"

namespace oki::core::fast {

// --- Asked before an order is accepted. All are const and change nothing.
// Check 34: not allowed, or its status is losscut or debt.
bool may_open_position(const State& state, Row account);
// Check 36, rules 9.5. `worth`: quote_up(price, amount), or what a market order's plan trades.
bool margin_suffices(const State& state, Row account, MarketId market, Amount worth);
// Check 39, the part of margin: the position's cost + worth of the account's open opening orders
// of that side + worth passes 2^62. `seat` may be 0.
bool position_overflows(const State& state, Row seat, PositionSide side, Amount worth);

// --- One side of a trade that is margin. The trading code has already
//   - computed `fee` (never negative; capped by the hold for limit buys) and told Traded;
//   - taken what the account's part gives away from the lender: of a buy, `released` from the
//     lender's held quote, of which released - quote - fee went back to its free; of a sell, the
//     base of the lots from its held base (an order that opens held it itself, one that closes: the
//     position);
//   - credited the fee account with the fees of both sides.
// settle_margin does the rest: the lender receives (long opened: base to held; short closed: base
// to free; short opened: quote - fee to held; long closed: quote - fee to free), interest is
// accrued first, the position is opened, grown, reduced; profit, debt and status follow 9.3
// and 9.7; MarginTraded is told. A position that is closed keeps its row with open 0: the step
// drops it and tells it once.
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
// Adds the interest of each midnight that has passed (9.8).
void accrue(State& state, Row position);
void run_margin_sweep(State& state);   // Timer 7; sets the next one.
void skip_margin_sweep(State& state);  // It broke: the next one goes on behind the account.
void lapse_credit(State& state, CreditId credit);  // Timer 6.
void keep_credit(State& state, CreditId credit);   // It never lapses.

// --- Which accounts the sweep visits: with a position, debt, or a status other than normal.
// After any of these has changed.
void watch_margin(State& state, Row account);
// At the end of each step: the sweep begins with the first such account and ends with the last.
void start_or_stop_sweep(State& state);
inline void follow_margin_watch(State& state) {
  const bool before = state.house_table.before(1).margin_watch != 0;
  if (before != (state.house().margin_watch != 0)) [[unlikely]]
    start_or_stop_sweep(state);
}

// After money arrived as free balance: an account in debt pays (9.7). Any account, any asset.
void money_arrived(State& state, Row account, AssetId asset);

}  // namespace oki::core::fast
