// Rows in order of a key of two numbers: timers by (due, subject), triggers by (price, order).
//
// A treap over rows of one table, so that it is written down for undo like everything else and any
// number of indexes share the memory. Priorities are a hash of the key: the same keys make the same
// tree on every machine; expected depth is logarithmic.
#pragma once

#include <compare>
#include <cstdint>

#include "core/fast/table.h"

namespace oki::core::fast {

struct IndexKey {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  friend auto operator<=>(const IndexKey&, const IndexKey&) = default;
};

struct IndexNode {
  IndexKey key;
  std::uint64_t value = 0;  // The owner's.
  Row left = 0;
  Row right = 0;
  std::uint32_t priority = 0;
  std::uint32_t mark = 0;
};

class OrderedIndex {
 public:
  OrderedIndex(std::size_t entries_max, bool* touched) : nodes_(entries_max, touched) {}

  // `root` is where the owner keeps the index; the new one is returned. 0 is empty.
  // REQUIRES: the key is not there. False memory limits end in Broken.
  [[nodiscard]] Row insert(Row root, IndexKey key, std::uint64_t value);
  // REQUIRES: the key is there.
  [[nodiscard]] Row erase(Row root, IndexKey key);

  // The first entry, the first with a key above `key`, the one with exactly that key; 0: none.
  Row first(Row root) const;
  Row above(Row root, IndexKey key) const;
  Row find(Row root, IndexKey key) const;
  const IndexNode& operator[](Row row) const { return nodes_[row]; }

  void commit() { nodes_.commit(); }
  void rollback() { nodes_.rollback(); }
  bool unchanged() const { return nodes_.changes().empty(); }
  std::size_t entries() const { return nodes_.rows(); }

 private:
  Row merge(Row left, Row right);
  // Entries below `key` to `left`, the others to `right`.
  void split(Row root, IndexKey key, Row& left, Row& right);

  Table<IndexNode> nodes_;
};

}  // namespace oki::core::fast
