// Stopping withdrawals at once, resuming them by two, restricting accounts: rules 15.
#include "core/fast/handlers.h"

namespace oki::core::fast {
namespace {

struct Named {
  Row first, last;
};
Named named(const State& state, const FreezeWithdrawals& x) {
  if (x.all_assets) return {1, static_cast<Row>(state.assets_count())};
  return {state.asset(x.asset), state.asset(x.asset)};
}

bool any(const State& state, Named rows, bool frozen) {
  for (Row row = rows.first; row <= rows.last; ++row) {
    if (state.assets[row].frozen == frozen) return true;
  }
  return false;
}

void set_frozen(State& state, Named rows, bool frozen, OperatorId by) {
  for (Row row = rows.first; row <= rows.last; ++row) {
    if (state.assets[row].frozen == frozen) continue;
    state.assets.change(row).frozen = frozen;
    state.tell(WithdrawalsFrozen{AssetId{static_cast<std::uint16_t>(row - 1)}, frozen, by});
  }
}

// Who wished first, for exactly these assets.
struct Wish {
  OperatorId by;
  WallTimeMs until;
};
Wish wish(const State& state, const FreezeWithdrawals& x) {
  if (x.all_assets) return {state.house().resume_all_by, state.house().resume_all_until};
  const Asset& asset = state.assets[state.asset(x.asset)];
  return {asset.resume_by, asset.resume_until};
}

void set_wish(State& state, const FreezeWithdrawals& x, Wish wish) {
  if (x.all_assets) {
    House& house = state.change_house();
    house.resume_all_by = wish.by;
    house.resume_all_until = wish.until;
    return;
  }
  Asset& asset = state.assets.change(state.asset(x.asset));
  asset.resume_by = wish.by;
  asset.resume_until = wish.until;
}

bool lives(const State& state, const Wish& wish) {
  return wish.by.value != 0 && state.time < wish.until;
}

// Whether somebody wishes to resume one of them: by itself, or with all others.
bool any_wish(const State& state, Named rows) {
  bool any = lives(state, {state.house().resume_all_by, state.house().resume_all_until});
  for (Row row = rows.first; row <= rows.last; ++row) {
    const Asset& asset = state.assets[row];
    any = any || lives(state, {asset.resume_by, asset.resume_until});
  }
  return any;
}

void forget_wishes(State& state, Named rows) {
  if (state.house().resume_all_by.value != 0) {
    House& house = state.change_house();
    house.resume_all_by = {};
    house.resume_all_until = {};
  }
  for (Row row = rows.first; row <= rows.last; ++row) {
    if (state.assets[row].resume_by.value == 0) continue;
    Asset& asset = state.assets.change(row);
    asset.resume_by = {};
    asset.resume_until = {};
  }
}

Refusal resume(State& state, const FreezeWithdrawals& x, Named rows) {
  if (!any(state, rows, true)) return Refusal::wrong_state;
  const Wish first = wish(state, x);
  if (!lives(state, first)) {
    set_wish(state, x, {x.by, WallTimeMs{state.time.value + state.limits().approval_ms_max}});
    return Refusal::ok;
  }
  if (first.by == x.by) return Refusal::same_operator;
  set_wish(state, x, {});
  set_frozen(state, rows, false, x.by);
  return Refusal::ok;
}

// What was agreed to before is not agreed to any more.
void freeze(State& state, Named rows, OperatorId by) {
  forget_wishes(state, rows);
  set_frozen(state, rows, true, by);
}

}  // namespace

Refusal handle(State& state, const FreezeWithdrawals& x) {
  const Named rows = named(state, x);
  if (!x.all_assets && rows.first == 0) return Refusal::unknown_asset;
  if (x.by.value == 0) return Refusal::invalid_spec;
  if (!x.freeze) return resume(state, x, rows);
  if (!any(state, rows, false) && !any_wish(state, rows)) return Refusal::wrong_state;
  freeze(state, rows, x.by);
  return Refusal::ok;
}

void freeze_all(State& state) {
  freeze(state, {1, static_cast<Row>(state.assets_count())}, OperatorId{});
}

Refusal handle(State& state, const RestrictAccount& x) {
  const Row row = state.account(x.account);
  if (row == 0) return Refusal::unknown_account;
  if (x.by.value == 0) return Refusal::invalid_spec;
  const Account& known = state.accounts[row];
  if (known.no_orders == x.no_orders && known.no_withdrawals == x.no_withdrawals) {
    return Refusal::exists;
  }
  Account& account = state.accounts.change(row);
  account.no_orders = x.no_orders;
  account.no_withdrawals = x.no_withdrawals;
  state.tell(AccountRestricted{x.account, x.no_orders, x.no_withdrawals});
  return Refusal::ok;
}

}  // namespace oki::core::fast
