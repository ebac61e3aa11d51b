// What everyone may see of one market: its book by level, its newest trades, candles, the ticker,
// its state and what its auction would give.
#pragma once

#include <array>
#include <deque>
#include <map>

#include "core/fields.h"
#include "history/candles.h"
#include "history/projection.h"

namespace oki::history {

void fields(auto& io, Like<PublicTrade> auto& x) {
  io(x.id, x.taker_side, x.price, x.amount, x.executed_at);
}

class MarketData {
 public:
  explicit MarketData(core::MarketId id);

  // Null, or what is wrong with the event.
  const char* apply(const core::LevelChanged& event, WallTimeMs time);
  const char* apply(const core::Traded& event, WallTimeMs time, const ProjectionLimits& limits);
  const char* apply(const core::MarketChanged& event);
  const char* apply(const core::AuctionEstimated& event);
  const char* apply(const core::AuctionEnded& event, WallTimeMs time);

  std::vector<Level> levels(core::Side side, std::size_t levels_max) const;
  core::Lots lots_beyond(core::Side side, std::size_t levels_max) const;
  core::Sequence sequence() const { return sequence_; }
  WallTimeMs book_changed_at() const { return book_changed_at_; }
  Ticker ticker(WallTimeMs now) const;
  std::vector<PublicTrade> newest_trades(std::size_t trades_max) const;
  std::vector<PublicTrade> trades_between(WallTimeMs from, WallTimeMs to) const;
  const Candles& candles(CandleType type) const { return candles_[static_cast<std::size_t>(type)]; }

  const core::MarketState& state() const { return state_; }
  const AuctionEstimate& estimate() const { return estimate_; }
  const AuctionResult& result() const { return result_; }

  void write(core::FieldWriter& io) const;
  // Null, or what is wrong. Nothing may be later than `time`.
  const char* read(core::FieldReader& io, const ProjectionLimits& limits, WallTimeMs time);

  // The first broken invariant, or null.
  const char* fault() const;

  // Whether buys and sells meet that continuous trading would have executed. May be so between two
  // events of one command, never after a block.
  bool crossed() const;

 private:
  // The best price has the lowest key on both sides.
  struct Half {
    std::map<std::uint64_t, core::Lots> levels;
    core::Lots lots;
  };
  struct Window {
    const Candle* first = nullptr;
    core::Price high, low;
    core::Lots volume;
  };

  Half& half(core::Side side) { return halves_[static_cast<std::size_t>(side)]; }
  const Half& half(core::Side side) const { return halves_[static_cast<std::size_t>(side)]; }
  std::optional<core::Price> best(core::Side side) const;
  static void take(Window& window, const Candle& candle);
  const char* read_levels(core::FieldReader& io, core::Side side);
  const char* read_trades(core::FieldReader& io, std::size_t trades_max, WallTimeMs time);

  core::MarketState state_;
  AuctionEstimate estimate_;
  AuctionResult result_;
  std::array<Half, 2> halves_;
  core::Sequence sequence_;
  WallTimeMs book_changed_at_;
  std::deque<PublicTrade> trades_;  // Oldest first.
  std::optional<PublicTrade> last_trade_;
  std::array<Candles, candle_types> candles_;
};

}  // namespace oki::history
