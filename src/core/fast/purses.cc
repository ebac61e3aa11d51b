#include "core/fast/purses.h"

namespace oki::core::fast {

Purses::Purses(std::size_t purses_max) : purses_(purses_max + 1, Pages::huge) {}

Pocket Purses::open(Row owner, Row& first, AssetId asset) {
  const auto number = static_cast<std::uint16_t>(asset.value + 1);
  Row last = 0;
  for (Row row = first; row != 0; last = row, row = purses_[row].next) {
    for (unsigned i = 0; i < 4; ++i) {
      std::uint16_t& place = purses_[row].asset[i];
      if (place == number) return row * 4 + i;
      if (place == 0) {
        place = number;
        return row * 4 + i;
      }
    }
  }
  INVARIANT(used_ + 1 < purses_.size(), "the purses are full");
  const Row row = ++used_;
  purses_[row].asset[0] = number;
  purses_[row].owner = owner;
  (last == 0 ? first : purses_[last].next) = row;
  return row * 4;
}

void Purses::commit() {
  for (const Change& change : changes_) purses_[change.pocket >> 2].mark[change.pocket & 3] = 0;
  changes_.clear();
}

void Purses::rollback() {
  for (const Change& change : changes_) {
    Purse& purse = purses_[change.pocket >> 2];
    const unsigned i = change.pocket & 3;
    purse.sums[i] = {change.before.free, change.before.held};
    purse.withdrawing[i] = change.before.withdrawing;
    purse.mark[i] = 0;
  }
  changes_.clear();
}

}  // namespace oki::core::fast
