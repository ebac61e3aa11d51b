#include "core/fast/ordered_index.h"

namespace oki::core::fast {
namespace {

std::uint32_t priority_of(IndexKey key) {
  std::uint64_t hash = key.first * 0x9E3779B97F4A7C15u + key.second * 0xC2B2AE3D27D4EB4Fu;
  hash ^= hash >> 32;
  hash *= 0xD6E8FEB86659FD93u;
  return static_cast<std::uint32_t>(hash >> 32);
}

}  // namespace

void OrderedIndex::split(Row root, IndexKey key, Row& left, Row& right) {
  if (root == 0) {
    left = right = 0;
    return;
  }
  Row part = 0;
  if (nodes_[root].key < key) {
    split(nodes_[root].right, key, part, right);
    nodes_.change(root).right = part;
    left = root;
  } else {
    split(nodes_[root].left, key, left, part);
    nodes_.change(root).left = part;
    right = root;
  }
}

Row OrderedIndex::merge(Row left, Row right) {
  if (left == 0 || right == 0) return left + right;
  if (nodes_[left].priority >= nodes_[right].priority) {
    const Row below = merge(nodes_[left].right, right);
    nodes_.change(left).right = below;
    return left;
  }
  const Row below = merge(left, nodes_[right].left);
  nodes_.change(right).left = below;
  return right;
}

Row OrderedIndex::insert(Row root, IndexKey key, std::uint64_t value) {
  const std::uint32_t priority = priority_of(key);
  if (root != 0 && nodes_[root].priority >= priority) {
    if (nodes_[root].key < key) {
      const Row below = insert(nodes_[root].right, key, value);
      if (below != nodes_[root].right) nodes_.change(root).right = below;
    } else {
      const Row below = insert(nodes_[root].left, key, value);
      if (below != nodes_[root].left) nodes_.change(root).left = below;
    }
    return root;
  }
  const Row row = nodes_.create();
  Row left = 0;
  Row right = 0;
  split(root, key, left, right);
  IndexNode& node = nodes_.change(row);
  node.key = key;
  node.value = value;
  node.priority = priority;
  node.left = left;
  node.right = right;
  return row;
}

Row OrderedIndex::erase(Row root, IndexKey key) {
  INVARIANT(root != 0, "an index lacks an entry");
  if (nodes_[root].key == key) {
    const Row below = merge(nodes_[root].left, nodes_[root].right);
    nodes_.drop(root);
    return below;
  }
  const bool to_right = nodes_[root].key < key;
  const Row child = to_right ? nodes_[root].right : nodes_[root].left;
  const Row below = erase(child, key);
  if (below != child) {
    IndexNode& node = nodes_.change(root);
    (to_right ? node.right : node.left) = below;
  }
  return root;
}

Row OrderedIndex::first(Row root) const {
  if (root == 0) return 0;
  while (nodes_[root].left != 0) root = nodes_[root].left;
  return root;
}

Row OrderedIndex::above(Row root, IndexKey key) const {
  Row found = 0;
  while (root != 0) {
    if (key < nodes_[root].key) {
      found = root;
      root = nodes_[root].left;
    } else {
      root = nodes_[root].right;
    }
  }
  return found;
}

Row OrderedIndex::find(Row root, IndexKey key) const {
  while (root != 0 && nodes_[root].key != key) {
    root = nodes_[root].key < key ? nodes_[root].right : nodes_[root].left;
  }
  return root;
}

}  // namespace oki::core::fast
