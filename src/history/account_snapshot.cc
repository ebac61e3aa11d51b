// The account data as bytes: docs/formats/projection-snapshot.md.
#include <algorithm>

#include "history/account_data.h"

namespace oki::history {
namespace {

void fields(auto& io, Like<Deposit> auto& x) {
  io(x.number, x.asset, x.amount, x.credited_at);
  io.text(x.reference, core::reference_bytes_max);
}

void fields(auto& io, Like<Withdrawal> auto& x) {
  io(x.id, x.state, x.account, x.asset, x.amount, x.fee, x.by, x.requested_at, x.changed_at);
  io.text(x.destination, core::destination_bytes_max);
}

}  // namespace

void AccountData::write(core::FieldWriter& io) const {
  io(deposits_, newest_withdrawal_);
  const auto is_used = [](const auto& entry) { return !entry.second.empty(); };
  io(static_cast<std::uint64_t>(std::ranges::count_if(accounts_, is_used)));
  for (const auto& [id, account] : accounts_) {
    if (account.empty()) continue;
    const Margin& margin = account.margin;
    io(id, margin.allowed, margin.status, margin.debt, margin.changed_at,
       account.restrictions.no_orders, account.restrictions.no_withdrawals, account.dead_man_at);
    io(static_cast<std::uint64_t>(account.positions.size()));
    for (const auto& [key, position] : account.positions) io(position);
    io(static_cast<std::uint64_t>(account.deposits.size()));
    for (const Deposit& deposit : account.deposits) fields(io, deposit);
    io(static_cast<std::uint64_t>(account.open.size()));
    for (const core::WithdrawalId open : account.open) fields(io, *withdrawal(open));
    io(static_cast<std::uint64_t>(account.closed.size()));
    for (const core::WithdrawalId closed : account.closed) fields(io, *withdrawal(closed));
  }
}

const char* AccountData::read(core::FieldReader& io, const ProjectionLimits& limits,
                              std::size_t assets, std::size_t markets, WallTimeMs time) {
  std::uint64_t count = 0;
  io(deposits_, newest_withdrawal_, count);
  for (std::uint64_t i = 0; i < count && io.ok(); ++i) {
    core::AccountId id;
    io(id);
    if (!accounts_.empty() && id <= accounts_.rbegin()->first) return "accounts out of order";
    OneAccount& account = accounts_[id];
    if (const char* fault = read_account(io, id, account, limits)) return fault;
    if (account.empty()) return "an account of nothing";
    for (const auto& [key, position] : account.positions) {
      if (position.market.value >= markets) return "a position without a market";
    }
    for (const Deposit& deposit : account.deposits) {
      if (deposit.asset.value >= assets) return "a deposit without an asset";
      if (deposit.credited_at > time) return "a deposit from the future";
    }
    if (account.margin.changed_at > time) return "a margin from the future";
  }
  if (!io.ok()) return "truncated account data";
  for (const auto& [id, row] : withdrawals_) {
    if (row.asset.value >= assets) return "a withdrawal without an asset";
    if (row.changed_at > time) return "a withdrawal from the future";
  }
  return fault();
}

const char* AccountData::read_account(core::FieldReader& io, core::AccountId id,
                                      OneAccount& account, const ProjectionLimits& limits) {
  Margin& margin = account.margin;
  std::uint64_t count = 0;
  io(margin.allowed, margin.status, margin.debt, margin.changed_at, account.restrictions.no_orders,
     account.restrictions.no_withdrawals, account.dead_man_at, count);
  for (std::uint64_t i = 0; i < count && io.ok(); ++i) {
    core::Position position;
    io(position);
    const PositionKey key{position.market, position.side};
    const bool in_order = account.positions.empty() || key > account.positions.rbegin()->first;
    if (!in_order || position.account != id) return "positions out of order";
    account.positions.emplace(key, position);
  }
  io(count);
  if (!io.ok() || count > limits.deposits_per_account_max) return "too many deposits";
  for (std::uint64_t i = 0; i < count && io.ok(); ++i) fields(io, account.deposits.emplace_back());
  for (const bool open : {true, false}) {
    io(count);
    const bool too_many = !open && count > limits.closed_withdrawals_per_account_max;
    if (!io.ok() || too_many) return "too many closed withdrawals";
    for (std::uint64_t i = 0; i < count && io.ok(); ++i) {
      Withdrawal row;
      fields(io, row);
      if (!withdrawals_.emplace(row.id, row).second) return "a withdrawal twice";
      if (open) {
        account.open.push_back(row.id);
      } else {
        account.closed.push_back(row.id);
      }
    }
  }
  return io.ok() ? nullptr : "truncated account data";
}

}  // namespace oki::history
