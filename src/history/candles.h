// Candles of one market and type, built trade by trade.
//
// Kept: one candle per interval that had a trade, oldest first, at most `candles_max`. The
// intervals between are made up when asked for (docs/decisions/candles.md).
#pragma once

#include <array>
#include <deque>
#include <vector>

#include "core/fields.h"
#include "history/projection.h"

namespace oki::history {

// The start of the candle after the one that starts at `start`.
WallTimeMs candle_end(CandleType type, WallTimeMs start);

void fields(auto& io, Like<Candle> auto& x) {
  io(x.start, x.open, x.high, x.low, x.close, x.volume);
}

class Candles {
 public:
  explicit Candles(CandleType type) : type_(type) {}

  // REQUIRES: `time` does not go back.
  void add(WallTimeMs time, core::Price price, core::Lots lots, std::size_t candles_max);

  // Those that start in [from, to) and not after `until`, without gaps.
  std::vector<Candle> between(WallTimeMs from, WallTimeMs to, WallTimeMs until,
                              std::size_t candles_max) const;

  const std::deque<Candle>& kept() const { return candles_; }

  void write(core::FieldWriter& io) const;
  // Null, or what is wrong.
  const char* read(core::FieldReader& io, std::size_t candles_max);

  // The first broken invariant, or null.
  const char* fault() const;

 private:
  // The first kept candle that starts at `time` or later.
  std::deque<Candle>::const_iterator first_from(WallTimeMs time) const;

  CandleType type_;
  std::deque<Candle> candles_;
  WallTimeMs end_;  // Of the newest kept candle.
};

// Adds up volumes; a sum past 64 bits stays at the largest number, as nothing can be done with it.
core::Lots saturating_sum(core::Lots a, core::Lots b);

}  // namespace oki::history
