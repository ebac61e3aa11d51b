#include "core/book_plain.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"

namespace oki::core {

void PlainBook::add(Side side, Price price, OrderId id, Lots lots) {
  ASSERT(lots.value > 0);
  const std::optional<Price> other = best(opposite(side));
  ASSERT(!other || !crosses(side, price, *other));
  Half& half = this->half(side);
  ASSERT(lots.value <= std::numeric_limits<std::uint64_t>::max() - half.lots.value);

  const Key key = key_of(side, price);
  Level& level = half.levels[key];
  ASSERT(level.queue.empty() || level.queue.back().id < id);
  level.queue.push_back({id, lots});
  level.lots.value += lots.value;
  half.lots.value += lots.value;
  const bool is_new = index_.emplace(id.value, Where{side, key, --level.queue.end()}).second;
  ASSERT(is_new);
}

void PlainBook::remove(OrderId id) {
  const auto found = index_.find(id.value);
  ASSERT(found != index_.end());
  const Where where = found->second;
  reduce(where, where.order->lots);
}

void PlainBook::plan(Side taker, Price limit, Lots lots, std::vector<Fill>& fills) const {
  const Side side = opposite(taker);
  for (const auto& [key, level] : half(side).levels) {
    const Price price = price_of(side, key);
    if (!crosses(taker, limit, price)) return;
    for (const Order& order : level.queue) {
      if (lots.value == 0) return;
      const Lots filled = std::min(lots, order.lots);
      fills.push_back({order.id, price, filled});
      lots.value -= filled.value;
    }
  }
}

void PlainBook::take(const Fill& fill) {
  const auto found = index_.find(fill.maker.value);
  ASSERT(found != index_.end());
  const Where where = found->second;
  ASSERT(price_of(where.side, where.key) == fill.price);
  const Half& half = this->half(where.side);
  ASSERT(half.levels.begin()->first == where.key);
  ASSERT(half.levels.begin()->second.queue.front().id == fill.maker);
  reduce(where, fill.lots);
}

// Takes `lots` off one order, and the order, its level and its index entry away with the last lot.
void PlainBook::reduce(const Where& where, Lots lots) {
  ASSERT(lots.value > 0 && lots <= where.order->lots);
  Half& half = this->half(where.side);
  const auto level = half.levels.find(where.key);
  ASSERT(level != half.levels.end());
  where.order->lots.value -= lots.value;
  level->second.lots.value -= lots.value;
  half.lots.value -= lots.value;
  if (where.order->lots.value > 0) return;
  index_.erase(where.order->id.value);
  level->second.queue.erase(where.order);
  if (level->second.queue.empty()) half.levels.erase(level);
}

std::optional<Price> PlainBook::best(Side side) const {
  const Half& half = this->half(side);
  if (half.levels.empty()) return std::nullopt;
  return price_of(side, half.levels.begin()->first);
}

std::optional<Lots> PlainBook::open(OrderId id) const {
  const auto found = index_.find(id.value);
  if (found == index_.end()) return std::nullopt;
  return found->second.order->lots;
}

Lots PlainBook::lots_at(Side side, Price price) const {
  const auto found = half(side).levels.find(key_of(side, price));
  return found == half(side).levels.end() ? Lots{} : found->second.lots;
}

std::vector<BookLevel> PlainBook::levels(Side side, std::size_t levels_max) const {
  std::vector<BookLevel> levels;
  for (const auto& [key, level] : half(side).levels) {
    if (levels.size() == levels_max) break;
    levels.push_back({price_of(side, key), level.lots});
  }
  return levels;
}

void PlainBook::verify() const {
  std::size_t orders = 0;
  for (const Side side : {Side::buy, Side::sell}) {
    std::uint64_t lots = 0;
    for (const auto& [key, level] : half(side).levels) {
      verify_level(side, key, level);
      lots += level.lots.value;
      orders += level.queue.size();
    }
    ASSERT(lots == half(side).lots.value);
  }
  ASSERT(orders == index_.size());
  const auto buy = best(Side::buy);
  const auto sell = best(Side::sell);
  ASSERT(!buy || !sell || *buy < *sell);
}

void PlainBook::verify_level(Side side, Key key, const Level& level) const {
  ASSERT(!level.queue.empty());
  std::uint64_t lots = 0;
  OrderId last;
  for (const Order& order : level.queue) {
    ASSERT(order.lots.value > 0);
    ASSERT(order.id > last);
    last = order.id;
    lots += order.lots.value;
    const auto found = index_.find(order.id.value);
    ASSERT(found != index_.end());
    ASSERT(found->second.side == side && found->second.key == key);
    ASSERT(&*found->second.order == &order);
  }
  ASSERT(lots == level.lots.value);
}

}  // namespace oki::core
