// New orders: checks, the plan of their trades, and settlement.
#include <algorithm>
#include <limits>

#include "base/assert.h"
#include "core/state.h"

namespace oki::core {
namespace {

constexpr Price no_limit_up{std::numeric_limits<std::uint64_t>::max()};

// What will become of an order, decided before anything changes.
struct Plan {
  Lots filled;
  Lots resting;                                 // Lots that go into the book.
  Amount hold;                                  // What its owner must have free.
  OrderStatus at_once = OrderStatus::unfilled;  // Or: final without any trade.
};

// Whether the order asks for nothing but what this file knows.
bool is_known(const PlaceOrder& command) {
  return command.type <= OrderType::market && command.time_in_force == TimeInForce::gtc &&
         command.self_trade == SelfTrade::allow && command.position == PositionSide::none &&
         command.trigger.value == 0 && command.display.value == 0 && command.expire_at.value == 0 &&
         command.session.value == 0 && command.client_order_id.empty();
}

Refusal check_shape(const MarketSpec& spec, const PlaceOrder& command) {
  const bool is_market = command.type == OrderType::market;
  if (command.amount.value == 0) return Refusal::invalid_amount;
  if (is_market != (command.price.value == 0)) return Refusal::invalid_price;
  if (is_market && command.post_only) return Refusal::post_only_with_market;
  if (command.amount < spec.amount_min) return Refusal::amount_below_min;
  const Lots amount_max = is_market ? spec.market_amount_max : spec.limit_amount_max;
  if (command.amount > amount_max) return Refusal::amount_above_max;
  if (is_market) return Refusal::ok;
  if (command.price < spec.price_min) return Refusal::price_below_min;
  if (command.price > spec.price_max) return Refusal::price_above_max;
  return Refusal::ok;
}

Refusal check_room(CoreState& state, const PlaceOrder& command) {
  if (command.type == OrderType::market) return Refusal::ok;
  const std::uint32_t open = state.accounts.find(command.account)->open_orders_in(command.market);
  if (open >= state.limits.open_orders_per_account_and_market_max) {
    return Refusal::too_many_open_orders;
  }
  if (state.orders.size() >= state.limits.open_orders_max) return Refusal::limit_reached;
  return Refusal::ok;
}

Lots sum_of(const std::vector<Fill>& fills) {
  Lots sum;
  for (const Fill& fill : fills) sum.value += fill.lots.value;
  return sum;
}

// What a market buy costs. Its fees are rounded up one by one, so the sum may pass what one order
// can be worth and is wide.
Wide cost_of(const Market& market, const std::vector<Fill>& fills) {
  Wide cost = 0;
  for (const Fill& fill : fills) {
    const Amount quote = quote_down(market.scale, fill.price, fill.lots);
    cost += quote.value;
    cost += static_cast<std::uint64_t>(fee_of(quote, market.spec.taker_fee_ppm));
  }
  return cost;
}

Refusal plan_market(CoreState& state, const PlaceOrder& command, Amount free, Plan& plan) {
  const Market& market = state.markets[command.market.value];
  const Price limit = command.side == Side::buy ? no_limit_up : Price{0};
  market.book.plan(command.side, limit, command.amount, state.fills);
  plan.filled = sum_of(state.fills);
  if (plan.filled < command.amount) {
    state.fills.clear();
    plan.filled = {};
    plan.at_once = OrderStatus::rejected;
    return Refusal::ok;
  }
  const Wide hold = command.side == Side::buy ? cost_of(market, state.fills)
                                              : Wide{base_of(market.scale, command.amount).value};
  if (hold > free.value) return Refusal::insufficient_amount;
  plan.hold = Amount{static_cast<std::uint64_t>(hold)};
  return Refusal::ok;
}

Refusal plan_limit(CoreState& state, const PlaceOrder& command, Amount free, Plan& plan) {
  const Market& market = state.markets[command.market.value];
  plan.hold = hold_of(market.spec, market.scale, command.side, command.price, command.amount);
  if (plan.hold > free) return Refusal::insufficient_amount;
  market.book.plan(command.side, command.price, command.amount, state.fills);
  if (command.post_only && !state.fills.empty()) {
    state.fills.clear();
    plan.hold = {};
    plan.at_once = OrderStatus::canceled_unfilled;
    return Refusal::ok;
  }
  plan.filled = sum_of(state.fills);
  plan.resting = Lots{command.amount.value - plan.filled.value};
  const std::uint64_t side_lots = market.book.lots(command.side).value;
  if (plan.resting.value > std::numeric_limits<std::uint64_t>::max() - side_lots) {
    return Refusal::overflow;
  }
  return Refusal::ok;
}

AssetId held_asset(const MarketSpec& spec, Side side) {
  return side == Side::buy ? spec.quote : spec.base;
}

void move_fee(Ledger& ledger, AssetId quote, Place payer, std::int64_t fee) {
  if (fee > 0) ledger.move(quote, payer, {fee_account}, Amount{static_cast<std::uint64_t>(fee)});
}

void move_rebate(Ledger& ledger, AssetId quote, AccountId receiver, std::int64_t fee) {
  if (fee >= 0) return;
  ledger.move(quote, {fee_account}, {receiver}, Amount{static_cast<std::uint64_t>(-fee)});
}

// Moves what one fill moves. `released` is what the buyer's hold gives up for it; the fees in
// `trade` may shrink to it, see core/money.h.
void settle(CoreState& state, const Market& market, Traded& trade, Amount released) {
  const bool taker_buys = trade.taker_side == Side::buy;
  const AccountId buyer = taker_buys ? trade.taker_account : trade.maker_account;
  const AccountId seller = taker_buys ? trade.maker_account : trade.taker_account;
  std::int64_t& buyer_fee = taker_buys ? trade.taker_fee : trade.maker_fee;
  std::int64_t& seller_fee = taker_buys ? trade.maker_fee : trade.taker_fee;
  ASSERT(released >= trade.quote);
  const std::uint64_t left = released.value - trade.quote.value;
  if (buyer_fee > 0 && static_cast<std::uint64_t>(buyer_fee) > left) {
    ASSERT(static_cast<std::uint64_t>(buyer_fee) == left + 1);
    buyer_fee = static_cast<std::int64_t>(left);
  }
  Ledger& ledger = state.ledger;
  const AssetId quote = market.spec.quote;
  const Place buyer_held{buyer, Pocket::held};
  const std::uint64_t buyer_paid = buyer_fee > 0 ? static_cast<std::uint64_t>(buyer_fee) : 0;
  ledger.move(quote, buyer_held, {seller}, trade.quote);
  move_fee(ledger, quote, buyer_held, buyer_fee);
  ledger.move(quote, buyer_held, {buyer}, Amount{left - buyer_paid});
  move_fee(ledger, quote, {seller}, seller_fee);
  move_rebate(ledger, quote, trade.maker_account, trade.maker_fee);
  ledger.move(market.spec.base, {seller, Pocket::held}, {buyer},
              base_of(market.scale, trade.amount));
}

void execute(OrderView& order, const Traded& trade, WallTimeMs time) {
  order.executed.value += trade.amount.value;
  order.executed_quote.value += trade.quote.value;
  order.executed_at = time;
  order.status =
      order.executed == order.amount ? OrderStatus::fully_filled : OrderStatus::partially_filled;
}

// What the hold of the buyer's order gives up when `trade` takes its lots.
Amount released_by(const Market& market, const OrderView& buy, const Traded& trade) {
  if (buy.type == OrderType::market) {
    const std::int64_t fee = fee_of(trade.quote, market.spec.taker_fee_ppm);
    return Amount{trade.quote.value + static_cast<std::uint64_t>(fee)};
  }
  const Lots open = open_lots(buy);
  const Lots after{open.value - trade.amount.value};
  return Amount{hold_of(market.spec, market.scale, Side::buy, buy.price, open).value -
                hold_of(market.spec, market.scale, Side::buy, buy.price, after).value};
}

void close_if_filled(CoreState& state, const OrderView& maker) {
  if (maker.status != OrderStatus::fully_filled) return;
  --state.accounts.find(maker.account)->open_orders_in(maker.market);
  state.orders.erase(maker.id.value);
}

void touch_level(Changes& changes, const Changes::LevelKey& level) {
  if (changes.levels.empty() || changes.levels.back() != level) changes.levels.push_back(level);
}

void carry_out(CoreState& state, const Fill& fill, OrderView& taker, Bytes& events) {
  Market& market = state.markets[taker.market.value];
  OrderView& maker = state.orders.find(fill.maker.value)->second;
  const OrderView& buy = taker.side == Side::buy ? taker : maker;
  Traded trade;
  trade.id = TradeId{++state.last_trade.value};
  trade.market = taker.market;
  trade.taker_side = taker.side;
  trade.price = fill.price;
  trade.amount = fill.lots;
  trade.quote = quote_down(market.scale, fill.price, fill.lots);
  trade.maker_order = maker.id;
  trade.taker_order = taker.id;
  trade.maker_account = maker.account;
  trade.taker_account = taker.account;
  trade.maker_fee = fee_of(trade.quote, market.spec.maker_fee_ppm);
  trade.taker_fee = fee_of(trade.quote, market.spec.taker_fee_ppm);

  settle(state, market, trade, released_by(market, buy, trade));
  market.book.take(fill);
  execute(maker, trade, state.time);
  execute(taker, trade, state.time);
  append(events, trade);
  state.changes.orders.push_back(maker);
  touch_level(state.changes, {taker.market, maker.side, fill.price});
  close_if_filled(state, maker);
}

void rest(CoreState& state, Market& market, const OrderView& order) {
  market.book.add(order.side, order.price, order.id, open_lots(order));
  ++state.accounts.find(order.account)->open_orders_in(order.market);
  state.orders.emplace(order.id.value, order);
  touch_level(state.changes, {order.market, order.side, order.price});
}

OrderView new_order(CoreState& state, const PlaceOrder& command) {
  OrderView order;
  order.id = OrderId{++state.last_order.value};
  order.account = command.account;
  order.market = command.market;
  order.side = command.side;
  order.type = command.type;
  order.post_only = command.post_only;
  order.price = command.price;
  order.amount = command.amount;
  order.ordered_at = state.time;
  return order;
}

OrderView carry_out(CoreState& state, const PlaceOrder& command, const Plan& plan, Bytes& events) {
  Market& market = state.markets[command.market.value];
  OrderView order = new_order(state, command);
  append(events, OrderAccepted{order});
  state.ledger.move(held_asset(market.spec, order.side), {order.account, Pocket::free},
                    {order.account, Pocket::held}, plan.hold);
  for (const Fill& fill : state.fills) carry_out(state, fill, order, events);
  if (plan.resting.value > 0) rest(state, market, order);
  if (plan.at_once != OrderStatus::unfilled) order.status = plan.at_once;
  if (plan.at_once == OrderStatus::canceled_unfilled) order.canceled_at = state.time;
  if (plan.filled.value > 0 || is_final(order.status)) state.changes.orders.push_back(order);
  return order;
}

}  // namespace

Refusal apply(CoreState& state, const PlaceOrder& command, Bytes& events, Reply& reply) {
  if (!is_known(command)) return Refusal::malformed;
  Refusal refusal = admit(state, command.account, command.market, command.auth, events);
  if (refusal != Refusal::ok) return refusal;
  const MarketSpec& spec = state.markets[command.market.value].spec;
  refusal = check_shape(spec, command);
  if (refusal != Refusal::ok) return refusal;
  refusal = check_room(state, command);
  if (refusal != Refusal::ok) return refusal;

  Plan plan;
  state.fills.clear();
  const Amount free = state.ledger.holding(command.account, held_asset(spec, command.side)).free;
  refusal = command.type == OrderType::market ? plan_market(state, command, free, plan)
                                              : plan_limit(state, command, free, plan);
  if (refusal != Refusal::ok) return refusal;
  reply.rows.push_back({Refusal::ok, carry_out(state, command, plan, events)});
  return Refusal::ok;
}

}  // namespace oki::core
