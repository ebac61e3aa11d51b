// Who owns what: double entry, every change moves an amount from one pocket to another.
#pragma once

#include "core/plain/state.h"

namespace oki::core::plain {

// REQUIRES: `from` has the amount.
void move(State& state, AssetId asset, Place from, Place to, Amount amount);

// Money that comes into or leaves the ledger: the liabilities change with it.
// REQUIRES: the liabilities stay within 64 bits; `from` has the amount.
void bring_in(State& state, AssetId asset, Place to, Amount amount);
void take_out(State& state, AssetId asset, Place from, Amount amount);

Pockets pockets(const State& state, AccountId account, AssetId asset);
inline Amount free_of(const State& state, AccountId account, AssetId asset) {
  return pockets(state, account, asset).free;
}

}  // namespace oki::core::plain
