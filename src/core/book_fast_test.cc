// The fast order book against the plain one, and what only the fast one can do: undo, crossed
// books, windows that move.
#include "core/book_fast.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "base/prng.h"
#include "core/book_plain.h"

namespace oki::core {
namespace {

// A window so small that most prices of a test are outside.
struct SmallWindow : CoreBookPolicy {
  static constexpr unsigned window_bits = 7;
};
// Bare, but with sums, since the tests compare them.
struct WithoutUndo : CoreBookPolicy {
  static constexpr Undo undo = Undo::none;
  static constexpr unsigned window_bits = 12;
};

constexpr std::uint64_t highest = ~std::uint64_t{0};

template <typename Policy>
std::vector<BookLevel> levels_of(const FastBook<Policy>& book, Side side) {
  std::vector<BookLevel> levels;
  for (auto level = book.first_level(side); level.front != 0;
       level = book.next_level(side, level.price)) {
    levels.push_back({level.price, level.lots});
  }
  return levels;
}

struct Seen {
  Slot slot;
  OrderId id;
  Side side;
  Price price;
  Lots lots;
  friend bool operator==(const Seen&, const Seen&) = default;
};

// Both sides in priority, as a snapshot would write them.
template <typename Policy>
std::vector<Seen> orders_of(const BookPool<Policy>& pool, const FastBook<Policy>& book) {
  std::vector<Seen> orders;
  for (const Side side : {Side::buy, Side::sell}) {
    for (Slot slot = book.front(side); slot != 0; slot = book.next(slot)) {
      const BookNode& node = pool[slot];
      orders.push_back({slot, node.id(), node.side(), Price{node.price}, Lots{node.lots}});
    }
  }
  return orders;
}

// The slots in the order in which the pool would give them; leaves the pool as it was.
template <typename Policy>
std::vector<Slot> coming_slots(BookPool<Policy>& pool, std::size_t count) {
  std::vector<Slot> slots;
  while (slots.size() < count && !pool.full()) slots.push_back(pool.allocate());
  for (auto slot = slots.rbegin(); slot != slots.rend(); ++slot) pool.free(*slot);
  return slots;
}

using Prices = std::function<Price(Prng&)>;

Price near_prices(Prng& prng) { return Price{100 + prng.below(12)}; }
Price across_windows(Prng& prng) { return Price{5'000 + prng.below(2'000)}; }
// Anywhere: in all magnitudes, and often at the ends.
Price any_price(Prng& prng) {
  const std::uint64_t price = prng.next() >> prng.below(64);
  if (prng.chance(1, 10)) return Price{highest - prng.below(3)};
  return Price{price == 0 ? 1 : price};
}

// Two books that must stay equal.
template <typename Policy>
class Pair {
 public:
  Pair() : pool_(5'000), fast_(pool_) {}

  void place(Side side, Price price, Lots lots, OrderId id) {
    std::vector<Fill> fills;
    plain_.plan(side, price, lots, fills);
    for (const Fill& fill : fills) {
      const Slot maker = fast_.crossing(side, price);
      ASSERT_NE(maker, 0u);
      ASSERT_EQ(pool_[maker].id(), fill.maker);
      ASSERT_EQ(Price{pool_[maker].price}, fill.price);
      ASSERT_EQ(Lots{std::min(lots.value, pool_[maker].lots)}, fill.lots);
      plain_.take(fill);
      if (fast_.take(maker, fill.lots)) forget(fill.maker);
      lots.value -= fill.lots.value;
      ASSERT_EQ(fast_.lots_at(opposite(side), fill.price),
                plain_.lots_at(opposite(side), fill.price));
    }
    fills_ += fills.size();
    if (lots.value == 0) return;
    ASSERT_EQ(fast_.crossing(side, price), 0u);
    plain_.add(side, price, id, lots);
    slots_[id.value] = pool_.allocate();
    fast_.add(slots_[id.value], side, price, lots, id);
  }

  void cancel_any(Prng& prng) {
    if (slots_.empty()) return;
    const auto found =
        std::next(slots_.begin(), static_cast<std::ptrdiff_t>(prng.below(slots_.size())));
    const OrderId id{found->first};
    plain_.remove(id);
    fast_.remove(found->second);
    forget(id);
  }

  void expect_equal() const {
    fast_.verify();
    EXPECT_EQ(pool_.allocated(), slots_.size());
    for (const Side side : {Side::buy, Side::sell}) {
      EXPECT_EQ(fast_.best(side), plain_.best(side));
      EXPECT_EQ(levels_of(fast_, side), plain_.levels(side, slots_.size()));
      EXPECT_EQ(fast_.lots(side), plain_.lots(side));
    }
    EXPECT_EQ(fast_.orders(Side::buy) + fast_.orders(Side::sell), plain_.orders());
    EXPECT_EQ(orders_of(pool_, fast_).size(), plain_.orders());
  }

  void commit() { pool_.commit(); }
  std::size_t fills() const { return fills_; }

 private:
  void forget(OrderId id) {
    pool_.free(slots_[id.value]);
    slots_.erase(id.value);
  }

  PlainBook plain_;
  BookPool<Policy> pool_;
  FastBook<Policy> fast_;
  std::map<std::uint64_t, Slot> slots_;  // By id.
  std::size_t fills_ = 0;
};

template <typename Policy>
void walk(std::uint64_t seed, const Prices& prices, std::uint64_t verify_every) {
  Prng prng(seed);
  Pair<Policy> pair;
  constexpr std::uint64_t steps = 20'000;
  for (std::uint64_t step = 1; step <= steps; ++step) {
    if (prng.chance(2, 5)) {
      pair.cancel_any(prng);
    } else {
      const Side side = prng.chance(1, 2) ? Side::buy : Side::sell;
      pair.place(side, prices(prng), Lots{1 + prng.below(50)}, OrderId{step});
    }
    pair.commit();
    if (step % verify_every == 0) pair.expect_equal();
    if (testing::Test::HasFailure()) FAIL() << "step " << step;
  }
  EXPECT_GT(pair.fills(), 1'000u);
}

TEST(FastBook, EqualsThePlainBookOnRandomWalks) {
  walk<WithoutUndo>(1, near_prices, 10);
  walk<CoreBookPolicy>(2, near_prices, 1'000);
}

TEST(FastBook, EqualsThePlainBookAcrossTheBordersOfItsWindow) {
  walk<SmallWindow>(3, across_windows, 10);
  walk<WithoutUndo>(4, across_windows, 10);
}

TEST(FastBook, EqualsThePlainBookAtPricesOfAllMagnitudes) {
  walk<SmallWindow>(5, any_price, 10);
  walk<CoreBookPolicy>(6, any_price, 1'000);
}

// The prices wander off by many windows and come back.
TEST(FastBook, FollowsAPriceThatTravels) {
  std::uint64_t calls = 0;
  const Prices travelling = [&](Prng& prng) {
    const std::uint64_t phase = calls++ % 8'000;
    const std::uint64_t centre = 10'000 + (phase < 4'000 ? phase : 8'000 - phase);
    return Price{centre + prng.below(80)};
  };
  walk<SmallWindow>(7, travelling, 10);
}

template <typename Policy>
class Orders {
 public:
  explicit Orders(std::uint32_t orders_max = 1'000) : pool(orders_max), book(pool) {}
  Slot add(Side side, std::uint64_t price, std::uint64_t lots) {
    const Slot slot = pool.allocate();
    book.add(slot, side, Price{price}, Lots{lots}, OrderId{++last_id_});
    return slot;
  }
  void remove(Slot slot) {
    book.remove(slot);
    pool.free(slot);
  }
  BookPool<Policy> pool;
  FastBook<Policy> book;

 private:
  std::uint64_t last_id_ = 0;
};

TEST(FastBook, ServesTheWholeRangeOfPricesAndLots) {
  Orders<CoreBookPolicy> orders;
  constexpr std::uint64_t many = std::uint64_t{1} << 63;
  const Slot low_bid = orders.add(Side::buy, 1, many);
  const Slot high_ask = orders.add(Side::sell, highest, many - 1);
  orders.add(Side::sell, highest, many);
  const Slot high_bid = orders.add(Side::buy, highest - 1, 7);
  orders.book.verify();
  EXPECT_EQ(orders.book.best(Side::buy), Price{highest - 1});
  EXPECT_EQ(orders.book.best(Side::sell), Price{highest});
  EXPECT_EQ(orders.book.lots_at(Side::sell, Price{highest}), Lots{highest});
  EXPECT_EQ(orders.book.crossing(Side::buy, Price{highest}), high_ask);
  EXPECT_EQ(orders.book.crossing(Side::sell, Price{1}), high_bid);
  orders.remove(high_bid);
  EXPECT_EQ(orders.book.crossing(Side::sell, Price{1}), low_bid);
  EXPECT_EQ(orders.book.next_level(Side::sell, Price{highest}).front, 0u);
  EXPECT_EQ(orders.book.next_level(Side::buy, Price{1}).front, 0u);
  EXPECT_TRUE(orders.book.take(low_bid, Lots{many}));
  EXPECT_FALSE(orders.book.best(Side::buy));
  orders.book.verify();
}

TEST(FastBook, MayBeCrossedForAnAuction) {
  Orders<SmallWindow> orders;
  const Slot bid = orders.add(Side::buy, 1'000, 5);
  const Slot ask = orders.add(Side::sell, 10, 5);
  orders.add(Side::sell, 1'000, 3);
  orders.book.verify();
  EXPECT_EQ(orders.book.best(Side::buy), Price{1'000});
  EXPECT_EQ(orders.book.best(Side::sell), Price{10});
  EXPECT_EQ(orders.book.crossing(Side::buy, Price{10}), ask);
  EXPECT_EQ(orders.book.lots_at(Side::buy, Price{1'000}), Lots{5});
  EXPECT_EQ(orders.book.lots_at(Side::sell, Price{1'000}), Lots{3});
  EXPECT_FALSE(orders.book.take(bid, Lots{2}));
  EXPECT_EQ(orders.book.lots_at(Side::buy, Price{1'000}), Lots{3});
  orders.remove(ask);
  EXPECT_EQ(orders.book.best(Side::sell), Price{1'000});
  orders.book.verify();
}

TEST(FastBook, KeepsThePlaceOfAnOrderThatLosesLots) {
  Orders<CoreBookPolicy> orders;
  const Slot first = orders.add(Side::buy, 50, 10);
  const Slot second = orders.add(Side::buy, 50, 10);
  EXPECT_FALSE(orders.book.take(first, Lots{9}));
  EXPECT_EQ(orders.book.front(Side::buy), first);
  EXPECT_EQ(orders.book.next(first), second);
  EXPECT_EQ(orders.book.next(second), 0u);
  EXPECT_EQ(orders.book.lots_at(Side::buy, Price{50}), Lots{11});
  EXPECT_TRUE(orders.book.take(first, Lots{1}));
  EXPECT_EQ(orders.book.front(Side::buy), second);
}

TEST(FastBook, WhatIsNotThereIsNothing) {
  const Orders<CoreBookPolicy> orders;
  EXPECT_FALSE(orders.book.best(Side::buy));
  EXPECT_EQ(orders.book.front(Side::sell), 0u);
  EXPECT_EQ(orders.book.crossing(Side::buy, Price{highest}), 0u);
  EXPECT_EQ(orders.book.lots_at(Side::sell, Price{1}), Lots{});
  EXPECT_EQ(orders.book.first_level(Side::buy).front, 0u);
  EXPECT_EQ(orders.book.next_level(Side::buy, Price{7}).front, 0u);
  orders.book.verify();
}

TEST(FastBookDeathTest, StopsOnAnOrderThatIsTakenOutTwice) {
  Orders<CoreBookPolicy> orders;
  const Slot slot = orders.add(Side::buy, 50, 10);
  orders.book.remove(slot);
  EXPECT_DEATH(orders.book.remove(slot), "node.lots > 0");
  EXPECT_DEATH(orders.book.take(slot, Lots{1}), "lots.value <= node.lots");
}

// Near and far from the window, on both sides.
TEST(FastBookDeathTest, VerifyingFindsAnOrderThatIsNotAsItWasPutIn) {
  for (const Side side : {Side::buy, Side::sell}) {
    for (const std::uint64_t price : {std::uint64_t{50}, std::uint64_t{1} << 40}) {
      Orders<SmallWindow> orders;
      orders.add(side, 50, 10);
      orders.add(side, 50, 10);
      const Slot slot = price == 50 ? orders.add(side, 50, 10) : orders.add(side, price, 10);
      orders.book.verify();
      auto& node = const_cast<BookNode&>(orders.pool[slot]);
      EXPECT_DEATH((++node.lots, orders.book.verify()), "lots") << price;
      EXPECT_DEATH((node.lots = 0, orders.book.verify()), "node.lots > 0") << price;
      EXPECT_DEATH((++node.price, orders.book.verify()), "node.price") << price;
      EXPECT_DEATH((node.id_and_side ^= 1, orders.book.verify()), "node.side") << price;
    }
  }
}

// Prices that are chosen to be far from each other and from the window cost no memory to speak of,
// and no order gets lost.
TEST(FastBook, HoldsPricesThatAreSpreadByAnAdversary) {
  constexpr std::uint32_t orders_max = 4'000;
  Orders<SmallWindow> orders(orders_max);
  Prng prng(11);
  std::vector<Slot> slots;
  for (int round = 0; round < 20; ++round) {
    while (!orders.pool.full()) {
      const Side side = prng.chance(1, 2) ? Side::buy : Side::sell;
      slots.push_back(orders.add(side, 1 + prng.below(highest), 1));
    }
    orders.book.verify();
    EXPECT_EQ(orders.book.orders(Side::buy) + orders.book.orders(Side::sell), orders_max);
    while (slots.size() > orders_max / 2) {
      std::swap(slots[prng.below(slots.size())], slots.back());
      orders.remove(slots.back());
      slots.pop_back();
    }
    orders.book.verify();
    orders.pool.commit();
  }
}

TEST(FastBook, KeepsItsOrdersWhereItIsMovedTo) {
  BookPool<SmallWindow> pool(100);
  std::vector<FastBook<SmallWindow>> books;
  for (std::uint64_t i = 1; i <= 20; ++i) {
    books.emplace_back(pool);
    for (const std::uint64_t price : {i, 1'000 * i}) {
      books.back().add(pool.allocate(), Side::buy, Price{price}, Lots{i}, OrderId{i});
    }
  }
  for (std::uint64_t i = 1; i <= 20; ++i) {
    books[i - 1].verify();
    EXPECT_EQ(books[i - 1].best(Side::buy), Price{1'000 * i});
    EXPECT_EQ(books[i - 1].lots(Side::buy), Lots{2 * i});
  }
}

// A market that is taken back before it had orders leaves its numbers to the next one.
TEST(BookPool, HasRoomForABookAgainWhenAnEmptyOneIsGone) {
  BookPool<SmallWindow> pool(100, 2);
  const FastBook<SmallWindow> first(pool);
  for (std::uint64_t i = 1; i <= 10; ++i) {
    FastBook<SmallWindow> book(pool);
    EXPECT_FALSE(book.best(Side::sell));
    const Slot slot = pool.allocate();
    book.add(slot, Side::sell, Price{i * 100}, Lots{i}, OrderId{i});
    book.verify();
    book.remove(slot);
    pool.free(slot);
    book.verify();
  }
  const FastBook<SmallWindow> second(pool);
  EXPECT_DEATH(FastBook<SmallWindow>{pool}, "books_ < books_max_");
}

// What a book's window begins and ends with is found by its number, so no two may share one.
TEST(BookPool, GivesTheNumbersOfBooksThatAreGoneToOneBookEach) {
  BookPool<SmallWindow> pool(100, 3);
  const FastBook<SmallWindow> stays(pool);
  for (int round = 0; round < 2; ++round) {
    FastBook<SmallWindow> one(pool);
    FastBook<SmallWindow> other(pool);
    const Slot slot = pool.allocate();
    one.add(slot, Side::buy, Price{100}, Lots{1}, OrderId{1});
    EXPECT_FALSE(other.best(Side::buy));
    const Slot next = pool.allocate();
    other.add(next, Side::buy, Price{200}, Lots{2}, OrderId{2});
    EXPECT_EQ(one.best(Side::buy), Price{100});
    EXPECT_EQ(other.best(Side::buy), Price{200});
    one.verify();
    other.verify();
    one.remove(slot);
    other.remove(next);
    pool.free(next);
    pool.free(slot);
  }
}

TEST(BookPool, KnowsTheYoungerNeighbourAtTheSamePrice) {
  Orders<SmallWindow> orders;
  for (const std::uint64_t price : {50u, 5'000'000u}) {
    const Slot first = orders.add(Side::sell, price, 1);
    const Slot second = orders.add(Side::sell, price, 1);
    orders.add(Side::sell, price + 1, 1);
    EXPECT_EQ(orders.pool.younger(first), second);
    EXPECT_EQ(orders.pool.younger(second), 0u);
  }
}

TEST(BookPool, IsFullAfterItsLastSlotAndNotBefore) {
  BookPool<BareBookPolicy> pool(3);
  std::vector<Slot> slots;
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(pool.full());
    slots.push_back(pool.allocate());
  }
  EXPECT_TRUE(pool.full());
  EXPECT_EQ(pool.allocated(), 3u);
  pool.free(slots[1]);
  EXPECT_FALSE(pool.full());
  EXPECT_EQ(pool.allocate(), slots[1]);
  EXPECT_TRUE(pool.full());
  EXPECT_EQ(BookPool<BareBookPolicy>(0).full(), true);
}

TEST(BookPoolDeathTest, StopsWhenAFullOneIsAskedForMore) {
  BookPool<BareBookPolicy> pool(1);
  const Slot slot = pool.allocate();
  EXPECT_NE(slot, 0u);
  EXPECT_DEATH(pool.allocate(), "free_ != end_");
}

// Commands of random length on two books of one pool, each taken back and compared with the state
// before, then done again for good.
template <typename Policy>
void walk_with_rollbacks(std::uint64_t seed, const Prices& prices) {
  Prng prng(seed);
  BookPool<Policy> pool(600);
  FastBook<Policy> books[2]{FastBook<Policy>(pool), FastBook<Policy>(pool)};
  std::uint64_t id = 0;
  const auto change = [&] {
    FastBook<Policy>& book = books[prng.below(2)];
    const Side side = prng.chance(1, 2) ? Side::buy : Side::sell;
    const std::vector<Seen> orders = orders_of(pool, book);
    const std::uint64_t what = prng.below(orders.empty() ? 1 : 8);
    if (what < 4 && !pool.full()) {
      book.add(pool.allocate(), side, prices(prng), Lots{1 + prng.below(9)}, OrderId{++id});
    } else if (!orders.empty()) {
      const Seen& order = orders[prng.below(orders.size())];
      bool gone = true;
      if (what < 6) {
        book.remove(order.slot);
      } else {
        gone = book.take(order.slot, Lots{1 + prng.below(order.lots.value)});
      }
      if (gone && what == 5) {
        book.add(order.slot, side, prices(prng), Lots{1 + prng.below(9)}, order.id);
      } else if (gone) {
        pool.free(order.slot);
      }
    }
  };
  for (int command = 0; command < 500; ++command) {
    const std::vector<Seen> before[2]{orders_of(pool, books[0]), orders_of(pool, books[1])};
    pool.commit();
    const std::vector<Slot> slots = coming_slots(pool, 40);
    pool.rollback();
    ASSERT_EQ(coming_slots(pool, 40), slots);
    pool.commit();
    const std::uint64_t changes = prng.below(12);
    for (std::uint64_t i = 0; i < changes; ++i) change();
    pool.rollback();
    for (int i = 0; i < 2; ++i) {
      ASSERT_EQ(orders_of(pool, books[i]), before[i]) << "command " << command;
      books[i].verify();
    }
    ASSERT_EQ(coming_slots(pool, 40), slots) << "command " << command;
    pool.commit();
    for (std::uint64_t i = 0; i < changes; ++i) change();
    pool.commit();
  }
  EXPECT_GT(id, 1'000u);
}

TEST(FastBook, IsAfterARollbackAsIfNothingHadHappened) {
  walk_with_rollbacks<SmallWindow>(21, near_prices);
  walk_with_rollbacks<SmallWindow>(22, across_windows);
  walk_with_rollbacks<SmallWindow>(23, any_price);
}

}  // namespace
}  // namespace oki::core
