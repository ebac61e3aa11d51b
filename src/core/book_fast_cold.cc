#include "core/book_fast_cold.h"

namespace oki::core {

std::uint32_t ColdLevels::find_or_add(ColdPool& pool, std::uint64_t key) {
  std::uint64_t difference = 0;
  if (root_ != 0) {
    const std::uint32_t leaf = leaf_for(pool, key);
    if (pool[leaf].key == key) return leaf;
    difference = pool[leaf].key ^ key;
  }
  const std::uint32_t added = pool.allocate();
  pool[added] = {key, 0, 0, 0};
  if (root_ == 0) {
    root_ = added * 2 + 1;
    return added;
  }
  const std::uint64_t bit = highest_bit(difference);
  std::uint32_t* place = &root_;
  while (!is_leaf(*place) && pool[index_of(*place)].key > bit) place = &child(pool, *place, key);
  const std::uint32_t branch = pool.allocate();
  const bool right = (key >> bit) & 1;
  const std::uint32_t leaf = added * 2 + 1;
  pool[branch] = {bit, 0, right ? *place : leaf, right ? leaf : *place};
  *place = branch * 2;
  return added;
}

void ColdLevels::erase(ColdPool& pool, std::uint64_t key) {
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
    const auto& children = pool[branch];
    *above = place == &children.left ? children.right : children.left;
    pool.free(branch);
  }
  pool.free(leaf);
}

bool ColdLevels::at_least(const ColdPool& pool, std::uint64_t key, std::uint64_t& found) const {
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
    if (!turn) right = entry.right;
    reference = turn ? entry.right : entry.left;
  }
  if (key > near) reference = right;  // All keys below `reference` are on the side of `near`.
  if (reference == 0) return false;
  found = lowest(pool, reference);
  return true;
}

// Gives the lowest key below; all keys there agree above bit `bits`.
std::uint64_t ColdLevels::verify(const ColdPool& pool, std::uint32_t reference,
                                 std::uint64_t bits) const {
  const auto& entry = pool[index_of(reference)];
  if (is_leaf(reference)) return entry.key;
  ASSERT(entry.key < bits);
  const std::uint64_t left = verify(pool, entry.left, entry.key);
  const std::uint64_t right = verify(pool, entry.right, entry.key);
  ASSERT(left < right && highest_bit(left ^ right) == entry.key);
  return left;
}

}  // namespace oki::core
