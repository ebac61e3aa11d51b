// Who stands next to whom in the levels of all books of a core, apart from what the orders are.
//
// Orders and the ends of levels are numbered in one table: an order by its slot, then come the ends
// of the levels in windows, then those of the levels outside. A level is a ring through its end, so
// an order goes in and out the same way whether its neighbours are orders or the end: no case to
// tell apart, which half of the time could not be predicted. Eight links share a line of the cache.
// Ends are closed to rings of their own when they are first needed, so that those that never are
// stay untouched memory; a ring that lost its orders is closed again by itself.
//
// Invariant, checked by the books: the neighbour of a neighbour, looked back from, is oneself.
#pragma once

#include <cstdint>

#include "base/assert.h"
#include "core/large_array.h"

namespace oki::core {

// A place in the table: an order's slot, or the end of a level.
using LinkIndex = std::uint32_t;

struct BookLink {
  LinkIndex next;  // The younger neighbour; of an end, the oldest order. 0: not yet closed.
  LinkIndex prev;  // The older one; of an end, the youngest order.
};

// What can be done with links. Copies work on the same table.
class BookLinks {
 public:
  BookLinks() = default;
  explicit BookLinks(BookLink* links) : links_(links) {}

  BookLink& operator[](LinkIndex at) const { return links_[at]; }
  LinkIndex after(LinkIndex at) const { return links_[at].next; }
  LinkIndex before(LinkIndex at) const { return links_[at].prev; }

  // Makes ends of empty levels. REQUIRES: they have no orders.
  void close(LinkIndex begin, std::uint64_t count) const {
    for (LinkIndex end = begin; end < begin + count; ++end) links_[end] = {end, end};
  }

  // Makes an order the youngest of a level. REQUIRES: it is in none; the end is closed.
  [[gnu::always_inline]] void append(LinkIndex end, LinkIndex slot) const {
    put(slot, before(end), end);
  }

  // Puts an order between two neighbours. REQUIRES: they are neighbours, it is in no level.
  [[gnu::always_inline]] void put(LinkIndex slot, LinkIndex prev, LinkIndex next) const {
    // In this order two numbers are not put together in a vector register first.
    links_[slot].next = next;
    links_[prev].next = slot;
    links_[slot].prev = prev;
    links_[next].prev = slot;
  }

  // True when its level is empty now. The order keeps its link.
  [[gnu::always_inline]] bool take_out(LinkIndex slot) const {
    const LinkIndex next = links_[slot].next;
    const LinkIndex prev = links_[slot].prev;
    links_[prev].next = next;
    links_[next].prev = prev;
    return prev == next;
  }

  // Gives the orders of one end to another. REQUIRES: the one has some, the other is closed.
  void move(LinkIndex from, LinkIndex to) const {
    links_[to] = links_[from];
    links_[after(to)].prev = to;
    links_[before(to)].next = to;
    close(from, 1);
  }

  [[gnu::always_inline]] void prefetch(LinkIndex at) const { __builtin_prefetch(links_ + at, 1); }

 private:
  BookLink* links_ = nullptr;
};

// The memory of the table, and which numbers are whose.
class BookLinkTable {
 public:
  // `blocks` of `block_ends` ends each for windows, and `others` ends outside of them.
  BookLinkTable(std::uint64_t orders_max, std::uint64_t blocks, std::uint64_t block_ends,
                std::uint64_t others)
      : block_ends_(block_ends),
        blocks_begin_(whole_pages(orders_max + 2)),
        others_begin_(blocks_begin_ + blocks * block_ends),
        links_(others_begin_ + others, Pages::small) {
    ASSERT(links_.size() <= std::uint64_t{1} << 32);
    // Prices are sparse, so the windows stay on small pages.
    const std::uint64_t orders_bytes = orders_max * sizeof(BookLink);
    advise_pages(links_.data(), orders_bytes, orders_bytes < huge_min ? Pages::small : Pages::huge);
  }

  BookLinks links() { return BookLinks(links_.data()); }
  bool is_end(LinkIndex at) const { return at >= blocks_begin_; }
  // The first end of a block.
  LinkIndex block(std::uint64_t number) const {
    return static_cast<LinkIndex>(blocks_begin_ + number * block_ends_);
  }
  LinkIndex other(std::uint64_t number) const {
    return static_cast<LinkIndex>(others_begin_ + number);
  }

 private:
  static constexpr std::uint64_t huge_min = std::uint64_t{4} << 20;
  static std::uint64_t whole_pages(std::uint64_t links) {
    constexpr std::uint64_t page_links = (std::uint64_t{2} << 20) / sizeof(BookLink);
    return (links + page_links - 1) / page_links * page_links;
  }

  std::uint64_t block_ends_;
  std::uint64_t blocks_begin_;
  std::uint64_t others_begin_;
  LargeArray<BookLink> links_;
};

}  // namespace oki::core
