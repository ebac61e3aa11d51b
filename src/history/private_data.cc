#include "history/private_data.h"

#include <algorithm>

namespace oki::history {

const char* PrivateData::apply(const core::BalanceChanged& event) {
  auto& balances = accounts_[event.account].balances;
  const Balance balance{event.free, event.held, event.withdrawing};
  if (balance == Balance{}) {
    balances.erase(event.asset);
  } else {
    balances[event.asset] = balance;
  }
  return nullptr;
}

const char* PrivateData::apply(const core::OrderAccepted& event) {
  const core::OrderView& order = event.order;
  if (core::is_final(order.status)) return "an order that was closed when it came";
  if (!orders_.emplace(order.id.value, order).second) return "an order twice";
  std::vector<core::OrderId>& active = accounts_[order.account].active;
  if (!active.empty() && active.back() >= order.id) return "an order id that does not rise";
  active.push_back(order.id);
  return nullptr;
}

const char* PrivateData::apply(const core::OrderChanged& event, const ProjectionLimits& limits) {
  const auto found = orders_.find(event.id.value);
  if (found == orders_.end()) return "a change of an unknown order";
  core::OrderView& order = found->second;
  const bool same = order.account == event.account && order.market == event.market &&
                    !core::is_final(order.status);
  if (!same) return "a change of another order";
  core::update(order, event);
  if (!core::is_final(order.status)) return nullptr;
  std::vector<core::OrderId>& active = accounts_[order.account].active;
  active.erase(std::ranges::lower_bound(active, order.id));
  close(order, limits);
  return nullptr;
}

// Numbers the closed order and forgets the oldest: of its account first, then of all.
void PrivateData::close(const core::OrderView& order, const ProjectionLimits& limits) {
  const std::uint64_t number = closed_.empty() ? 1 : closed_.rbegin()->first + 1;
  OneAccount& account = accounts_[order.account];
  closed_.emplace(number, order.id);
  account.closed.push_back(number);
  if (account.closed.size() > limits.closed_orders_per_account_max) forget_oldest_of(account);
  if (closed_.size() <= limits.closed_orders_max) return;
  forget_oldest_of(accounts_[orders_[closed_.begin()->second.value].account]);
}

void PrivateData::forget_oldest_of(OneAccount& account) {
  const auto oldest = closed_.find(account.closed.front());
  orders_.erase(oldest->second.value);
  closed_.erase(oldest);
  account.closed.pop_front();
}

const char* PrivateData::apply(const core::Traded& event, WallTimeMs time,
                               const ProjectionLimits& limits) {
  for (const auto& [order, account] : {std::pair(event.maker_order, event.maker_account),
                                       std::pair(event.taker_order, event.taker_account)}) {
    const core::OrderView* found = this->order(order);
    const bool sound = found != nullptr && found->account == account &&
                       found->market == event.market && !core::is_final(found->status);
    if (!sound) return "a trade of an order that is not open";
  }
  add_trade(event, time, true, limits.account_trades_max);
  add_trade(event, time, false, limits.account_trades_max);
  return nullptr;
}

void PrivateData::add_trade(const core::Traded& event, WallTimeMs time, bool maker,
                            std::size_t trades_max) {
  const core::OrderView& order =
      orders_.find((maker ? event.maker_order : event.taker_order).value)->second;
  AccountTrade trade;
  trade.id = event.id;
  trade.market = event.market;
  trade.order = order.id;
  trade.side = order.side;
  trade.type = order.type;
  trade.maker = maker;
  trade.price = event.price;
  trade.amount = event.amount;
  trade.fee_quote = maker ? event.maker_fee : event.taker_fee;
  trade.executed_at = time;
  std::deque<AccountTrade>& trades = accounts_[order.account].trades;
  trades.push_back(trade);
  if (trades.size() > trades_max) trades.pop_front();
}

const PrivateData::OneAccount* PrivateData::find(core::AccountId account) const {
  const auto found = accounts_.find(account);
  return found == accounts_.end() ? nullptr : &found->second;
}

Balance PrivateData::balance(core::AccountId account, core::AssetId asset) const {
  const OneAccount* one = find(account);
  if (one == nullptr) return {};
  const auto found = one->balances.find(asset);
  return found == one->balances.end() ? Balance{} : found->second;
}

const core::OrderView* PrivateData::order(core::OrderId id) const {
  const auto found = orders_.find(id.value);
  return found == orders_.end() ? nullptr : &found->second;
}

std::vector<const core::OrderView*> PrivateData::active_orders(core::AccountId account) const {
  std::vector<const core::OrderView*> active;
  if (const OneAccount* one = find(account)) {
    for (const core::OrderId id : one->active) active.push_back(order(id));
  }
  return active;
}

std::vector<AccountTrade> PrivateData::account_trades(core::AccountId account) const {
  const OneAccount* one = find(account);
  if (one == nullptr) return {};
  return {one->trades.begin(), one->trades.end()};
}

std::size_t PrivateData::balance_count() const {
  std::size_t count = 0;
  for (const auto& [id, account] : accounts_) count += account.balances.size();
  return count;
}

const char* PrivateData::fault() const {
  std::size_t active = 0;
  for (const auto& [id, account] : accounts_) {
    active += account.active.size();
    if (std::ranges::adjacent_find(account.active, std::greater_equal{}) != account.active.end()) {
      return "active orders out of order";
    }
    for (const core::OrderId order_id : account.active) {
      const core::OrderView* order = this->order(order_id);
      const bool sound = order != nullptr && order->account == id && !core::is_final(order->status);
      if (!sound) return "an active order that is not open";
    }
    for (const auto& [asset, balance] : account.balances) {
      if (balance == Balance{}) return "a balance of nothing";
    }
  }
  std::size_t closed = 0;
  for (const auto& [id, account] : accounts_) {
    closed += account.closed.size();
    for (const std::uint64_t number : account.closed) {
      const auto found = closed_.find(number);
      const core::OrderView* order = found == closed_.end() ? nullptr : this->order(found->second);
      const bool sound = order != nullptr && order->account == id && core::is_final(order->status);
      if (!sound) return "a closed order that is open";
    }
  }
  if (closed != closed_.size()) return "closed orders of no account";
  if (active + closed_.size() != orders_.size()) return "orders that are neither open nor closed";
  return nullptr;
}

}  // namespace oki::history
