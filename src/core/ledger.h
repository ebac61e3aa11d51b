// Who owns what: double entry, every change moves an amount from one place to another.
//
// Each account has two pockets per asset, free and held by open orders. Money enters from
// `outside_account`, whose balance is what it owes: the sum of all deposits. As that sum fits 64
// bits, every other balance does too.
//
// Invariants, checked by fault():
//   (1) Per asset, all pockets of all accounts sum to what the outside has paid in.
//   (2) No pocket is negative (they are unsigned; taking more than there is is a bug).
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "core/money.h"
#include "core/types.h"

namespace oki::core {

enum class Pocket : std::uint8_t { free, held };

struct Place {
  AccountId account;
  Pocket pocket = Pocket::free;
};

struct Holding {
  Amount free;
  Amount held;
  friend bool operator==(const Holding&, const Holding&) = default;
};

class Ledger {
 public:
  struct Entry {
    AccountId account;
    AssetId asset;
    Holding holding;
  };

  void add_asset();
  std::size_t assets() const { return outside_.size(); }

  // REQUIRES: the asset exists and `from` has the amount. From outside: the sum of what was paid
  // in stays within 64 bits.
  void move(AssetId asset, Place from, Place to, Amount amount);

  Holding holding(AccountId account, AssetId asset) const;
  Amount paid_in(AssetId asset) const { return outside_[asset.value]; }

  // What is not zero, by account and asset.
  std::vector<Entry> entries() const;

  // The changed balances since the last call, in order of their first change.
  void take_changed(std::vector<Entry>& changed);

  // For restore() only: sets what no move has made. REQUIRES: the asset exists.
  void force_holding(AccountId account, AssetId asset, const Holding& holding);
  void force_paid_in(AssetId asset, Amount amount) { outside_[asset.value] = amount; }

  // The first broken invariant, or null.
  const char* fault() const;

 private:
  struct Slot {
    AssetId asset;
    bool changed = false;
    Holding holding;
  };
  struct Key {
    AccountId account;
    AssetId asset;
  };

  Slot& slot(AccountId account, AssetId asset);
  Amount& pocket(Place place, AssetId asset);

  std::vector<Amount> outside_;
  std::unordered_map<std::uint64_t, std::vector<Slot>> slots_;  // Few assets per account.
  std::vector<Key> changed_;
};

}  // namespace oki::core
