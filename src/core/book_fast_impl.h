// The bodies of core/book_fast.h that every order passes, and what is asked of a book.
#pragma once

#include <algorithm>

#include "core/book_fast.h"

namespace oki::core {

template <typename Policy>
[[gnu::always_inline]] inline void FastBook<Policy>::count_in(Half& half, std::uint64_t* level,
                                                              std::uint64_t lots) {
  if constexpr (Policy::sums) {
    *level += lots;
    half.lots += lots;
    ++half.orders;
  }
}

template <typename Policy>
[[gnu::always_inline]] inline void FastBook<Policy>::count_out(Half& half, std::uint64_t* level,
                                                               std::uint64_t lots) {
  if constexpr (Policy::sums) {
    *level -= lots;
    half.lots -= lots;
    --half.orders;
  }
}

// What leaves the window goes another way altogether, so that nothing here waits for a call.
template <typename Policy>
template <Undo undo>
[[gnu::always_inline]] inline void FastBook<Policy>::add(Slot slot, Side side, Price price,
                                                         Lots lots, OrderId id) {
  BookNode& node = nodes_[slot];
  ASSERT(lots.value > 0 && node.lots == 0);
  Half& half = this->half(side);
  const Key key = key_of(side, price.value);
  const std::uint64_t index = key - half.base;
  if (index >= window_ticks) [[unlikely]]
    return add_outside<undo>(slot, side, price, lots, id);
  node = {lots.value, price.value, id.value << 1 | static_cast<std::uint64_t>(side)};
  pool_->template note<undo>(Pool::Kind::added, slot, this);
  set_bit(half, index);
  half.links.append(end_of(half, index), slot);
  half.first = std::min(half.first, key);
  count_in(half, sums(half) + index, lots.value);
}

template <typename Policy>
template <Undo undo>
[[gnu::always_inline]] inline void FastBook<Policy>::remove(Slot slot) {
  const BookNode& node = nodes_[slot];
  ASSERT(node.lots > 0);
  Half& half = this->half(node.side());
  const Key key = key_of(node.side(), node.price);
  if (!in_window(half, key)) [[unlikely]]
    return remove_outside<undo>(slot);
  pool_->template note<undo>(Pool::Kind::removed, slot, this);
  take_out_warm(half, key, slot);
}

template <typename Policy>
[[gnu::always_inline]] inline void FastBook<Policy>::take_out_warm(Half& half, Key key, Slot slot) {
  BookNode& node = nodes_[slot];
  const std::uint64_t index = key - half.base;
  const bool empty = half.links.take_out(slot);
  count_out(half, sums(half) + index, node.lots);
  node.lots = 0;
  clear_bit(half, index, empty);
  if (empty & (key == half.first)) find_first(half);
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
    *level_at(half, key_of(node.side(), node.price)).lots -= lots.value;
  }
  return false;
}

template <typename Policy>
void FastBook<Policy>::show(Slot slot, Lots lots) {
  ASSERT(nodes_[slot].lots > 0 && lots.value > 0);
  pool_->template note<Policy::undo>(Pool::Kind::taken, slot, this);
  undo_take(slot, lots.value);
}

template <typename Policy>
auto FastBook<Policy>::warm_level(const Half& half, std::uint64_t index) const -> Level {
  return {end_of(half, index), Policy::sums ? sums(half) + index : nullptr};
}

template <typename Policy>
auto FastBook<Policy>::cold_level(std::uint32_t leaf) const -> Level {
  return {pool_->table_.other(leaf), &pool_->cold_[leaf].lots};
}

template <typename Policy>
[[gnu::always_inline]] inline auto FastBook<Policy>::level_at(const Half& half, Key key) const
    -> Level {
  if (in_window(half, key)) [[likely]]
    return warm_level(half, key - half.base);
  const std::uint32_t leaf = rest(half).cold.find(pool_->cold_, key);
  return leaf == 0 ? Level{} : cold_level(leaf);
}

template <typename Policy>
[[gnu::always_inline]] inline Slot FastBook<Policy>::front_of(Level level) const {
  if (level.end == 0) [[unlikely]]
    return 0;
  const LinkIndex oldest = halves_[0].links.after(level.end);
  return oldest == level.end ? 0 : oldest;  // 0 as well where it was never closed.
}

template <typename Policy>
[[gnu::always_inline]] inline bool FastBook<Policy>::may_cross(Side taker, Price limit) const {
  // On the other side the same price has the opposite key.
  return halves_.data()[static_cast<std::size_t>(taker) ^ 1].first <= ~key_of(taker, limit.value);
}

template <typename Policy>
[[gnu::always_inline]] inline Slot FastBook<Policy>::crossing(Side taker, Price limit) const {
  return may_cross(taker, limit) ? front(opposite(taker)) : 0;
}

// Of an empty side `first` may lead to a level, but to none with orders.
template <typename Policy>
[[gnu::always_inline]] inline Slot FastBook<Policy>::front(Side side) const {
  return front_of(level_at(half(side), half(side).first));
}

template <typename Policy>
std::optional<Price> FastBook<Policy>::best(Side side) const {
  if (front(side) == 0) return std::nullopt;
  return price_of(side, half(side).first);
}

template <typename Policy>
Slot FastBook<Policy>::next(Slot slot) const {
  const BookNode& node = nodes_[slot];
  const Slot younger = pool_->younger(slot);
  return younger != 0 ? younger : next_level(node.side(), Price{node.price}).front;
}

template <typename Policy>
auto FastBook<Policy>::view(Side side, Key key) const -> LevelView {
  const Level level = level_at(half(side), key);
  const Slot front = front_of(level);
  if (front == 0) return {};
  LevelView view{price_of(side, key), front, {}};
  if constexpr (Policy::sums) view.lots = Lots{*level.lots};
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
  const Level level = level_at(half(side), key_of(side, price.value));
  return level.end == 0 ? Lots{} : Lots{*level.lots};
}

// The first index from `from` on whose bit is set, layer by layer.
template <typename Policy>
bool FastBook<Policy>::window_at_least(const Half& half, std::uint64_t from, std::uint64_t& index) {
  std::uint64_t word = from >> 6;
  std::uint64_t bits = half.words[word] & (~std::uint64_t{0} << (from & 63));
  if (bits == 0) {
    std::uint64_t mid = word >> 6;
    std::uint64_t words = mids(half)[mid] & (~std::uint64_t{1} << (word & 63));
    if (words == 0) {
      const std::uint64_t more = half.top & (~std::uint64_t{1} << mid);
      if (more == 0) return false;
      mid = lowest_bit(more);
      words = mids(half)[mid];
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

}  // namespace oki::core
