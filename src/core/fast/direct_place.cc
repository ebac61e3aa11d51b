// A limit order on its direct way: rules 4.
#include "core/fast/direct_place.h"

#include "core/core.h"
#include "core/fast/checks.h"
#include "core/fast/holds.h"
#include "core/fast/step.h"

namespace oki::core::fast {
namespace {

constexpr std::size_t plain_order_bytes = 85;

// Of PlainOrder::traits: what may differ from zero, and where.
constexpr unsigned side_bit = 16, post_only_bit = 32, ioc_bit = 40, self_trade_bit = 48;
constexpr std::uint64_t traits_mask =
    0xffff | std::uint64_t{1} << side_bit | std::uint64_t{1} << post_only_bit |
    std::uint64_t{1} << ioc_bit | std::uint64_t{7} << self_trade_bit;
static_assert(static_cast<unsigned>(OrderType::limit) == 0 &&
              static_cast<unsigned>(TimeInForce::gtc) == 0 &&
              static_cast<unsigned>(TimeInForce::ioc) == 1 &&
              static_cast<unsigned>(PositionSide::none) == 0);

bool read(ByteView bytes, PlainOrder& x) {
  if (bytes.size() != plain_order_bytes) return false;
  const char* const at = bytes.data();
  const auto word = [at](std::size_t place) { return load<std::uint64_t>(at + place); };
  x.traits = word(25);
  // Trigger, display, expiry, session, the length of the name.
  const std::uint64_t rest =
      word(41) | word(57) | word(65) | word(73) | load<std::uint32_t>(at + 81);
  if ((rest | (x.traits & ~traits_mask)) != 0) return false;
  x.account = load<AccountId>(at + 1);
  x.auth = {load<KeyId>(at + 9), word(17)};
  x.market = MarketId{static_cast<std::uint16_t>(x.traits)};
  x.side = static_cast<Side>(x.traits >> side_bit & 1);
  x.post_only = (x.traits >> post_only_bit & 1) != 0;
  x.ioc = (x.traits >> ioc_bit & 1) != 0;
  x.self_trade = static_cast<SelfTrade>(x.traits >> self_trade_bit);
  x.price = Price{word(33)};
  x.amount = Lots{word(49)};
  return x.self_trade <= SelfTrade::decrement && !(x.ioc && x.post_only);
}

// Whether the market takes orders as always, and counting one more changes nothing but the count.
bool market_takes(const State& state, const MarketFacts& facts, Placing& placing) {
  const Row row = State::market(placing.x.market);
  const MarketRules& rules = state.rules[row];
  const MarketFlow& flow = state.flows[row];
  const bool usual = !rules.halted && rules.stops == 0 && rules.mode == MarketMode::none &&
                     !rules.uncrossing && rules.load == MarketStatus::normal;
  if (!usual || width_lapsed(facts, rules, state.time) ||
      reference_is_old(state, rules, flow.last_price)) {
    return false;
  }
  placing.second = flow.second;
  placing.counted = flow.counted;
  if (facts.busy_from == 0) return true;
  const std::int64_t second = state.time.value / 1'000;
  if (flow.counted >= facts.busy_from) return false;
  const bool new_second = second > flow.second;
  if (new_second) placing.second = second;
  placing.counted = new_second ? 1 : flow.counted + 1;
  return placing.counted < facts.busy_from;
}

// Checks 25 to 30 in a market that is not busy.
bool size_fits(const State& state, const MarketSpec& spec, const PlainOrder& x) {
  return x.amount >= spec.amount_min && x.amount <= spec.limit_amount_max &&
         x.price >= spec.price_min && x.price <= spec.price_max && x.price.value != 0 &&
         !beyond_collar(spec, state.rules[State::market(x.market)].reference, x.side, x.price);
}

// Mostly the account's newest one.
Row seat_of(const State& state, Row account, MarketId market) {
  const Row newest = state.accounts[account].seat;
  if (newest != 0 && state.seats[newest].market == market) return newest;
  return state.seat(account, market);
}

// Checks 32 and 33, and room in the tables.
bool has_room(const State& state, Row seat) {
  return seat != 0 &&
         state.seats[seat].open < state.limits().open_orders_per_account_and_market_max &&
         state.counters().open_orders < state.limits().open_orders_max && !state.order_ids.full() &&
         !state.pool.full();
}

// Checks 38 and 39, and that what will be held fits its pocket.
bool can_hold(const State& state, const Placing& placing) {
  const PlainOrder& x = placing.x;
  std::uint64_t held = 0;
  return placing.hold.value != 0 && placing.hold.value <= state.purses.free(placing.pocket) &&
         !__builtin_add_overflow(state.purses.held(placing.pocket), placing.hold.value, &held) &&
         !book_overflows(state, x.market, x.side, x.amount, Lots{});
}

void rest_directly(State& state, const Placing& placing, Bytes& reply) {
  const PlainOrder& x = placing.x;
  const Row row = state.pool.allocate<Undo::none>();
  Order& order = state.orders.settled(row);
  char* const begin = state.out.room(direct_bytes_max);
  char* const accepted = accept_for_good(state, placing, order, begin);
  order.hold = placing.hold;
  state.purses.hold_for_good(placing.pocket, placing.hold.value);
  rest_for_good(state, row, order);
  const MarketSpec& spec = placing.facts.spec;
  const AssetId asset = x.side == Side::buy ? spec.quote : spec.base;
  char* at = put_level_changed(state, x.market, x.side, x.price, accepted);
  at = put_balance_changed(state, x.account, asset, placing.pocket, at);
  put_reply(state, at, Refusal::ok, reply,
            [&](Put& put) { put.copy<order_bytes>(accepted - order_bytes); });
}

}  // namespace

bool place_directly(State& state, ByteView bytes, Bytes& reply) {
  PlainOrder x;
  Entry entry;
  if (!read(bytes, x) || !may_enter(state, x.account, x.auth, x.market, entry)) return false;
  const MarketFacts& facts = state.facts.data()[x.market.value];
  Placing placing{x, facts, entry, 0, 0, {}, 0, 0};
  if (state.accounts[entry.account].no_orders || !market_takes(state, facts, placing) ||
      !size_fits(state, facts.spec, x)) {
    return false;
  }
  placing.seat = seat_of(state, entry.account, x.market);
  if (!has_room(state, placing.seat)) return false;
  const Seat& seat = state.seats[placing.seat];
  placing.pocket = x.side == Side::buy ? seat.quote_pocket : seat.base_pocket;
  placing.hold = spot_hold(facts, x.side, x.price, x.amount);
  if (!can_hold(state, placing)) return false;
  const Slot met = state.books[x.market.value].crossing(x.side, x.price);
  if (met != 0 || x.ioc) return !x.post_only && fill_directly(state, placing, met, reply);
  rest_directly(state, placing, reply);
  return true;
}

}  // namespace oki::core::fast
