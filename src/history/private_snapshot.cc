// The private data as bytes: docs/formats/projection-snapshot.md.
#include <algorithm>
#include <unordered_set>

#include "history/private_data.h"

namespace oki::history {

void PrivateData::write(core::FieldWriter& io) const {
  const auto is_used = [](const auto& entry) {
    return !entry.second.balances.empty() || !entry.second.trades.empty();
  };
  io(static_cast<std::uint64_t>(std::ranges::count_if(accounts_, is_used)));
  for (const auto& [id, account] : accounts_) {
    if (account.balances.empty() && account.trades.empty()) continue;
    io(id, static_cast<std::uint64_t>(account.balances.size()));
    for (const auto& [asset, balance] : account.balances) {
      io(asset, balance.free, balance.held, balance.withdrawing);
    }
    io(static_cast<std::uint64_t>(account.trades.size()));
    for (const AccountTrade& trade : account.trades) io(trade);
  }
  std::vector<const core::OrderView*> open;
  for (const auto& [id, order] : orders_) {
    if (!core::is_final(order.status)) open.push_back(&order);
  }
  std::ranges::sort(open, {}, [](const core::OrderView* order) { return order->id; });
  io(static_cast<std::uint64_t>(open.size()));
  for (const core::OrderView* order : open) io(*order);
  io(static_cast<std::uint64_t>(closed_.size()));
  for (const auto& [number, id] : closed_) io(*order(id));
}

const char* PrivateData::read(core::FieldReader& io, const ProjectionLimits& limits,
                              std::size_t assets, std::size_t markets) {
  if (const char* fault = read_accounts(io, limits.account_trades_max, assets)) return fault;
  if (const char* fault = read_orders(io, limits, markets)) return fault;
  for (const auto& [id, account] : accounts_) {
    for (const AccountTrade& trade : account.trades) {
      if (trade.market.value >= markets) return "a trade without a market";
    }
  }
  return fault();
}

const char* PrivateData::read_accounts(core::FieldReader& io, std::size_t trades_max,
                                       std::size_t assets) {
  std::uint64_t count = 0;
  io(count);
  for (std::uint64_t i = 0; i < count && io.ok(); ++i) {
    core::AccountId id;
    std::uint64_t balances = 0;
    io(id, balances);
    if (!accounts_.empty() && id <= accounts_.rbegin()->first) return "accounts out of order";
    OneAccount& account = accounts_[id];
    for (std::uint64_t k = 0; k < balances && io.ok(); ++k) {
      core::AssetId asset;
      Balance balance;
      io(asset, balance.free, balance.held, balance.withdrawing);
      const bool in_order = account.balances.empty() || asset > account.balances.rbegin()->first;
      if (!in_order || asset.value >= assets) return "balances out of order";
      account.balances.emplace(asset, balance);
    }
    if (const char* fault = read_trades(io, account, trades_max)) return fault;
    if (account.balances.empty() && account.trades.empty()) return "an account of nothing";
  }
  return io.ok() ? nullptr : "truncated accounts";
}

const char* PrivateData::read_trades(core::FieldReader& io, OneAccount& account,
                                     std::size_t trades_max) {
  std::uint64_t count = 0;
  io(count);
  if (!io.ok() || count > trades_max) return "too many trades of an account";
  for (std::uint64_t i = 0; i < count && io.ok(); ++i) {
    AccountTrade trade;
    io(trade);
    // Two rows have one id when the account traded with itself.
    if (!account.trades.empty() && trade.id < account.trades.back().id) {
      return "trades of an account out of order";
    }
    account.trades.push_back(trade);
  }
  return io.ok() ? nullptr : "truncated trades of an account";
}

const char* PrivateData::read_orders(core::FieldReader& io, const ProjectionLimits& limits,
                                     std::size_t markets) {
  core::OrderId last;
  for (const bool closed : {false, true}) {
    std::uint64_t count = 0;
    io(count);
    if (!io.ok() || (closed && count > limits.closed_orders_max)) return "too many closed orders";
    for (std::uint64_t i = 0; i < count; ++i) {
      core::OrderView order;
      io(order);
      if (!io.ok()) return "truncated orders";
      if (order.market.value >= markets) return "an order without a market";
      if (core::is_final(order.status) != closed) return "an order in the wrong list";
      if (!closed && i > 0 && order.id <= last) return "orders out of order";
      last = order.id;
      if (!orders_.emplace(order.id.value, order).second) return "an order twice";
      if (!order.client_order_id.empty()) {
        accounts_[order.account].by_client_id.emplace(order.client_order_id, order.id);
      }
      if (closed) {
        close(order, limits);
      } else {
        accounts_[order.account].active.push_back(order.id);
      }
    }
    if (closed && closed_.size() != count) return "too many closed orders of an account";
  }
  return nullptr;
}

}  // namespace oki::history
