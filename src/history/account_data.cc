#include "history/account_data.h"

#include <algorithm>
#include <tuple>

namespace oki::history {
namespace {

using core::WithdrawalState;

// Requested first; approved once; then settled, or rejected at any time before.
bool follows(WithdrawalState before, WithdrawalState after) {
  if (after == WithdrawalState::approved) return before == WithdrawalState::requested;
  if (after == WithdrawalState::settled) return before == WithdrawalState::approved;
  return after == WithdrawalState::rejected && is_open(before);
}

}  // namespace

bool AccountData::OneAccount::empty() const {
  return positions.empty() && margin == Margin{} && restrictions == Restrictions{} &&
         dead_man_at.value == 0 && deposits.empty() && open.empty() && closed.empty();
}

const char* AccountData::apply(const core::Deposited& event, WallTimeMs time,
                               const ProjectionLimits& limits) {
  std::deque<Deposit>& deposits = accounts_[event.account].deposits;
  deposits.push_back({++deposits_, event.asset, event.amount, event.reference, time});
  if (deposits.size() > limits.deposits_per_account_max) deposits.pop_front();
  return nullptr;
}

const char* AccountData::apply(const core::WithdrawalChanged& event, WallTimeMs time,
                               const ProjectionLimits& limits) {
  const Withdrawal row{event.id,  event.state, event.account,      event.asset, event.amount,
                       event.fee, event.by,    event.requested_at, time,        event.destination};
  if (event.state == WithdrawalState::requested) {
    if (event.id <= newest_withdrawal_) return "a withdrawal id that does not rise";
    newest_withdrawal_ = event.id;
    accounts_[event.account].open.push_back(event.id);
    withdrawals_.emplace(event.id, row);
    return nullptr;
  }
  const auto found = withdrawals_.find(event.id);
  if (found == withdrawals_.end()) return "a change of an unknown withdrawal";
  Withdrawal& known = found->second;
  const auto fixed = [](const Withdrawal& x) {
    return std::tie(x.account, x.asset, x.amount, x.fee, x.requested_at, x.destination);
  };
  if (fixed(known) != fixed(row)) return "a change of another withdrawal";
  if (!follows(known.state, event.state)) return "a withdrawal that goes back";
  known = row;
  if (!is_open(row.state)) close(row, limits.closed_withdrawals_per_account_max);
  return nullptr;
}

void AccountData::close(const Withdrawal& withdrawal, std::size_t closed_max) {
  OneAccount& account = accounts_[withdrawal.account];
  std::erase(account.open, withdrawal.id);
  account.closed.push_back(withdrawal.id);
  if (account.closed.size() <= closed_max) return;
  withdrawals_.erase(account.closed.front());
  account.closed.pop_front();
}

const char* AccountData::apply(const core::PositionChanged& event) {
  const core::Position& position = event.position;
  if (position.side == core::PositionSide::none) return "a position of spot";
  auto& positions = accounts_[position.account].positions;
  const PositionKey key{position.market, position.side};
  if (position.open.value > 0) {
    positions[key] = position;
    return nullptr;
  }
  return positions.erase(key) == 1 ? nullptr : "the end of an unknown position";
}

const char* AccountData::apply(const core::MarginChanged& event, WallTimeMs time) {
  accounts_[event.account].margin = {event.allowed, event.status, event.debt, time};
  return nullptr;
}

const char* AccountData::apply(const core::DeadManSet& event) {
  accounts_[event.account].dead_man_at = event.at;
  return nullptr;
}

const char* AccountData::apply(const core::AccountRestricted& event) {
  accounts_[event.account].restrictions = {event.no_orders, event.no_withdrawals};
  return nullptr;
}

const AccountData::OneAccount* AccountData::find(core::AccountId account) const {
  const auto found = accounts_.find(account);
  return found == accounts_.end() ? nullptr : &found->second;
}

std::vector<Deposit> AccountData::deposits(core::AccountId account) const {
  const OneAccount* one = find(account);
  if (one == nullptr) return {};
  return {one->deposits.begin(), one->deposits.end()};
}

const Withdrawal* AccountData::withdrawal(core::WithdrawalId id) const {
  const auto found = withdrawals_.find(id);
  return found == withdrawals_.end() ? nullptr : &found->second;
}

std::vector<const Withdrawal*> AccountData::withdrawals(core::AccountId account) const {
  std::vector<const Withdrawal*> rows;
  const OneAccount* one = find(account);
  if (one == nullptr) return rows;
  for (const core::WithdrawalId id : one->open) rows.push_back(withdrawal(id));
  for (const core::WithdrawalId id : one->closed) rows.push_back(withdrawal(id));
  std::ranges::sort(rows, {}, [](const Withdrawal* row) { return row->id; });
  return rows;
}

std::vector<const Withdrawal*> AccountData::open_withdrawals() const {
  std::vector<const Withdrawal*> rows;
  for (const auto& [id, row] : withdrawals_) {
    if (is_open(row.state)) rows.push_back(&row);
  }
  return rows;
}

std::size_t AccountData::closed_withdrawal_count(core::AccountId account) const {
  const OneAccount* one = find(account);
  return one == nullptr ? 0 : one->closed.size();
}

std::vector<core::Position> AccountData::positions(core::AccountId account) const {
  std::vector<core::Position> positions;
  if (const OneAccount* one = find(account)) {
    for (const auto& [key, position] : one->positions) positions.push_back(position);
  }
  return positions;
}

std::vector<core::Position> AccountData::all_positions() const {
  std::vector<core::Position> positions;
  for (const auto& [id, account] : accounts_) {
    for (const auto& [key, position] : account.positions) positions.push_back(position);
  }
  return positions;
}

Margin AccountData::margin(core::AccountId account) const {
  const OneAccount* one = find(account);
  return one == nullptr ? Margin{} : one->margin;
}

Restrictions AccountData::restrictions(core::AccountId account) const {
  const OneAccount* one = find(account);
  return one == nullptr ? Restrictions{} : one->restrictions;
}

WallTimeMs AccountData::dead_man_at(core::AccountId account) const {
  const OneAccount* one = find(account);
  return one == nullptr ? WallTimeMs{} : one->dead_man_at;
}

std::vector<core::AccountId> AccountData::accounts() const {
  std::vector<core::AccountId> ids;
  for (const auto& [id, account] : accounts_) {
    if (!account.empty()) ids.push_back(id);
  }
  return ids;
}

const char* AccountData::fault() const {
  std::size_t listed = 0;
  for (const auto& [id, account] : accounts_) {
    listed += account.open.size() + account.closed.size();
    if (const char* fault = fault_of(id, account)) return fault;
  }
  if (listed != withdrawals_.size()) return "withdrawals of no account";
  if (!withdrawals_.empty() && withdrawals_.rbegin()->first > newest_withdrawal_) {
    return "a withdrawal newer than the newest";
  }
  return nullptr;
}

const char* AccountData::fault_of(core::AccountId id, const OneAccount& account) const {
  for (const auto& [key, position] : account.positions) {
    const bool sound = position.account == id && key == PositionKey{position.market, position.side};
    if (!sound || position.open.value == 0 || position.side == core::PositionSide::none) {
      return "a position that is none";
    }
  }
  const auto is_of_account = [&](core::WithdrawalId withdrawal_id, bool open) {
    const Withdrawal* row = withdrawal(withdrawal_id);
    return row != nullptr && row->account == id && is_open(row->state) == open;
  };
  for (const core::WithdrawalId open : account.open) {
    if (!is_of_account(open, true)) return "an open withdrawal that is not";
  }
  for (const core::WithdrawalId closed : account.closed) {
    if (!is_of_account(closed, false)) return "a closed withdrawal that is not";
  }
  if (std::ranges::adjacent_find(account.open, std::greater_equal{}) != account.open.end()) {
    return "open withdrawals out of order";
  }
  std::uint64_t last = 0;
  for (const Deposit& deposit : account.deposits) {
    if (deposit.number <= last || deposit.number > deposits_) return "deposits out of order";
    last = deposit.number;
  }
  return nullptr;
}

}  // namespace oki::history
