// Who may act, and what was said before: rules 3, the memory of references (15), of client order
// ids (4.1).
#pragma once

#include <optional>

#include "core/fast/state.h"

namespace oki::core::fast {

// Rules 3 up to too_many_updates, for a command with an account and a signature; tells NonceUsed.
// `market` is null for commands without one. Sets `account` unless it refuses.
Refusal admit(State& state, AccountId id, const Signed& auth, const MarketId* market, Row& account);

// What the memory says of a command with this reference: ok when it is new, else exists or
// conflict.
Refusal known_reference(const State& state, const Reference& said);
void remember(State& state, const Reference& said);

// The order that the account gave this id to, open or not; 0 when it is not remembered.
OrderId remembered(const State& state, Row account, std::string_view client_order_id);
void remember(State& state, Row account, std::string_view client_order_id, OrderId order);

}  // namespace oki::core::fast
