// Positions: what may open them, and what trades make of them. Rules 8.4, 9.1 to 9.8.
#include "core/fast/margin.h"

#include <algorithm>

#include "core/fast/margin_values.h"

namespace oki::core::fast {
namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t zone_ms = 32'400'000;  // UTC+9.
constexpr Wide interest_max = Wide{1} << 62;
constexpr Wide cost_max = Wide{1} << 62;

std::size_t place_of(PositionSide side) { return side == PositionSide::long_side ? 0 : 1; }

WallTimeMs last_midnight(WallTimeMs time) {
  const std::int64_t local = time.value + zone_ms;
  const std::int64_t passed = ((local % day_ms) + day_ms) % day_ms;
  return WallTimeMs{time.value - passed};
}

std::uint64_t part_of(Amount sum, Lots lots, Lots open) {
  return static_cast<std::uint64_t>(Wide{sum.value} * lots.value / open.value);
}

std::uint64_t base_units(const MarketFacts& market, Lots lots) {
  const Wide units = Wide{lots.value} * market.scale.lot;
  INVARIANT(units >> 64 == 0, "a position passes 64 bits");
  return static_cast<std::uint64_t>(units);
}

Pocket lender_pocket(const State& state, AssetId asset) {
  return state.assets[state.asset(asset)].lender_pocket;
}

// What a trade did to the account, for MarginTraded.
struct Told {
  bool opened = true;
  std::uint64_t fee_paid = 0;
  std::uint64_t interest = 0;
  std::int64_t profit = 0;
};

void tell_margin_trade(State& state, const MarginFill& fill, const Told& told) {
  const Order& order = state.orders[fill.order];
  put_event<MarginTraded>(state.out, 64, [&](Put& put) {
    put(fill.trade, order.id, state.accounts[order.account].id, order.position, told.opened,
        fill.fee, told.fee_paid, told.interest, told.profit);
  });
}

Row open_row(State& state, const Order& order) {
  const std::size_t place = place_of(order.position);
  if (const Row known = state.seats[order.seat].positions[place]) return known;
  const Row row = state.positions.create();
  Position& position = state.positions.change(row);
  position.account = order.account;
  position.market = order.market;
  position.side = order.position;
  position.interest_until = last_midnight(state.time);
  state.seats.change(order.seat).positions[place] = row;
  return row;
}

void add_to(Amount& sum, std::uint64_t amount) {
  INVARIANT(!__builtin_add_overflow(sum.value, amount, &sum.value), "a position passes 64 bits");
}

void open_part(State& state, const MarginFill& fill) {
  const Order& order = state.orders[fill.order];
  const MarketFacts& market = state.facts[order.market.value];
  const Row row = open_row(state, order);
  accrue(state, row);
  Position& position = state.positions.change(row);
  const bool is_new = position.open.value == 0;
  INVARIANT(!__builtin_add_overflow(position.open.value, fill.lots.value, &position.open.value),
            "a position passes 64 bits");
  add_to(position.cost, fill.quote.value);
  add_to(position.fees, fill.fee.value);
  if (position.side == PositionSide::long_side) {
    state.purses.add_held(lender_pocket(state, market.spec.base), base_units(market, fill.lots));
  } else {
    INVARIANT(fill.fee <= fill.quote, "a fee above what changed hands");
    state.purses.add_held(lender_pocket(state, market.spec.quote),
                          fill.quote.value - fill.fee.value);
  }
  if (is_new) watch_margin(state, order.account);
  tell_margin_trade(state, fill, {});
}

// What a closing trade takes off its position.
struct Part {
  std::uint64_t cost = 0;
  std::uint64_t fees = 0;
  std::uint64_t interest = 0;
};

Part take_part(State& state, Row row, Lots lots) {
  Position& position = state.positions.change(row);
  INVARIANT(lots <= position.open, "more is closed than is open");
  const Part part{part_of(position.cost, lots, position.open),
                  part_of(position.fees, lots, position.open),
                  part_of(position.interest, lots, position.open)};
  position.cost.value -= part.cost;
  position.fees.value -= part.fees;
  position.interest.value -= part.interest;
  position.open.value -= lots.value;
  return part;
}

// Between the lender and the account; what the account cannot pay becomes debt.
void move_net(State& state, Pocket lender, const Order& order, SignedWide net) {
  const Pocket own = state.seats[order.seat].quote_pocket;
  if (net > 0) {
    state.purses.take_free(lender, static_cast<std::uint64_t>(net));
    state.purses.add_free(own, static_cast<std::uint64_t>(net));
    return;
  }
  const Wide due = static_cast<Wide>(-net);
  const auto paid = static_cast<std::uint64_t>(std::min<Wide>(due, state.purses.free(own)));
  if (paid != 0) {
    state.purses.take_free(own, paid);
    state.purses.add_free(lender, paid);
  }
  if (due == paid) return;
  Account& account = state.accounts.change(order.account);
  const Wide debt = account.debt.value + (due - paid);
  INVARIANT(debt >> 64 == 0, "a debt passes 64 bits");
  account.debt = Amount{static_cast<std::uint64_t>(debt)};
}

void close_part(State& state, const MarginFill& fill) {
  const Order& order = state.orders[fill.order];
  const MarketFacts& market = state.facts[order.market.value];
  const Row row = state.seats[order.seat].positions[place_of(order.position)];
  INVARIANT(row != 0, "no position to close");
  accrue(state, row);
  const Part part = take_part(state, row, fill.lots);
  const Pocket lender = lender_pocket(state, market.spec.quote);
  auto profit = static_cast<std::int64_t>(fill.quote.value - part.cost);
  if (order.position == PositionSide::long_side) {
    INVARIANT(fill.fee <= fill.quote, "a fee above what changed hands");
    state.purses.add_free(lender, fill.quote.value - fill.fee.value);
  } else {
    profit = -profit;
    state.purses.add_free(lender_pocket(state, market.spec.base), base_units(market, fill.lots));
    INVARIANT(part.fees <= part.cost, "fees above the cost of a position");
    state.purses.release(lender, part.cost - part.fees);
  }
  const std::uint64_t fee_paid = part.fees + fill.fee.value;
  move_net(state, lender, order,
           SignedWide{profit} - static_cast<SignedWide>(Wide{fee_paid} + part.interest));
  if (state.accounts[order.account].debt.value != 0) {
    state.accounts.change(order.account).margin_status = MarginStatus::debt;
  }
  watch_margin(state, order.account);
  tell_margin_trade(state, fill, {false, fee_paid, part.interest, profit});
}

}  // namespace

