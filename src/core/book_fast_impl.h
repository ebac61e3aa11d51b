// The bodies of core/book_fast.h: first what every order does, then the rare ways.
#pragma once

#include <algorithm>

#include "core/book_fast.h"

namespace oki::core {

template <typename Policy>
FastBook<Policy>::FastBook(Pool& pool) : nodes_(pool.nodes_.data()), pool_(&pool) {
  for (Half& half : halves_) {
    constexpr std::size_t levels_bytes = window_ticks * sizeof(Level);
    Rest& rest = this->rest(half);
    rest.memory = LargeArray<char>(levels_bytes + (words_count + mids_count) * 8, Pages::small);
    rest.color = pool.books_++;
    half.levels = reinterpret_cast<Level*>(rest.memory.data());
    half.words = reinterpret_cast<std::uint64_t*>(rest.memory.data() + levels_bytes);
    half.mids = half.words + words_count;
  }
}

// A choice without a branch; compilers make one of ?: only when they like.
inline Slot* chosen(bool first, Slot* one, Slot* other) {
  const auto mask = std::uintptr_t{0} - static_cast<std::uintptr_t>(first);
  const auto bits = reinterpret_cast<std::uintptr_t>(other);
  return reinterpret_cast<Slot*>(bits ^ ((bits ^ reinterpret_cast<std::uintptr_t>(one)) & mask));
}

// At its ends a list goes on in its level. Where to write is chosen without a branch: half of all
// orders have no neighbour on one side, at random.
template <typename Policy>
[[gnu::always_inline]] inline void FastBook<Policy>::link(Level& level, Slot slot) {
  const Slot tail = level.tail;
  nodes_[slot].prev = tail;
  nodes_[slot].next = 0;
  *chosen(tail == 0, &level.head, &nodes_[tail].next) = slot;
  level.tail = slot;
}

// True when the level is empty now.
template <typename Policy>
[[gnu::always_inline]] inline bool FastBook<Policy>::unlink(Level& level, const BookNode& node) {
  const Slot next = node.next;
  const Slot prev = node.prev;
  *chosen(prev == 0, &level.head, &nodes_[prev].next) = next;
  *chosen(next == 0, &level.tail, &nodes_[next].prev) = prev;
  return (next | prev) == 0;
}

template <typename Policy>
[[gnu::always_inline]] inline void FastBook<Policy>::count_in(Half& half, Level& level,
                                                              std::uint64_t lots) {
  if constexpr (Policy::sums) {
    level.lots += lots;
    half.lots += lots;
    ++half.orders;
  }
}

template <typename Policy>
[[gnu::always_inline]] inline void FastBook<Policy>::count_out(Half& half, Level& level,
                                                               std::uint64_t lots) {
  if constexpr (Policy::sums) {
    level.lots -= lots;
    half.lots -= lots;
    --half.orders;
  }
}

template <typename Policy>
template <Undo undo>
[[gnu::always_inline]] inline void FastBook<Policy>::add(Slot slot, Side side, Price price,
                                                         Lots lots, OrderId id) {
  BookNode& node = nodes_[slot];
  ASSERT(lots.value > 0 && node.lots == 0);
  Half& half = this->half(side);
  const Key key = key_of(side, price.value);
  if (!in_window(half, key)) [[unlikely]]
    make_room(half, key);
  node.lots = lots.value;
  node.price = price.value;
  node.id_and_side = id.value << 1 | static_cast<std::uint64_t>(side);
  pool_->template note<undo>(Pool::Kind::added, slot, this);
  const std::uint64_t index = key - half.base;
  if (index < window_ticks) [[likely]] {
    Level& level = half.levels[index];
    link(level, slot);
    set_bit(half, index);
    half.first = std::min(half.first, key);
    count_in(half, level, lots.value);
  } else {
    Level& level = level_to_fill(half, key);
    link(level, slot);
    count_in(half, level, lots.value);
  }
}

template <typename Policy>
template <Undo undo>
[[gnu::always_inline]] inline void FastBook<Policy>::remove(Slot slot) {
  const BookNode& node = nodes_[slot];
  ASSERT(node.lots > 0);
  pool_->template note<undo>(Pool::Kind::removed, slot, this);
  Half& half = this->half(node.side());
  const Key key = key_of(node.side(), node.price);
  if (!in_window(half, key)) [[unlikely]]
    make_room(half, key);
  take_out(slot);
}

template <typename Policy>
[[gnu::always_inline]] inline void FastBook<Policy>::take_out(Slot slot) {
  BookNode& node = nodes_[slot];
  Half& half = this->half(node.side());
  const Key key = key_of(node.side(), node.price);
  const std::uint64_t index = key - half.base;
  if (index < window_ticks) [[likely]] {
    Level& level = half.levels[index];
    const bool empty = unlink(level, node);
    count_out(half, level, node.lots);
    clear_bit(half, index, empty);
    if (empty & (key == half.first)) find_first(half);
  } else {
    Level& level = level_of(half, key);
    unlink(level, node);
    count_out(half, level, node.lots);
    forget_if_empty(half, key, level);
  }
  node.lots = 0;
}

template <typename Policy>
template <Undo undo>
[[gnu::always_inline]] inline bool FastBook<Policy>::take(Slot slot, Lots lots) {
  BookNode& node = nodes_[slot];
  ASSERT(lots.value > 0 && lots.value <= node.lots);
  if (lots.value == node.lots) {
    remove<undo>(slot);
    return true;
  }
  pool_->template note<undo>(Pool::Kind::taken, slot, this);
  node.lots -= lots.value;
  if constexpr (Policy::sums) {
    Half& half = this->half(node.side());
    half.lots -= lots.value;
    level_of(half, key_of(node.side(), node.price)).lots -= lots.value;
  }
  return false;
}

template <typename Policy>
[[gnu::always_inline]] inline auto FastBook<Policy>::level_at(const Half& half, Key key) const
    -> const Level* {
  if (in_window(half, key)) [[likely]]
    return half.levels + (key - half.base);
  return rest(half).cold.find(pool_->cold_, key);
}

template <typename Policy>
[[gnu::always_inline]] inline Slot FastBook<Policy>::crossing(Side taker, Price limit) const {
  const Side side = opposite(taker);
  const Half& half = this->half(side);
  return half.first > key_of(side, limit.value) ? 0 : front(side);
}

// Of an empty side `first` may lead to a level, but to none with orders.
template <typename Policy>
[[gnu::always_inline]] inline Slot FastBook<Policy>::front(Side side) const {
  const Level* const level = level_at(half(side), half(side).first);
  return level == nullptr ? 0 : level->head;
}

template <typename Policy>
std::optional<Price> FastBook<Policy>::best(Side side) const {
  if (front(side) == 0) return std::nullopt;
  return price_of(side, half(side).first);
}

template <typename Policy>
Slot FastBook<Policy>::next(Slot slot) const {
  const BookNode& node = nodes_[slot];
  return node.next != 0 ? node.next : next_level(node.side(), Price{node.price}).front;
}

template <typename Policy>
auto FastBook<Policy>::view(Side side, Key key) const -> LevelView {
  const Level* const level = level_at(half(side), key);
  if (level == nullptr || level->head == 0) return {};
  LevelView view{price_of(side, key), level->head, {}};
  if constexpr (Policy::sums) view.lots = Lots{level->lots};
  return view;
}

template <typename Policy>
auto FastBook<Policy>::first_level(Side side) const -> LevelView {
  return view(side, half(side).first);
}

template <typename Policy>
auto FastBook<Policy>::next_level(Side side, Price price) const -> LevelView {
  const Key behind = key_of(side, price.value);
  Key key = 0;
  if (behind == no_key || !at_least(half(side), behind + 1, key)) return {};
  return view(side, key);
}

template <typename Policy>
Lots FastBook<Policy>::lots_at(Side side, Price price) const {
  static_assert(Policy::sums);
  const Level* const level = level_at(half(side), key_of(side, price.value));
  return level == nullptr ? Lots{} : Lots{level->lots};
}

// The first index from `from` on whose bit is set, layer by layer.
template <typename Policy>
bool FastBook<Policy>::window_at_least(const Half& half, std::uint64_t from, std::uint64_t& index) {
  std::uint64_t word = from >> 6;
  std::uint64_t bits = half.words[word] & (~std::uint64_t{0} << (from & 63));
  if (bits == 0) {
    std::uint64_t mid = word >> 6;
    std::uint64_t words = half.mids[mid] & (~std::uint64_t{1} << (word & 63));
    if (words == 0) {
      const std::uint64_t mids = half.top & (~std::uint64_t{1} << mid);
      if (mids == 0) return false;
      mid = lowest_bit(mids);
      words = half.mids[mid];
    }
    word = mid << 6 | lowest_bit(words);
    bits = half.words[word];
  }
  index = word << 6 | lowest_bit(bits);
  return true;
}

template <typename Policy>
bool FastBook<Policy>::at_least(const Half& half, Key from, Key& key) const {
  const bool before = from < half.base;
  std::uint64_t index = before ? 0 : from - half.base;
  const bool warm = index < window_ticks && window_at_least(half, index, index);
  Key cold = 0;
  if (!rest(half).cold.at_least(pool_->cold_, from, cold)) {
    key = half.base + index;
    return warm;
  }
  key = warm ? std::min(cold, half.base + index) : cold;
  return true;
}

template <typename Policy>
auto FastBook<Policy>::level_of(Half& half, Key key) -> Level& {
  if (in_window(half, key)) [[likely]]
    return half.levels[key - half.base];
  Level* const level = rest(half).cold.find(pool_->cold_, key);
  ASSERT(level != nullptr);
  return *level;
}

template <typename Policy>
[[gnu::noinline]] auto FastBook<Policy>::level_to_fill(Half& half, Key key) -> Level& {
  half.first = std::min(half.first, key);
  if (in_window(half, key)) {
    set_bit(half, key - half.base);
    return half.levels[key - half.base];
  }
  return rest(half).cold.find_or_add(pool_->cold_, key);
}

template <typename Policy>
[[gnu::noinline]] void FastBook<Policy>::forget_if_empty(Half& half, Key key, const Level& level) {
  if (level.head != 0) return;
  rest(half).cold.erase(pool_->cold_, key);
  if (key == half.first) find_first(half);
}

template <typename Policy>
void FastBook<Policy>::find_first(Half& half) {
  Key first = half.top == 0 ? no_key : half.base + lowest_index(half);
  if (!rest(half).cold.empty()) [[unlikely]] {
    Key cold = no_key;
    rest(half).cold.at_least(pool_->cold_, 0, cold);
    first = std::min(first, cold);
  }
  half.first = first;
}

// A quarter of the window before the best price, the rest behind it, where books are deep.
template <typename Policy>
auto FastBook<Policy>::base_around(const Half& half, Key best) const -> Key {
  constexpr std::uint64_t before = window_ticks / 4;
  const std::uint64_t shift = before - rest(half).color * 37 % 64 * (window_ticks / 4096);
  const Key base = best < shift ? 0 : best - shift;
  return std::min(base, std::uint64_t{0} - window_ticks);
}

// Called before a key outside the window is used.
template <typename Policy>
[[gnu::noinline]] void FastBook<Policy>::make_room(Half& half, Key key) {
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
      move_level(half, word << 6 | static_cast<std::uint64_t>(bit), base);
    }
  }
  half.base = base;
  Key key = 0;
  while (rest(half).cold.at_least(pool_->cold_, base, key) && in_window(half, key)) {
    half.levels[key - base] = *rest(half).cold.find(pool_->cold_, key);
    set_bit(half, key - base);
    rest(half).cold.erase(pool_->cold_, key);
  }
}

