#include "core/ledger.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "base/assert.h"

namespace oki::core {

void Ledger::add_asset() { outside_.emplace_back(); }

void Ledger::move(AssetId asset, Place from, Place to, Amount amount) {
  ASSERT(asset.value < outside_.size());
  ASSERT(to.account != outside_account);
  if (amount.value == 0) return;
  if (from.account == outside_account) {
    Amount& owed = outside_[asset.value];
    ASSERT(amount.value <= std::numeric_limits<std::uint64_t>::max() - owed.value);
    owed.value += amount.value;
  } else {
    Amount& source = pocket(from, asset);
    ASSERT(source >= amount);
    source.value -= amount.value;
  }
  Amount& target = pocket(to, asset);
  ASSERT(amount.value <= outside_[asset.value].value - target.value);
  target.value += amount.value;
}

Holding Ledger::holding(AccountId account, AssetId asset) const {
  const auto found = slots_.find(account.value);
  if (found == slots_.end()) return {};
  const auto slot = std::ranges::find(found->second, asset, &Slot::asset);
  return slot == found->second.end() ? Holding{} : slot->holding;
}

std::vector<Ledger::Entry> Ledger::entries() const {
  std::vector<Entry> entries;
  for (const auto& [account, slots] : slots_) {
    for (const Slot& slot : slots) {
      if (slot.holding == Holding{}) continue;
      entries.push_back({AccountId{account}, slot.asset, slot.holding});
    }
  }
  std::ranges::sort(entries, {}, [](const Entry& e) { return std::tuple(e.account, e.asset); });
  return entries;
}

void Ledger::take_changed(std::vector<Entry>& changed) {
  changed.clear();
  for (const Key& key : changed_) {
    Slot& changed_slot = slot(key.account, key.asset);
    changed_slot.changed = false;
    changed.push_back({key.account, key.asset, changed_slot.holding});
  }
  changed_.clear();
}

void Ledger::force_holding(AccountId account, AssetId asset, const Holding& holding) {
  ASSERT(asset.value < outside_.size());
  slot(account, asset).holding = holding;
}

const char* Ledger::fault() const {
  std::vector<Wide> sums(outside_.size());
  for (const auto& [account, slots] : slots_) {
    for (const Slot& slot : slots) {
      if (slot.asset.value >= sums.size()) return "a balance of an asset that does not exist";
      sums[slot.asset.value] += Wide{slot.holding.free.value} + slot.holding.held.value;
    }
  }
  for (std::size_t asset = 0; asset < sums.size(); ++asset) {
    if (sums[asset] != outside_[asset].value) return "balances do not sum to the deposits";
  }
  return nullptr;
}

Ledger::Slot& Ledger::slot(AccountId account, AssetId asset) {
  std::vector<Slot>& slots = slots_[account.value];
  const auto found = std::ranges::find(slots, asset, &Slot::asset);
  if (found != slots.end()) return *found;
  return slots.emplace_back(Slot{asset, false, {}});
}

Amount& Ledger::pocket(Place place, AssetId asset) {
  Slot& found = slot(place.account, asset);
  if (!found.changed) {
    found.changed = true;
    changed_.push_back({place.account, asset});
  }
  return place.pocket == Pocket::free ? found.holding.free : found.holding.held;
}

}  // namespace oki::core
