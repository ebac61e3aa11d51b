// The bodies of core/book_fast.h that few orders pass: levels outside the window, windows that
// move, undo, and the checks.
#pragma once

#include <algorithm>
#include <utility>

#include "core/book_fast.h"

namespace oki::core {

template <typename Policy>
FastBook<Policy>::FastBook(Pool& pool)
    : nodes_(pool.nodes_.data()), pool_(&pool), number_(pool.enter_book()) {
  LinkIndex ends = pool.table_.block(number_);
  for (Half& half : halves_) {
    constexpr std::uint64_t sums_count = Policy::sums ? window_ticks : 0;
    Rest& rest = this->rest(half);
    rest.memory = LargeArray<std::uint64_t>(words_count + mids_count + sums_count, Pages::small);
    half.words = rest.memory.data();
    half.links = pool.links_;
    half.ends = ends;
    ends += window_ticks;
  }
}

template <typename Policy>
FastBook<Policy>::FastBook(FastBook&& other) noexcept
    : halves_(other.halves_),
      nodes_(other.nodes_),
      pool_(std::exchange(other.pool_, nullptr)),
      number_(other.number_),
      rests_(std::move(other.rests_)) {}

// The number of a book that still has orders is not given again: its ends are in use.
template <typename Policy>
FastBook<Policy>::~FastBook() {
  if (pool_ == nullptr) return;
  for (const Half& half : halves_) {
    if (half.top != 0 || !rest(half).cold.empty()) return;
  }
  pool_->leave_book(number_);
}

template <typename Policy>
template <Undo undo>
[[gnu::noinline]] void FastBook<Policy>::add_outside(Slot slot, Side side, Price price, Lots lots,
                                                     OrderId id) {
  Half& half = this->half(side);
  const Key key = key_of(side, price.value);
  make_room(half, key);
  nodes_[slot] = {lots.value, price.value, id.value << 1 | static_cast<std::uint64_t>(side)};
  pool_->template note<undo>(Pool::Kind::added, slot, this);
  const Level level = level_to_fill(half, key);
  half.links.append(level.end, slot);
  count_in(half, level.lots, lots.value);
}

template <typename Policy>
template <Undo undo>
[[gnu::noinline]] void FastBook<Policy>::remove_outside(Slot slot) {
  const BookNode& node = nodes_[slot];
  make_room(this->half(node.side()), key_of(node.side(), node.price));
  pool_->template note<undo>(Pool::Kind::removed, slot, this);
  take_out(slot);
}

template <typename Policy>
void FastBook<Policy>::take_out(Slot slot) {
  BookNode& node = nodes_[slot];
  Half& half = this->half(node.side());
  const Key key = key_of(node.side(), node.price);
  if (in_window(half, key)) return take_out_warm(half, key, slot);
  count_out(half, level_at(half, key).lots, node.lots);
  node.lots = 0;
  if (half.links.take_out(slot)) forget(half, key);
}

template <typename Policy>
[[gnu::noinline]] void FastBook<Policy>::begin_word(Half& half, std::uint64_t index) {
  mids(half)[index >> 12] |= std::uint64_t{1} << (index >> 6 & 63);
  half.top |= std::uint64_t{1} << (index >> 12);
  const LinkIndex ends = end_of(half, index & ~std::uint64_t{63});
  if (half.links.after(ends) == 0) half.links.close(ends, 64);
}

template <typename Policy>
auto FastBook<Policy>::level_to_fill(Half& half, Key key) -> Level {
  half.first = std::min(half.first, key);
  if (in_window(half, key)) {
    set_bit(half, key - half.base);
    return warm_level(half, key - half.base);
  }
  return cold_level_to_fill(half, key);
}

// The end of a leaf is closed when it is first used, and whenever it has lost its orders.
template <typename Policy>
auto FastBook<Policy>::cold_level_to_fill(Half& half, Key key) -> Level {
  const Level level = cold_level(rest(half).cold.find_or_add(pool_->cold_, key));
  if (half.links.after(level.end) == 0) half.links.close(level.end, 1);
  return level;
}

// REQUIRES: the level is outside the window, and empty.
template <typename Policy>
void FastBook<Policy>::forget(Half& half, Key key) {
  rest(half).cold.erase(pool_->cold_, key);
  if (key == half.first) find_first(half);
}

template <typename Policy>
[[gnu::noinline]] void FastBook<Policy>::find_first(Half& half) {
  Key first = half.top == 0 ? no_key : half.base + lowest_index(half);
  if (!rest(half).cold.empty()) [[unlikely]] {
    Key cold = no_key;
    rest(half).cold.at_least(pool_->cold_, 0, cold);
    first = std::min(first, cold);
  }
  half.first = first;
}

// A quarter of the window before the best price, the rest behind it, where books are deep; shifted
// by the book's number, which spreads the windows over the sets of the cache.
template <typename Policy>
auto FastBook<Policy>::base_around(const Half& half, Key best) const -> Key {
  constexpr std::uint64_t before = window_ticks / 4;
  const std::uint64_t color = std::uint64_t{number_} * 2 + (&half == &halves_[1] ? 1 : 0);
  const std::uint64_t shift = before - color * 37 % 64 * (window_ticks / 4096);
  const Key base = best < shift ? 0 : best - shift;
  return std::min(base, std::uint64_t{0} - window_ticks);
}

// Called before a key outside the window is used.
template <typename Policy>
void FastBook<Policy>::make_room(Half& half, Key key) {
  if (half.top == 0 && rest(half).cold.empty()) {
    half.base = base_around(half, key);
    return;
  }
  const Key base = base_around(half, std::min(half.first, key));
  if (key - base >= window_ticks || ++rest(half).misses < rest(half).misses_max) return;
  std::uint64_t levels = 0;
  for (std::uint64_t i = 0; i < words_count; ++i) {
    levels += static_cast<std::uint64_t>(std::popcount(half.words[i]));
  }
  if (rest(half).misses < levels) {
    rest(half).misses_max = levels;
    return;
  }
  move_window(half, base);
  rest(half).misses = 0;
  rest(half).misses_max = misses_min;
}

// Levels that stay in the window are moved in the direction in which they do not meet.
template <typename Policy>
void FastBook<Policy>::move_window(Half& half, Key base) {
  const bool up = base > half.base;
  for (std::uint64_t i = 0; i < words_count; ++i) {
    const std::uint64_t word = up ? i : words_count - 1 - i;
    for (std::uint64_t bits = half.words[word]; bits != 0;) {
      const int bit = up ? std::countr_zero(bits) : 63 - std::countl_zero(bits);
      bits &= ~(std::uint64_t{1} << bit);
      leave_index(half, word << 6 | static_cast<std::uint64_t>(bit), base);
    }
  }
  half.base = base;
  Key key = 0;
  while (rest(half).cold.at_least(pool_->cold_, base, key) && in_window(half, key)) {
    set_bit(half, key - base);
    move_level(cold_level(rest(half).cold.find(pool_->cold_, key)), warm_level(half, key - base));
    rest(half).cold.erase(pool_->cold_, key);
  }
}

// Moves a level of the window to where it is when the window begins at `base`.
template <typename Policy>
void FastBook<Policy>::leave_index(Half& half, std::uint64_t index, Key base) {
  const Key key = half.base + index;
  clear_bit(half, index, true);
  if (key - base < window_ticks) {
    set_bit(half, key - base);
    move_level(warm_level(half, index), warm_level(half, key - base));
  } else {
    move_level(warm_level(half, index), cold_level_to_fill(half, key));
  }
}

template <typename Policy>
void FastBook<Policy>::move_level(Level from, Level to) {
  halves_[0].links.move(from.end, to.end);
  if constexpr (Policy::sums) *to.lots = std::exchange(*from.lots, 0);
}

template <typename Policy>
void FastBook<Policy>::undo_add(Slot slot) {
  take_out(slot);
}

// The window may have moved since: an end among the neighbours is where the level has it now.
template <typename Policy>
void FastBook<Policy>::undo_remove(Slot slot, const BookNode& before, BookLink link) {
  nodes_[slot] = before;
  Half& half = this->half(before.side());
  const Level level = level_to_fill(half, key_of(before.side(), before.price));
  half.links.put(slot, pool_->table_.is_end(link.prev) ? level.end : link.prev,
                 pool_->table_.is_end(link.next) ? level.end : link.next);
  count_in(half, level.lots, before.lots);
}

template <typename Policy>
void FastBook<Policy>::undo_take(Slot slot, std::uint64_t lots) {
  BookNode& node = nodes_[slot];
  if constexpr (Policy::sums) {
    Half& half = this->half(node.side());
    half.lots += lots - node.lots;
    *level_at(half, key_of(node.side(), node.price)).lots += lots - node.lots;
  }
  node.lots = lots;
}

// The number of orders of one level.
template <typename Policy>
std::uint64_t FastBook<Policy>::verify_level(Side side, Key key) const {
  const BookLinks links = half(side).links;
  const Level level = level_at(half(side), key);
  ASSERT(level.end != 0 && links.after(level.end) != level.end);
  std::uint64_t orders = 0;
  std::uint64_t lots = 0;
  LinkIndex last = level.end;
  for (LinkIndex at = links.after(last); at != level.end; at = links.after(at)) {
    ASSERT(!pool_->table_.is_end(at));
    const BookNode& node = nodes_[at];
    ASSERT(node.lots > 0 && links.before(at) == last);
    ASSERT(node.side() == side && key_of(side, node.price) == key);
    lots += node.lots;
    ++orders;
    last = at;
  }
  ASSERT(links.before(level.end) == last);
  if constexpr (Policy::sums) ASSERT(*level.lots == lots);
  return orders;
}

template <typename Policy>
void FastBook<Policy>::verify() const {
  for (const Side side : {Side::buy, Side::sell}) {
    const Half& half = this->half(side);
    rest(half).cold.verify(pool_->cold_);
    // Levels with a bit are walked below. One without a bit that has orders all the same is missed
    // by that walk, and then the orders are fewer than were counted.
    for (std::uint64_t i = 0; i < words_count; ++i) {
      ASSERT((mids(half)[i >> 6] >> (i & 63) & 1) == (half.words[i] != 0 ? 1u : 0u));
    }
    for (std::uint64_t i = 0; i < mids_count; ++i) {
      ASSERT((half.top >> i & 1) == (mids(half)[i] != 0 ? 1u : 0u));
    }
    Key first = no_key;
    if (!at_least(half, 0, first)) first = no_key;
    ASSERT(first == half.first);
    std::uint64_t orders = 0;
    std::uint64_t lots = 0;
    for (LevelView level = first_level(side); level.front != 0;
         level = next_level(side, level.price)) {
      const Key key = key_of(side, level.price.value);
      ASSERT(!in_window(half, key) || rest(half).cold.find(pool_->cold_, key) == 0);
      orders += verify_level(side, key);
      lots += level.lots.value;
    }
    if constexpr (Policy::sums) ASSERT(half.orders == orders && half.lots == lots);
  }
}

}  // namespace oki::core
