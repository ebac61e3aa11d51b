// Assets, markets, accounts, keys, restrictions: docs/rules.md 14.
#include "core/plain/admission.h"
#include "core/plain/apply.h"
#include "core/plain/margin.h"

namespace oki::core::plain {
namespace {

Refusal check(const State& state, const AddAsset& command) {
  for (const auto& [id, asset] : state.assets.rows()) {
    if (asset.spec == command.spec) return Refusal::exists;
    if (asset.spec.name == command.spec.name) return Refusal::conflict;
  }
  if (!valid(command.spec)) return Refusal::invalid_spec;
  return state.assets.size() >= state.limits.assets_max ? Refusal::limit_reached : Refusal::ok;
}

Refusal check(const State& state, const AddMarket& command) {
  const MarketSpec& spec = command.spec;
  for (const auto& [id, info] : state.infos.rows()) {
    if (info.spec == spec) return Refusal::exists;
    if (info.spec.name == spec.name) return Refusal::conflict;
  }
  const Asset* base = state.assets.find(spec.base);
  const Asset* quote = state.assets.find(spec.quote);
  if (base == nullptr || quote == nullptr) return Refusal::unknown_asset;
  if (!valid(spec, base->spec, quote->spec)) return Refusal::invalid_spec;
  const std::optional<AssetId> asset = margin_asset(state);
  if (spec.margin.enabled && asset && spec.quote != *asset) return Refusal::invalid_spec;
  return state.infos.size() >= state.limits.markets_max ? Refusal::limit_reached : Refusal::ok;
}

Refusal check(const State& state, const AddAccount& command) {
  if (const Account* account = state.accounts.find(command.account)) {
    const bool same = account->updates_per_second == command.updates_per_second &&
                      account->queries_per_second == command.queries_per_second;
    return same ? Refusal::exists : Refusal::conflict;
  }
  if (command.account.value == 0 || command.account > customer_account_max) {
    return Refusal::invalid_spec;
  }
  return state.accounts.size() >= state.limits.accounts_max ? Refusal::limit_reached : Refusal::ok;
}

Refusal check(const State& state, const AddApiKey& command) {
  if (const KeyId* id = state.keys_by_text.find(command.key)) {
    const ApiKey& key = state.keys.at(*id);
    const bool same = key.account == command.account && key.sealed_secret == command.sealed_secret;
    return same ? Refusal::exists : Refusal::conflict;
  }
  if (!state.accounts.has(command.account)) return Refusal::unknown_account;
  if (command.key.empty()) return Refusal::invalid_spec;
  return state.keys.size() >= state.limits.api_keys_max ? Refusal::limit_reached : Refusal::ok;
}

}  // namespace

Refusal apply(State& state, const AddAsset& command, Reply&) {
  const Refusal refusal = check(state, command);
  if (refusal != Refusal::ok) return refusal;
  const AssetId id{static_cast<std::uint16_t>(state.assets.size())};
  state.assets.put(id).spec = command.spec;
  state.tell(AssetAdded{id, command.spec});
  return Refusal::ok;
}

Refusal apply(State& state, const AddMarket& command, Reply&) {
  const Refusal refusal = check(state, command);
  if (refusal != Refusal::ok) return refusal;
  const MarketSpec& spec = command.spec;
  const MarketId id{static_cast<std::uint16_t>(state.infos.size())};
  const AssetSpec& base = state.assets.at(spec.base).spec;
  const AssetSpec& quote = state.assets.at(spec.quote).spec;
  state.infos.add(id, {spec, scale_of(spec, base, quote)});
  Market& market = state.markets.put(id);
  market.width_down = spec.band_ppm;
  market.width_up = spec.band_ppm;
  state.tell(MarketAdded{id, spec});
  return Refusal::ok;
}

Refusal apply(State& state, const AddAccount& command, Reply&) {
  const Refusal refusal = check(state, command);
  if (refusal != Refusal::ok) return refusal;
  Account& account = state.accounts.put(command.account);
  account.updates_per_second = command.updates_per_second;
  account.queries_per_second = command.queries_per_second;
  account.tokens_milli = full_bucket(command.updates_per_second);
  account.filled_at = state.time;
  state.tell(AccountAdded{command.account, command.updates_per_second, command.queries_per_second});
  return Refusal::ok;
}

Refusal apply(State& state, const AddApiKey& command, Reply&) {
  const Refusal refusal = check(state, command);
  if (refusal != Refusal::ok) return refusal;
  const KeyId id{state.keys.size() + 1};
  state.keys.add(id, {command.account, command.key, command.sealed_secret, 0});
  state.keys_by_text.add(command.key, id);
  state.tell(ApiKeyAdded{id, command.account, command.key, command.sealed_secret});
  return Refusal::ok;
}

Refusal apply(State& state, const RestrictAccount& command, Reply&) {
  const Account* account = state.accounts.find(command.account);
  if (account == nullptr) return Refusal::unknown_account;
  if (command.by.value == 0) return Refusal::invalid_spec;
  const bool same =
      account->no_orders == command.no_orders && account->no_withdrawals == command.no_withdrawals;
  if (same) return Refusal::exists;
  Account& row = state.accounts.edit(command.account);
  row.no_orders = command.no_orders;
  row.no_withdrawals = command.no_withdrawals;
  state.tell(AccountRestricted{command.account, command.no_orders, command.no_withdrawals});
  return Refusal::ok;
}

Refusal apply(State& state, const SetCollateral& command, Reply&) {
  if (!state.assets.has(command.asset)) return Refusal::unknown_asset;
  if (command.ratio_ppm > million) return Refusal::invalid_spec;
  state.assets.edit(command.asset).collateral_ppm = command.ratio_ppm;
  state.tell(CollateralChanged{command.asset, command.ratio_ppm});
  return Refusal::ok;
}

Refusal apply(State& state, const AllowMargin& command, Reply&) {
  const Account* account = state.accounts.find(command.account);
  if (account == nullptr) return Refusal::unknown_account;
  if (account->margin_allowed == command.allowed) return Refusal::exists;
  state.accounts.edit(command.account).margin_allowed = command.allowed;
  return Refusal::ok;
}

}  // namespace oki::core::plain