template <typename Policy>
void FastBook<Policy>::move_level(Half& half, std::uint64_t index, Key base) {
  const Key key = half.base + index;
  const Level level = half.levels[index];
  half.levels[index] = {};
  clear_bit(half, index, true);
  if (key - base < window_ticks) {
    half.levels[key - base] = level;
    set_bit(half, key - base);
  } else {
    rest(half).cold.find_or_add(pool_->cold_, key) = level;
  }
}

template <typename Policy>
void FastBook<Policy>::show(Slot slot, Lots lots) {
  ASSERT(nodes_[slot].lots > 0 && lots.value > 0);
  pool_->template note<Policy::undo>(Pool::Kind::taken, slot, this);
  undo_take(slot, lots.value);
}

template <typename Policy>
void FastBook<Policy>::undo_add(Slot slot) {
  take_out(slot);
}

template <typename Policy>
void FastBook<Policy>::undo_remove(Slot slot, const BookNode& before) {
  nodes_[slot] = before;
  Half& half = this->half(before.side());
  Level& level = level_to_fill(half, key_of(before.side(), before.price));
  nodes_[before.prev].next = slot;
  nodes_[before.next].prev = slot;
  if (before.prev == 0) level.head = slot;
  if (before.next == 0) level.tail = slot;
  count_in(half, level, before.lots);
}

