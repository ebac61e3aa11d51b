#include "core/plain/ledger.h"

namespace oki::core::plain {
namespace {

Amount& pocket(State& state, AssetId asset, Place place) {
  Pockets& row = state.balances.put({place.account, asset});
  switch (place.pocket) {
    case Pocket::free:
      return row.free;
    case Pocket::held:
      return row.held;
    case Pocket::withdrawing:
      return row.withdrawing;
  }
  return row.free;
}

void take(State& state, AssetId asset, Place from, Amount amount) {
  Amount& source = pocket(state, asset, from);
  CHECK(source >= amount, "a pocket would be negative");
  source.value -= amount.value;
}

void give(State& state, AssetId asset, Place to, Amount amount) {
  Amount& target = pocket(state, asset, to);
  CHECK(amount.value <= u64_max - target.value, "a pocket would pass 64 bits");
  target.value += amount.value;
}

}  // namespace

void move(State& state, AssetId asset, Place from, Place to, Amount amount) {
  if (amount.value == 0) return;
  take(state, asset, from, amount);
  give(state, asset, to, amount);
}

void bring_in(State& state, AssetId asset, Place to, Amount amount) {
  Amount& liabilities = state.assets.edit(asset).liabilities;
  CHECK(amount.value <= u64_max - liabilities.value, "the liabilities would pass 64 bits");
  liabilities.value += amount.value;
  give(state, asset, to, amount);
}

void take_out(State& state, AssetId asset, Place from, Amount amount) {
  take(state, asset, from, amount);
  Amount& liabilities = state.assets.edit(asset).liabilities;
  CHECK(liabilities >= amount, "the liabilities would be negative");
  liabilities.value -= amount.value;
}

Pockets pockets(const State& state, AccountId account, AssetId asset) {
  const Pockets* row = state.balances.find({account, asset});
  return row == nullptr ? Pockets{} : *row;
}

}  // namespace oki::core::plain
