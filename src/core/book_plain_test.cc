// The plain order book against a list that is searched from end to end.
#include "core/book_plain.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/prng.h"

namespace oki::core {
namespace {

struct Resting {
  OrderId id;
  Side side;
  Price price;
  Lots lots;
};

// The orders of one side that a taker meets, best price first, oldest first.
std::vector<Resting> queue_of(const std::vector<Resting>& all, Side side) {
  std::vector<Resting> queue;
  std::ranges::copy_if(all, std::back_inserter(queue),
                       [&](const Resting& order) { return order.side == side; });
  std::ranges::stable_sort(queue, [&](const Resting& a, const Resting& b) {
    return side == Side::buy ? a.price > b.price : a.price < b.price;
  });
  return queue;
}

std::vector<Fill> planned(const std::vector<Resting>& all, Side taker, Price limit, Lots lots) {
  std::vector<Fill> fills;
  for (const Resting& order : queue_of(all, opposite(taker))) {
    if (lots.value == 0 || !crosses(taker, limit, order.price)) break;
    const Lots filled = std::min(lots, order.lots);
    fills.push_back({order.id, order.price, filled});
    lots.value -= filled.value;
  }
  return fills;
}

void expect_same(const PlainBook& book, const std::vector<Resting>& all) {
  EXPECT_EQ(book.orders(), all.size());
  for (const Side side : {Side::buy, Side::sell}) {
    std::vector<BookLevel> levels;
    std::uint64_t lots = 0;
    for (const Resting& order : queue_of(all, side)) {
      if (levels.empty() || levels.back().price != order.price) levels.push_back({order.price, {}});
      levels.back().lots.value += order.lots.value;
      lots += order.lots.value;
    }
    EXPECT_EQ(book.levels(side, all.size()), levels);
    EXPECT_EQ(book.lots(side).value, lots);
    EXPECT_EQ(book.best(side).has_value(), !levels.empty());
    if (levels.empty()) continue;
    EXPECT_EQ(*book.best(side), levels[0].price);
    EXPECT_EQ(book.lots_at(side, levels[0].price), levels[0].lots);
    EXPECT_EQ(book.levels(side, 1).size(), 1u);
  }
  for (const Resting& order : all) EXPECT_EQ(book.open(order.id), order.lots);
}

TEST(PlainBook, EqualsASearchedListOnARandomWalk) {
  Prng prng(3);
  PlainBook book;
  std::vector<Resting> all;
  std::size_t fills_seen = 0;
  for (std::uint64_t step = 1; step <= 6'000; ++step) {
    const Side side = prng.chance(1, 2) ? Side::buy : Side::sell;
    const Price price{100 + prng.below(12)};
    Lots lots{1 + prng.below(50)};
    if (prng.chance(1, 3) && !all.empty()) {
      const std::size_t place = prng.below(all.size());
      book.remove(all[place].id);
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(place));
    } else {
      std::vector<Fill> fills;
      book.plan(side, price, lots, fills);
      ASSERT_EQ(fills, planned(all, side, price, lots));
      fills_seen += fills.size();
      for (const Fill& fill : fills) {
        book.take(fill);
        const auto maker = std::ranges::find(all, fill.maker, &Resting::id);
        maker->lots.value -= fill.lots.value;
        lots.value -= fill.lots.value;
        if (maker->lots.value == 0) all.erase(maker);
      }
      if (lots.value > 0) {
        book.add(side, price, OrderId{step}, lots);
        all.push_back({OrderId{step}, side, price, lots});
      }
    }
    book.verify();
    expect_same(book, all);
    if (HasFailure()) FAIL() << "step " << step;
  }
  EXPECT_GT(fills_seen, 1'000u);
}

TEST(PlainBook, ServesTheWholeRangeOfPricesAndLots) {
  PlainBook book;
  const Price highest{~std::uint64_t{0}};
  book.add(Side::buy, Price{1}, OrderId{1}, Lots{~std::uint64_t{0}});
  book.add(Side::sell, highest, OrderId{2}, Lots{~std::uint64_t{0}});
  EXPECT_EQ(book.best(Side::buy), Price{1});
  EXPECT_EQ(book.best(Side::sell), highest);
  std::vector<Fill> fills;
  book.plan(Side::buy, highest, Lots{~std::uint64_t{0}}, fills);
  ASSERT_EQ(fills.size(), 1u);
  book.take(fills[0]);
  book.verify();
  EXPECT_EQ(book.orders(), 1u);
}

TEST(PlainBook, WhatIsNotThereIsNothing) {
  const PlainBook book;
  EXPECT_FALSE(book.best(Side::buy));
  EXPECT_FALSE(book.open(OrderId{1}));
  EXPECT_EQ(book.lots_at(Side::sell, Price{1}), Lots{0});
  EXPECT_TRUE(book.levels(Side::sell, 10).empty());
  std::vector<Fill> fills;
  book.plan(Side::buy, Price{1}, Lots{1}, fills);
  EXPECT_TRUE(fills.empty());
}

}  // namespace
}  // namespace oki::core
