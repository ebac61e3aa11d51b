// References that make a movement of money happen once: docs/rules.md 15.
#pragma once

#include "core/plain/state.h"

namespace oki::core::plain {

// exists: the same command again; conflict: another one with its reference; ok: a new one.
template <typename T>
Refusal check_reference(const State& state, const T& command) {
  const Reference* used = state.references.find(command.reference);
  if (used == nullptr) return Refusal::ok;
  const T* same = std::get_if<T>(&used->use);
  return same != nullptr && *same == command ? Refusal::exists : Refusal::conflict;
}

// Forgets the oldest beyond the limit.
template <typename T>
void remember(State& state, const T& command) {
  const std::uint64_t place = ++state.counters.last_reference;
  state.references.add(command.reference, {place, command});
  state.references_by_place.add(place, command.reference);
  while (state.references.size() > state.limits.deposit_references_max) {
    const auto oldest = *state.references_by_place.rows().begin();
    state.references.erase(oldest.second);
    state.references_by_place.erase(oldest.first);
  }
}

// HoldingsChanged, after the record of what changed them.
inline void tell_holdings(State& state, AssetId id, const std::string& reference) {
  const Asset& asset = state.assets.at(id);
  state.tell(HoldingsChanged{id, asset.holdings, asset.liabilities, reference});
}

}  // namespace oki::core::plain
