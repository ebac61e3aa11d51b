// The orders of MarketCommands: plausible ones around a price that moves, and spoilt ones.
#include <algorithm>

#include "core/testing/market_commands.h"

namespace oki::core {
namespace {

constexpr std::uint64_t center_min = 300;
constexpr std::uint64_t center_max = 20'000;

bool may_rest(const PlaceOrder& order) {
  const bool limited = order.type == OrderType::limit || order.type == OrderType::stop_limit;
  return limited &&
         (order.time_in_force == TimeInForce::gtc || order.time_in_force == TimeInForce::gtd);
}

}  // namespace

// One step of the price, and now and then another direction.
void MarketCommands::move(Market& market) {
  if (one_in(80)) {
    constexpr Drift drifts[] = {Drift::calm, Drift::calm,  Drift::calm, Drift::up,
                                Drift::down, Drift::crash, Drift::boom};
    market.drift = drifts[upto(std::size(drifts))];
  }
  const std::uint64_t step = market.center / 500 + 1;
  switch (market.drift) {
    case Drift::calm:
      market.center += upto(3);
      market.center -= upto(3);
      break;
    case Drift::up:
      market.center += upto(step + 1);
      break;
    case Drift::down:
      market.center -= upto(step + 1);
      break;
    case Drift::boom:
      market.center += step * 8;
      break;
    case Drift::crash:
      market.center -= step * 6;
      break;
  }
  if (market.center < center_min) market.drift = Drift::boom;
  if (market.center > center_max) market.drift = Drift::crash;
}

std::uint64_t MarketCommands::price_near(std::uint16_t market, Side side) {
  const std::uint64_t center = market_[market].center;
  const bool crosses = prng_.chance(3, 10);
  const std::uint64_t away =
      crosses ? upto(center / 150 + 2) : upto(center / (one_in(4) ? 8 : 50) + 2);
  return (side == Side::buy) == crosses ? center + away : center - away;
}

std::uint64_t MarketCommands::trigger_near(std::uint16_t market, bool upward) {
  const std::uint64_t center = market_[market].center;
  const std::uint64_t away = center / 100 + upto(center / 25 + 1);
  return upward ? center + away : center - away;
}

// Names are mostly new; some are used again, and a few are no names.
std::string MarketCommands::client_order_id() {
  if (!one_in(4)) return {};
  if (one_in(50)) return "not a name";
  const bool again = one_in(8) && client_ids_ > 0;
  const std::uint64_t number =
      again ? client_ids_ - upto(std::min<std::uint64_t>(client_ids_, 20)) : ++client_ids_;
  return "c." + std::to_string(number);
}

SessionId MarketCommands::session() { return SessionId{((1 + upto(3)) << 32) | (1 + upto(6))}; }

void MarketCommands::choose_position(PlaceOrder& order) {
  const bool triggered = order.type == OrderType::take_profit || order.type == OrderType::stop_loss;
  const bool margin = market_[order.market.value].spec.margin.enabled;
  if (!triggered && (!margin || !prng_.chance(2, 5))) return;
  const KnownPositions::Known& known = positions_.pick(prng_.next());
  if (known.open > 0 && (has_trigger(order.type) || one_in(3))) {  // Closes one.
    order.account = AccountId{known.account};
    order.market = MarketId{known.market};
    order.position = known.side;
    order.amount = Lots{one_in(2) ? known.open : 1 + upto(known.open)};
    if (triggered && one_in(2)) order.amount = Lots{0};
  } else {
    order.position = one_in(2) ? PositionSide::long_side : PositionSide::short_side;
    const std::uint64_t scale = order.market.value == 0 ? 1 : 10;
    order.amount = Lots{(20 + upto(one_in(3) ? 20'000 : 2'000)) / scale + 3};
    if (one_in(2)) order.account = AccountId{3 + 4 * upto(6)};  // The poor ones.
  }
  const bool opening =
      known.open == 0 || order.account.value != known.account || order.position != known.side;
  const bool buy_opens = order.position == PositionSide::long_side;
  const bool closes = has_trigger(order.type) || !opening;
  order.side = buy_opens != closes ? Side::buy : Side::sell;
}

void MarketCommands::choose_type(PlaceOrder& order) {
  constexpr OrderType types[] = {
      OrderType::market,     OrderType::market,      OrderType::stop,      OrderType::stop_limit,
      OrderType::stop_limit, OrderType::take_profit, OrderType::stop_loss, OrderType::stop_loss};
  order.type = prng_.chance(7, 10) ? OrderType::limit : types[upto(std::size(types))];
  const bool only_margin =
      order.type == OrderType::take_profit || order.type == OrderType::stop_loss;
  if (only_margin && positions_.pick(prng_.next()).open == 0 && !one_in(20)) {
    order.type = OrderType::stop;
  }
}

void MarketCommands::choose_extras(PlaceOrder& order) {
  constexpr TimeInForce forces[] = {TimeInForce::gtc, TimeInForce::gtc, TimeInForce::gtc,
                                    TimeInForce::gtd, TimeInForce::gtd, TimeInForce::ioc,
                                    TimeInForce::fok};
  if (order.type == OrderType::limit) order.time_in_force = forces[upto(std::size(forces))];
  if (order.type == OrderType::stop_limit && one_in(3)) order.time_in_force = TimeInForce::gtd;
  if (order.time_in_force == TimeInForce::gtd) {
    const std::int64_t life = one_in(6) ? 4'000'000 : 90'000;
    order.expire_at = WallTimeMs{timed_.time.value + prng_.between(1, life)};
  }
  order.post_only = order.type == OrderType::limit && may_rest(order) && one_in(6);
  order.self_trade = static_cast<SelfTrade>(upto(5));
  if (may_rest(order) && one_in(8) && order.amount.value >= 6) {
    order.display = Lots{std::max<std::uint64_t>(3, order.amount.value / (1 + upto(20)))};
  }
  if (one_in(5)) order.session = session();
  order.client_order_id = client_order_id();
}

PlaceOrder MarketCommands::usual_order(std::uint64_t account, std::uint16_t market) {
  move(market_[market]);
  PlaceOrder order;
  order.account = AccountId{account};
  order.market = MarketId{market};
  order.side = one_in(2) ? Side::buy : Side::sell;
  order.amount = Lots{3 + upto(one_in(10) ? 3'000 : 300)};
  choose_type(order);
  choose_position(order);
  market = order.market.value;
  if (order.type == OrderType::limit || order.type == OrderType::stop_limit) {
    order.price = Price{price_near(market, order.side)};
  }
  if (has_trigger(order.type)) {
    const bool upward = (order.side == Side::buy) != (order.type == OrderType::take_profit);
    order.trigger = Price{trigger_near(market, upward != one_in(30))};
  }
  choose_extras(order);
  order.auth = auth(order.account.value);
  return order;
}

PlaceOrder MarketCommands::place() {
  PlaceOrder order = usual_order(account(), market());
  if (one_in(25)) spoil(order);
  return order;
}

void MarketCommands::spoil(PlaceOrder& order) {
  const std::uint64_t extreme = one_in(2) ? 0 : ~std::uint64_t{0};
  switch (upto(9)) {
    case 0:
      order.amount = Lots{one_in(4) ? extreme : 1 + upto(2)};
      break;
    case 1:
      order.price = Price{one_in(2) ? extreme : out_of_bounds()};
      break;
    case 2:
      order.trigger = Price{one_in(2) ? extreme : out_of_bounds()};
      break;
    case 3:
      order.type = static_cast<OrderType>(upto(7));
      break;
    case 4:
      order.position = static_cast<PositionSide>(upto(3));
      break;
    case 5:
      order.side = order.side == Side::buy ? Side::sell : Side::buy;
      break;
    case 6:
      order.market = MarketId{static_cast<std::uint16_t>(upto(markets + 3))};
      break;
    default:
      spoil_terms(order);
      break;
  }
}

void MarketCommands::spoil_terms(PlaceOrder& order) {
  switch (upto(6)) {
    case 0:
      order.time_in_force = static_cast<TimeInForce>(upto(4));
      break;
    case 1:
      order.post_only = true;
      break;
    case 2:
      order.expire_at = WallTimeMs{one_in(2) ? 1 : timed_.time.value + 16'000'000'000};
      break;
    case 3:
      order.display = Lots{one_in(2) ? 1 : order.amount.value + 1};
      break;
    case 4:
      order.client_order_id = one_in(2) ? "c.1" : std::string(1 + upto(40), 'z');
      break;
    default:
      order.type = OrderType::losscut;
      break;
  }
}

// A wall of icebergs with a hundred slices each, and the orders that want all of it.
PlaceOrder MarketCommands::wall_order() {
  PlaceOrder order;
  order.market = MarketId{4};
  order.account = AccountId{1 + upto(accounts_)};
  order.price = Price{market_[4].center};
  order.side = one_in(30) ? Side::buy : Side::sell;
  const bool wants = order.side == Side::buy;
  order.amount = Lots{wants ? 30'000u : 300u};
  if (wants) {
    order.time_in_force = one_in(2) ? TimeInForce::ioc : TimeInForce::gtc;
  } else {
    order.display = Lots{3};
  }
  return order;
}

// Small orders that cross, for auctions with thousands of trades.
PlaceOrder MarketCommands::crowd_order() {
  PlaceOrder order;
  order.account = AccountId{2 + upto(accounts_ - 1)};
  order.market = MarketId{static_cast<std::uint16_t>(upto(2))};
  order.side = one_in(2) ? Side::buy : Side::sell;
  order.price = Price{market_[order.market.value].center - 10 + upto(20)};
  order.amount = Lots{100 + upto(5)};
  order.self_trade = static_cast<SelfTrade>(upto(5));
  return order;
}

}  // namespace oki::core
