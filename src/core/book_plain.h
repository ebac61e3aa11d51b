// The plainest correct order book: a sorted map from price to a list in order of time. It is the
// oracle for faster ones, so it stays simple.
//
// Invariants, checked by verify(): levels are sorted, not empty, and sum their orders; sides sum
// their levels; ids rise within a level; best buy < best sell; the index knows exactly the orders.
#pragma once

#include <array>
#include <list>
#include <map>
#include <unordered_map>

#include "core/order_book.h"

namespace oki::core {

class PlainBook {
 public:
  void add(Side side, Price price, OrderId id, Lots lots);
  void remove(OrderId id);
  void plan(Side taker, Price limit, Lots lots, std::vector<Fill>& fills) const;
  void take(const Fill& fill);

  std::optional<Price> best(Side side) const;
  std::optional<Lots> open(OrderId id) const;
  Lots lots_at(Side side, Price price) const;
  Lots lots(Side side) const { return half(side).lots; }
  std::size_t orders() const { return index_.size(); }
  std::vector<BookLevel> levels(Side side, std::size_t levels_max) const;

  void verify() const;

 private:
  struct Order {
    OrderId id;
    Lots lots;
  };
  struct Level {
    Lots lots;
    std::list<Order> queue;  // Oldest first.
  };
  // The best price has the lowest key on both sides.
  using Key = std::uint64_t;
  struct Half {
    Lots lots;
    std::map<Key, Level> levels;
  };
  struct Where {
    Side side;
    Key key;
    std::list<Order>::iterator order;
  };

  static Key key_of(Side side, Price price) {
    return side == Side::sell ? price.value : ~price.value;
  }
  static Price price_of(Side side, Key key) { return Price{side == Side::sell ? key : ~key}; }
  Half& half(Side side) { return halves_[static_cast<std::size_t>(side)]; }
  const Half& half(Side side) const { return halves_[static_cast<std::size_t>(side)]; }
  void reduce(const Where& where, Lots lots);
  void verify_level(Side side, Key key, const Level& level) const;

  std::array<Half, 2> halves_;
  std::unordered_map<std::uint64_t, Where> index_;
};

static_assert(OrderBook<PlainBook>);

}  // namespace oki::core
