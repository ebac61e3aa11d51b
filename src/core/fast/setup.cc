// Assets, markets, accounts, keys, deposits: rules 14, 15.
#include <algorithm>

#include "core/core.h"
#include "core/fast/admission.h"
#include "core/fast/handlers.h"
#include "core/fast/margin.h"
#include "core/fast/market.h"

namespace oki::core::fast {
namespace {

AssetSpec spec_of(const Asset& asset) { return {asset.name.string(), asset.decimals}; }

Refusal check(const State& state, const AddAsset& x) {
  for (Row row = 1; row <= state.assets_count(); ++row) {
    const AssetSpec known = spec_of(state.assets[row]);
    if (known.name == x.spec.name) return known == x.spec ? Refusal::exists : Refusal::conflict;
  }
  if (!valid(x.spec)) return Refusal::invalid_spec;
  if (state.assets_count() >= state.limits().assets_max) return Refusal::limit_reached;
  return Refusal::ok;
}

// Rules 9.1: all margin markets have the quote asset of the first one.
bool fits_margin_asset(const State& state, const MarketSpec& spec) {
  if (!spec.margin.enabled) return true;
  for (const MarketFacts& market : state.facts) {
    if (market.spec.margin.enabled) return market.spec.quote == spec.quote;
  }
  return true;
}

Refusal check(const State& state, const AddMarket& x) {
  const MarketSpec& spec = x.spec;
  for (const MarketFacts& market : state.facts) {
    if (market.spec.name != spec.name) continue;
    return market.spec == spec ? Refusal::exists : Refusal::conflict;
  }
  const Row base = state.asset(spec.base);
  const Row quote = state.asset(spec.quote);
  if (base == 0 || quote == 0) return Refusal::unknown_asset;
  if (!valid(spec, spec_of(state.assets[base]), spec_of(state.assets[quote])) ||
      !fits_margin_asset(state, spec)) {
    return Refusal::invalid_spec;
  }
  if (state.markets_count() >= state.limits().markets_max) return Refusal::limit_reached;
  return Refusal::ok;
}

Refusal check(const State& state, const AddAccount& x) {
  if (const Row row = state.account(x.account)) {
    const Account& known = state.accounts[row];
    const bool same = known.updates_per_second == x.updates_per_second &&
                      known.queries_per_second == x.queries_per_second;
    return same ? Refusal::exists : Refusal::conflict;
  }
  if (x.account.value == 0 || x.account > customer_account_max) return Refusal::invalid_spec;
  if (state.accounts.rows() - lender_row >= state.limits().accounts_max) {
    return Refusal::limit_reached;
  }
  return Refusal::ok;
}

Refusal check(const State& state, const AddApiKey& x) {
  const std::uint64_t hash = text_hash(0, x.key);
  const Row row = state.key_texts.find(
      hash, [&](Slot at) { return state.keys[at].key.view() == x.key ? hash : ~hash; });
  const Row account = state.account(x.account);
  if (row != 0) {
    const ApiKey& known = state.keys[row];
    const bool same = known.account == account && known.sealed_secret.view() == x.sealed_secret;
    return same && account != 0 ? Refusal::exists : Refusal::conflict;
  }
  if (account == 0) return Refusal::unknown_account;
  if (x.key.empty()) return Refusal::invalid_spec;
  return state.keys.full() ? Refusal::limit_reached : Refusal::ok;
}

Refusal check(const State& state, const Deposit& x, const Reference& said) {
  const Refusal known = known_reference(state, said);
  if (known != Refusal::ok) return known;
  if (state.deposit_account(x.account) == 0) return Refusal::unknown_account;
  const Row asset = state.asset(x.asset);
  if (asset == 0) return Refusal::unknown_asset;
  if (x.reference.empty()) return Refusal::invalid_spec;
  if (x.amount.value == 0) return Refusal::invalid_amount;
  // Liabilities never pass the holdings, so this is the sum that is full first.
  if (x.amount.value > ~state.assets[asset].holdings.value) return Refusal::overflow;
  return Refusal::ok;
}

}  // namespace

Refusal handle(State& state, const AddAsset& x) {
  const Refusal refusal = check(state, x);
  if (refusal != Refusal::ok) return refusal;
  const Row row = state.assets.create();
  const AssetId id{static_cast<std::uint16_t>(row - 1)};
  Asset& asset = state.assets.change(row);
  asset.name.set(x.spec.name);
  asset.decimals = x.spec.decimals;
  asset.fee_pocket = state.pocket(fee_row, id);
  asset.lender_pocket = state.pocket(lender_row, id);
  state.tell(AssetAdded{id, x.spec});
  return Refusal::ok;
}

Refusal handle(State& state, const AddMarket& x) {
  const Refusal refusal = check(state, x);
  if (refusal != Refusal::ok) return refusal;
  add_market(state, x.spec);
  state.tell(MarketAdded{MarketId{static_cast<std::uint16_t>(state.markets_count() - 1)}, x.spec});
  return Refusal::ok;
}

Refusal handle(State& state, const AddAccount& x) {
  const Refusal refusal = check(state, x);
  if (refusal != Refusal::ok) return refusal;
  const Row row = state.accounts.create();
  Account& account = state.accounts.change(row);
  account.id = x.account;
  account.updates_per_second = x.updates_per_second;
  account.queries_per_second = x.queries_per_second;
  account.tokens_milli = std::uint64_t{x.updates_per_second} * 1'000;
  account.filled_at = state.time;
  state.account_ids.reserve_for(state.account_ids.size() + 1);
  state.account_ids.insert(x.account.value, row);
  state.rare_touched = true;
  state.tell(AccountAdded{x.account, x.updates_per_second, x.queries_per_second});
  return Refusal::ok;
}

Refusal handle(State& state, const AddApiKey& x) {
  const Refusal refusal = check(state, x);
  if (refusal != Refusal::ok) return refusal;
  const Row row = state.keys.create();
  ApiKey& key = state.keys.change(row);
  key.account = state.account(x.account);
  key.key.set(x.key);
  key.sealed_secret.set(x.sealed_secret);
  state.key_texts.reserve_for(state.key_texts.size() + 1);
  state.key_texts.insert(text_hash(0, x.key), row);
  state.tell(ApiKeyAdded{KeyId{row}, x.account, x.key, x.sealed_secret});
  return Refusal::ok;
}

Refusal handle(State& state, const Deposit& x) {
  Reference said;
  said.kind = ReferenceKind::deposit;
  said.account = x.account;
  said.asset = x.asset;
  said.amount = x.amount;
  said.text.set(x.reference);
  const Refusal refusal = check(state, x, said);
  if (refusal != Refusal::ok) return refusal;
  remember(state, said);
  const Row row = state.deposit_account(x.account);
  Asset& asset = state.assets.change(state.asset(x.asset));
  asset.paid_in.value += x.amount.value;
  asset.holdings.value += x.amount.value;
  state.purses.add_free(state.pocket(row, x.asset), x.amount.value);
  state.tell(Deposited{x.account, x.asset, x.amount, x.reference});
  state.tell(HoldingsChanged{x.asset, asset.holdings, asset.paid_in, x.reference});
  money_arrived(state, row, x.asset);
  return Refusal::ok;
}

Refusal handle(State&, const Tick&) { return Refusal::ok; }

}  // namespace oki::core::fast
