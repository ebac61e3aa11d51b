// The checkers of rules 1.5, at a cost that follows what the step changed.
#include "core/fast/margin.h"
#include "core/fast/step.h"
#include "core/fast/trade.h"

namespace oki::core::fast {
namespace {

// What a closed or waiting order, a market order, an order in the book must hold at a step's end.
void check_hold(State& state, const Table<Order>::Change& change) {
  const Order& order = state.orders[change.row];
  const bool holds = order.in_book && !order.closed();
  INVARIANT(holds || order.closed() || order.inactive(), "an open order is nowhere");
  const Amount need = holds ? hold_need(state, order, order.open()) : Amount{};
  INVARIANT(order.hold == need, "an order holds what it should not");
  INVARIANT(order.executed <= order.amount, "an order executed more than it has");
  const Amount before = change.created ? Amount{} : change.before.hold;
  if (need != before) {
    state.purses.expect_held(hold_pocket(state, order), need.value - before.value);
  }
  if (order.position != PositionSide::none && holds && !order.opens_position()) {
    INVARIANT(left_to_close(state, order.seat, order.position).value >> 63 == 0,
              "closing orders exceed their position");
  }
}

void expect_position(State& state, const Position& now, const Position& before) {
  const PositionHold after = position_hold(state, now);
  const PositionHold earlier = position_hold(state, before);
  const std::uint64_t by = after.amount - earlier.amount;
  if (by != 0) state.purses.expect_held(after.pocket != 0 ? after.pocket : earlier.pocket, by);
}

void check_withdrawals(State& state) {
  for (const auto& change : state.withdrawals.changes()) {
    const Withdrawal& now = state.withdrawals[change.row];
    const std::uint64_t need = now.closed ? 0 : now.amount.value + now.fee.value;
    const std::uint64_t before =
        change.created ? 0 : change.before.amount.value + change.before.fee.value;
    if (need == before) continue;
    const Pocket pocket = state.purses.find(state.accounts[now.account].purse, now.asset);
    state.purses.expect_withdrawing(pocket, need - before);
  }
  for (const auto& change : state.assets.changes()) {
    const Asset& asset = state.assets[change.row];
    INVARIANT(asset.settled <= asset.approved, "more withdrawals settled than approved");
    INVARIANT(asset.paid_in <= asset.holdings, "liabilities pass the holdings");
  }
}

void check_pockets(const State& state) {
  for (const Purses::Change& change : state.purses.changes()) {
    const Funds now = state.purses.funds(change.pocket);
    INVARIANT(now.held - change.before.held == change.held_due,
              "a held balance is not what its orders and positions hold");
    INVARIANT(now.withdrawing - change.before.withdrawing == change.withdrawing_due,
              "a withdrawing balance is not what its withdrawals are");
  }
}

// Sums are modulo 2^64: nothing that is checked differs by that much. The table is zero before and
// after, whatever the outcome, so nothing may be thrown between its first and its last use.
void check_sums(const State& state) {
  constexpr std::size_t assets_max = 65'536;
  static thread_local std::uint64_t sums[assets_max];
  bool moved = false;
  for (const Purses::Change& change : state.purses.changes()) {
    const Funds now = state.purses.funds(change.pocket);
    const std::uint64_t by = now.free + now.held + now.withdrawing - change.before.free -
                             change.before.held - change.before.withdrawing;
    if (by == 0) continue;  // Between free and held: most of what orders do.
    sums[state.purses.asset(change.pocket).value] += by;
    moved = true;
  }
  if (!moved && state.assets.changes().empty()) return;
  for (const auto& change : state.assets.changes()) {
    sums[change.row - 1] -= state.assets[change.row].paid_in.value - change.before.paid_in.value;
  }
  std::uint64_t wrong = 0;
  for (const Purses::Change& change : state.purses.changes()) {
    wrong |= std::exchange(sums[state.purses.asset(change.pocket).value], 0);
  }
  for (const auto& change : state.assets.changes()) wrong |= std::exchange(sums[change.row - 1], 0);
  INVARIANT(wrong == 0, "balances do not sum to the liabilities");
}

void check_books(const State& state) {
  std::uint32_t last = ~std::uint32_t{0};
  for (const LevelChange& level : state.levels) {
    if (level.market == last) continue;
    last = level.market;
    if (state.rules[level.market + 1u].mode != MarketMode::none) continue;
    const Book& book = state.books[level.market];
    const Price sell = book.best(Side::sell).value_or(Price{~std::uint64_t{0}});
    INVARIANT(book.best(Side::buy).value_or(Price{}) < sell, "a crossed book");
  }
}

}  // namespace

void check_money(const State& state) {
  check_pockets(state);
  check_sums(state);
}

void check_step(State& state) {
  for (const auto& change : state.orders.changes()) check_hold(state, change);
  for (const auto& change : state.positions.changes()) {
    expect_position(state, state.positions[change.row], change.before);
  }
  if (!state.withdrawals.changes().empty() || !state.assets.changes().empty()) {
    check_withdrawals(state);
  }
  check_money(state);
  check_books(state);
}

}  // namespace oki::core::fast
