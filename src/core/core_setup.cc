// Commands of operators: assets, markets, accounts, keys, deposits.
#include <algorithm>
#include <limits>

#include "core/state.h"

namespace oki::core {
namespace {

bool is_asset(const CoreState& state, AssetId asset) { return asset.value < state.assets.size(); }

Refusal check(const CoreState& state, const AddAsset& command) {
  const auto same = std::ranges::find(state.assets, command.spec.name, &AssetSpec::name);
  if (same != state.assets.end()) {
    return *same == command.spec ? Refusal::exists : Refusal::conflict;
  }
  if (!valid(command.spec)) return Refusal::invalid_spec;
  if (state.assets.size() >= state.limits.assets_max) return Refusal::limit_reached;
  return Refusal::ok;
}

Refusal check(const CoreState& state, const AddMarket& command) {
  const MarketSpec& spec = command.spec;
  for (const Market& market : state.markets) {
    if (market.spec == spec) return Refusal::exists;
    if (market.spec.name == spec.name) return Refusal::conflict;
  }
  if (!is_asset(state, spec.base) || !is_asset(state, spec.quote)) return Refusal::unknown_asset;
  if (!valid(spec, state.assets[spec.base.value], state.assets[spec.quote.value])) {
    return Refusal::invalid_spec;
  }
  if (state.markets.size() >= state.limits.markets_max) return Refusal::limit_reached;
  return Refusal::ok;
}

Refusal check(const CoreState& state, const AddAccount& command) {
  if (const Account* account = state.accounts.find(command.account)) {
    const bool same = account->updates_per_second == command.updates_per_second &&
                      account->queries_per_second == command.queries_per_second;
    return same ? Refusal::exists : Refusal::conflict;
  }
  if (command.account.value == 0 || command.account > customer_account_max) {
    return Refusal::invalid_spec;
  }
  if (state.accounts.size() >= state.limits.accounts_max) return Refusal::limit_reached;
  return Refusal::ok;
}

Refusal check(const CoreState& state, const AddApiKey& command) {
  if (const ApiKey* key = state.accounts.find_key(command.key)) {
    const bool same =
        key->account == command.account && key->sealed_secret == command.sealed_secret;
    return same ? Refusal::exists : Refusal::conflict;
  }
  if (state.accounts.find(command.account) == nullptr) return Refusal::unknown_account;
  if (command.key.empty()) return Refusal::invalid_spec;
  if (state.accounts.keys().size() >= state.limits.api_keys_max) return Refusal::limit_reached;
  return Refusal::ok;
}

Refusal check(const CoreState& state, const Deposit& command) {
  if (const Deposit* earlier = state.deposits.find(command.reference)) {
    return *earlier == command ? Refusal::exists : Refusal::conflict;
  }
  if (state.accounts.find(command.account) == nullptr) return Refusal::unknown_account;
  if (!is_asset(state, command.asset)) return Refusal::unknown_asset;
  if (command.reference.empty()) return Refusal::invalid_spec;
  if (command.amount.value == 0) return Refusal::invalid_amount;
  const std::uint64_t room =
      std::numeric_limits<std::uint64_t>::max() - state.ledger.paid_in(command.asset).value;
  if (command.amount.value > room) return Refusal::overflow;
  return Refusal::ok;
}

}  // namespace

Refusal apply(CoreState& state, const AddAsset& command, Bytes& events) {
  const Refusal refusal = check(state, command);
  if (refusal != Refusal::ok) return refusal;
  const AssetId id{static_cast<std::uint16_t>(state.assets.size())};
  state.add_asset(command.spec);
  append(events, AssetAdded{id, command.spec});
  return Refusal::ok;
}

Refusal apply(CoreState& state, const AddMarket& command, Bytes& events) {
  const Refusal refusal = check(state, command);
  if (refusal != Refusal::ok) return refusal;
  const MarketId id{static_cast<std::uint16_t>(state.markets.size())};
  state.add_market(command.spec);
  append(events, MarketAdded{id, command.spec});
  return Refusal::ok;
}

Refusal apply(CoreState& state, const AddAccount& command, Bytes& events) {
  const Refusal refusal = check(state, command);
  if (refusal != Refusal::ok) return refusal;
  Account account;
  account.id = command.account;
  account.updates_per_second = command.updates_per_second;
  account.queries_per_second = command.queries_per_second;
  account.updates = {TokenBucket::full(command.updates_per_second), state.time};
  state.accounts.add(account);
  append(events, AccountAdded{account.id, account.updates_per_second, account.queries_per_second});
  return Refusal::ok;
}

Refusal apply(CoreState& state, const AddApiKey& command, Bytes& events) {
  const Refusal refusal = check(state, command);
  if (refusal != Refusal::ok) return refusal;
  const KeyId id =
      state.accounts.add_key({KeyId{}, command.account, command.key, command.sealed_secret, 0});
  append(events, ApiKeyAdded{id, command.account, command.key, command.sealed_secret});
  return Refusal::ok;
}

Refusal apply(CoreState& state, const Deposit& command, Bytes& events) {
  const Refusal refusal = check(state, command);
  if (refusal != Refusal::ok) return refusal;
  state.deposits.add(command, state.limits.deposit_references_max);
  state.ledger.move(command.asset, {outside_account}, {command.account}, command.amount);
  append(events, Deposited{command.account, command.asset, command.amount, command.reference});
  return Refusal::ok;
}

}  // namespace oki::core
