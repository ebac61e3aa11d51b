#include "core/fast/market.h"

#include "core/fast/auction.h"
#include "core/fast/math.h"
#include "core/fast/timers.h"

namespace oki::core::fast {
namespace {

MarketStatus load_of(const MarketSpec& spec, std::uint32_t count) {
  if (spec.very_busy_per_second > 0 && count >= spec.very_busy_per_second) {
    return MarketStatus::very_busy;
  }
  if (spec.busy_per_second > 0 && count >= spec.busy_per_second) return MarketStatus::busy;
  return MarketStatus::normal;
}

MarketStatus one_less(MarketStatus status) {
  return status == MarketStatus::normal ? status
                                        : static_cast<MarketStatus>(static_cast<int>(status) - 1);
}

void set_load(State& state, Row row, MarketStatus load, std::int64_t second) {
  const MarketRules& now = state.rules[row];
  WallTimeMs due;
  if (load != MarketStatus::normal) due = WallTimeMs{(second + 1) * 1'000};
  if (now.load == load && now.load_due == due) return;
  MarketRules& rules = state.rules.change(row);
  rules.load = load;
  if (rules.load_due != due) {
    set_timer(state, TimerKind::load, row - 1, rules.load_due, due);
    rules.load_due = due;
  }
}

// Ends the seconds before the present one: rules 6.3.
void end_seconds(State& state, MarketId market) {
  const Row row = State::market(market);
  const MarketSpec& spec = state.facts[market.value].spec;
  const std::int64_t second = state.time.value / 1'000;
  MarketFlow& flow = state.flows.change(row);
  if (second <= flow.second) return;
  MarketStatus load = state.rules[row].load;
  std::uint32_t count = flow.counted;
  for (std::int64_t ended = flow.second; ended < second && ended < flow.second + 4; ++ended) {
    load = std::max(load_of(spec, count), one_less(load));
    count = 0;
  }
  flow.second = second;
  flow.counted = 0;
  set_load(state, row, load, second);
}

void count_load(State& state, MarketId market) {
  end_seconds(state, market);
  const Row row = State::market(market);
  MarketFlow& flow = state.flows.change(row);
  ++flow.counted;
  const MarketStatus load = load_of(state.facts[market.value].spec, flow.counted);
  set_load(state, row, std::max(load, state.rules[row].load), flow.second);
}

void widths_back(const MarketSpec& spec, MarketRules& rules) {
  rules.width_up = rules.width_down = spec.band_ppm;
}

void refresh(State& state, MarketId market) {
  const Row row = State::market(market);
  const MarketRules& now = state.rules[row];
  if (now.mode != MarketMode::none) return;
  const MarketFacts& facts = state.facts[market.value];
  const bool lapsed = width_lapsed(facts, now, state.time);
  const Price last = state.flows[row].last_price;
  const bool renew = reference_is_old(state, now, last);
  if (!lapsed && !renew) return;
  MarketRules& rules = state.rules.change(row);
  if (lapsed) widths_back(facts.spec, rules);
  if (renew) {
    rules.reference = last;
    rules.reference_at = state.time;
  }
  set_bands(facts, rules);
}

void start_estimates(State& state, MarketId market) {
  MarketRules& rules = state.rules.change(State::market(market));
  rules.told_price = Price{};
  rules.told_lots = Lots{};
  const WallTimeMs due{state.time.value + state.limits().estimate_ms};
  set_timer(state, TimerKind::estimate, market.value, rules.estimate_due, due);
  rules.estimate_due = due;
}

void set_range(const MarketFacts& facts, MarketRules& rules) {
  rules.lower_itayose = price_below(rules.reference, facts.spec.band_max_ppm);
  rules.upper_itayose = price_above(rules.reference, facts.spec.band_max_ppm);
}

void resume_withdrawals(State& state, AssetId id) {
  const Row row = state.asset(id);
  if (!state.assets[row].frozen) return;
  state.assets.change(row).frozen = false;
  state.tell(WithdrawalsFrozen{id, false, {}});
}

enum class Stage : std::uint8_t { none, cancel_only, auction, chunk, reopen, withdrawals };

Stage stage_at(const MarketRules& rules, WallTimeMs due) {
  if (rules.cancel_only_at == due) return Stage::cancel_only;
  if (rules.auction_at == due) return Stage::auction;
  if (rules.chunk_at == due) return Stage::chunk;
  if (rules.mode != MarketMode::none && !rules.uncrossing && rules.reopen_at == due) {
    return Stage::reopen;
  }
  return rules.withdrawals_at == due ? Stage::withdrawals : Stage::none;
}

}  // namespace

void add_market(State& state, const MarketSpec& spec) {
  const auto spec_of = [&](AssetId id) {
    const Asset& asset = state.assets[state.asset(id)];
    return AssetSpec{asset.name.string(), asset.decimals};
  };
  MarketFacts facts;
  facts.spec = spec;
  facts.scale = scale_of(spec, spec_of(spec.base), spec_of(spec.quote));
  facts.hold_ppm = std::max(spec.maker_fee_ppm, spec.taker_fee_ppm);
  facts.hold_open_ppm = std::max(spec.margin.open_maker_fee_ppm, spec.margin.open_taker_fee_ppm);
  facts.hold_close_ppm = std::max(spec.margin.close_maker_fee_ppm, spec.margin.close_taker_fee_ppm);
  facts.busy_from = spec.busy_per_second > 0 ? spec.busy_per_second : spec.very_busy_per_second;
  state.facts.push_back(facts);
  state.books.add(state.pool);
  state.flows.create();
  const Row row = state.rules.create();
  MarketRules& rules = state.rules.change(row);
  widths_back(spec, rules);
}

MarketState public_state(MarketId market, const MarketRules& rules) {
  MarketState state;
  state.market = market;
  state.status = rules.halted ? MarketStatus::halt : rules.load;
  state.mode = rules.mode;
  state.fee_type = rules.fee_type;
  state.stops = rules.stops;
  state.reference = rules.reference;
  state.lower_trigger = rules.lower_trigger;
  state.upper_trigger = rules.upper_trigger;
  state.lower_itayose = rules.lower_itayose;
  state.upper_itayose = rules.upper_itayose;
  state.reopen_at = rules.reopen_at;
  state.cancel_only_at = rules.cancel_only_at;
  state.auction_at = rules.auction_at;
  state.withdrawals_at = rules.withdrawals_at;
  return state;
}

void count_order(State& state, MarketId market) {
  if (state.facts[market.value].busy_from != 0) count_load(state, market);
  refresh(state, market);
}

void set_bands(const MarketFacts& facts, MarketRules& rules) {
  const bool band =
      rules.mode == MarketMode::none && facts.spec.band_ppm != 0 && rules.reference.value != 0;
  rules.lower_trigger = band ? price_below(rules.reference, rules.width_down) : Price{};
  rules.upper_trigger = band ? price_above(rules.reference, rules.width_up) : Price{};
}

void break_circuit(State& state, MarketId market, bool upward) {
  const MarketFacts& facts = state.facts[market.value];
  MarketRules& rules = state.rules.change(State::market(market));
  const bool again = state.time < rules.widened_until && rules.last_break_up == upward;
  if (again) {
    std::uint32_t& width = upward ? rules.width_up : rules.width_down;
    const std::uint64_t wider = std::uint64_t{width} + facts.spec.band_step_ppm;
    width = static_cast<std::uint32_t>(std::min<std::uint64_t>(wider, facts.spec.band_max_ppm));
  } else {
    widths_back(facts.spec, rules);
  }
  rules.last_break_up = upward;
  rules.widened_until = WallTimeMs{state.time.value + state.limits().widen_ms};
  rules.mode = MarketMode::circuit_break;
  rules.reopen_at = WallTimeMs{state.time.value + facts.spec.break_ms};
  rules.fee_type = upward ? FeeType::sell_maker : FeeType::buy_maker;
  set_range(facts, rules);
  set_bands(facts, rules);
  start_estimates(state, market);
  set_stage_timer(state, market);
}

void set_first_references(State& state) {
  for (const auto& change : state.flows.changes()) {
    const Price last = state.flows[change.row].last_price;
    if (last.value == 0 || state.rules[change.row].reference.value != 0) [[likely]]
      continue;
    MarketRules& rules = state.rules.change(change.row);
    rules.reference = last;
    rules.reference_at = state.time;
    set_bands(state.facts[change.row - 1], rules);
  }
}

void set_stage_timer(State& state, MarketId market) {
  const MarketRules& now = state.rules[State::market(market)];
  WallTimeMs due;
  const auto consider = [&](WallTimeMs at) {
    if (at.value != 0 && (due.value == 0 || at < due)) due = at;
  };
  consider(now.cancel_only_at);
  consider(now.auction_at);
  consider(now.chunk_at);
  if (now.mode != MarketMode::none && !now.uncrossing) consider(now.reopen_at);
  consider(now.withdrawals_at);
  if (due == now.stage_due) return;
  set_timer(state, TimerKind::stage, market.value, now.stage_due, due);
  state.rules.change(State::market(market)).stage_due = due;
}

void begin_auction(State& state, MarketId market, MarketMode mode, Price reference,
                   WallTimeMs reopen_at) {
  MarketRules& rules = state.rules.change(State::market(market));
  const MarketFacts& facts = state.facts[market.value];
  const MarketMode before = rules.mode;
  constexpr MarketMode full = MarketMode::full_range_circuit_break;
  if (reference.value != 0) {
    rules.reference = reference;
    rules.reference_at = state.time;
  }
  const bool was_break = before == MarketMode::circuit_break || before == full;
  if (mode != full || !was_break) rules.fee_type = FeeType::dynamic;
  rules.lower_itayose = rules.upper_itayose = Price{};
  if (mode == MarketMode::resumption && before != full && rules.reference.value != 0 &&
      facts.spec.band_max_ppm != 0) {
    set_range(facts, rules);
  }
  rules.mode = mode;
  rules.reopen_at = reopen_at;
  rules.cancel_only_at = rules.auction_at = WallTimeMs{};
  set_bands(facts, rules);
  if (before == MarketMode::none) start_estimates(state, market);
  set_stage_timer(state, market);
}

void run_stage(State& state, MarketId market, WallTimeMs due) {
  MarketRules& rules = state.rules.change(State::market(market));
  switch (stage_at(rules, due)) {
    case Stage::none:
      break;
    case Stage::cancel_only:
      rules.cancel_only_at = WallTimeMs{};
      rules.halted = false;
      rules.stops |= static_cast<std::uint16_t>(Stop::order);
      break;
    case Stage::auction:
      rules.stops &= static_cast<std::uint16_t>(~static_cast<unsigned>(Stop::order));
      begin_auction(state, market, MarketMode::resumption, Price{}, rules.reopen_at);
      break;
    case Stage::chunk:
      rules.chunk_at = WallTimeMs{};
      run_chunk(state, market);
      break;
    case Stage::reopen:
      if (rules.halted) {
        rules.reopen_at = WallTimeMs{};
      } else {
        end_auction(state, market);
      }
      break;
    case Stage::withdrawals:
      rules.withdrawals_at = WallTimeMs{};
      resume_withdrawals(state, state.facts[market.value].spec.base);
      resume_withdrawals(state, state.facts[market.value].spec.quote);
      break;
  }
  set_stage_timer(state, market);
}

void skip_stage(State& state, MarketId market, WallTimeMs due) {
  MarketRules& rules = state.rules.change(State::market(market));
  switch (stage_at(rules, due)) {
    case Stage::none:
      break;
    case Stage::cancel_only:
      rules.cancel_only_at = WallTimeMs{};
      break;
    case Stage::auction:
      rules.auction_at = WallTimeMs{};
      break;
    case Stage::chunk:
      rules.chunk_at = rules.reopen_at = WallTimeMs{};
      rules.uncrossing = false;
      set_timer(state, TimerKind::estimate, market.value, {}, rules.estimate_due);
      break;
    case Stage::reopen:
      rules.reopen_at = WallTimeMs{};
      break;
    case Stage::withdrawals:
      rules.withdrawals_at = WallTimeMs{};
      break;
  }
  set_stage_timer(state, market);
}

void run_load(State& state, MarketId market) { end_seconds(state, market); }

}  // namespace oki::core::fast
