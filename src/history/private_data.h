// What belongs to accounts: balances, orders open and closed, the account's side of each trade.
//
// The core's own accounts (fees) have balances here too.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/fields.h"
#include "history/projection.h"

namespace oki::history {

void fields(auto& io, Like<AccountTrade> auto& x) {
  io(x.id, x.market, x.order, x.side, x.type, x.position, x.maker, x.price, x.amount, x.fee_quote,
     x.fee_occurred, x.interest, x.profit, x.executed_at);
}

class PrivateData {
 public:
  // Each: null, or what is wrong with the event.
  const char* apply(const core::BalanceChanged& event);
  const char* apply(const core::OrderAccepted& event);
  const char* apply(const core::OrderChanged& event, const ProjectionLimits& limits);
  const char* apply(const core::Traded& event, WallTimeMs time, const ProjectionLimits& limits);
  const char* apply(const core::MarginTraded& event);

  Balance balance(core::AccountId account, core::AssetId asset) const;
  const core::OrderView* order(core::OrderId id) const;
  const core::OrderView* order(core::AccountId account, ByteView client_order_id) const;
  std::vector<const core::OrderView*> active_orders(core::AccountId account) const;
  std::vector<AccountTrade> account_trades(core::AccountId account) const;
  std::size_t trade_count(core::AccountId account) const;
  std::vector<const core::OrderView*> closed_orders() const;
  std::vector<core::AccountId> accounts() const;  // That have any of this.

  std::size_t active_order_count() const { return orders_.size() - closed_.size(); }
  std::size_t balance_count() const;

  void write(core::FieldWriter& io) const;
  // Null, or what is wrong. Assets and markets are those that exist.
  const char* read(core::FieldReader& io, const ProjectionLimits& limits, std::size_t assets,
                   std::size_t markets);

  // The first broken invariant, or null.
  const char* fault() const;

 private:
  struct OneAccount {
    std::map<core::AssetId, Balance> balances;  // Never both zero.
    std::vector<core::OrderId> active;          // By id.
    std::deque<std::uint64_t> closed;           // Numbers in closed_, oldest first.
    std::deque<AccountTrade> trades;            // Oldest first.

    // Of kept orders. An id may come again once the core has forgotten it, while an old order of
    // that id is still kept here.
    std::set<std::pair<std::string, core::OrderId>> by_client_id;
  };

  const OneAccount* find(core::AccountId account) const;
  void add_trade(const core::Traded& event, WallTimeMs time, bool maker, std::size_t trades_max);
  void close(const core::OrderView& order, const ProjectionLimits& limits);
  void forget_oldest_of(OneAccount& account);
  const char* fault_of(core::AccountId id, const OneAccount& account) const;
  const char* read_accounts(core::FieldReader& io, std::size_t trades_max, std::size_t assets);
  const char* read_trades(core::FieldReader& io, OneAccount& account, std::size_t trades_max);
  const char* read_orders(core::FieldReader& io, const ProjectionLimits& limits,
                          std::size_t markets);

  std::map<core::AccountId, OneAccount> accounts_;
  std::unordered_map<std::uint64_t, core::OrderView> orders_;  // Open, and closed but kept.
  std::map<std::uint64_t, core::OrderId> closed_;              // By number, in order of closing.
};

}  // namespace oki::history
