// One market's resting orders, made for speed: price-time priority over slots of a BookPool, no
// accounts, no money, no ids looked up, no allocation after the construction.
//
// Each side is a ladder of levels, rings of orders (core/book_links.h), indexed by the price within
// a window of ticks, with three layers of 64-ary occupancy bits above it. Keys of the buying side
// are mirrored (~price), so that the best price of both sides is the lowest bit set and one code
// path serves both. Prices outside the window live in a trie (core/book_fast_cold.h); when they are
// used too often near the best price, the window moves there. Moving costs as much as there are
// levels in the window, and is done only after as many operations that would have gained by it, so
// that prices chosen by an adversary cost a search each, never a copy of the book each.
//
// Unlike the plain book this one may be crossed: a call auction collects orders first.
//
// REQUIRES of the callers: lots of one side sum to 64 bits; ids are at most book_id_max; prices are
// at least 1.
// Invariants, checked by verify(): a bit is set exactly for the levels with orders; no level is in
// the window and the trie at once; lists are linked both ways; sums are those of the orders;
// `first` is the lowest key of a side, or no_key where there is none.
#pragma once

#include <array>
#include <optional>

#include "core/book_fast_pool.h"
#include "core/order_book.h"

namespace oki::core {

template <typename Policy>
class FastBook {
 public:
  using Pool = BookPool<Policy>;
  static constexpr std::uint64_t window_ticks = std::uint64_t{1} << Policy::window_bits;

  struct LevelView {
    Price price;
    Slot front = 0;  // Oldest order; 0: there is no such level.
    Lots lots;       // Of the level; 0 in books without sums.
  };

  // REQUIRES: the pool outlives the book and has fewer than its books_max.
  explicit FastBook(Pool& pool);
  FastBook(FastBook&& other) noexcept;
  ~FastBook();

  // Each change is taken back by the pool's rollback, unless made with Undo::none.

  // Puts an order last in its level. REQUIRES: the slot is allocated and in no book; lots > 0.
  template <Undo undo = Policy::undo>
  void add(Slot slot, Side side, Price price, Lots lots, OrderId id);

  // Takes an order out; its slot stays allocated. REQUIRES: it rests in this book.
  template <Undo undo = Policy::undo>
  void remove(Slot slot);

  // Takes lots off an order, which keeps its place, or leaves with its last lot. True when it left.
  // REQUIRES: it rests in this book; 0 < lots <= its lots.
  template <Undo undo = Policy::undo>
  bool take(Slot slot, Lots lots);

  // Gives an order other lots, more or fewer; it keeps its place. For icebergs, which show a part.
  // REQUIRES: it rests in this book; lots > 0; lots of the side still sum to 64 bits.
  void show(Slot slot, Lots lots);

  std::optional<Price> best(Side side) const;

  // False: no order of the other side is met at this limit. True: look with `crossing`.
  bool may_cross(Side taker, Price limit) const;

  // The first order that a taker of `side` with this limit meets, or 0.
  Slot crossing(Side taker, Price limit) const;

  // The first order of a side, and the one after another of it, in priority; 0 is none.
  Slot front(Side side) const;
  Slot next(Slot slot) const;

  // Best level first. `next_level` gives the nearest one behind a price, which need not be there.
  LevelView first_level(Side side) const;
  LevelView next_level(Side side, Price price) const;

  // REQUIRES for the three: a policy with sums. 0 where no order rests.
  Lots lots_at(Side side, Price price) const;
  Lots lots(Side side) const { return Lots{half(side).lots}; }
  std::size_t orders(Side side) const { return half(side).orders; }

  // Asks for the lines of a level in the window that add, remove and lots_at will need.
  [[gnu::always_inline]] void prefetch(Side side, Price price) const {
    const Half& half = this->half(side);
    const std::uint64_t index = (key_of(side, price.value) - half.base) & (window_ticks - 1);
    __builtin_prefetch(half.words + (index >> 6), 1);
    half.links.prefetch(end_of(half, index));
    if constexpr (Policy::sums) __builtin_prefetch(sums(half) + index, 1);
  }

  void verify() const;

 private:
  friend class BookPool<Policy>;
  static constexpr std::uint64_t words_count = window_ticks / 64;
  static constexpr std::uint64_t mids_count = (words_count + 63) / 64;
  static constexpr std::uint64_t no_key = ~std::uint64_t{0};
  static constexpr std::uint64_t misses_min = 64;
  static_assert(Policy::window_bits > 6 && Policy::window_bits <= 18);

  using Key = std::uint64_t;
  struct alignas(64) Half {
    std::uint64_t* words = nullptr;  // A bit for each level of the window; see `mids` and `sums`.
    Key base = 0;                    // The key of the window's first level.
    std::uint64_t top = 0;           // A bit for each of mids that is not zero.
    Key first = no_key;              // The lowest key with orders, wherever it is.
    std::uint64_t lots = 0;
    std::uint64_t orders = 0;
    BookLinks links;     // Those of the pool.
    LinkIndex ends = 0;  // The end of the window's first level.
  };
  // What is seldom touched.
  struct Rest {
    ColdLevels cold;
    std::uint64_t misses = 0;               // Uses of the trie that a move would have saved.
    std::uint64_t misses_max = misses_min;  // Look again whether to move.
    LargeArray<std::uint64_t> memory;
  };
  // A level, in the window or outside.
  struct Level {
    LinkIndex end = 0;              // 0: there is none.
    std::uint64_t* lots = nullptr;  // nullptr in books without sums.
  };

