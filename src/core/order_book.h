// One market's resting orders, as every implementation offers them: price-time priority, no
// accounts, no money, no events. `plan` decides, `take` changes.
//
// REQUIRES of the callers: ids rise from add to add, lots are positive, an added order does not
// cross, and the lots of one side sum to 64 bits.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <vector>

#include "core/types.h"

namespace oki::core {

// `lots` of the resting order `maker` trade at its price.
struct Fill {
  OrderId maker;
  Price price;
  Lots lots;
  friend bool operator==(const Fill&, const Fill&) = default;
};

struct BookLevel {
  Price price;
  Lots lots;
  friend bool operator==(const BookLevel&, const BookLevel&) = default;
};

constexpr Side opposite(Side side) { return side == Side::buy ? Side::sell : Side::buy; }

// Whether a taker of `side` with the limit `limit` trades with a maker at `price`.
constexpr bool crosses(Side side, Price limit, Price price) {
  return side == Side::buy ? price <= limit : price >= limit;
}

template <typename T>
concept OrderBook = requires(T book, const T& fixed, Side side, Price price, OrderId id, Lots lots,
                             const Fill& fill, std::vector<Fill>& fills, std::size_t count) {
  book.add(side, price, id, lots);
  // Takes the order out. REQUIRES: it rests in the book.
  book.remove(id);
  // Appends what a taker of `side` would trade, best price first, oldest order first, until `lots`
  // are filled or the limit is passed. Changes nothing.
  fixed.plan(side, price, lots, fills);
  // Makes one planned fill true. REQUIRES: planned since the last change, taken in order.
  book.take(fill);
  { fixed.best(side) } -> std::same_as<std::optional<Price>>;
  { fixed.open(id) } -> std::same_as<std::optional<Lots>>;                // Of one order.
  { fixed.lots_at(side, price) } -> std::same_as<Lots>;                   // 0 where no order rests.
  { fixed.lots(side) } -> std::same_as<Lots>;                             // Of the whole side.
  { fixed.orders() } -> std::same_as<std::size_t>;                        // Of both sides.
  { fixed.levels(side, count) } -> std::same_as<std::vector<BookLevel>>;  // Best first.
  fixed.verify();
};

}  // namespace oki::core
