// Money that leaves: requested by its owner, approved or rejected by an operator, settled when it
// is gone. Rules 9.6, 15.
#include "base/planted.h"
#include "core/fast/admission.h"
#include "core/fast/handlers.h"
#include "core/fast/margin_values.h"

namespace oki::core::fast {
namespace {

Wide total(const Withdrawal& x) { return Wide{x.amount.value} + x.fee.value; }

bool margin_lets_go(const State& state, Row account, const Leaving& leaving) {
  const MarginValues values = margin_values(state, account, &leaving);
  if (!values.has_position && !values.has_order) return true;
  return values.balance >= static_cast<SignedWide>(values.required);
}

Refusal check(const State& state, const RequestWithdrawal& x, Row account) {
  const Row asset = state.asset(x.asset);
  if (asset == 0) return Refusal::unknown_asset;
  if (state.accounts[account].no_withdrawals) return Refusal::account_restricted;
  if (x.amount.value == 0) return Refusal::invalid_amount;
  if (x.destination.empty()) return Refusal::invalid_spec;
  if (state.withdrawals.rows() >= state.limits().withdrawals_open_max)
    return Refusal::limit_reached;
  if (state.assets[asset].frozen) return Refusal::withdrawals_frozen;
  const Wide sum = Wide{x.amount.value} + x.fee.value;
  if (!margin_lets_go(state, account, {x.asset, sum})) return Refusal::insufficient_margin;
  const Pocket pocket = state.purses.find(state.accounts[account].purse, x.asset);
  const std::uint64_t free = pocket == 0 ? 0 : state.purses.free(pocket);
  return sum > free ? Refusal::insufficient_amount : Refusal::ok;
}

Row withdrawal_row(const State& state, WithdrawalId id) {
  return state.withdrawal_ids.find(id.value,
                                   [&](Slot row) { return state.withdrawals[row].id.value; });
}

Pocket pocket_of(const State& state, const Withdrawal& x) {
  return state.purses.find(state.accounts[x.account].purse, x.asset);
}

void tell_state(State& state, const Withdrawal& x, WithdrawalState now) {
  state.tell(WithdrawalChanged{x.id, now, state.accounts[x.account].id, x.asset, x.amount, x.fee,
                               x.by, x.requested_at, x.destination.string()});
}

}  // namespace

Refusal handle(State& state, const RequestWithdrawal& x) {
  Row account = 0;
  Refusal refusal = admit(state, x.account, x.auth, nullptr, account);
  if (refusal == Refusal::ok) refusal = check(state, x, account);
  if (refusal != Refusal::ok) return refusal;
  const Row row = state.withdrawals.create();
  Withdrawal& withdrawal = state.withdrawals.change(row);
  withdrawal.id = WithdrawalId{++state.change_house().last_withdrawal.value};
  withdrawal.account = account;
  withdrawal.asset = x.asset;
  withdrawal.amount = x.amount;
  withdrawal.fee = x.fee;
  withdrawal.requested_at = state.time;
  withdrawal.destination.set(x.destination);
  state.withdrawal_ids.reserve_for(state.withdrawal_ids.size() + 1);
  state.withdrawal_ids.insert(withdrawal.id.value, row);
  const auto sum = static_cast<std::uint64_t>(total(withdrawal));
  const Pocket pocket = pocket_of(state, withdrawal);
  state.purses.take_free(pocket, sum);
  state.purses.add_withdrawing(pocket, sum);
  tell_state(state, withdrawal, WithdrawalState::requested);
  state.answer.id = withdrawal.id.value;
  return Refusal::ok;
}

Refusal handle(State& state, const ApproveWithdrawal& x) {
  const Row row = withdrawal_row(state, x.withdrawal);
  if (row == 0) return Refusal::unknown_withdrawal;
  if (x.by.value == 0) return Refusal::invalid_spec;
  if (state.withdrawals[row].approved) return Refusal::wrong_state;
  const Row asset = state.asset(state.withdrawals[row].asset);
  if (state.assets[asset].frozen) return Refusal::withdrawals_frozen;
  Withdrawal& withdrawal = state.withdrawals.change(row);
  withdrawal.approved = true;
  withdrawal.by = x.by;
  state.assets.change(asset).approved += total(withdrawal);
  tell_state(state, withdrawal, WithdrawalState::approved);
  return Refusal::ok;
}

Refusal handle(State& state, const RejectWithdrawal& x) {
  const Row row = withdrawal_row(state, x.withdrawal);
  if (row == 0) return Refusal::unknown_withdrawal;
  if (x.by.value == 0) return Refusal::invalid_spec;
  Withdrawal& withdrawal = state.withdrawals.change(row);
  if (withdrawal.approved) {
    state.assets.change(state.asset(withdrawal.asset)).approved -= total(withdrawal);
  }
  withdrawal.by = x.by;
  withdrawal.closed = true;
  const auto sum = static_cast<std::uint64_t>(total(withdrawal));
  const Pocket pocket = pocket_of(state, withdrawal);
  state.purses.take_withdrawing(pocket, sum);
  state.purses.add_free(pocket, sum);
  tell_state(state, withdrawal, WithdrawalState::rejected);
  return Refusal::ok;
}

Refusal handle(State& state, const SettleWithdrawal& x) {
  const Row row = withdrawal_row(state, x.withdrawal);
  if (row == 0) return Refusal::unknown_withdrawal;
  const bool careless = PLANTED(core_unapproved_withdrawal);
  if (!state.withdrawals[row].approved && !careless) return Refusal::wrong_state;
  const Row asset_row = state.asset(state.withdrawals[row].asset);
  if (state.assets[asset_row].frozen) return Refusal::withdrawals_frozen;
  Withdrawal& withdrawal = state.withdrawals.change(row);
  withdrawal.closed = true;
  Asset& asset = state.assets.change(asset_row);
  asset.settled += total(withdrawal);
  INVARIANT(asset.holdings >= withdrawal.amount && asset.paid_in >= withdrawal.amount,
            "more leaves than there is");
  asset.holdings.value -= withdrawal.amount.value;
  asset.paid_in.value -= withdrawal.amount.value;
  state.purses.take_withdrawing(pocket_of(state, withdrawal),
                                static_cast<std::uint64_t>(total(withdrawal)));
  if (withdrawal.fee.value != 0) state.purses.add_free(asset.fee_pocket, withdrawal.fee.value);
  tell_state(state, withdrawal, WithdrawalState::settled);
  state.tell(HoldingsChanged{withdrawal.asset, asset.holdings, asset.paid_in,
                             std::to_string(withdrawal.id.value)});
  return Refusal::ok;
}

}  // namespace oki::core::fast
