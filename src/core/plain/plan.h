// What an order would do to the other side of the book, decided before anything changes:
// docs/rules.md 4.3 (b).
#pragma once

#include <optional>
#include <vector>

#include "core/plain/state.h"

namespace oki::core::plain {

enum class ActKind : std::uint8_t { trade, cancel, decrement };
struct Act {
  ActKind kind = ActKind::trade;
  OrderId maker;
  Price price;
  Lots lots;
};

struct Plan {
  std::vector<Act> acts;
  Lots traded;
  Wide quote = 0;                     // Of all trades,
  Wide cost = 0;                      // with the taker's fees.
  bool meets = false;                 // Any opposite order is within the limit.
  Reason left_reason = Reason::none;  // Why what is left of the taker must be cancelled, if so.
};

// For all open lots of the order.
Plan plan_of(const State& state, const OrderView& taker);

// Whether the types fill completely or not at all.
constexpr bool is_market_like(OrderType type) {
  return type == OrderType::market || type == OrderType::stop || type == OrderType::take_profit ||
         type == OrderType::stop_loss;
}

// What a market order must hold for what is planned: docs/rules.md 8.5.
Wide market_hold(const State& state, const OrderView& taker, const Plan& plan);

// value * (million + ppm) / million, rounded down; value * (million - ppm) / million, rounded up.
constexpr Wide widened_up(Price price, std::uint32_t ppm) {
  return Wide{price.value} * (million + ppm) / million;
}
constexpr Wide widened_down(Price price, std::uint32_t ppm) {
  return (Wide{price.value} * (million - ppm) + (million - 1)) / million;
}
constexpr Price at_most_64_bits(Wide price) {
  return Price{price > u64_max ? u64_max : static_cast<std::uint64_t>(price)};
}

}  // namespace oki::core::plain