  static Key mirror(Side side) { return static_cast<Key>(side) - 1; }
  static Key key_of(Side side, std::uint64_t price) { return price ^ mirror(side); }
  static Price price_of(Side side, Key key) { return Price{key ^ mirror(side)}; }
  static bool in_window(const Half& half, Key key) { return key - half.base < window_ticks; }
  // A bit for each word that is not zero, and the sum of each level, lie behind the words.
  static std::uint64_t* mids(const Half& half) { return half.words + words_count; }
  static std::uint64_t* sums(const Half& half) {
    return Policy::sums ? mids(half) + mids_count : nullptr;
  }
  static LinkIndex end_of(const Half& half, std::uint64_t index) {
    return half.ends + static_cast<LinkIndex>(index);
  }
  Rest& rest(const Half& half) { return rests_[static_cast<std::size_t>(&half - halves_.data())]; }
  const Rest& rest(const Half& half) const {
    return rests_[static_cast<std::size_t>(&half - halves_.data())];
  }
  Half& half(Side side) { return halves_.data()[static_cast<std::size_t>(side)]; }
  const Half& half(Side side) const { return halves_.data()[static_cast<std::size_t>(side)]; }

  // Makes the level's end fit to take orders, too.
  static void set_bit(Half& half, std::uint64_t index) {
    const std::uint64_t word = half.words[index >> 6];
    half.words[index >> 6] = word | std::uint64_t{1} << (index & 63);
    if (word == 0) [[unlikely]]
      begin_word(half, index);
  }
  // Clears the bit when `empty`, which nobody could predict: no branch but for a whole word.
  static void clear_bit(Half& half, std::uint64_t index, bool empty) {
    const std::uint64_t word = half.words[index >> 6] & ~(std::uint64_t{empty} << (index & 63));
    half.words[index >> 6] = word;
    if (word != 0) [[likely]]
      return;
    mids(half)[index >> 12] &= ~(std::uint64_t{1} << (index >> 6 & 63));
    half.top &= ~(std::uint64_t{mids(half)[index >> 12] == 0} << (index >> 12));
  }
  // REQUIRES: not 0, for which the instruction has no answer.
  static std::uint64_t lowest_bit(std::uint64_t bits) {
    return static_cast<std::uint64_t>(__builtin_ctzll(bits));
  }
  // REQUIRES: the window is not empty.
  static std::uint64_t lowest_index(const Half& half) {
    const std::uint64_t mid = lowest_bit(half.top);
    const std::uint64_t word = mid << 6 | lowest_bit(mids(half)[mid]);
    return word << 6 | lowest_bit(half.words[word]);
  }

  void count_in(Half& half, std::uint64_t* level, std::uint64_t lots);
  void count_out(Half& half, std::uint64_t* level, std::uint64_t lots);
  void take_out_warm(Half& half, Key key, Slot slot);
  void take_out(Slot slot);

  bool at_least(const Half& half, Key from, Key& key) const;
  static bool window_at_least(const Half& half, std::uint64_t from, std::uint64_t& index);
  Level warm_level(const Half& half, std::uint64_t index) const;
  Level cold_level(std::uint32_t leaf) const;
  // None where no order rests, or a level without orders.
  Level level_at(const Half& half, Key key) const;
  // 0 where there is none.
  Slot front_of(Level level) const;
  LevelView view(Side side, Key key) const;

  // The rare ways: the first level of a word, and outside the window.
  static void begin_word(Half& half, std::uint64_t index);
  template <Undo undo>
  void add_outside(Slot slot, Side side, Price price, Lots lots, OrderId id);
  template <Undo undo>
  void remove_outside(Slot slot);
  Level level_to_fill(Half& half, Key key);
  Level cold_level_to_fill(Half& half, Key key);
  void forget(Half& half, Key key);
  void make_room(Half& half, Key key);
  Key base_around(const Half& half, Key best) const;
  void move_window(Half& half, Key base);
  void leave_index(Half& half, std::uint64_t index, Key base);
  void move_level(Level from, Level to);
  void find_first(Half& half);

  void undo_add(Slot slot);
  void undo_remove(Slot slot, const BookNode& before, BookLink link);
  void undo_take(Slot slot, std::uint64_t lots);
  std::uint64_t verify_level(Side side, Key key) const;

  std::array<Half, 2> halves_;
  BookNode* nodes_;
  Pool* pool_;  // nullptr when moved from.
  std::uint32_t number_;
  std::array<Rest, 2> rests_;
};

}  // namespace oki::core

#include "core/book_fast_impl.h"    // The bodies: what every order does,
#include "core/book_fast_seldom.h"  // and the rare ways.
