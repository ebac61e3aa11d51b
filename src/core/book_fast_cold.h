// The levels of a book outside its window: an ordered map from key to level, for keys anywhere in
// 64 bits, without allocation and without a worst case that prices could be chosen for.
//
// It is a binary trie with compressed paths (a crit-bit tree, D. J. Bernstein): a branch names the
// highest bit in which the keys below it differ, so a path has at most 64 branches whatever the
// keys are, and there is nothing to balance. Leaves and branches are entries of one pool that all
// books of a core share; n levels take 2 n - 1 entries.
//
// A reference to an entry is index * 2 + (1 for a leaf); 0 is none. Invariants, checked by
// verify(): the bits of branches fall along each path, keys agree with the turns to them.
#pragma once

#include <bit>
#include <cstdint>

#include "base/assert.h"
#include "core/large_array.h"

namespace oki::core {

class ColdPool {
 public:
  struct Entry {
    std::uint64_t key;    // Of a leaf. Of a branch: the number of its bit.
    std::uint64_t lots;   // Of a leaf: the sum of the level, where sums are kept.
    std::uint32_t left;   // Of a branch: the subtree of keys without the bit. Of a free entry: the
                          // next free one.
    std::uint32_t right;  // The subtree of those with it.
  };

  static constexpr std::size_t entries_for(std::size_t levels_max) { return 2 * levels_max + 2; }

  explicit ColdPool(std::size_t levels_max) : entries_(entries_for(levels_max), Pages::small) {}

  std::uint32_t allocate() {
    if (free_ == 0) {
      ASSERT(unused_ < entries_.size());
      return unused_++;
    }
    const std::uint32_t index = free_;
    free_ = entries_[index].left;
    return index;
  }
  void free(std::uint32_t index) {
    entries_[index].left = free_;
    free_ = index;
  }
  Entry& operator[](std::uint32_t index) { return entries_[index]; }
  const Entry& operator[](std::uint32_t index) const { return entries_[index]; }

 private:
  LargeArray<Entry> entries_;
  std::uint32_t free_ = 0;
  std::uint32_t unused_ = 1;
};

// Levels are named by the index of their leaf in the pool.
class ColdLevels {
 public:
  bool empty() const { return root_ == 0; }

  // 0 where there is none.
  std::uint32_t find(const ColdPool& pool, std::uint64_t key) const {
    if (root_ == 0) return 0;
    const std::uint32_t leaf = leaf_for(pool, key);
    return pool[leaf].key == key ? leaf : 0;
  }

  // A new one where there is none, of no lots.
  std::uint32_t find_or_add(ColdPool& pool, std::uint64_t key);

  // REQUIRES: the key is there.
  void erase(ColdPool& pool, std::uint64_t key);

  // The lowest key that is at least `key`; false where there is none.
  bool at_least(const ColdPool& pool, std::uint64_t key, std::uint64_t& found) const;

  void verify(const ColdPool& pool) const {
    if (root_ != 0) verify(pool, root_, 64);
  }

 private:
  static bool is_leaf(std::uint32_t reference) { return reference & 1; }
  static std::uint32_t index_of(std::uint32_t reference) { return reference >> 1; }
  static std::uint32_t& child(ColdPool& pool, std::uint32_t branch, std::uint64_t key) {
    auto& entry = pool[index_of(branch)];
    return (key >> entry.key) & 1 ? entry.right : entry.left;
  }

  std::uint64_t verify(const ColdPool& pool, std::uint32_t reference, std::uint64_t bits) const;
  static std::uint64_t lowest(const ColdPool& pool, std::uint32_t reference) {
    while (!is_leaf(reference)) reference = pool[index_of(reference)].left;
    return pool[index_of(reference)].key;
  }
  // The only leaf that can have the key. REQUIRES: not empty.
  std::uint32_t leaf_for(const ColdPool& pool, std::uint64_t key) const {
    std::uint32_t reference = root_;
    while (!is_leaf(reference)) {
      const auto& entry = pool[index_of(reference)];
      reference = (key >> entry.key) & 1 ? entry.right : entry.left;
    }
    return index_of(reference);
  }
  static std::uint64_t highest_bit(std::uint64_t difference) {
    return 63 - static_cast<std::uint64_t>(std::countl_zero(difference));
  }

  std::uint32_t root_ = 0;
};

}  // namespace oki::core
