#include "core/state.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/assert.h"

namespace oki::core {
namespace {

using Held = std::map<std::pair<AccountId, AssetId>, Wide>;

Held held_by_orders(const CoreState& state) {
  Held held;
  for (const auto& [id, order] : state.orders) {
    const MarketSpec& spec = state.markets[order.market.value].spec;
    const AssetId asset = order.side == Side::buy ? spec.quote : spec.base;
    held[{order.account, asset}] += state.hold_of(order).value;
  }
  return held;
}

const char* ledger_fault(const CoreState& state) {
  if (const char* fault = state.ledger.fault()) return fault;
  Held held = held_by_orders(state);
  for (const Ledger::Entry& entry : state.ledger.entries()) {
    const bool is_known =
        entry.account == fee_account || state.accounts.find(entry.account) != nullptr;
    if (!is_known) return "a balance of an account that does not exist";
    const auto found = held.find({entry.account, entry.asset});
    const Wide required = found == held.end() ? 0 : found->second;
    if (entry.holding.held.value != required) return "held amounts differ from the open orders";
    if (found != held.end()) held.erase(found);
  }
  return held.empty() ? nullptr : "open orders without a held amount";
}

const char* book_fault(const CoreState& state) {
  std::size_t resting = 0;
  for (const Market& market : state.markets) {
    market.book.verify();
    resting += market.book.orders();
  }
  if (resting != state.orders.size()) return "the books do not hold exactly the open orders";
  std::map<std::pair<AccountId, MarketId>, std::size_t> open;
  for (const auto& [id, order] : state.orders) {
    const auto lots = state.markets[order.market.value].book.open(order.id);
    if (lots != open_lots(order)) return "an open order differs from its book";
    if (order.id > state.last_order) return "an order id that was not given out";
    ++open[{order.account, order.market}];
  }
  for (const Account* account : state.accounts.sorted()) {
    for (std::size_t market = 0; market < account->open_orders.size(); ++market) {
      const auto found = open.find({account->id, MarketId{static_cast<std::uint16_t>(market)}});
      const std::size_t counted = found == open.end() ? 0 : found->second;
      if (account->open_orders[market] != counted) return "a count of open orders is wrong";
      if (found != open.end()) open.erase(found);
    }
  }
  return open.empty() ? nullptr : "open orders that are not counted";
}

}  // namespace

const Deposit* Deposits::find(const std::string& reference) const {
  const auto found = places_.find(reference);
  return found == places_.end() ? nullptr : &deposits_[found->second - forgotten_];
}

void Deposits::add(const Deposit& deposit, std::size_t deposits_max) {
  const bool is_new = places_.emplace(deposit.reference, forgotten_ + deposits_.size()).second;
  ASSERT(is_new);
  deposits_.push_back(deposit);
  while (deposits_.size() > deposits_max) {
    places_.erase(deposits_.front().reference);
    deposits_.pop_front();
    ++forgotten_;
  }
}

void CoreState::add_asset(const AssetSpec& spec) {
  assets.push_back(spec);
  ledger.add_asset();
}

void CoreState::add_market(const MarketSpec& spec) {
  Market market;
  market.spec = spec;
  market.scale = scale_of(spec, assets[spec.base.value], assets[spec.quote.value]);
  markets.push_back(std::move(market));
}

Amount CoreState::hold_of(const OrderView& order) const {
  const Market& market = markets[order.market.value];
  return core::hold_of(market.spec, market.scale, order.side, order.price, open_lots(order));
}

std::vector<const OrderView*> CoreState::sorted_orders() const {
  std::vector<const OrderView*> sorted;
  sorted.reserve(orders.size());
  for (const auto& [id, order] : orders) sorted.push_back(&order);
  std::ranges::sort(sorted, {}, [](const OrderView* order) { return order->id; });
  return sorted;
}

const char* CoreState::fault() const {
  if (const char* fault = ledger_fault(*this)) return fault;
  return book_fault(*this);
}

}  // namespace oki::core
