#include "core/plain/row_faults.h"

#include <algorithm>

#include "core/plain/admission.h"
#include "core/plain/margin.h"

namespace oki::core::plain {
namespace {

// No exchange counts this far; a counter above it could wrap around.
constexpr std::uint64_t counter_max = std::uint64_t{1} << 63;
constexpr Wide worth_max = Wide{1} << 62;

bool is_past(const State& state, WallTimeMs time) { return time.value >= 0 && time <= state.time; }

bool is_limit(OrderType type) { return type == OrderType::limit || type == OrderType::stop_limit; }

bool fits_market(const State& state, const OrderView& order) {
  const MarketSpec& spec = state.infos.at(order.market).spec;
  if (is_margin(order) && !spec.margin.enabled) return false;
  const auto in = [&](Price price) { return price >= spec.price_min && price <= spec.price_max; };
  if (is_limit(order.type) != (order.price.value != 0)) return false;
  if (order.price.value != 0 && !in(order.price)) return false;
  if (has_trigger(order.type) != (order.trigger.value != 0)) return false;
  if (order.trigger.value != 0 && !in(order.trigger)) return false;
  return order.amount <= std::max(spec.limit_amount_max, spec.market_amount_max);
}

bool fits_resting(const OrderView& order) {
  const bool stays =
      order.time_in_force == TimeInForce::gtc || order.time_in_force == TimeInForce::gtd;
  const bool is_new = order.executed.value == 0;
  const OrderStatus status = is_new ? OrderStatus::unfilled : OrderStatus::partially_filled;
  return is_limit(order.type) && stays && order.status == status && order.executed < order.amount &&
         (order.executed_quote.value >> 63) == 0 &&
         (!is_new || (order.executed_at.value == 0 && order.executed_quote.value == 0));
}

bool fits_waiting(const OrderView& order) {
  return has_trigger(order.type) && order.status == OrderStatus::inactive &&
         order.executed.value == 0 && order.executed_quote.value == 0 &&
         order.executed_at.value == 0 && order.triggered_at.value == 0;
}

}  // namespace

const char* row_fault(const State& state, const Counters& x) {
  for (const std::uint64_t count :
       {x.last_order.value, x.last_trade.value, x.last_credit.value, x.last_withdrawal.value,
        x.last_priority, x.last_reference, x.last_client_id, state.number}) {
    if (count > counter_max) return "a counter that cannot be";
  }
  if (x.release < 1 || x.release > core_release_max) return "a release of a newer program";
  if (state.time.value < 0 || x.sweep_at.value < 0) return "a time that cannot be";
  return nullptr;
}

const char* row_fault(const State& state, const Asset& asset) {
  if (!valid(asset.spec)) return "an asset that is not valid";
  for (const auto& [id, other] : state.assets.rows()) {
    if (other.spec.name == asset.spec.name) return "an asset twice";
  }
  return asset.collateral_ppm > million ? "a ratio above one" : nullptr;
}

const char* row_fault(const State& state, const MarketSpec& spec, const Market& market) {
  const Asset* base = state.assets.find(spec.base);
  const Asset* quote = state.assets.find(spec.quote);
  if (base == nullptr || quote == nullptr) return "a market without assets";
  if (!valid(spec, base->spec, quote->spec)) return "a market that is not valid";
  const std::optional<AssetId> asset = margin_asset(state);
  if (spec.margin.enabled && asset && *asset != spec.quote) return "a market of another margin";
  for (const auto& [id, other] : state.infos.rows()) {
    if (other.spec.name == spec.name) return "a market twice";
  }
  if (market.sequence.value > counter_max) return "a sequence that cannot be";
  const bool load = market.load != MarketStatus::halt && market.load_second >= 0 &&
                    market.load_second <= state.time.value / 1000 &&
                    market.load_count <= counter_max;
  const bool widths = market.width_down >= spec.band_ppm && market.width_up >= spec.band_ppm &&
                      market.width_down <= spec.band_max_ppm &&
                      market.width_up <= spec.band_max_ppm;
  if (!load || !widths || (market.stops & ~stops_mask) != 0) return "a market state out of range";
  for (const WallTimeMs time :
       {market.reference_at, market.widened_until, market.reopen_at, market.cancel_only_at,
        market.auction_at, market.withdrawals_at, market.chunk_at, market.estimate_at}) {
    if (time.value < 0) return "a time that cannot be";
  }
  const bool prices = market.last <= spec.price_max && market.high <= spec.price_max &&
                      market.low <= market.high && market.cross_price <= spec.price_max &&
                      (market.low.value == 0) == (market.high.value == 0);
  if (!prices) return "a price out of range";
  const bool crosses = market.mode != MarketMode::none && market.cross_price.value != 0;
  return market.uncrossing && !crosses ? "an auction that cannot execute" : nullptr;
}

const char* row_fault(const State& state, AccountId id, const Account& account) {
  if (id.value == 0 || id > customer_account_max) return "an account out of range";
  if (account.tokens_milli > full_bucket(account.updates_per_second)) {
    return "an account with too many tokens";
  }
  const bool times = is_past(state, account.filled_at) && account.dead_man_at.value >= 0;
  return times ? nullptr : "an account of the future";
}

const char* row_fault(const State& state, const Order& order) {
  const OrderView& view = order.view;
  if (!state.markets.has(view.market)) return "an order without a market";
  if (!state.accounts.has(view.account)) return "an order without an account";
  if (view.id.value == 0 || view.id > state.counters.last_order) return "an order id to come";
  if (!fits_market(state, view)) return "an order outside its market's limits";
  const bool shape = order.resting ? fits_resting(view) : fits_waiting(view);
  const bool agrees = shape && view.canceled_at.value == 0 && view.reason == Reason::none &&
                      (!view.post_only || view.type == OrderType::limit);
  if (!agrees) return "an order that contradicts itself";
  const bool past = is_past(state, view.ordered_at) && is_past(state, view.executed_at) &&
                    is_past(state, view.triggered_at) && view.expire_at.value >= 0;
  if (!past) return "an order of the future";
  const bool rank = order.resting ? order.priority > 0 && !order.trigger_dropped
                                  : order.priority == 0 && order.visible.value == 0;
  return rank ? nullptr : "an order in two places";
}

const char* row_fault(const State& state, const Position& x) {
  if (!state.accounts.has(x.account)) return "a position without an account";
  if (!state.markets.has(x.market) || x.side == PositionSide::none) return "a position of nothing";
  if (!state.infos.at(x.market).spec.margin.enabled) return "a position without margin trading";
  const bool fits =
      x.open.value > 0 && x.cost.value <= worth_max && x.fees <= x.cost &&
      x.interest.value <= worth_max && x.interest_until <= last_midnight(state.time) &&
      x.interest_until ==
          last_midnight(WallTimeMs{std::max<std::int64_t>(x.interest_until.value, 0)});
  const bool marked = state.markets.at(x.market).last.value != 0;
  return fits && marked ? nullptr : "a position that is not valid";
}

const char* row_fault(const State& state, CreditId id, const Credit& credit) {
  const ProposeCredit& x = credit.proposal;
  const bool known = state.accounts.has(x.account) || x.account == lender_account;
  const bool fits = known && id.value > 0 && id <= state.counters.last_credit && x.by.value > 0 &&
                    state.assets.has(x.asset) && x.amount.value > 0 && !x.reference.empty() &&
                    is_past(state, credit.proposed_at);
  return fits ? nullptr : "a credit that is not valid";
}

const char* row_fault(const State& state, const WithdrawalChanged& x) {
  const bool open = x.state == WithdrawalState::requested || x.state == WithdrawalState::approved;
  const bool fits = x.id.value > 0 && x.id <= state.counters.last_withdrawal && open &&
                    state.accounts.has(x.account) && state.assets.has(x.asset) &&
                    x.amount.value > 0 && !x.destination.empty() &&
                    x.fee.value <= u64_max - x.amount.value && is_past(state, x.requested_at) &&
                    (x.by.value != 0) == (x.state == WithdrawalState::approved);
  return fits ? nullptr : "a withdrawal that is not valid";
}

}  // namespace oki::core::plain
