#include "history/private_data.h"

#include <algorithm>
#include <limits>

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
  if (!order.client_order_id.empty()) {
    accounts_[order.account].by_client_id.emplace(order.client_order_id, order.id);
  }
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
  const auto order = orders_.find(oldest->second.value);
  account.by_client_id.erase({order->second.client_order_id, order->second.id});
  orders_.erase(order);
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
  trade.position = order.position;
  trade.maker = maker;
  trade.price = event.price;
  trade.amount = event.amount;
  trade.fee_quote = trade.fee_occurred = maker ? event.maker_fee : event.taker_fee;
  trade.executed_at = time;
  std::deque<AccountTrade>& trades = accounts_[order.account].trades;
  trades.push_back(trade);
  if (trades.size() > trades_max) trades.pop_front();
}

// Comes right after its Traded: the row is one of the account's newest two.
const char* PrivateData::apply(const core::MarginTraded& event) {
  constexpr std::uint64_t fee_max{std::numeric_limits<std::int64_t>::max()};
  const auto found = accounts_.find(event.account);
  if (found == accounts_.end()) return "a margin trade of an unknown account";
  if (event.fee_paid.value > fee_max || event.fee_occurred.value > fee_max) {
    return "a fee that cannot be";
  }
  std::deque<AccountTrade>& trades = found->second.trades;
  for (std::size_t back = 1; back <= std::min<std::size_t>(2, trades.size()); ++back) {
    AccountTrade& trade = trades[trades.size() - back];
    if (trade.id != event.trade || trade.order != event.order) continue;
    if (trade.position != event.position) return "a margin trade of another position";
    trade.fee_quote = static_cast<std::int64_t>(event.fee_paid.value);
    trade.fee_occurred = static_cast<std::int64_t>(event.fee_occurred.value);
    trade.interest = event.interest;
    trade.profit = event.profit;
    return nullptr;
  }
  return "a margin trade without its trade";
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

const core::OrderView* PrivateData::order(core::AccountId account, ByteView client_order_id) const {
  const OneAccount* one = find(account);
  if (one == nullptr || client_order_id.empty()) return nullptr;
  constexpr core::OrderId newest{std::numeric_limits<std::uint64_t>::max()};
  auto after = one->by_client_id.upper_bound({std::string(client_order_id), newest});
  if (after == one->by_client_id.begin()) return nullptr;
  --after;
  return after->first == client_order_id ? order(after->second) : nullptr;
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

std::size_t PrivateData::trade_count(core::AccountId account) const {
  const OneAccount* one = find(account);
  return one == nullptr ? 0 : one->trades.size();
}

std::vector<const core::OrderView*> PrivateData::closed_orders() const {
  std::vector<const core::OrderView*> closed;
  for (const auto& [number, id] : closed_) closed.push_back(order(id));
  return closed;
}

std::vector<core::AccountId> PrivateData::accounts() const {
  std::vector<core::AccountId> ids;
  for (const auto& [id, account] : accounts_) {
    if (!account.trades.empty() || !account.active.empty() || !account.closed.empty()) {
      ids.push_back(id);
    }
  }
  return ids;
}

std::size_t PrivateData::balance_count() const {
  std::size_t count = 0;
  for (const auto& [id, account] : accounts_) count += account.balances.size();
  return count;
}

const char* PrivateData::fault() const {
  std::size_t active = 0;
  std::size_t closed = 0;
  std::size_t named = 0;
  for (const auto& [id, account] : accounts_) {
    active += account.active.size();
    closed += account.closed.size();
    named += account.by_client_id.size();
    if (const char* fault = fault_of(id, account)) return fault;
  }
  if (closed != closed_.size()) return "closed orders of no account";
  if (active + closed_.size() != orders_.size()) return "orders that are neither open nor closed";
  const auto is_named = [](const auto& entry) { return !entry.second.client_order_id.empty(); };
  const auto with_name = static_cast<std::size_t>(std::ranges::count_if(orders_, is_named));
  return named == with_name ? nullptr : "client order ids that differ from the orders";
}

const char* PrivateData::fault_of(core::AccountId id, const OneAccount& account) const {
  if (std::ranges::adjacent_find(account.active, std::greater_equal{}) != account.active.end()) {
    return "active orders out of order";
  }
  for (const core::OrderId order_id : account.active) {
    const core::OrderView* order = this->order(order_id);
    const bool sound = order != nullptr && order->account == id && !core::is_final(order->status);
    if (!sound) return "an active order that is not open";
  }
  for (const std::uint64_t number : account.closed) {
    const auto found = closed_.find(number);
    const core::OrderView* order = found == closed_.end() ? nullptr : this->order(found->second);
    const bool sound = order != nullptr && order->account == id && core::is_final(order->status);
    if (!sound) return "a closed order that is open";
  }
  for (const auto& [name, order_id] : account.by_client_id) {
    const core::OrderView* order = this->order(order_id);
    const bool sound = order != nullptr && order->account == id && order->client_order_id == name;
    if (!sound) return "a client order id of another order";
  }
  for (const auto& [asset, balance] : account.balances) {
    if (balance == Balance{}) return "a balance of nothing";
  }
  return nullptr;
}

}  // namespace oki::history