bool may_open_position(const State& state, Row account) {
  const Account& known = state.accounts[account];
  return known.margin_allowed && known.margin_status < MarginStatus::losscut;
}

bool margin_suffices(const State& state, Row account, MarketId market, Amount worth) {
  const MarginValues values = margin_values(state, account);
  const std::uint32_t ratio = state.facts[market.value].spec.margin.ratio_ppm;
  return values.balance >= static_cast<SignedWide>(values.required + share_up(worth.value, ratio));
}

bool position_overflows(const State& state, Row seat_row, PositionSide side, Amount worth) {
  Wide sum = worth.value;
  const Seat& seat = state.seats[seat_row];
  if (seat_row != 0) {
    const Scale& scale = state.facts[seat.market.value].scale;
    sum += state.positions[seat.positions[place_of(side)]].cost.value;
    for (Row row = seat.first_order; row != 0; row = state.links[row].next) {
      const Order& order = state.orders[row];
      if (!order.in_book || order.position != side || !order.opens_position()) continue;
      sum += quote_up(scale, order.price, order.open()).value;
    }
  }
  return sum > cost_max;
}

void settle_margin(State& state, const MarginFill& fill) {
  if (state.orders[fill.order].opens_position()) {
    open_part(state, fill);
  } else {
    close_part(state, fill);
  }
}

PositionHold position_hold(const State& state, const Position& position) {
  if (position.open.value == 0) return {};
  const MarketFacts& market = state.facts[position.market.value];
  if (position.side == PositionSide::long_side) {
    return {lender_pocket(state, market.spec.base), base_units(market, position.open)};
  }
  return {lender_pocket(state, market.spec.quote), position.cost.value - position.fees.value};
}

void accrue(State& state, Row row) {
  const WallTimeMs until = last_midnight(state.time);
  const Position& known = state.positions[row];
  if (known.interest_until >= until) return;
  const MarginSpec& spec = state.facts[known.market.value].spec.margin;
  const std::uint32_t ppm =
      known.side == PositionSide::long_side ? spec.long_interest_ppm : spec.short_interest_ppm;
  const auto nights =
      static_cast<std::uint64_t>((until.value - known.interest_until.value) / day_ms);
  const Wide more = share_up(known.cost.value, ppm) * nights;
  Position& position = state.positions.change(row);
  position.interest = Amount{
      static_cast<std::uint64_t>(std::min(interest_max, Wide{position.interest.value} + more))};
  position.interest_until = until;
}

void watch_margin(State& state, Row row) {
  const Account& account = state.accounts[row];
  bool wanted = account.debt.value != 0 || account.margin_status != MarginStatus::normal;
  for (Row seat = account.seat; seat != 0 && !wanted; seat = state.seats[seat].next) {
    for (const Row position : state.seats[seat].positions) {
      wanted |= position != 0 && state.positions[position].open.value != 0;
    }
  }
  const IndexKey key{account.id.value, 0};
  const Row root = state.house().margin_watch;
  const bool watched = state.indexes.find(root, key) != 0;
  if (wanted == watched) return;
  state.change_house().margin_watch =
      wanted ? state.indexes.insert(root, key, row) : state.indexes.erase(root, key);
}

void money_arrived(State& state, Row row, AssetId asset) {
  const std::uint64_t debt = state.accounts[row].debt.value;
  if (debt == 0 || margin_asset(state) != asset) return;
  const Pocket own = state.purses.find(state.accounts[row].purse, asset);
  const std::uint64_t paid = std::min(debt, own == 0 ? 0 : state.purses.free(own));
  if (paid == 0) return;
  state.purses.take_free(own, paid);
  state.purses.add_free(lender_pocket(state, asset), paid);
  state.accounts.change(row).debt.value -= paid;
}

}  // namespace oki::core::fast
