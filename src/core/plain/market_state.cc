#include "core/plain/market_state.h"

#include <algorithm>

#include "core/plain/auction.h"
#include "core/plain/plan.h"

namespace oki::core::plain {
namespace {

MarketStatus level_of(const MarketSpec& spec, std::uint64_t count) {
  if (spec.very_busy_per_second > 0 && count >= spec.very_busy_per_second) {
    return MarketStatus::very_busy;
  }
  if (spec.busy_per_second > 0 && count >= spec.busy_per_second) return MarketStatus::busy;
  return MarketStatus::normal;
}

MarketStatus one_less(MarketStatus status) {
  return status == MarketStatus::very_busy ? MarketStatus::busy : MarketStatus::normal;
}

void reset_widths(const MarketSpec& spec, Market& market) {
  market.width_down = spec.band_ppm;
  market.width_up = spec.band_ppm;
}

// Widths lapse, and the reference follows the last price: 6.4.
void refresh(State& state, MarketId id) {
  const MarketSpec& spec = state.infos.at(id).spec;
  Market& market = state.markets.edit(id);
  if (market.mode != MarketMode::none) return;
  if (state.time >= market.widened_until) reset_widths(spec, market);
  const bool old = state.time >= later(market.reference_at, state.limits.reference_ms);
  if (market.last.value == 0 || !old) return;
  market.reference = market.last;
  market.reference_at = state.time;
}

void set_range(const MarketSpec& spec, Market& market) {
  market.lower_itayose = at_most_64_bits(widened_down(market.reference, spec.band_max_ppm));
  market.upper_itayose = at_most_64_bits(widened_up(market.reference, spec.band_max_ppm));
}

void begin_collecting(const State& state, Market& market, MarketMode mode) {
  if (market.mode == MarketMode::none) {
    market.estimate_at = later(state.time, state.limits.estimate_ms);
    market.told_price = {};
    market.told_lots = {};
  }
  market.mode = mode;
}

void resume_withdrawals(State& state, MarketId id) {
  const MarketSpec& spec = state.infos.at(id).spec;
  for (const AssetId asset : {spec.base, spec.quote}) {
    if (!state.assets.at(asset).frozen) continue;
    state.assets.edit(asset).frozen = false;
    state.tell(WithdrawalsFrozen{asset, false, OperatorId{}});
  }
}

bool is_next(WallTimeMs stage, WallTimeMs next) { return stage.value != 0 && stage == next; }

constexpr std::uint16_t without(std::uint16_t stops, Stop stop) {
  return static_cast<std::uint16_t>(stops & ~static_cast<std::uint16_t>(stop));
}
constexpr std::uint16_t with(std::uint16_t stops, Stop stop) {
  return static_cast<std::uint16_t>(stops | static_cast<std::uint16_t>(stop));
}

}  // namespace

MarketState shown(MarketId id, const MarketSpec& spec, const Market& market) {
  MarketState shown;
  shown.market = id;
  shown.status = market.halted ? MarketStatus::halt : market.load;
  shown.mode = market.mode;
  shown.fee_type = market.fee_type;
  shown.stops = market.stops;
  shown.reference = market.reference;
  const bool band =
      spec.band_ppm > 0 && market.reference.value > 0 && market.mode == MarketMode::none;
  if (band) {
    shown.lower_trigger = at_most_64_bits(widened_down(market.reference, market.width_down));
    shown.upper_trigger = at_most_64_bits(widened_up(market.reference, market.width_up));
  }
  shown.lower_itayose = market.lower_itayose;
  shown.upper_itayose = market.upper_itayose;
  shown.reopen_at = market.reopen_at;
  shown.cancel_only_at = market.cancel_only_at;
  shown.auction_at = market.auction_at;
  shown.withdrawals_at = market.withdrawals_at;
  return shown;
}

MarketState market_state(const State& state, MarketId id) {
  return shown(id, state.infos.at(id).spec, state.markets.at(id));
}

void roll_load(State& state, MarketId id) {
  const MarketSpec& spec = state.infos.at(id).spec;
  Market& market = state.markets.edit(id);
  const std::int64_t second = state.time.value / 1000;
  const std::int64_t ended = second - market.load_second;
  if (ended <= 0) return;
  // After two seconds without orders every status has come down to normal.
  for (std::int64_t i = 0; i < std::min<std::int64_t>(ended, 3); ++i) {
    const MarketStatus counted = level_of(spec, i == 0 ? market.load_count : 0);
    market.load = std::max(counted, one_less(market.load));
  }
  market.load_second = second;
  market.load_count = 0;
}

void count_and_refresh(State& state, MarketId id) {
  roll_load(state, id);
  Market& market = state.markets.edit(id);
  ++market.load_count;
  market.load = std::max(market.load, level_of(state.infos.at(id).spec, market.load_count));
  refresh(state, id);
}

void break_circuit(State& state, MarketId id, Direction direction) {
  const MarketSpec& spec = state.infos.at(id).spec;
  Market& market = state.markets.edit(id);
  const bool again = state.time < market.widened_until && direction == market.last_break;
  if (again) {
    std::uint32_t& width = direction == Direction::up ? market.width_up : market.width_down;
    width = std::max(width, std::min(width + spec.band_step_ppm, spec.band_max_ppm));
  } else {
    reset_widths(spec, market);
  }
  market.last_break = direction;
  market.widened_until = later(state.time, state.limits.widen_ms);
  begin_collecting(state, market, MarketMode::circuit_break);
  market.reopen_at = later(state.time, spec.break_ms);
  market.fee_type = direction == Direction::up ? FeeType::sell_maker : FeeType::buy_maker;
  set_range(spec, market);
}

void start_auction(State& state, MarketId id, MarketMode mode, WallTimeMs reopen_at) {
  const MarketSpec& spec = state.infos.at(id).spec;
  Market& market = state.markets.edit(id);
  const MarketMode before = market.mode;
  begin_collecting(state, market, mode);
  const bool by_break =
      before == MarketMode::circuit_break || before == MarketMode::full_range_circuit_break;
  const bool full_range = mode == MarketMode::full_range_circuit_break;
  if (!full_range || !by_break) market.fee_type = FeeType::dynamic;
  market.lower_itayose = {};
  market.upper_itayose = {};
  const bool in_range = mode == MarketMode::resumption &&
                        before != MarketMode::full_range_circuit_break &&
                        market.reference.value > 0 && spec.band_max_ppm > 0;
  if (in_range) set_range(spec, market);
  market.reopen_at = reopen_at;
  market.cancel_only_at = {};
  market.auction_at = {};
}

void end_auction(State& state, MarketId id, Price price, Lots lots) {
  const MarketSpec& spec = state.infos.at(id).spec;
  Market& market = state.markets.edit(id);
  state.tell(AuctionEnded{id, price, lots});
  market.mode = MarketMode::none;
  market.fee_type = FeeType::normal;
  market.lower_itayose = {};
  market.upper_itayose = {};
  market.reopen_at = {};
  market.estimate_at = {};
  market.told_price = {};
  market.told_lots = {};
  market.uncrossing = false;
  market.cross_price = {};
  market.cross_lots = {};
  market.chunk_at = {};
  if (price.value == 0) return;
  if (spec.band_ppm > 0 && market.reference.value != 0 && price != market.reference) {
    const bool up = price > market.reference;
    std::uint32_t& width = up ? market.width_up : market.width_down;
    width = std::max(width, spec.band_max_ppm);
    market.last_break = up ? Direction::up : Direction::down;
    market.widened_until =
        std::max(market.widened_until, later(state.time, state.limits.after_auction_ms));
  }
  market.reference = price;
  market.reference_at = state.time;
}

void set_first_reference(State& state) {
  for (const MarketId id : state.step.traded) {
    if (state.markets.at(id).reference.value != 0) continue;
    Market& market = state.markets.edit(id);
    market.reference = market.last;
    market.reference_at = state.time;
  }
}

WallTimeMs next_stage(const Market& market) {
  WallTimeMs next;
  const auto consider = [&](WallTimeMs stage) {
    if (stage.value != 0 && (next.value == 0 || stage < next)) next = stage;
  };
  consider(market.cancel_only_at);
  consider(market.auction_at);
  if (market.mode != MarketMode::none && !market.uncrossing) consider(market.reopen_at);
  if (market.uncrossing) consider(market.chunk_at);
  consider(market.withdrawals_at);
  return next;
}

void fire_stage(State& state, MarketId id) {
  Market& market = state.markets.edit(id);
  const WallTimeMs next = next_stage(market);
  if (is_next(market.cancel_only_at, next)) {
    market.cancel_only_at = {};
    market.halted = false;
    market.stops = with(market.stops, Stop::order);
  } else if (is_next(market.auction_at, next)) {
    market.auction_at = {};
    market.stops = without(market.stops, Stop::order);
    if (!market.uncrossing) start_auction(state, id, MarketMode::resumption, market.reopen_at);
  } else if (market.uncrossing && is_next(market.chunk_at, next)) {
    uncross(state, id);
  } else if (market.mode != MarketMode::none && !market.uncrossing &&
             is_next(market.reopen_at, next)) {
    if (market.halted) {
      market.reopen_at = {};
    } else {
      reopen(state, id);
    }
  } else {
    market.withdrawals_at = {};
    resume_withdrawals(state, id);
  }
}

void drop_stage(State& state, MarketId id) {
  Market& market = state.markets.edit(id);
  const WallTimeMs next = next_stage(market);
  if (is_next(market.cancel_only_at, next)) {
    market.cancel_only_at = {};
  } else if (is_next(market.auction_at, next)) {
    market.auction_at = {};
  } else if (market.uncrossing && is_next(market.chunk_at, next)) {
    market.uncrossing = false;
    market.cross_price = {};
    market.cross_lots = {};
    market.chunk_at = {};
    market.reopen_at = {};
  } else if (market.mode != MarketMode::none && !market.uncrossing &&
             is_next(market.reopen_at, next)) {
    market.reopen_at = {};
  } else {
    market.withdrawals_at = {};
  }
}

}  // namespace oki::core::plain
