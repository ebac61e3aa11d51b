// The nodes of all resting orders of a core: one preallocated table, so that an order costs no
// allocation, and its slot can number it in other tables, too. Beside it, under the same numbers,
// are the links between them (core/book_links.h).
//
// A free slot keeps the way to the next free one in its link, as a difference to its own neighbour:
// zeroed memory is then a complete list already, and memory that was never needed is never touched.
// Slots are given out last in, first out, so that they are still in the cache; the order of giving
// depends on nothing but the calls.
//
// With Undo::keep, each change of the pool and its books is written down and `rollback` reverses
// them, newest first. A removed order goes back exactly where it was. Changes made with Undo::none
// are never taken back. REQUIRES of these: nothing waits for `commit`.
#pragma once

#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "core/book_fast_cold.h"
#include "core/book_links.h"
#include "core/id_map.h"
#include "core/types.h"
#include "core/undo.h"

namespace oki::core {

struct BookNode {
  std::uint64_t lots;  // 0: in no book.
  std::uint64_t price;
  std::uint64_t id_and_side;  // id * 2 + side

  OrderId id() const { return OrderId{id_and_side >> 1}; }
  Side side() const { return static_cast<Side>(id_and_side & 1); }
  friend bool operator==(const BookNode&, const BookNode&) = default;
};
static_assert(sizeof(BookNode) == 24);

constexpr std::uint64_t book_id_max = ~std::uint64_t{0} >> 1;

// What a book can be made of. The window is what is reached without a search: 2^window_bits ticks
// on each side, 6 < window_bits <= 18.
struct BareBookPolicy {
  static constexpr Undo undo = Undo::none;
  static constexpr bool sums = false;
  static constexpr unsigned window_bits = 18;
};
// With the sums that the exchange publishes of a level after each change.
struct CoreBookPolicy {
  static constexpr Undo undo = Undo::keep;
  static constexpr bool sums = true;
  static constexpr unsigned window_bits = 18;
};

template <typename Policy>
class FastBook;

template <typename Policy>
class BookPool {
 public:
  // Books are counted as long as they live.
  explicit BookPool(std::uint32_t orders_max, std::size_t books_max = 256)
      : nodes_(std::size_t{orders_max} + 2, Pages::huge),
        table_(orders_max, books_max, book_ends, ColdPool::entries_for(orders_max)),
        links_(table_.links()),
        cold_(orders_max),
        end_(orders_max + 1),
        books_max_(books_max) {}
  BookPool(const BookPool&) = delete;
  BookPool& operator=(const BookPool&) = delete;

  bool full() const { return free_ == end_; }

  // REQUIRES: !full().
  template <Undo undo = Policy::undo>
  [[gnu::always_inline]] Slot allocate() {
    ASSERT(free_ != end_);
    const Slot slot = free_;
    note<undo>(Kind::allocated, slot);
    free_ = slot + 1 + links_[slot].next;
    return slot;
  }

  // REQUIRES: allocated, and in no book.
  template <Undo undo = Policy::undo>
  [[gnu::always_inline]] void free(Slot slot) {
    ASSERT(nodes_[slot].lots == 0);
    note<undo>(Kind::freed, slot);
    links_[slot].next = free_ - slot - 1;
    free_ = slot;
  }

  const BookNode& operator[](Slot slot) const { return nodes_[slot]; }

  // The younger neighbour at the same price, or 0. REQUIRES: it rests in a book.
  Slot younger(Slot slot) const {
    const LinkIndex next = links_.after(slot);
    return table_.is_end(next) ? 0 : next;
  }

  [[gnu::always_inline]] void prefetch(Slot slot) const {
    __builtin_prefetch(&nodes_[slot], 1);
    links_.prefetch(slot);
  }

  // The links on both sides of an order, when its own is there already.
  [[gnu::always_inline]] void prefetch_neighbours(Slot slot) const {
    links_.prefetch(links_.after(slot));
    links_.prefetch(links_.before(slot));
  }

  // What was done so far stays.
  void commit() { changes_count_ = 0; }

  // Takes back everything since the last commit, in all books of the pool.
  // REQUIRES: none of the books changed has been moved since.
  void rollback();

  // Allocated slots; walks the free ones, for tests and checkers.
  std::size_t allocated() const;

 private:
  friend class FastBook<Policy>;
  static constexpr std::uint64_t book_ends = std::uint64_t{2} << Policy::window_bits;
  enum class Kind : std::uint32_t { allocated, freed, added, removed, taken };
  struct Change {
    Slot slot;
    Kind kind;
    FastBook<Policy>* book;
    BookLink link;
    BookNode before;
  };

  // Writes down what the change of `kind` is about to overwrite.
  template <Undo undo>
  [[gnu::always_inline]] void note(Kind kind, Slot slot, FastBook<Policy>* book = nullptr) {
    if constexpr (undo == Undo::keep) {
      if (changes_count_ == changes_.size()) [[unlikely]]
        changes_.resize(2 * changes_count_);
      Change& change = *(changes_.data() + changes_count_++);
      change.slot = slot;
      change.kind = kind;
      change.book = book;
      if (kind == Kind::removed) {
        change.before = nodes_[slot];
        change.link = links_[slot];
      } else if (kind == Kind::taken) {
        change.before.lots = nodes_[slot].lots;
      } else if (kind != Kind::added) {
        change.link = links_[slot];
      }
    }
  }

  // A number for a book: it says which ends are its windows'.
  std::uint32_t enter_book();
  // REQUIRES: all its levels are empty.
  void leave_book(std::uint32_t number) { books_free_.push_back(number); }

  LargeArray<BookNode> nodes_;  // The first is nobody's.
  BookLinkTable table_;
  BookLinks links_;
  ColdPool cold_;
  Slot free_ = 1;
  Slot end_;
  std::size_t books_max_;
  std::uint32_t books_ = 0;
  std::vector<std::uint32_t> books_free_;
  // Grows to the largest command there was, and only then.
  std::vector<Change> changes_ = std::vector<Change>(Policy::undo == Undo::keep ? 1024 : 0);
  std::size_t changes_count_ = 0;
};

template <typename Policy>
std::uint32_t BookPool<Policy>::enter_book() {
  if (!books_free_.empty()) {
    const std::uint32_t number = books_free_.back();
    books_free_.pop_back();
    return number;
  }
  ASSERT(books_ < books_max_);
  return books_++;
}

template <typename Policy>
void BookPool<Policy>::rollback() {
  while (changes_count_ > 0) {
    const Change& change = changes_[--changes_count_];
    switch (change.kind) {
      case Kind::allocated:
        free_ = change.slot;
        links_[change.slot] = change.link;
        break;
      case Kind::freed:
        free_ = change.slot + 1 + links_[change.slot].next;
        links_[change.slot] = change.link;
        break;
      case Kind::added:
        change.book->undo_add(change.slot);
        break;
      case Kind::removed:
        change.book->undo_remove(change.slot, change.before, change.link);
        break;
      case Kind::taken:
        change.book->undo_take(change.slot, change.before.lots);
        break;
    }
  }
}

template <typename Policy>
std::size_t BookPool<Policy>::allocated() const {
  std::size_t left = 0;
  for (Slot slot = free_; slot != end_; slot = slot + 1 + links_[slot].next) {
    ASSERT(slot != 0 && slot < end_ && left < end_);
    ++left;
  }
  return end_ - 1 - left;
}

}  // namespace oki::core
