// What the house has, and credits that two operators give: rules 15.
#include "core/fast/admission.h"
#include "core/fast/handlers.h"
#include "core/fast/margin.h"
#include "core/fast/timers.h"

namespace oki::core::fast {
namespace {

Refusal check(const State& state, const AdjustHoldings& x, const Reference& said) {
  const Refusal known = known_reference(state, said);
  if (known != Refusal::ok) return known;
  const Row row = state.asset(x.asset);
  if (row == 0) return Refusal::unknown_asset;
  if (x.reference.empty()) return Refusal::invalid_spec;
  if (x.amount.value == 0) return Refusal::invalid_amount;
  const Asset& asset = state.assets[row];
  const std::uint64_t spare = asset.holdings.value - asset.paid_in.value;
  if (x.less) return x.amount.value > spare ? Refusal::exceeds_holdings : Refusal::ok;
  return x.amount.value > ~asset.holdings.value ? Refusal::overflow : Refusal::ok;
}

Refusal check(const State& state, const ProposeCredit& x, const Reference& said) {
  const Refusal known = known_reference(state, said);
  if (known != Refusal::ok) return known;
  if (state.deposit_account(x.account) == 0) return Refusal::unknown_account;
  if (state.asset(x.asset) == 0) return Refusal::unknown_asset;
  if (x.by.value == 0 || x.reference.empty()) return Refusal::invalid_spec;
  if (x.amount.value == 0) return Refusal::invalid_amount;
  return state.credits.rows() >= state.limits().credits_open_max ? Refusal::limit_reached
                                                                 : Refusal::ok;
}

Row credit_row(const State& state, CreditId id) {
  return state.credit_ids.find(id.value, [&](Slot row) { return state.credits[row].id.value; });
}

// Liabilities never pass the holdings, so the refusal called overflow is never needed.
Refusal check(const State& state, const ApproveCredit& x, Row row) {
  if (row == 0) return Refusal::unknown_credit;
  if (x.by.value == 0) return Refusal::invalid_spec;
  const Credit& credit = state.credits[row];
  if (x.by == credit.by) return Refusal::same_operator;
  const Asset& asset = state.assets[state.asset(credit.asset)];
  const std::uint64_t spare = asset.holdings.value - asset.paid_in.value;
  return credit.amount.value > spare ? Refusal::exceeds_holdings : Refusal::ok;
}

CreditChanged told(const Credit& credit, CreditState state, OperatorId approved_by) {
  return {credit.id,      state,        credit.by,     approved_by,
          credit.account, credit.asset, credit.amount, credit.reference.string()};
}

// An open credit has an id; a row without one is free.
void forget(State& state, Row row) {
  state.credit_ids.erase(state.credits[row].id.value, row);
  Credit& credit = state.credits.change(row);
  const std::uint32_t mark = credit.mark;
  credit = Credit{};
  credit.mark = mark;
  state.credits.drop(row);
}

}  // namespace

Refusal handle(State& state, const AdjustHoldings& x) {
  Reference said;
  said.kind = ReferenceKind::holdings;
  said.asset = x.asset;
  said.amount = x.amount;
  said.less = x.less;
  said.text.set(x.reference);
  const Refusal refusal = check(state, x, said);
  if (refusal != Refusal::ok) return refusal;
  remember(state, said);
  Asset& asset = state.assets.change(state.asset(x.asset));
  asset.holdings.value += x.less ? std::uint64_t{0} - x.amount.value : x.amount.value;
  state.tell(HoldingsChanged{x.asset, asset.holdings, asset.paid_in, x.reference});
  return Refusal::ok;
}

Refusal handle(State& state, const ProposeCredit& x) {
  Reference said;
  said.kind = ReferenceKind::credit;
  said.account = x.account;
  said.asset = x.asset;
  said.amount = x.amount;
  said.by = x.by;
  said.text.set(x.reference);
  const Refusal refusal = check(state, x, said);
  if (refusal != Refusal::ok) return refusal;
  remember(state, said);
  const Row row = state.credits.create();
  Credit& credit = state.credits.change(row);
  credit.id = CreditId{++state.change_house().last_credit.value};
  credit.by = x.by;
  credit.account = x.account;
  credit.asset = x.asset;
  credit.amount = x.amount;
  credit.lapses_at = WallTimeMs{state.time.value + state.limits().approval_ms_max};
  credit.reference.set(x.reference);
  state.credit_ids.reserve_for(state.credit_ids.size() + 1);
  state.credit_ids.insert(credit.id.value, row);
  set_timer(state, TimerKind::credit_lapse, credit.id.value, {}, credit.lapses_at);
  state.tell(told(credit, CreditState::proposed, {}));
  state.answer.id = credit.id.value;
  return Refusal::ok;
}

Refusal handle(State& state, const ApproveCredit& x) {
  const Row row = credit_row(state, x.credit);
  const Refusal refusal = check(state, x, row);
  if (refusal != Refusal::ok) return refusal;
  const Credit credit = state.credits[row];
  const Row account = state.deposit_account(credit.account);
  Asset& asset = state.assets.change(state.asset(credit.asset));
  asset.paid_in.value += credit.amount.value;
  state.purses.add_free(state.pocket(account, credit.asset), credit.amount.value);
  set_timer(state, TimerKind::credit_lapse, credit.id.value, credit.lapses_at, {});
  forget(state, row);
  state.tell(told(credit, CreditState::done, x.by));
  state.tell(
      HoldingsChanged{credit.asset, asset.holdings, asset.paid_in, credit.reference.string()});
  money_arrived(state, account, credit.asset);
  return Refusal::ok;
}

void keep_credit(State& state, CreditId id) {
  state.credits.change(credit_row(state, id)).lapses_at = WallTimeMs{};
}

void lapse_credit(State& state, CreditId id) {
  const Row row = credit_row(state, id);
  INVARIANT(row != 0, "no credit to lapse");
  state.tell(told(state.credits[row], CreditState::lapsed, {}));
  forget(state, row);
}

}  // namespace oki::core::fast
