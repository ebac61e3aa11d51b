#include "core/plain/admission.h"

#include <algorithm>

namespace oki::core::plain {
namespace {

Refusal authorize(State& state, AccountId account, const Signed& auth) {
  if (auth.key.value == 0) return Refusal::ok;
  const ApiKey* key = state.keys.find(auth.key);
  if (key == nullptr || key->account != account) return Refusal::unknown_key;
  if (auth.nonce == 0) return Refusal::ok;
  if (auth.nonce <= key->nonce) return Refusal::nonce_not_increased;
  state.keys.edit(auth.key).nonce = auth.nonce;
  state.tell(NonceUsed{auth.key, auth.nonce});
  return Refusal::ok;
}

bool take_update(State& state, AccountId id) {
  const std::uint32_t per_second = state.accounts.at(id).updates_per_second;
  if (per_second == 0) return true;
  Account& account = state.accounts.edit(id);
  // A second fills the bucket; unsigned, as the difference of two far times may pass 63 bits.
  const std::uint64_t passed_ms = static_cast<std::uint64_t>(state.time.value) -
                                  static_cast<std::uint64_t>(account.filled_at.value);
  const std::uint64_t gained = std::min<std::uint64_t>(passed_ms, 1000) * per_second;
  account.tokens_milli = std::min(full_bucket(per_second), account.tokens_milli + gained);
  account.filled_at = state.time;
  if (account.tokens_milli < 1000) return false;
  account.tokens_milli -= 1000;
  return true;
}

}  // namespace

Refusal admit(State& state, AccountId account, std::optional<MarketId> market, const Signed& auth) {
  if (!state.accounts.has(account)) return Refusal::unknown_account;
  if (market && !state.markets.has(*market)) return Refusal::unknown_market;
  const Refusal refusal = authorize(state, account, auth);
  if (refusal != Refusal::ok) return refusal;
  return take_update(state, account) ? Refusal::ok : Refusal::too_many_updates;
}

Refusal admit_order(State& state, AccountId account, MarketId market, const Signed& auth) {
  const Refusal refusal = admit(state, account, market, auth);
  if (refusal != Refusal::ok) return refusal;
  return state.accounts.at(account).no_orders ? Refusal::account_restricted : Refusal::ok;
}

}  // namespace oki::core::plain
