// Who may act, and what was said before: rules 3, the memory of references (15), of client order
// ids (4.1).
#pragma once

#include <algorithm>
#include <optional>

#include "core/fast/state.h"

namespace oki::core::fast {

// Rules 3 up to too_many_updates, for a command with an account and a signature; tells NonceUsed.
// `market` is null for commands without one. Sets `account` unless it refuses.
Refusal admit(State& state, AccountId id, const Signed& auth, const MarketId* market, Row& account);

// A bucket holds one second's share and gains it once a second; a token is a thousand thousandths.
constexpr std::uint64_t token_milli = 1'000;
inline std::uint64_t tokens_milli(const Account& account, WallTimeMs time) {
  const std::uint64_t full = std::uint64_t{account.updates_per_second} * token_milli;
  const auto passed = static_cast<std::uint64_t>(time.value - account.filled_at.value);
  const std::uint64_t gained = passed >= 1'000 ? full : passed * account.updates_per_second;
  return std::min(full, account.tokens_milli + gained);
}

// The row of a key; 0 when there is no such key of the account.
inline Row key_of(const State& state, Row account, KeyId id) {
  const auto row = static_cast<Row>(std::min<std::uint64_t>(id.value, ~Row{0}));
  return row <= state.keys.last() && state.keys[row].account == account ? row : 0;
}

// What the memory says of a command with this reference: ok when it is new, else exists or
// conflict.
Refusal known_reference(const State& state, const Reference& said);
void remember(State& state, const Reference& said);

// The order that the account gave this id to, open or not; 0 when it is not remembered.
OrderId remembered(const State& state, Row account, std::string_view client_order_id);
void remember(State& state, Row account, std::string_view client_order_id, OrderId order);

}  // namespace oki::core::fast
