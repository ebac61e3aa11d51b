// What the core shows: rules 16. For checkers, tests and tools; nothing here is fast.
#include "core/fast/views.h"

#include <algorithm>

#include "core/core.h"
#include "core/fast/market.h"
#include "core/fast/step.h"

namespace oki::core {
namespace fast {

OrderView view_of(const State& state, Row row) {
  const Order& order = state.orders[row];
  const Extra* const extra = state.extra(order);
  OrderView view;
  view.id = order.id;
  view.account = state.accounts[order.account].id;
  view.market = order.market;
  view.side = order.side;
  view.type = order.type;
  view.post_only = order.post_only;
  view.time_in_force = order.time_in_force;
  view.self_trade = order.self_trade;
  view.position = order.position;
  view.status = order.status;
  view.reason = order.reason;
  view.price = order.price;
  view.amount = order.amount;
  view.executed = order.executed;
  view.executed_quote = order.executed_quote;
  view.ordered_at = order.ordered_at;
  view.expire_at = expire_at(state, order, extra);
  view.executed_at = order.executed_at;
  if (extra == nullptr) return view;
  view.trigger = extra->trigger;
  view.display = extra->display;
  view.session = extra->session;
  view.triggered_at = extra->triggered_at;
  view.client_order_id = extra->client_order_id.string();
  return view;
}

std::vector<Row> open_orders(const State& state) {
  std::vector<Row> rows;
  for (Row account = 1; account <= state.accounts.last(); ++account) {
    for (Row seat = state.accounts[account].seat; seat != 0; seat = state.seats[seat].next) {
      for (Row row = state.seats[seat].first_order; row != 0; row = state.links[row].next) {
        rows.push_back(row);
      }
    }
  }
  std::sort(rows.begin(), rows.end(),
            [&](Row a, Row b) { return state.orders[a].id < state.orders[b].id; });
  return rows;
}

std::vector<Row> accounts_by_id(const State& state) {
  std::vector<Row> rows;
  for (Row row = 1; row <= state.accounts.last(); ++row) rows.push_back(row);
  std::sort(rows.begin(), rows.end(),
            [&](Row a, Row b) { return state.accounts[a].id < state.accounts[b].id; });
  return rows;
}

std::vector<Pocket> pockets_of(const State& state, Row account) {
  std::vector<Pocket> pockets;
  for (Row purse = state.accounts[account].purse; purse != 0; purse = state.purses.next(purse)) {
    for (unsigned i = 0; i < 4; ++i) {
      const Pocket pocket = purse * 4 + i;
      if (state.purses.is_open(pocket) && state.purses.funds(pocket) != Funds{}) {
        pockets.push_back(pocket);
      }
    }
  }
  std::sort(pockets.begin(), pockets.end(),
            [&](Pocket a, Pocket b) { return state.purses.asset(a) < state.purses.asset(b); });
  return pockets;
}

std::vector<Row> positions_by_owner(const State& state) {
  std::vector<Row> rows;
  for (Row account = 1; account <= state.accounts.last(); ++account) {
    for (Row seat = state.accounts[account].seat; seat != 0; seat = state.seats[seat].next) {
      for (const Row row : state.seats[seat].positions) {
        if (row != 0) rows.push_back(row);
      }
    }
  }
  const auto key = [&](Row row) {
    const Position& position = state.positions[row];
    return std::tuple(state.accounts[position.account].id, position.market, position.side);
  };
  std::sort(rows.begin(), rows.end(), [&](Row a, Row b) { return key(a) < key(b); });
  return rows;
}

std::vector<Row> withdrawals_by_id(const State& state) {
  std::vector<Row> rows;
  for (Row row = 1; row <= state.withdrawals.last(); ++row) {
    const WithdrawalId id = state.withdrawals[row].id;
    const Row known = state.withdrawal_ids.find(
        id.value, [&](Slot at) { return state.withdrawals[at].id.value; });
    if (known == row) rows.push_back(row);
  }
  std::sort(rows.begin(), rows.end(),
            [&](Row a, Row b) { return state.withdrawals[a].id < state.withdrawals[b].id; });
  return rows;
}

std::vector<Row> credits_by_id(const State& state) {
  std::vector<Row> rows;
  for (Row row = 1; row <= state.credits.last(); ++row) {
    const std::uint64_t id = state.credits[row].id.value;
    const Row known =
        state.credit_ids.find(id, [&](Slot at) { return state.credits[at].id.value; });
    if (known == row) rows.push_back(row);
  }
  std::sort(rows.begin(), rows.end(),
            [&](Row a, Row b) { return state.credits[a].id < state.credits[b].id; });
  return rows;
}

std::vector<Row> waiting_orders(const State& state) {
  std::vector<Row> rows = open_orders(state);
  std::erase_if(rows, [&](Row row) { return state.orders[row].in_book; });
  return rows;
}

}  // namespace fast

using fast::Row;

WallTimeMs Core::applied_at() const { return state_->time; }
std::uint64_t Core::applied() const { return state_->number; }
std::uint32_t Core::release() const { return state_->house().release; }
std::size_t Core::markets() const { return state_->markets_count(); }

Core::Balance Core::balance(AccountId account, AssetId asset) const {
  const Row row = account == fee_account ? fast::fee_row : state_->deposit_account(account);
  const fast::Pocket pocket =
      row == 0 ? 0 : state_->purses.find(state_->accounts[row].purse, asset);
  const fast::Funds funds = pocket == 0 ? fast::Funds{} : state_->purses.funds(pocket);
  return {account, asset, Amount{funds.free}, Amount{funds.held}, Amount{funds.withdrawing}};
}

std::vector<Core::Balance> Core::balances() const {
  std::vector<Balance> balances;
  for (const Row account : fast::accounts_by_id(*state_)) {
    for (const fast::Pocket pocket : fast::pockets_of(*state_, account)) {
      balances.push_back(balance(state_->accounts[account].id, state_->purses.asset(pocket)));
    }
  }
  return balances;
}

Amount Core::paid_in(AssetId asset) const {
  const Row row = state_->asset(asset);
  return row == 0 ? Amount{} : state_->assets[row].paid_in;
}

Amount Core::holdings(AssetId asset) const {
  const Row row = state_->asset(asset);
  return row == 0 ? Amount{} : state_->assets[row].holdings;
}

std::vector<OrderView> Core::open_orders() const {
  std::vector<OrderView> orders;
  for (const Row row : fast::open_orders(*state_)) orders.push_back(fast::view_of(*state_, row));
  return orders;
}

std::vector<Core::Level> Core::levels(MarketId market, Side side) const {
  std::vector<Level> levels;
  if (market.value >= markets()) return levels;
  const fast::Book& book = state_->books[market.value];
  for (auto level = book.first_level(side); level.front != 0;
       level = book.next_level(side, level.price)) {
    levels.push_back({level.price, level.lots});
  }
  return levels;
}

Sequence Core::sequence(MarketId market) const {
  return market.value < markets() ? state_->flows[fast::State::market(market)].sequence
                                  : Sequence{};
}

MarketState Core::market_state(MarketId market) const {
  if (market.value >= markets()) return MarketState{};
  return fast::public_state(market, state_->rules[fast::State::market(market)]);
}

std::vector<Position> Core::positions() const {
  std::vector<Position> positions;
  for (const Row row : fast::positions_by_owner(*state_)) {
    const fast::Position& p = state_->positions[row];
    positions.push_back({state_->accounts[p.account].id, p.market, p.side, p.open, p.cost, p.fees,
                         p.interest, p.interest_until});
  }
  return positions;
}

Core::Margin Core::margin(AccountId account) const {
  const Row row = state_->account(account);
  if (row == 0) return {};
  const fast::Account& known = state_->accounts[row];
  return {known.margin_allowed, known.margin_status, known.debt};
}

std::vector<WithdrawalChanged> Core::withdrawals() const {
  std::vector<WithdrawalChanged> list;
  for (const Row row : fast::withdrawals_by_id(*state_)) {
    const fast::Withdrawal& w = state_->withdrawals[row];
    const auto state = w.approved ? WithdrawalState::approved : WithdrawalState::requested;
    list.push_back({w.id, state, state_->accounts[w.account].id, w.asset, w.amount, w.fee, w.by,
                    w.requested_at, w.destination.string()});
  }
  return list;
}

}  // namespace oki::core
