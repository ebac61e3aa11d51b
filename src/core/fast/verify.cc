#include "core/fast/verify.h"

#include <unordered_map>
#include <vector>

#include "base/assert.h"
#include "core/core.h"
#include "core/fast/margin.h"
#include "core/fast/math.h"
#include "core/fast/trade.h"
#include "core/fast/views.h"

namespace oki::core {
namespace fast {
namespace {

using Fault = const char*;

// What each pocket should hold, from its orders, positions and withdrawals.
class Due {
 public:
  void held(Pocket pocket, std::uint64_t amount) { held_[pocket] += amount; }
  void withdrawing(Pocket pocket, std::uint64_t amount) { withdrawing_[pocket] += amount; }
  void approved(AssetId asset, std::uint64_t amount) { approved_[asset.value] += amount; }
  Wide approved(AssetId asset) const {
    const auto found = approved_.find(asset.value);
    return found == approved_.end() ? 0 : found->second;
  }
  bool same(Pocket pocket, const Funds& funds) const {
    return of(held_, pocket) == funds.held && of(withdrawing_, pocket) == funds.withdrawing;
  }

 private:
  using Sums = std::unordered_map<Pocket, std::uint64_t>;
  static std::uint64_t of(const Sums& sums, Pocket pocket) {
    const auto found = sums.find(pocket);
    return found == sums.end() ? 0 : found->second;
  }
  Sums held_, withdrawing_;
  std::unordered_map<std::uint16_t, Wide> approved_;  // Of withdrawals that are open.
};

Fault check_seat(const State& state, Row seat_row, Due& due) {
  const Seat& seat = state.seats[seat_row];
  std::uint32_t open = 0;
  std::uint64_t closing[2] = {};
  for (Row row = seat.first_order; row != 0; row = state.links[row].next) {
    const Order& order = state.orders[row];
    ++open;
    if (order.seat != seat_row || order.closed()) return "an order on the wrong list";
    if (order.hold != (order.in_book ? hold_need(state, order, order.open()) : Amount{})) {
      return "an order that holds what it should not";
    }
    if (order.hold.value != 0) due.held(hold_pocket(state, order), order.hold.value);
    if (order.in_book && order.position != PositionSide::none && !order.opens_position()) {
      closing[order.position == PositionSide::long_side ? 0 : 1] += order.open().value;
    }
  }
  if (open != seat.open || open > state.limits().open_orders_per_account_and_market_max) {
    return "more open orders of an account than allowed";
  }
  for (const std::size_t side : {0u, 1u}) {
    const Row row = seat.positions[side];
    const std::uint64_t lots = row == 0 ? 0 : state.positions[row].open.value;
    if (closing[side] > lots) return "closing orders that exceed their position";
    if (row == 0) continue;
    const PositionHold hold = position_hold(state, state.positions[row]);
    if (hold.amount != 0) due.held(hold.pocket, hold.amount);
  }
  return nullptr;
}

Fault check_accounts(const State& state, Due& due) {
  for (Row account = 1; account <= state.accounts.last(); ++account) {
    for (Row seat = state.accounts[account].seat; seat != 0; seat = state.seats[seat].next) {
      if (const Fault fault = check_seat(state, seat, due)) return fault;
    }
  }
  for (const Row row : withdrawals_by_id(state)) {
    const Withdrawal& w = state.withdrawals[row];
    due.withdrawing(state.purses.find(state.accounts[w.account].purse, w.asset),
                    w.amount.value + w.fee.value);
    if (w.approved) due.approved(w.asset, w.amount.value + w.fee.value);
  }
  return nullptr;
}

Fault check_sums(const State& state, const Due& due) {
  std::vector<Wide> sums(state.assets_count());
  for (Row account = 1; account <= state.accounts.last(); ++account) {
    for (const Pocket pocket : pockets_of(state, account)) {
      const Funds funds = state.purses.funds(pocket);
      if (!due.same(pocket, funds)) return "a balance that is held for nothing";
      sums[state.purses.asset(pocket).value] += Wide{funds.free} + funds.held + funds.withdrawing;
    }
  }
  for (Row row = 1; row <= state.assets_count(); ++row) {
    const Asset& asset = state.assets[row];
    if (sums[row - 1] != asset.paid_in.value) return "balances that do not sum to the liabilities";
    if (asset.paid_in > asset.holdings) return "liabilities above the holdings";
    if (asset.settled > asset.approved) return "more withdrawals settled than approved";
    if (asset.approved - asset.settled !=
        due.approved(AssetId{static_cast<std::uint16_t>(row - 1)})) {
      return "approvals of no withdrawal";
    }
    if (asset.collateral_ppm > million) return "an asset worth more than itself";
  }
  return nullptr;
}

Fault check_book(const State& state, std::size_t market) {
  const Book& book = state.books[market];
  const MarketFlow& flow = state.flows[static_cast<Row>(market + 1)];
  book.verify();
  const auto buy = book.best(Side::buy);
  const auto sell = book.best(Side::sell);
  const bool continuous = state.rules[static_cast<Row>(market + 1)].mode == MarketMode::none;
  if (continuous && buy && sell && *buy >= *sell) return "a crossed book";
  for (const Side side : {Side::buy, Side::sell}) {
    std::uint64_t hidden = 0;
    for (Slot row = book.front(side); row != 0; row = book.next(row)) {
      const Order& order = state.orders[row];
      if (!order.in_book || order.market.value != market) return "an order in the wrong book";
      hidden += order.open().value - state.pool[row].lots;
    }
    if (flow.hidden[static_cast<std::size_t>(side)].value != hidden) {
      return "hidden lots that are not there";
    }
    if (hidden > ~book.lots(side).value) return "a side that overflows";
  }
  return nullptr;
}

}  // namespace

const char* state_fault(const State& state) {
  try {
    Due due;
    if (const Fault fault = check_accounts(state, due)) return fault;
    if (const Fault fault = check_sums(state, due)) return fault;
    for (std::size_t market = 0; market < state.markets_count(); ++market) {
      if (const Fault fault = check_book(state, market)) return fault;
    }
    std::uint64_t open = 0;
    for (Row seat = 1; seat <= state.seats.last(); ++seat) open += state.seats[seat].open;
    if (open != state.counters().open_orders || open != state.order_ids.size()) {
      return "an order that nobody has";
    }
    return nullptr;
  } catch (const Broken& broken) {
    return broken.what;
  }
}

}  // namespace fast

void Core::verify() const { ASSERT(fast::state_fault(*state_) == nullptr); }

}  // namespace oki::core
