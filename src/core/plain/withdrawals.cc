// Money that goes out, and its freezing: docs/rules.md 15.
#include <string>
#include <vector>

#include "core/plain/admission.h"
#include "core/plain/apply.h"
#include "core/plain/ledger.h"
#include "core/plain/margin.h"
#include "core/plain/references.h"

namespace oki::core::plain {
namespace {

Refusal check(const State& state, const RequestWithdrawal& x) {
  const Asset* asset = state.assets.find(x.asset);
  if (asset == nullptr) return Refusal::unknown_asset;
  if (state.accounts.at(x.account).no_withdrawals) return Refusal::account_restricted;
  if (x.amount.value == 0) return Refusal::invalid_amount;
  if (x.destination.empty()) return Refusal::invalid_spec;
  if (state.withdrawals.size() >= state.limits.withdrawals_open_max) {
    return Refusal::limit_reached;
  }
  if (asset->frozen) return Refusal::withdrawals_frozen;
  const Wide sum = Wide{x.amount.value} + x.fee.value;
  if (has_positions(state, x.account) || has_opening_orders(state, x.account)) {
    const Signed128 left = margin_balance(state, x.account, x.asset, sum);
    if (left < static_cast<Signed128>(margin_required(state, x.account))) {
      return Refusal::insufficient_margin;
    }
  }
  return sum > free_of(state, x.account, x.asset).value ? Refusal::insufficient_amount
                                                        : Refusal::ok;
}

Amount sum_of(const WithdrawalChanged& x) { return Amount{x.amount.value + x.fee.value}; }

std::vector<AssetId> named(const State& state, const FreezeWithdrawals& command) {
  if (!command.all_assets) return {command.asset};
  std::vector<AssetId> assets;
  for (const auto& [id, asset] : state.assets.rows()) assets.push_back(id);
  return assets;
}

void set_frozen(State& state, const std::vector<AssetId>& assets, bool frozen, OperatorId by) {
  for (const AssetId id : assets) {
    if (state.assets.at(id).frozen == frozen) continue;
    state.assets.edit(id).frozen = frozen;
    state.tell(WithdrawalsFrozen{id, frozen, by});
  }
}

bool lives(const State& state, const Wish& wish) {
  return state.time < later(wish.at, state.limits.approval_ms_max);
}

// The wishes to resume that touch an asset: of it alone, and of all.
std::vector<WishKey> wishes_for(const State& state, const std::vector<AssetId>& assets) {
  std::vector<WishKey> keys;
  if (state.wishes.has({true, AssetId{}})) keys.push_back({true, AssetId{}});
  for (const AssetId id : assets) {
    if (state.wishes.has({false, id})) keys.push_back({false, id});
  }
  return keys;
}

// What was agreed to before is not agreed to any more.
void freeze(State& state, const std::vector<AssetId>& assets, OperatorId by) {
  for (const WishKey& key : wishes_for(state, assets)) state.wishes.erase(key);
  set_frozen(state, assets, true, by);
}

// The first operator's wish is remembered; the second one's is done.
Refusal resume(State& state, const FreezeWithdrawals& command, const std::vector<AssetId>& assets) {
  const WishKey key{command.all_assets, command.all_assets ? AssetId{} : command.asset};
  const Wish* wish = state.wishes.find(key);
  if (wish == nullptr || !lives(state, *wish)) {
    state.wishes.put(key) = {command.by, state.time};
    return Refusal::ok;
  }
  if (wish->by == command.by) return Refusal::same_operator;
  state.wishes.erase(key);
  set_frozen(state, assets, false, command.by);
  return Refusal::ok;
}

}  // namespace

Refusal apply(State& state, const RequestWithdrawal& command, Reply& reply) {
  Refusal refusal = admit(state, command.account, std::nullopt, command.auth);
  if (refusal != Refusal::ok) return refusal;
  refusal = check(state, command);
  if (refusal != Refusal::ok) return refusal;
  WithdrawalChanged withdrawal;
  withdrawal.id = WithdrawalId{++state.counters.last_withdrawal.value};
  withdrawal.account = command.account;
  withdrawal.asset = command.asset;
  withdrawal.amount = command.amount;
  withdrawal.fee = command.fee;
  withdrawal.requested_at = state.time;
  withdrawal.destination = command.destination;
  move(state, command.asset, {command.account, Pocket::free},
       {command.account, Pocket::withdrawing}, sum_of(withdrawal));
  state.withdrawals.add(withdrawal.id, withdrawal);
  state.tell(withdrawal);
  reply.id = withdrawal.id.value;
  return Refusal::ok;
}

Refusal apply(State& state, const ApproveWithdrawal& command, Reply&) {
  const WithdrawalChanged* found = state.withdrawals.find(command.withdrawal);
  if (found == nullptr) return Refusal::unknown_withdrawal;
  if (command.by.value == 0) return Refusal::invalid_spec;
  if (found->state != WithdrawalState::requested) return Refusal::wrong_state;
  if (state.assets.at(found->asset).frozen) return Refusal::withdrawals_frozen;
  WithdrawalChanged& withdrawal = state.withdrawals.edit(command.withdrawal);
  withdrawal.state = WithdrawalState::approved;
  withdrawal.by = command.by;
  state.tell(withdrawal);
  return Refusal::ok;
}

Refusal apply(State& state, const RejectWithdrawal& command, Reply&) {
  const WithdrawalChanged* found = state.withdrawals.find(command.withdrawal);
  if (found == nullptr) return Refusal::unknown_withdrawal;
  if (command.by.value == 0) return Refusal::invalid_spec;
  WithdrawalChanged withdrawal = *found;
  withdrawal.state = WithdrawalState::rejected;
  withdrawal.by = command.by;
  move(state, withdrawal.asset, {withdrawal.account, Pocket::withdrawing}, {withdrawal.account},
       sum_of(withdrawal));
  state.withdrawals.erase(withdrawal.id);
  state.tell(withdrawal);
  return Refusal::ok;
}

Refusal apply(State& state, const SettleWithdrawal& command, Reply&) {
  const WithdrawalChanged* found = state.withdrawals.find(command.withdrawal);
  if (found == nullptr) return Refusal::unknown_withdrawal;
  if (found->state != WithdrawalState::approved) return Refusal::wrong_state;
  if (state.assets.at(found->asset).frozen) return Refusal::withdrawals_frozen;
  WithdrawalChanged withdrawal = *found;
  withdrawal.state = WithdrawalState::settled;
  const Place from{withdrawal.account, Pocket::withdrawing};
  take_out(state, withdrawal.asset, from, withdrawal.amount);
  move(state, withdrawal.asset, from, {fee_account}, withdrawal.fee);
  state.assets.edit(withdrawal.asset).holdings.value -= withdrawal.amount.value;
  state.withdrawals.erase(withdrawal.id);
  state.tell(withdrawal);
  tell_holdings(state, withdrawal.asset, std::to_string(withdrawal.id.value));
  return Refusal::ok;
}

Refusal apply(State& state, const FreezeWithdrawals& command, Reply&) {
  if (!command.all_assets && !state.assets.has(command.asset)) return Refusal::unknown_asset;
  if (command.by.value == 0) return Refusal::invalid_spec;
  const std::vector<AssetId> assets = named(state, command);
  bool any = false;  // That would change.
  for (const AssetId id : assets) any = any || state.assets.at(id).frozen != command.freeze;
  if (!command.freeze) return any ? resume(state, command, assets) : Refusal::wrong_state;
  for (const WishKey& key : wishes_for(state, assets)) {
    any = any || lives(state, state.wishes.at(key));
  }
  if (!any) return Refusal::wrong_state;
  freeze(state, assets, command.by);
  return Refusal::ok;
}

void freeze_all(State& state) {
  std::vector<AssetId> assets;
  for (const auto& [id, asset] : state.assets.rows()) assets.push_back(id);
  freeze(state, assets, OperatorId{});
}

}  // namespace oki::core::plain
