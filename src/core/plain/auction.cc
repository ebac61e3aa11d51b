#include "core/plain/auction.h"

#include <algorithm>
#include <set>
#include <vector>

#include "core/plain/execute.h"
#include "core/plain/market_state.h"

namespace oki::core::plain {
namespace {

// The orders of one side of a book, in order of execution.
std::vector<const OrderView*> side_of(const State& state, MarketId id, Side side) {
  std::vector<const OrderView*> orders;
  const auto& book = state.book.rows();
  for (auto row = book.lower_bound({id, side, 0, 0});
       row != book.end() && row->first.market == id && row->first.side == side; ++row) {
    orders.push_back(&state.orders.at(row->second).view);
  }
  return orders;
}

const OrderView* first_of(const State& state, MarketId id, Side side) {
  const auto& book = state.book.rows();
  const auto row = book.lower_bound({id, side, 0, 0});
  if (row == book.end() || row->first.market != id || row->first.side != side) return nullptr;
  return &state.orders.at(row->second).view;
}

std::uint64_t lots_within(const std::vector<const OrderView*>& orders, Price price) {
  std::uint64_t lots = 0;
  for (const OrderView* order : orders) {
    const bool in = order->side == Side::buy ? order->price >= price : order->price <= price;
    if (in) lots += open_lots(*order).value;
  }
  return lots;
}

std::uint64_t distance(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; }

struct Candidate {
  Price price;
  std::uint64_t volume = 0;
  std::uint64_t imbalance = 0;
};

bool better(const Candidate& a, const Candidate& b, Price reference) {
  if (a.volume != b.volume) return a.volume > b.volume;
  if (a.imbalance != b.imbalance) return a.imbalance < b.imbalance;
  if (reference.value != 0) {
    const std::uint64_t from_a = distance(a.price.value, reference.value);
    const std::uint64_t from_b = distance(b.price.value, reference.value);
    if (from_a != from_b) return from_a < from_b;
  }
  return a.price < b.price;
}

bool is_crossed(const State& state, MarketId id) {
  const OrderView* buy = first_of(state, id, Side::buy);
  const OrderView* sell = first_of(state, id, Side::sell);
  return buy != nullptr && sell != nullptr && buy->price >= sell->price;
}

bool pair_at(const State& state, MarketId id, Price price) {
  const OrderView* buy = first_of(state, id, Side::buy);
  const OrderView* sell = first_of(state, id, Side::sell);
  return buy != nullptr && sell != nullptr && buy->price >= price && sell->price <= price;
}

Lots trade_first_pair(State& state, MarketId id, Price price) {
  const OrderView& buy = *first_of(state, id, Side::buy);
  const OrderView& sell = *first_of(state, id, Side::sell);
  const Lots lots = std::min(open_lots(buy), open_lots(sell));
  const FeeType fees = state.markets.at(id).fee_type;
  const bool sell_makes =
      fees == FeeType::sell_maker || (fees != FeeType::buy_maker && sell.id < buy.id);
  const OrderId maker = sell_makes ? sell.id : buy.id;
  const OrderId taker = sell_makes ? buy.id : sell.id;
  trade(state, maker, taker, price, lots, true);
  return lots;
}

}  // namespace

AuctionPrice auction_price(const State& state, MarketId id) {
  const Price reference = state.markets.at(id).reference;
  const auto buys = side_of(state, id, Side::buy);
  const auto sells = side_of(state, id, Side::sell);
  std::set<Price> prices;
  for (const OrderView* order : buys) prices.insert(order->price);
  for (const OrderView* order : sells) prices.insert(order->price);
  if (reference.value != 0) prices.insert(reference);
  Candidate best;
  for (const Price price : prices) {
    const std::uint64_t bought = lots_within(buys, price);
    const std::uint64_t sold = lots_within(sells, price);
    const Candidate candidate{price, std::min(bought, sold), distance(bought, sold)};
    if (best.price.value == 0 || better(candidate, best, reference)) best = candidate;
  }
  if (best.volume == 0) return {};
  return {best.price, Lots{best.volume}};
}

void reopen(State& state, MarketId id) {
  const Price price = auction_price(state, id).price;
  if (price.value == 0) return end_auction(state, id, {}, {});
  Market& market = state.markets.edit(id);
  const bool in_range = market.upper_itayose.value == 0 ||
                        (price >= market.lower_itayose && price <= market.upper_itayose);
  if (!in_range) {
    market.mode = MarketMode::full_range_circuit_break;
    market.reopen_at = {};
    market.lower_itayose = {};
    market.upper_itayose = {};
    return;
  }
  market.cross_price = price;
  market.cross_lots = {};
  uncross(state, id);
}

void uncross(State& state, MarketId id) {
  Price price = state.markets.at(id).cross_price;
  Lots lots = state.markets.at(id).cross_lots;
  for (std::uint32_t trades = 0;;) {
    if (!pair_at(state, id, price)) {
      if (!is_crossed(state, id)) return end_auction(state, id, price, lots);
      price = auction_price(state, id).price;  // Cancels have moved it.
      continue;
    }
    if (trades++ == state.limits.fills_per_order_max) break;
    lots.value += trade_first_pair(state, id, price).value;
  }
  Market& market = state.markets.edit(id);
  market.uncrossing = true;
  market.cross_price = price;
  market.cross_lots = lots;
  market.chunk_at = later(state.time, 1);
}

void estimate(State& state, MarketId id) {
  Market& market = state.markets.edit(id);
  market.estimate_at = later(state.time, state.limits.estimate_ms);
  const AuctionPrice now = auction_price(state, id);
  if (now.price == market.told_price && now.lots == market.told_lots) return;
  market.told_price = now.price;
  market.told_lots = now.lots;
  state.tell(AuctionEstimated{id, now.price, now.lots});
}

}  // namespace oki::core::plain