template <typename Policy>
void FastBook<Policy>::undo_take(Slot slot, std::uint64_t lots) {
  BookNode& node = nodes_[slot];
  if constexpr (Policy::sums) {
    Half& half = this->half(node.side());
    half.lots += lots - node.lots;
    level_of(half, key_of(node.side(), node.price)).lots += lots - node.lots;
  }
  node.lots = lots;
}

// The number of orders of one level.
template <typename Policy>
std::uint64_t FastBook<Policy>::verify_level(Side side, Key key) const {
  const Level& level = *level_at(half(side), key);
  ASSERT(level.head != 0);
  std::uint64_t orders = 0;
  std::uint64_t lots = 0;
  Slot last = 0;
  for (Slot slot = level.head; slot != 0; slot = nodes_[slot].next) {
    const BookNode& node = nodes_[slot];
    ASSERT(node.lots > 0 && node.prev == last);
    ASSERT(node.side() == side && key_of(side, node.price) == key);
    lots += node.lots;
    ++orders;
    last = slot;
  }
  ASSERT(level.tail == last);
  if constexpr (Policy::sums) ASSERT(level.lots == lots);
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
      ASSERT((half.mids[i >> 6] >> (i & 63) & 1) == (half.words[i] != 0 ? 1u : 0u));
    }
    for (std::uint64_t i = 0; i < mids_count; ++i) {
      ASSERT((half.top >> i & 1) == (half.mids[i] != 0 ? 1u : 0u));
    }
    Key first = no_key;
    if (!at_least(half, 0, first)) first = no_key;
    ASSERT(first == half.first);
    std::uint64_t orders = 0;
    std::uint64_t lots = 0;
    for (LevelView level = first_level(side); level.front != 0;
         level = next_level(side, level.price)) {
      const Key key = key_of(side, level.price.value);
      ASSERT(!in_window(half, key) || rest(half).cold.find(pool_->cold_, key) == nullptr);
      orders += verify_level(side, key);
      lots += level.lots.value;
    }
    if constexpr (Policy::sums) ASSERT(half.orders == orders && half.lots == lots);
  }
}

}  // namespace oki::core
