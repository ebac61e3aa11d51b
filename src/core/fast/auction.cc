#include "core/fast/auction.h"

#include <algorithm>

#include "core/fast/market.h"
#include "core/fast/plan.h"
#include "core/fast/timers.h"
#include "core/fast/trade.h"

namespace oki::core::fast {
namespace {

struct Depth {
  std::uint64_t price = 0;
  std::uint64_t buys = 0;
  std::uint64_t sells = 0;
};

void add_levels(const Book& book, Side side, Price until, std::vector<Depth>& depth) {
  for (auto level = book.first_level(side); level.front != 0;
       level = book.next_level(side, level.price)) {
    if (!crosses(opposite(side), until, level.price)) return;
    const std::uint64_t lots = level.lots.value;
    depth.push_back(
        {level.price.value, side == Side::buy ? lots : 0, side == Side::sell ? lots : 0});
  }
}

void add_hidden(const State& state, MarketId market, std::vector<Depth>& depth) {
  Row row = state.flows[State::market(market)].icebergs;
  for (; row != 0; row = state.extras[state.orders[row].extra].next_iceberg) {
    const Order& order = state.orders[row];
    const std::uint64_t lots = state.extras[order.extra].hidden.value;
    depth.push_back({order.price.value, order.side == Side::buy ? lots : 0,
                     order.side == Side::sell ? lots : 0});
  }
}

// Each price where something rests on a side that meets the other, once, rising.
std::vector<Depth> crossing_depth(const State& state, MarketId market, Price buy, Price sell) {
  std::vector<Depth> depth;
  add_levels(state.books[market.value], Side::buy, sell, depth);
  add_levels(state.books[market.value], Side::sell, buy, depth);
  add_hidden(state, market, depth);
  const Price reference = state.rules[State::market(market)].reference;
  if (reference.value != 0) depth.push_back({reference.value, 0, 0});
  std::ranges::sort(depth, {}, &Depth::price);
  std::vector<Depth> merged;
  for (const Depth& one : depth) {
    if (one.price < sell.value || one.price > buy.value) continue;
    if (merged.empty() || merged.back().price != one.price) merged.push_back({one.price, 0, 0});
    merged.back().buys += one.buys;
    merged.back().sells += one.sells;
  }
  return merged;
}

std::uint64_t distance(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; }

// Whether `a` is a better price than `b`: volume, imbalance, distance, in this order.
struct Candidate {
  std::uint64_t price = 0;
  std::uint64_t volume = 0;
  std::uint64_t imbalance = 0;
  std::uint64_t distance = 0;
  bool better_than(const Candidate& other) const {
    if (volume != other.volume) return volume > other.volume;
    if (imbalance != other.imbalance) return imbalance < other.imbalance;
    return distance < other.distance;
  }
};

}  // namespace

AuctionPrice auction_price(const State& state, MarketId market) {
  const Book& book = state.books[market.value];
  const auto buy = book.best(Side::buy);
  const auto sell = book.best(Side::sell);
  if (!buy || !sell || *buy < *sell) return {};
  const std::uint64_t reference = state.rules[State::market(market)].reference.value;
  const std::vector<Depth> depth = crossing_depth(state, market, *buy, *sell);
  std::uint64_t buys = 0;
  for (const Depth& one : depth) buys += one.buys;
  std::uint64_t sells = 0;
  Candidate best;
  for (const Depth& one : depth) {
    sells += one.sells;
    const Candidate candidate{one.price, std::min(buys, sells), distance(buys, sells),
                              reference == 0 ? 0 : distance(one.price, reference)};
    if (best.price == 0 || candidate.better_than(best)) best = candidate;
    buys -= one.buys;
  }
  if (best.volume == 0) return {};
  return {Price{best.price}, Lots{best.volume}};
}

namespace {

// An order has traded in the auction: it keeps its place, and shows what it may.
void after_trade(State& state, Row row) {
  Order& order = state.orders.change(row);
  Book& book = state.books[order.market.value];
  if (order.open().value == 0) {
    leave_book(state, row);
    return finish(state, row);
  }
  touch_level(state, order.market, order.side, order.price);
  const bool iceberg = order.extra != 0 && state.extras[order.extra].display.value != 0;
  const Lots shown =
      iceberg ? std::min(order.open(), state.extras[order.extra].display) : order.open();
  if (shown.value != state.pool[row].lots) book.show(row, shown);
  if (iceberg) note_iceberg(state, row);
}

bool sell_is_maker(FeeType type, OrderId buy, OrderId sell) {
  if (type == FeeType::sell_maker) return true;
  if (type == FeeType::buy_maker) return false;
  return sell < buy;
}

// The next pair at the price, or false.
bool next_pair(const State& state, MarketId market, Price price, Row& buy, Row& sell) {
  const Book& book = state.books[market.value];
  buy = book.front(Side::buy);
  sell = book.front(Side::sell);
  return buy != 0 && sell != 0 && state.orders[buy].price >= price &&
         state.orders[sell].price <= price;
}

void finish_auction(State& state, MarketId market, Price price, Lots lots) {
  MarketRules& rules = state.rules.change(State::market(market));
  const MarketFacts& facts = state.facts[market.value];
  state.tell(AuctionEnded{market, price, lots});
  rules.mode = MarketMode::none;
  rules.fee_type = FeeType::normal;
  rules.lower_itayose = rules.upper_itayose = Price{};
  rules.reopen_at = rules.chunk_at = WallTimeMs{};
  // While an uncrossing is under way there are no estimates.
  if (!rules.uncrossing)
    set_timer(state, TimerKind::estimate, market.value, rules.estimate_due, {});
  rules.estimate_due = WallTimeMs{};
  rules.uncrossing = false;
  rules.auction_price = Price{};
  rules.auction_lots = 0;
  if (price.value != 0) {
    if (facts.spec.band_ppm != 0 && rules.reference.value != 0 && rules.reference != price) {
      const bool up = price > rules.reference;
      std::uint32_t& width = up ? rules.width_up : rules.width_down;
      width = std::max(width, facts.spec.band_max_ppm);
      rules.last_break_up = up;
      rules.widened_until = std::max(
          rules.widened_until, WallTimeMs{state.time.value + state.limits().after_auction_ms});
    }
    rules.reference = price;
    rules.reference_at = state.time;
  }
  set_bands(facts, rules);
}

}  // namespace

void end_auction(State& state, MarketId market) {
  const AuctionPrice found = auction_price(state, market);
  if (found.price.value == 0) return finish_auction(state, market, {}, {});
  MarketRules& rules = state.rules.change(State::market(market));
  if (rules.upper_itayose.value != 0 &&
      (found.price < rules.lower_itayose || found.price > rules.upper_itayose)) {
    rules.mode = MarketMode::full_range_circuit_break;
    rules.reopen_at = WallTimeMs{};
    rules.lower_itayose = rules.upper_itayose = Price{};
    return;
  }
  rules.auction_price = found.price;
  rules.auction_lots = 0;
  run_chunk(state, market);
}

void run_chunk(State& state, MarketId market) {
  MarketRules& rules = state.rules.change(State::market(market));
  Row buy = 0;
  Row sell = 0;
  for (std::size_t trades = 0;;) {
    if (!next_pair(state, market, rules.auction_price, buy, sell)) {
      const AuctionPrice again = auction_price(state, market);
      if (again.price.value == 0) break;
      rules.auction_price = again.price;
      continue;
    }
    if (trades == state.limits().fills_per_order_max) {
      if (!rules.uncrossing)
        set_timer(state, TimerKind::estimate, market.value, rules.estimate_due, {});
      rules.uncrossing = true;
      rules.chunk_at = WallTimeMs{state.time.value + 1};
      return;
    }
    const Lots lots = std::min(state.orders[buy].open(), state.orders[sell].open());
    const bool sells = sell_is_maker(rules.fee_type, state.orders[buy].id, state.orders[sell].id);
    trade(state, {sells ? sell : buy, sells ? buy : sell, rules.auction_price, lots});
    rules.auction_lots += lots.value;
    ++trades;
    after_trade(state, buy);
    after_trade(state, sell);
  }
  const Wide lots = std::min(rules.auction_lots, Wide{~std::uint64_t{0}});
  finish_auction(state, market, rules.auction_price, Lots{static_cast<std::uint64_t>(lots)});
}

void run_estimate(State& state, MarketId market) {
  MarketRules& rules = state.rules.change(State::market(market));
  const AuctionPrice found = auction_price(state, market);
  if (found.price != rules.told_price || found.lots != rules.told_lots) {
    rules.told_price = found.price;
    rules.told_lots = found.lots;
    state.tell(AuctionEstimated{market, found.price, found.lots});
  }
  await_estimate(state, market);
}

void await_estimate(State& state, MarketId market) {
  MarketRules& rules = state.rules.change(State::market(market));
  rules.estimate_due = WallTimeMs{state.time.value + state.limits().estimate_ms};
  set_timer(state, TimerKind::estimate, market.value, {}, rules.estimate_due);
}

}  // namespace oki::core::fast
