// Placing orders: the checks of rules 4, in their order.
#include "base/planted.h"
#include "core/core.h"
#include "core/fast/admission.h"
#include "core/fast/checks.h"
#include "core/fast/handlers.h"
#include "core/fast/margin.h"
#include "core/fast/market.h"
#include "core/fast/math.h"
#include "core/fast/plan.h"
#include "core/fast/sessions.h"
#include "core/fast/trade.h"
#include "core/fast/triggers.h"

namespace oki::core::fast {
namespace {

bool good_client_order_id(std::string_view text) {
  for (const char c : text) {
    const bool good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '_' || c == ':' || c == '-';
    if (!good) return false;
  }
  return true;
}

bool good_time_in_force(const State& state, const PlaceView& x) {
  const bool limit = x.type == OrderType::limit;
  const bool at_once = x.time_in_force == TimeInForce::ioc || x.time_in_force == TimeInForce::fok;
  if (x.time_in_force != TimeInForce::gtc && !limit && x.type != OrderType::stop_limit) {
    return false;
  }
  if (at_once && (x.post_only || !limit)) return false;
  if (x.time_in_force != TimeInForce::gtd) return x.expire_at.value == 0;
  return x.expire_at > state.time &&
         x.expire_at.value <= state.time.value + state.limits().order_lifetime_ms;
}

bool good_display(const State& state, const PlaceView& x, const MarketSpec& spec) {
  if (x.display.value == 0) return true;
  const bool rests = (x.type == OrderType::limit || x.type == OrderType::stop_limit) &&
                     x.time_in_force != TimeInForce::ioc && x.time_in_force != TimeInForce::fok;
  return rests && x.display <= x.amount && x.display >= spec.amount_min &&
         x.amount.value <= Wide{x.display.value} * state.limits().iceberg_slices_max;
}

// Checks 2 to 9: the order by itself.
Refusal check_shape(const State& state, const PlaceView& x, const MarketSpec& spec) {
  const bool priced = x.type == OrderType::limit || x.type == OrderType::stop_limit;
  const bool closes = x.type == OrderType::take_profit || x.type == OrderType::stop_loss;
  if (!good_client_order_id(x.client_order_id)) return Refusal::invalid_client_order_id;
  if (x.type == OrderType::losscut) return Refusal::invalid_type;
  if (x.amount.value == 0 && !closes) return Refusal::invalid_amount;
  if ((x.price.value != 0) != priced) return Refusal::invalid_price;
  if ((x.trigger.value != 0) != has_trigger(x.type)) return Refusal::invalid_trigger;
  if (x.post_only && x.type != OrderType::limit) return Refusal::post_only_with_market;
  if (!good_time_in_force(state, x)) return Refusal::invalid_time_in_force;
  return good_display(state, x, spec) ? Refusal::ok : Refusal::invalid_display;
}

// Checks 10 to 13.
Refusal check_position(const PlaceView& x, const MarketSpec& spec) {
  const bool margin = x.position != PositionSide::none;
  const bool closer = x.type == OrderType::take_profit || x.type == OrderType::stop_loss;
  if (margin && !spec.margin.enabled) return Refusal::no_margin_market;
  if (closer && !margin) return Refusal::invalid_position;
  if (!margin || !opens(x.side, x.position)) return Refusal::ok;
  if (x.type == OrderType::stop || x.type == OrderType::stop_limit) {
    return Refusal::stop_opens_position;
  }
  return closer ? Refusal::not_closing : Refusal::ok;
}

// Checks 31 to 35.
Refusal check_account(const State& state, const PlaceView& x, Row account, Row seat) {
  const bool waits = has_trigger(x.type);
  const Price last = state.flows[State::market(x.market)].last_price;
  if (waits && last.value != 0 && reached(x.type, x.side, x.trigger, last)) {
    return Refusal::triggers_at_once;
  }
  const bool may_stay =
      waits || (x.type == OrderType::limit && x.time_in_force != TimeInForce::ioc &&
                x.time_in_force != TimeInForce::fok);
  if (may_stay) {
    if (state.seats[seat].open >= state.limits().open_orders_per_account_and_market_max) {
      return Refusal::too_many_open_orders;
    }
    if (state.counters().open_orders >= state.limits().open_orders_max) {
      return Refusal::limit_reached;
    }
    if (x.session.value != 0 && !edge_fits(state, x.session)) return Refusal::limit_reached;
  }
  if (x.position == PositionSide::none) [[likely]]
    return Refusal::ok;
  if (opens(x.side, x.position)) {
    return may_open_position(state, account) ? Refusal::ok : Refusal::margin_not_allowed;
  }
  const bool oversells = PLANTED(core_position_oversold) && x.amount.value == planted_lots;
  if (!waits && x.amount > left_to_close(state, seat, x.position) && !oversells) {
    return Refusal::exceeds_position;
  }
  return Refusal::ok;
}

NewOrder new_order(const PlaceView& x, Row account, Row seat) {
  NewOrder fresh;
  Order& order = fresh.order;
  order.account = account;
  order.seat = seat;
  order.market = x.market;
  order.side = x.side;
  order.type = x.type;
  order.post_only = x.post_only;
  order.time_in_force = x.time_in_force;
  order.self_trade = x.self_trade;
  order.position = x.position;
  order.price = x.price;
  order.amount = x.amount;
  fresh.trigger = x.trigger;
  fresh.display = x.display;
  fresh.expire_at = x.expire_at;
  fresh.session = x.session;
  fresh.client_order_id = x.client_order_id;
  return fresh;
}

std::uint64_t free_to_hold(const State& state, const Order& order, Row seat) {
  const MarketSpec& spec = state.facts[order.market.value].spec;
  const AssetId asset = order.side == Side::buy ? spec.quote : spec.base;
  Pocket pocket = 0;
  if (order.position != PositionSide::none) {
    pocket = state.assets[state.asset(asset)].lender_pocket;
  } else if (seat != 0) {
    pocket =
        order.side == Side::buy ? state.seats[seat].quote_pocket : state.seats[seat].base_pocket;
  } else {
    pocket = state.purses.find(state.accounts[order.account].purse, asset);
  }
  return pocket == 0 ? 0 : state.purses.free(pocket);
}

// Checks 36 to 39, of an order that executes now.
Refusal check_money(const State& state, const Order& order, Row seat, Amount hold) {
  const MarketFacts& market = state.facts[order.market.value];
  const bool margin = order.position != PositionSide::none;
  Amount worth;
  if (order.opens_position()) {
    worth = is_market_type(order.type)
                ? Amount{narrow_worth(state.plan.quote)}
                : Amount{quote_of(market.scale, order.price, order.amount, true)};
    if (!margin_suffices(state, order.account, order.market, worth)) {
      return Refusal::insufficient_margin;
    }
  }
  if (hold.value > free_to_hold(state, order, seat)) {
    return margin ? Refusal::lender_exhausted : Refusal::insufficient_amount;
  }
  if (book_overflows(state, order.market, order.side, order.amount, Lots{})) {
    return Refusal::overflow;
  }
  if (order.opens_position() && position_overflows(state, seat, order.position, worth)) {
    return Refusal::overflow;
  }
  return Refusal::ok;
}

using Line = Answer::Line;

Line refused(Refusal refusal) { return {refusal, 0, {}}; }

Line known_client_id(const State& state, OrderId id) {
  const Row open = state.open_order(id);
  return {Refusal::client_order_id_used, open, id};
}

Line place_now(State& state, const PlaceView& x, Row account, Row seat) {
  NewOrder fresh = new_order(x, account, seat);
  const Order& order = fresh.order;
  const Taker taker = taker_of(order);
  const bool continuous = state.rules[State::market(x.market)].mode == MarketMode::none;
  Verdict verdict = Verdict::carry_out;
  state.plan.clear();
  if (continuous) {
    make_plan(state, taker);
    verdict = judge(state, taker);
  }
  const bool market = is_market_type(x.type);
  Amount hold;
  if (!market || verdict != Verdict::not_filled) {
    hold = market ? hold_to_take(state, order, verdict) : hold_need(state, order, x.amount);
    const Refusal refusal = check_money(state, order, seat, hold);
    if (refusal != Refusal::ok) return refused(refusal);
  }
  if (seat == 0) fresh.order.seat = state.sit(account, x.market);
  const Row row = accept(state, fresh);
  if (!x.client_order_id.empty()) {
    remember(state, account, x.client_order_id, state.orders[row].id);
  }
  carry(state, row, verdict, hold);
  return {Refusal::ok, row, {}};
}

Line place_one(State& state, const PlaceView& x, Row account) {
  count_order(state, x.market);
  if (!x.client_order_id.empty()) {
    const OrderId known = remembered(state, account, x.client_order_id);
    if (known.value != 0) return known_client_id(state, known);
  }
  const MarketSpec& spec = state.facts[x.market.value].spec;
  Refusal refusal = check_shape(state, x, spec);
  if (refusal == Refusal::ok) refusal = check_position(x, spec);
  const OrderShape shape = shape_of(x);
  if (refusal == Refusal::ok) refusal = check_market(state, shape);
  if (refusal == Refusal::ok) refusal = check_size(state, shape);
  if (refusal != Refusal::ok) return refused(refusal);
  const Row seat = state.seat(account, x.market);
  refusal = check_account(state, x, account, seat);
  if (refusal != Refusal::ok) return refused(refusal);
  if (!has_trigger(x.type)) return place_now(state, x, account, seat);
  const Row row =
      accept(state, new_order(x, account, seat != 0 ? seat : state.sit(account, x.market)));
  if (!x.client_order_id.empty()) {
    remember(state, account, x.client_order_id, state.orders[row].id);
  }
  return {Refusal::ok, row, {}};
}

}  // namespace

Refusal handle(State& state, const PlaceView& x) {
  Row account = 0;
  const Refusal refusal = admit(state, x.account, x.auth, &x.market, account);
  if (refusal != Refusal::ok) return refusal;
  if (state.accounts[account].no_orders) return Refusal::account_restricted;
  const Line line = place_one(state, x, account);
  if (line.refusal == Refusal::ok || line.refusal == Refusal::client_order_id_used) {
    state.answer.lines.push_back(line);
  }
  return line.refusal;
}

Refusal handle(State& state, const BatchView& x) {
  Row account = 0;
  const Refusal refusal = admit(state, x.account, x.auth, nullptr, account);
  if (refusal != Refusal::ok) return refusal;
  ByteView left = x.orders;
  for (std::size_t i = 0; i < x.count; ++i) {
    PlaceView order;
    take_place(left, order);
    Line line = refused(Refusal::malformed);
    if (order.account == x.account && order.auth == x.auth) {
      if (order.market.value >= state.markets_count()) {
        line = refused(Refusal::unknown_market);
      } else if (state.accounts[account].no_orders) {
        line = refused(Refusal::account_restricted);
      } else {
        line = place_one(state, order, account);
      }
    }
    state.answer.lines.push_back(line);
  }
  return Refusal::ok;
}

}  // namespace oki::core::fast
