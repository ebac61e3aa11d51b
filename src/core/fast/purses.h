// Balances: each account has a list of purses, each purse has room for four assets. What an account
// uses first (its quote asset, its first base asset) shares one line of the cache.
//
// A pocket is one asset of one account, numbered purse * 4 + place; 0 is none. It has three
// amounts: free, held (by open orders and the lender's positions), withdrawing. They change only
// through the functions here, which keep what was before: for the event, for the checkers, for
// undo. A change that would take more than there is, or pass 64 bits, is Broken: callers check
// first.
#pragma once

#include <cstdint>

#include "core/fast/table.h"
#include "core/types.h"

namespace oki::core::fast {

using Pocket = std::uint32_t;

struct Funds {
  std::uint64_t free = 0;
  std::uint64_t held = 0;
  std::uint64_t withdrawing = 0;
  friend bool operator==(const Funds&, const Funds&) = default;
};

struct Purse {
  std::uint16_t asset[4];  // Number + 1; 0: nothing yet.
  Row next;                // Of the account.
  Row owner;               // The account's row.
  std::uint32_t mark[4];
  struct {
    std::uint64_t free, held;
  } sums[4];
  std::uint64_t withdrawing[4];
};
static_assert(sizeof(Purse) == 128);

class Purses {
 public:
  struct Change {
    Pocket pocket;
    Funds before;
    // For the checkers: by how much these should have changed, modulo 2^64.
    std::uint64_t held_due = 0;
    std::uint64_t withdrawing_due = 0;
  };

  explicit Purses(std::size_t purses_max);

  // 0 when there is none yet. `first` is the account's first purse.
  Pocket find(Row first, AssetId asset) const {
    const auto number = static_cast<std::uint16_t>(asset.value + 1);
    for (Row row = first; row != 0; row = purses_[row].next) {
      const Purse& purse = purses_[row];
      for (unsigned i = 0; i < 4; ++i) {
        if (purse.asset[i] == number) return row * 4 + i;
      }
    }
    return 0;
  }
  // Finds or makes one; `first` may change. An empty pocket is no change of state.
  Pocket open(Row owner, Row& first, AssetId asset);

  Funds funds(Pocket pocket) const {
    const Purse& purse = purses_[pocket >> 2];
    const unsigned i = pocket & 3;
    return {purse.sums[i].free, purse.sums[i].held, purse.withdrawing[i]};
  }
  std::uint64_t free(Pocket pocket) const { return purses_[pocket >> 2].sums[pocket & 3].free; }
  std::uint64_t held(Pocket pocket) const { return purses_[pocket >> 2].sums[pocket & 3].held; }
  Row owner(Pocket pocket) const { return purses_[pocket >> 2].owner; }
  AssetId asset(Pocket pocket) const {
    return AssetId{static_cast<std::uint16_t>(purses_[pocket >> 2].asset[pocket & 3] - 1)};
  }
  Row next(Row purse) const { return purses_[purse].next; }
  bool is_open(Pocket pocket) const { return purses_[pocket >> 2].asset[pocket & 3] != 0; }

  void add_free(Pocket pocket, std::uint64_t amount) { add(change(pocket).free, amount); }
  void take_free(Pocket pocket, std::uint64_t amount) { take(change(pocket).free, amount); }
  void add_held(Pocket pocket, std::uint64_t amount) { add(change(pocket).held, amount); }
  void take_held(Pocket pocket, std::uint64_t amount) { take(change(pocket).held, amount); }
  void hold(Pocket pocket, std::uint64_t amount) {  // free -> held
    auto& sums = change(pocket);
    take(sums.free, amount);
    add(sums.held, amount);
  }
  // From held: `back` to free, the rest to somebody else.
  void pay(Pocket pocket, std::uint64_t released, std::uint64_t back) {
    auto& sums = change(pocket);
    take(sums.held, released);
    add(sums.free, back);
  }
  void release(Pocket pocket, std::uint64_t amount) {  // held -> free
    auto& sums = change(pocket);
    take(sums.held, amount);
    add(sums.free, amount);
  }
  // The two above for what is never taken back. REQUIRES: nothing below 0 or above 64 bits.
  void hold_for_good(Pocket pocket, std::uint64_t amount) {
    auto& sums = purses_[pocket >> 2].sums[pocket & 3];
    sums.free -= amount;
    sums.held += amount;
  }
  void release_for_good(Pocket pocket, std::uint64_t amount) {
    auto& sums = purses_[pocket >> 2].sums[pocket & 3];
    sums.held -= amount;
    sums.free += amount;
  }
  void add_withdrawing(Pocket pocket, std::uint64_t amount) {
    change(pocket);
    add(purses_[pocket >> 2].withdrawing[pocket & 3], amount);
  }
  void take_withdrawing(Pocket pocket, std::uint64_t amount) {
    change(pocket);
    take(purses_[pocket >> 2].withdrawing[pocket & 3], amount);
  }

  // Tells the checkers by how much `held` or `withdrawing` of a pocket had to change.
  void expect_held(Pocket pocket, std::uint64_t by) { change_of(pocket).held_due += by; }
  void expect_withdrawing(Pocket pocket, std::uint64_t by) {
    change_of(pocket).withdrawing_due += by;
  }

  const StepList<Change>& changes() const { return changes_; }
  void commit();
  void rollback();

  std::size_t purses() const { return used_; }
  void prefetch(Row purse) const {
    __builtin_prefetch(&purses_[purse], 1);
    __builtin_prefetch(&purses_[purse].sums[2], 1);
  }

 private:
  decltype(Purse::sums[0])& change(Pocket pocket) {
    Purse& purse = purses_[pocket >> 2];
    const unsigned i = pocket & 3;
    if (purse.mark[i] == 0) {
      changes_.push_back({pocket, funds(pocket), 0, 0});
      purse.mark[i] = static_cast<std::uint32_t>(changes_.size());
    }
    return purse.sums[i];
  }
  Change& change_of(Pocket pocket) {
    const std::uint32_t mark = purses_[pocket >> 2].mark[pocket & 3];
    INVARIANT(mark != 0, "a hold changed and its balance did not");
    return changes_[mark - 1];
  }
  static void add(std::uint64_t& sum, std::uint64_t amount) {
    INVARIANT(!__builtin_add_overflow(sum, amount, &sum), "a balance passes 64 bits");
  }
  static void take(std::uint64_t& sum, std::uint64_t amount) {
    INVARIANT(!__builtin_sub_overflow(sum, amount, &sum), "a balance below zero");
  }

  LargeArray<Purse> purses_;
  StepList<Change> changes_;
  Row used_ = 0;  // Purses and pockets that a step made stay when it is undone: they are empty.
};

}  // namespace oki::core::fast
