#include "core/fast/admission.h"

#include <algorithm>

#include "core/core.h"

namespace oki::core::fast {
namespace {

bool take_token(State& state, Row row) {
  const Account& now = state.accounts[row];
  if (now.updates_per_second == 0) return true;
  const std::uint64_t tokens = tokens_milli(now, state.time);
  Account& account = state.accounts.change(row);
  account.filled_at = state.time;
  account.tokens_milli = tokens < token_milli ? tokens : tokens - token_milli;
  return tokens >= token_milli;
}

Refusal use_nonce(State& state, Row account, const Signed& auth) {
  const Row key_row = key_of(state, account, auth.key);
  if (key_row == 0) return Refusal::unknown_key;
  if (auth.nonce == 0) return Refusal::ok;
  if (auth.nonce <= state.keys[key_row].nonce) return Refusal::nonce_not_increased;
  state.keys.change(key_row).nonce = auth.nonce;
  put_event<NonceUsed>(state.out, nonce_used_bytes, [&](Put& put) { put(auth.key, auth.nonce); });
  return Refusal::ok;
}

}  // namespace

Refusal admit(State& state, AccountId id, const Signed& auth, const MarketId* market,
              Row& account) {
  account = state.account(id);
  if (account == 0) return Refusal::unknown_account;
  if (market != nullptr && market->value >= state.markets_count()) return Refusal::unknown_market;
  if (auth.key.value != 0) {
    const Refusal refusal = use_nonce(state, account, auth);
    if (refusal != Refusal::ok) return refusal;
  }
  return take_token(state, account) ? Refusal::ok : Refusal::too_many_updates;
}

Refusal known_reference(const State& state, const Reference& said) {
  const std::uint64_t hash = text_hash(0, said.text.view());
  const Row row = state.reference_texts.find(hash, [&](Slot at) {
    return state.references[at].text.view() == said.text.view() ? hash : ~hash;
  });
  if (row == 0) return Refusal::ok;
  const Reference& known = state.references[row];
  const bool same = known.kind == said.kind && known.account == said.account &&
                    known.asset == said.asset && known.amount == said.amount &&
                    known.by == said.by && known.less == said.less;
  return same ? Refusal::exists : Refusal::conflict;
}

void remember(State& state, const Reference& said) {
  const std::uint64_t places = state.limits().deposit_references_max;
  if (places == 0) return;
  const auto row = static_cast<Row>(state.house().references % places + 1);
  if (state.house().references >= places) {
    state.reference_texts.erase(text_hash(0, state.references[row].text.view()), row);
  }
  Reference& place = state.references.change(row);
  const std::uint32_t mark = place.mark;
  place = said;
  place.mark = mark;
  state.reference_texts.reserve_for(state.reference_texts.size() + 1);
  state.reference_texts.insert(text_hash(0, said.text.view()), row);
  ++state.change_house().references;
}

OrderId remembered(const State& state, Row account, std::string_view client_order_id) {
  const std::uint64_t hash = text_hash(account, client_order_id);
  const Row row = state.client_id_texts.find(hash, [&](Slot at) {
    const ClientOrderId& known = state.client_ids[at];
    return known.account == account && known.text.view() == client_order_id ? hash : ~hash;
  });
  return row == 0 ? OrderId{} : state.client_ids[row].order;
}

void remember(State& state, Row account, std::string_view client_order_id, OrderId order) {
  const auto row =
      static_cast<Row>(state.house().client_ids % state.limits().client_order_ids_max + 1);
  if (state.house().client_ids >= state.limits().client_order_ids_max) {
    const ClientOrderId& oldest = state.client_ids[row];
    state.client_id_texts.erase(text_hash(oldest.account, oldest.text.view()), row);
  }
  ClientOrderId& place = state.client_ids.change(row);
  place.order = order;
  place.account = account;
  place.text.set(client_order_id);
  state.client_id_texts.reserve_for(state.client_id_texts.size() + 1);
  state.client_id_texts.insert(text_hash(account, client_order_id), row);
  ++state.change_house().client_ids;
}

}  // namespace oki::core::fast
