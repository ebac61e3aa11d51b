// What belongs to accounts beside balances, orders and trades: margin, deposits, withdrawals,
// restrictions, the dead man's switch.
#pragma once

#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "core/fields.h"
#include "history/projection.h"

namespace oki::history {

class AccountData {
 public:
  // Each: null, or what is wrong with the event. REQUIRES: its account, market and asset exist.
  const char* apply(const core::Deposited& event, WallTimeMs time, const ProjectionLimits& limits);
  const char* apply(const core::WithdrawalChanged& event, WallTimeMs time,
                    const ProjectionLimits& limits);
  const char* apply(const core::PositionChanged& event);
  const char* apply(const core::MarginChanged& event, WallTimeMs time);
  const char* apply(const core::DeadManSet& event);
  const char* apply(const core::AccountRestricted& event);

  std::uint64_t deposit_count() const { return deposits_; }
  std::vector<Deposit> deposits(core::AccountId account) const;
  const Withdrawal* withdrawal(core::WithdrawalId id) const;
  std::vector<const Withdrawal*> withdrawals(core::AccountId account) const;
  std::vector<const Withdrawal*> open_withdrawals() const;
  std::size_t closed_withdrawal_count(core::AccountId account) const;
  std::vector<core::Position> positions(core::AccountId account) const;
  std::vector<core::Position> all_positions() const;
  Margin margin(core::AccountId account) const;
  Restrictions restrictions(core::AccountId account) const;
  WallTimeMs dead_man_at(core::AccountId account) const;
  std::vector<core::AccountId> accounts() const;  // That have any of this.

  void write(core::FieldWriter& io) const;
  // Null, or what is wrong. Assets and markets are those that exist, nothing is later than `time`.
  const char* read(core::FieldReader& io, const ProjectionLimits& limits, std::size_t assets,
                   std::size_t markets, WallTimeMs time);

  // The first broken invariant, or null.
  const char* fault() const;

 private:
  using PositionKey = std::pair<core::MarketId, core::PositionSide>;
  struct OneAccount {
    std::map<PositionKey, core::Position> positions;
    Margin margin;
    Restrictions restrictions;
    WallTimeMs dead_man_at;
    std::deque<Deposit> deposits;           // Oldest first.
    std::deque<core::WithdrawalId> closed;  // Oldest closed first.
    std::vector<core::WithdrawalId> open;   // By id.

    bool empty() const;
  };

  const OneAccount* find(core::AccountId account) const;
  void close(const Withdrawal& withdrawal, std::size_t closed_max);
  const char* read_account(core::FieldReader& io, core::AccountId id, OneAccount& account,
                           const ProjectionLimits& limits);
  const char* fault_of(core::AccountId id, const OneAccount& account) const;

  std::map<core::AccountId, OneAccount> accounts_;
  std::map<core::WithdrawalId, Withdrawal> withdrawals_;  // Open, and closed but kept.
  core::WithdrawalId newest_withdrawal_;
  std::uint64_t deposits_ = 0;  // Since the beginning.
};

}  // namespace oki::history
