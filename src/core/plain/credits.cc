// Money that comes in: deposits, holdings of the house, credits by two operators. 15.
#include "core/plain/apply.h"
#include "core/plain/ledger.h"
#include "core/plain/margin.h"
#include "core/plain/references.h"

namespace oki::core::plain {
namespace {

bool can_receive(const State& state, AccountId account) {
  return state.accounts.has(account) || account == lender_account;
}

Refusal check(const State& state, const Deposit& command) {
  const Refusal refusal = check_reference(state, command);
  if (refusal != Refusal::ok) return refusal;
  if (!can_receive(state, command.account)) return Refusal::unknown_account;
  const Asset* asset = state.assets.find(command.asset);
  if (asset == nullptr) return Refusal::unknown_asset;
  if (command.reference.empty()) return Refusal::invalid_spec;
  if (command.amount.value == 0) return Refusal::invalid_amount;
  // The holdings are the larger sum.
  return command.amount.value > u64_max - asset->holdings.value ? Refusal::overflow : Refusal::ok;
}

Refusal check(const State& state, const AdjustHoldings& command) {
  const Refusal refusal = check_reference(state, command);
  if (refusal != Refusal::ok) return refusal;
  const Asset* asset = state.assets.find(command.asset);
  if (asset == nullptr) return Refusal::unknown_asset;
  if (command.reference.empty()) return Refusal::invalid_spec;
  if (command.amount.value == 0) return Refusal::invalid_amount;
  if (command.less) {
    const std::uint64_t own = asset->holdings.value - asset->liabilities.value;
    return command.amount.value > own ? Refusal::exceeds_holdings : Refusal::ok;
  }
  return command.amount.value > u64_max - asset->holdings.value ? Refusal::overflow : Refusal::ok;
}

Refusal check(const State& state, const ProposeCredit& command) {
  const Refusal refusal = check_reference(state, command);
  if (refusal != Refusal::ok) return refusal;
  if (!can_receive(state, command.account)) return Refusal::unknown_account;
  if (!state.assets.has(command.asset)) return Refusal::unknown_asset;
  if (command.by.value == 0 || command.reference.empty()) return Refusal::invalid_spec;
  if (command.amount.value == 0) return Refusal::invalid_amount;
  return state.credits.size() >= state.limits.credits_open_max ? Refusal::limit_reached
                                                               : Refusal::ok;
}

// A debt is paid from the first money that comes.
void pay_debt_with(State& state, AccountId account, AssetId asset) {
  if (margin_asset(state) == asset) pay_debt(state, account);
}

}  // namespace

Refusal apply(State& state, const Deposit& command, Reply&) {
  const Refusal refusal = check(state, command);
  if (refusal != Refusal::ok) return refusal;
  remember(state, command);
  state.assets.edit(command.asset).holdings.value += command.amount.value;
  bring_in(state, command.asset, {command.account}, command.amount);
  state.tell(Deposited{command.account, command.asset, command.amount, command.reference});
  tell_holdings(state, command.asset, command.reference);
  pay_debt_with(state, command.account, command.asset);
  return Refusal::ok;
}

Refusal apply(State& state, const AdjustHoldings& command, Reply&) {
  const Refusal refusal = check(state, command);
  if (refusal != Refusal::ok) return refusal;
  remember(state, command);
  Amount& holdings = state.assets.edit(command.asset).holdings;
  if (command.less) {
    holdings.value -= command.amount.value;
  } else {
    holdings.value += command.amount.value;
  }
  tell_holdings(state, command.asset, command.reference);
  return Refusal::ok;
}

Refusal apply(State& state, const ProposeCredit& command, Reply& reply) {
  const Refusal refusal = check(state, command);
  if (refusal != Refusal::ok) return refusal;
  remember(state, command);
  const CreditId id{++state.counters.last_credit.value};
  state.credits.add(id, {command, state.time, false});
  state.tell(CreditChanged{id,
                           CreditState::proposed,
                           command.by,
                           {},
                           command.account,
                           command.asset,
                           command.amount,
                           command.reference});
  reply.id = id.value;
  return Refusal::ok;
}

Refusal apply(State& state, const ApproveCredit& command, Reply&) {
  const Credit* credit = state.credits.find(command.credit);
  if (credit == nullptr) return Refusal::unknown_credit;
  if (command.by.value == 0) return Refusal::invalid_spec;
  const ProposeCredit x = credit->proposal;
  if (command.by == x.by) return Refusal::same_operator;
  const Asset& asset = state.assets.at(x.asset);
  if (x.amount.value > asset.holdings.value - asset.liabilities.value) {
    return Refusal::exceeds_holdings;
  }
  state.credits.erase(command.credit);
  bring_in(state, x.asset, {x.account}, x.amount);
  state.tell(CreditChanged{command.credit, CreditState::done, x.by, command.by, x.account, x.asset,
                           x.amount, x.reference});
  tell_holdings(state, x.asset, x.reference);
  pay_debt_with(state, x.account, x.asset);
  return Refusal::ok;
}

}  // namespace oki::core::plain
