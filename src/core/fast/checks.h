// The checks that placing and amending share: rules 4, numbers 14 to 30 and 39.
#pragma once

#include "core/fast/decode.h"
#include "core/fast/math.h"
#include "core/fast/state.h"

namespace oki::core::fast {

// What these checks look at of an order, as it would be.
struct OrderShape {
  MarketId market;
  Side side = Side::buy;
  OrderType type = OrderType::limit;
  bool post_only = false;
  TimeInForce time_in_force = TimeInForce::gtc;
  PositionSide position = PositionSide::none;
  Price price, trigger;
  Lots amount;
};
inline OrderShape shape_of(const PlaceView& x) {
  return {x.market,   x.side,  x.type,    x.post_only, x.time_in_force,
          x.position, x.price, x.trigger, x.amount};
}

// 14 to 24.
Refusal check_market(const State& state, const OrderShape& x);
// 25 to 28.
Refusal check_amount_and_price(const State& state, const OrderShape& x);
// 29, 30.
Refusal check_collar_and_trigger(const State& state, const OrderShape& x);
// 29 alone, of a price that is not 0.
inline bool beyond_collar(const MarketSpec& spec, Price reference, Side side, Price price) {
  if (spec.collar_ppm == 0 || reference.value == 0) return false;
  return side == Side::buy ? price > price_above(reference, spec.collar_ppm)
                           : price < price_below(reference, spec.collar_ppm);
}
// 25 to 30.
Refusal check_size(const State& state, const OrderShape& x);

// 39: the open lots of a side without `less`, and `more`, pass 64 bits.
bool book_overflows(const State& state, MarketId market, Side side, Lots more, Lots less);

}  // namespace oki::core::fast
