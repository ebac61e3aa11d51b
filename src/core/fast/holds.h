// What a spot order holds and pays: rules 8.4, rounding.md. Written once for all who ask.
#pragma once

#include "core/fast/math.h"

namespace oki::core::fast {

// The worth of open lots of a buy and the fee on it.
inline std::uint64_t worth_and_fee(const Scale& scale, Price price, Lots open, std::int32_t ppm) {
  const std::uint64_t worth = quote_of(scale, price, open, true);
  return worth + static_cast<std::uint64_t>(fee_for(worth, ppm));
}

// What a spot order in the book must hold.
inline Amount spot_hold(const MarketFacts& market, Side side, Price price, Lots open) {
  return Amount{side == Side::sell ? base_amount(market.scale, open)
                                   : worth_and_fee(market.scale, price, open, market.hold_ppm)};
}

// What the buyer of a trade pays from the hold of a limit order that keeps `need`: the quote, the
// fee as far as the hold covers it; the rest of what is released goes back.
struct Payment {
  std::uint64_t released = 0;
  std::int64_t fee = 0;
};
inline Payment payment(Amount hold, Amount need, std::uint64_t quote, std::int64_t fee) {
  Payment payment;
  payment.released = hold.value - need.value;
  INVARIANT(payment.released >= quote, "a fill that its hold does not cover");
  INVARIANT(hold.value >= payment.released, "a fill above its hold");
  payment.fee = std::min(fee, static_cast<std::int64_t>(payment.released - quote));
  return payment;
}

}  // namespace oki::core::fast
