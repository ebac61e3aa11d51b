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

template <typename Level>
class ColdPool {
 public:
  struct Entry {
    std::uint64_t key;  // Of a leaf. Of a branch: the number of its bit.
    Level level;        // Of a leaf. A branch keeps its two references in head and tail.
  };

  explicit ColdPool(std::size_t levels_max) : entries_(2 * levels_max + 2, Pages::small) {}

  std::uint32_t allocate() {
    if (free_ == 0) {
      ASSERT(unused_ < entries_.size());
      return unused_++;
    }
    const std::uint32_t index = free_;
    free_ = entries_[index].level.head;
    return index;
  }
  void free(std::uint32_t index) {
    entries_[index].level.head = free_;
    free_ = index;
  }
  Entry& operator[](std::uint32_t index) { return entries_[index]; }
  const Entry& operator[](std::uint32_t index) const { return entries_[index]; }

 private:
  LargeArray<Entry> entries_;
  std::uint32_t free_ = 0;
  std::uint32_t unused_ = 1;
};

template <typename Level>
class ColdLevels {
 public:
  using Pool = ColdPool<Level>;

  bool empty() const { return root_ == 0; }

  // nullptr where there is none.
  Level* find(Pool& pool, std::uint64_t key) const;

  // An empty one where there is none.
  Level& find_or_add(Pool& pool, std::uint64_t key);

  // REQUIRES: the key is there.
  void erase(Pool& pool, std::uint64_t key);

  // The lowest key that is at least `key`; false where there is none.
  bool at_least(const Pool& pool, std::uint64_t key, std::uint64_t& found) const;

  void verify(const Pool& pool) const {
    if (root_ != 0) verify(pool, root_, 64);
  }

 private:
  static bool is_leaf(std::uint32_t reference) { return reference & 1; }
  static std::uint32_t index_of(std::uint32_t reference) { return reference >> 1; }
  static std::uint32_t& child(Pool& pool, std::uint32_t branch, std::uint64_t key) {
    auto& entry = pool[index_of(branch)];
    return (key >> entry.key) & 1 ? entry.level.tail : entry.level.head;
  }

  std::uint64_t verify(const Pool& pool, std::uint32_t reference, std::uint64_t bits) const;
  static std::uint64_t lowest(const Pool& pool, std::uint32_t reference) {
    while (!is_leaf(reference)) reference = pool[index_of(reference)].level.head;
    return pool[index_of(reference)].key;
  }
  // The only leaf that can have the key. REQUIRES: not empty.
  std::uint32_t leaf_for(const Pool& pool, std::uint64_t key) const {
    std::uint32_t reference = root_;
    while (!is_leaf(reference)) {
      const auto& entry = pool[index_of(reference)];
      reference = (key >> entry.key) & 1 ? entry.level.tail : entry.level.head;
    }
    return index_of(reference);
  }
  static std::uint64_t highest_bit(std::uint64_t difference) {
    return 63 - static_cast<std::uint64_t>(std::countl_zero(difference));
  }

  std::uint32_t root_ = 0;
};

template <typename Level>
Level* ColdLevels<Level>::find(Pool& pool, std::uint64_t key) const {
  if (root_ == 0) return nullptr;
  auto& leaf = pool[leaf_for(pool, key)];
  return leaf.key == key ? &leaf.level : nullptr;
}

template <typename Level>
Level& ColdLevels<Level>::find_or_add(Pool& pool, std::uint64_t key) {
  std::uint64_t difference = 0;
  if (root_ != 0) {
    auto& leaf = pool[leaf_for(pool, key)];
    if (leaf.key == key) return leaf.level;
    difference = leaf.key ^ key;
  }
  const std::uint32_t added = pool.allocate();
  pool[added] = {key, {}};
  if (root_ == 0) {
    root_ = added * 2 + 1;
    return pool[added].level;
  }
  const std::uint64_t bit = highest_bit(difference);
  std::uint32_t* place = &root_;
  while (!is_leaf(*place) && pool[index_of(*place)].key > bit) place = &child(pool, *place, key);
  const std::uint32_t branch = pool.allocate();
  auto& entry = pool[branch];
  entry = {bit, {}};
  const bool right = (key >> bit) & 1;
  entry.level.head = right ? *place : added * 2 + 1;
  entry.level.tail = right ? added * 2 + 1 : *place;
  *place = branch * 2;
  return pool[added].level;
}

template <typename Level>
void ColdLevels<Level>::erase(Pool& pool, std::uint64_t key) {
  ASSERT(root_ != 0);
  std::uint32_t* above = nullptr;  // What refers to the branch over the leaf.
  std::uint32_t* place = &root_;
  while (!is_leaf(*place)) {
    above = place;
    place = &child(pool, *place, key);
  }
  const std::uint32_t leaf = index_of(*place);
  ASSERT(pool[leaf].key == key);
  if (above == nullptr) {
    root_ = 0;
  } else {
    const std::uint32_t branch = index_of(*above);
    const Level& children = pool[branch].level;
    *above = place == &children.head ? children.tail : children.head;
    pool.free(branch);
  }
  pool.free(leaf);
}

template <typename Level>
bool ColdLevels<Level>::at_least(const Pool& pool, std::uint64_t key, std::uint64_t& found) const {
  if (root_ == 0) return false;
  const std::uint64_t near = pool[leaf_for(pool, key)].key;
  found = near;
  if (near == key) return true;
  const std::uint64_t bit = highest_bit(near ^ key);
  std::uint32_t reference = root_;
  std::uint32_t right = 0;  // The last subtree passed whose keys are all higher.
  while (!is_leaf(reference) && pool[index_of(reference)].key > bit) {
    const auto& entry = pool[index_of(reference)];
    const bool turn = (key >> entry.key) & 1;
    if (!turn) right = entry.level.tail;
    reference = turn ? entry.level.tail : entry.level.head;
  }
  if (key > near) reference = right;  // All keys below `reference` are on the side of `near`.
  if (reference == 0) return false;
  found = lowest(pool, reference);
  return true;
}

// Gives the lowest key below; all keys there agree above bit `bits`.
template <typename Level>
std::uint64_t ColdLevels<Level>::verify(const Pool& pool, std::uint32_t reference,
                                        std::uint64_t bits) const {
  const auto& entry = pool[index_of(reference)];
  if (is_leaf(reference)) return entry.key;
  ASSERT(entry.key < bits);
  const std::uint64_t left = verify(pool, entry.level.head, entry.key);
  const std::uint64_t right = verify(pool, entry.level.tail, entry.key);
  ASSERT(left < right && highest_bit(left ^ right) == entry.key);
  return left;
}

}  // namespace oki::core
