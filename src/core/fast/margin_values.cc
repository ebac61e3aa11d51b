#include "core/fast/margin_values.h"

#include <algorithm>

namespace oki::core::fast {
namespace {

constexpr Wide value_max = (Wide{1} << 63) - 1;

// quote_up or quote_down of any number of lots, at most value_max: products of 64 bits each and
// what a valid market's scale leaves of them fit 128 bits.
Wide quote_value(const Scale& scale, Price price, Lots lots, bool up) {
  const Wide product = Wide{price.value} * lots.value;
  if (scale.quote_down == 1) {
    return product > value_max / scale.quote_up ? value_max : product * scale.quote_up;
  }
  const Wide value = product / scale.quote_down;
  return std::min(value_max, value + (up && product % scale.quote_down != 0 ? 1 : 0));
}

const MarketFacts* market_of(const State& state, AssetId base, AssetId quote) {
  for (const MarketFacts& market : state.facts) {
    if (market.spec.base == base && market.spec.quote == quote) return &market;
  }
  return nullptr;
}

Price last_price(const State& state, MarketId market) {
  return state.flows[State::market(market)].last_price;
}

Wide asset_value(const State& state, AssetId asset, Wide units, AssetId margin) {
  if (asset == margin) return units;
  const MarketFacts* const market = market_of(state, asset, margin);
  if (market == nullptr) return 0;
  const MarketId id{static_cast<std::uint16_t>(market - state.facts.data())};
  const Scale& scale = market->scale;
  const Wide value = units * last_price(state, id).value / (scale.quote_down * scale.lot);
  return value > value_max / scale.quote_up ? value_max : value * scale.quote_up;
}

Wide pocket_value(const State& state, Pocket pocket, AssetId margin, const Leaving* leaving) {
  const AssetId asset = state.purses.asset(pocket);
  const std::uint32_t ratio = state.assets[state.asset(asset)].collateral_ppm;
  if (ratio == 0) return 0;
  const Funds funds = state.purses.funds(pocket);
  Wide free = funds.free;
  if (leaving != nullptr && leaving->asset == asset) free -= std::min(free, leaving->amount);
  return asset_value(state, asset, free + funds.held, margin) * ratio / million;
}

Wide collateral(const State& state, Row account, AssetId margin, const Leaving* leaving) {
  Wide sum = 0;
  for (Row purse = state.accounts[account].purse; purse != 0; purse = state.purses.next(purse)) {
    for (Pocket i = 0; i < 4; ++i) sum += pocket_value(state, purse * 4 + i, margin, leaving);
  }
  return sum;
}

void add_position(const State& state, const Position& position, MarginValues& values) {
  if (position.open.value == 0) return;
  const MarketFacts& market = state.facts[position.market.value];
  const Price mark = last_price(state, position.market);
  const Wide value = quote_value(market.scale, mark, position.open, true);
  const Wide cost = position.cost.value;
  if (position.side == PositionSide::long_side) {
    const Wide worth = quote_value(market.scale, mark, position.open, false);
    values.balance += static_cast<SignedWide>(worth) - static_cast<SignedWide>(cost);
  } else {
    values.balance += static_cast<SignedWide>(cost) - static_cast<SignedWide>(value);
  }
  values.balance -= static_cast<SignedWide>(Wide{position.fees.value} + position.interest.value);
  values.positions += value;
  values.required += share_up(value, market.spec.margin.ratio_ppm);
  values.has_position = true;
}

void add_orders(const State& state, const Seat& seat, MarginValues& values) {
  const MarketFacts& market = state.facts[seat.market.value];
  for (Row row = seat.first_order; row != 0; row = state.links[row].next) {
    const Order& order = state.orders[row];
    if (!order.in_book || !order.opens_position()) continue;
    const Wide worth = quote_value(market.scale, order.price, order.open(), true);
    values.required += share_up(worth, market.spec.margin.ratio_ppm);
    values.has_order = true;
  }
}

}  // namespace

std::optional<AssetId> margin_asset(const State& state) {
  for (const MarketFacts& market : state.facts) {
    if (market.spec.margin.enabled) return market.spec.quote;
  }
  return std::nullopt;
}

MarginValues margin_values(const State& state, Row account, const Leaving* leaving) {
  MarginValues values;
  const std::optional<AssetId> margin = margin_asset(state);
  if (!margin) return values;
  values.balance = static_cast<SignedWide>(collateral(state, account, *margin, leaving)) -
                   static_cast<SignedWide>(state.accounts[account].debt.value);
  for (Row row = state.accounts[account].seat; row != 0; row = state.seats[row].next) {
    const Seat& seat = state.seats[row];
    if (!state.facts[seat.market.value].spec.margin.enabled) continue;
    for (const Row position : seat.positions) {
      if (position != 0) add_position(state, state.positions[position], values);
    }
    add_orders(state, seat, values);
  }
  return values;
}

}  // namespace oki::core::fast
