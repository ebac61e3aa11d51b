// A world whose invariants are checked after every command, and short words for what tests ask it.
//
// After set_up(): jpy is asset 0 (4 decimals), btc asset 1 (8 decimals), market 0 btc_jpy without
// fees, bands and limits of its own, so that amounts in tests are easy to follow: one lot at price
// p is worth p units of jpy, and 10,000 units of btc.
#pragma once

#include <string>
#include <vector>

#include "core/testing/world.h"

namespace oki::core {

struct Scene : World {
  static constexpr MarketId market_0{0};
  static constexpr std::uint64_t rich_jpy = 10'000'000'000;
  static constexpr std::uint64_t rich_btc = 1'000'000'000;
  static constexpr OperatorId anna{11};
  static constexpr OperatorId bert{12};

  explicit Scene(const CoreLimits& limits = {}) : World(limits) {}

  static MarketSpec plain_market() {
    MarketSpec spec = btc_jpy();
    spec.maker_fee_ppm = 0;
    spec.taker_fee_ppm = 0;
    return spec;
  }

  void set_up(const MarketSpec& spec = plain_market(), std::uint64_t accounts = 4) {
    must(AddAsset{{"jpy", 4}});
    must(AddAsset{{"btc", 8}});
    must(AddMarket{spec});
    for (std::uint64_t account = 1; account <= accounts; ++account) {
      must(AddAccount{AccountId{account}, 0, 0});
      give(AccountId{account}, jpy, rich_jpy);
      give(AccountId{account}, btc, rich_btc);
    }
  }

  Reply operator()(const Command& command) {
    Reply reply = World::operator()(command);
    core.verify();
    return reply;
  }
  void must(const Command& command) {
    const Reply reply = (*this)(command);
    if (reply.refusal != Refusal::ok) std::fprintf(stderr, "refused: %s\n", name(reply.refusal));
    ASSERT(reply.refusal == Refusal::ok);
  }
  Refusal refusal(const Command& command) { return (*this)(command).refusal; }

  void give(AccountId account, AssetId asset, std::uint64_t amount) {
    must(Deposit{account, asset, Amount{amount}, "gift" + std::to_string(++gifts_)});
  }

  // The order as it stands after its command. REQUIRES: it is accepted.
  OrderView put(const Command& command) {
    const Reply reply = (*this)(command);
    if (reply.refusal != Refusal::ok) std::fprintf(stderr, "refused: %s\n", name(reply.refusal));
    ASSERT(reply.refusal == Refusal::ok && reply.rows.size() == 1);
    return reply.rows[0].order;
  }
  OrderView buy(std::uint64_t account, std::uint64_t price, std::uint64_t lots) {
    return put(limit(account, Side::buy, price, lots));
  }
  OrderView sell(std::uint64_t account, std::uint64_t price, std::uint64_t lots) {
    return put(limit(account, Side::sell, price, lots));
  }
  // One trade at this price between accounts 3 and 4, which leaves nothing in an empty book.
  void trade_at(std::uint64_t price, std::uint64_t lots = 1) {
    const OrderView maker = sell(3, price, lots);
    const OrderView taker = buy(4, price, lots);
    ASSERT(taker.status == OrderStatus::fully_filled && maker.id < taker.id);
  }

  static PlaceOrder stop(std::uint64_t account, Side side, std::uint64_t trigger,
                         std::uint64_t lots) {
    PlaceOrder order = limit(account, side, 0, lots);
    order.type = OrderType::stop;
    order.trigger = Price{trigger};
    return order;
  }
  static PlaceOrder stop_limit(std::uint64_t account, Side side, std::uint64_t trigger,
                               std::uint64_t price, std::uint64_t lots) {
    PlaceOrder order = limit(account, side, price, lots);
    order.type = OrderType::stop_limit;
    order.trigger = Price{trigger};
    return order;
  }
  static PlaceOrder iceberg(std::uint64_t account, Side side, std::uint64_t price,
                            std::uint64_t lots, std::uint64_t display) {
    PlaceOrder order = limit(account, side, price, lots);
    order.display = Lots{display};
    return order;
  }
  static PlaceOrder with(PlaceOrder order, TimeInForce time_in_force) {
    order.time_in_force = time_in_force;
    return order;
  }
  static PlaceOrder with(PlaceOrder order, SelfTrade self_trade) {
    order.self_trade = self_trade;
    return order;
  }
  static PlaceOrder with(PlaceOrder order, PositionSide position) {
    order.position = position;
    return order;
  }
  static AmendOrder amend(const OrderView& order, std::uint64_t price, std::uint64_t lots,
                          std::uint64_t trigger = 0) {
    return {order.account, {}, order.market, order.id, Price{price}, Price{trigger}, Lots{lots}};
  }
  static CancelOrders cancel(const OrderView& order) {
    return {order.account, {}, order.market, {order.id}};
  }

  // Steps the clock, and does what is due.
  void wait(std::int64_t ms) {
    now.value += ms;
    must(Tick{});
  }

  MarketState state(MarketId market = market_0) const { return core.market_state(market); }
  std::uint64_t free(std::uint64_t account, AssetId asset) const {
    return core.balance(AccountId{account}, asset).free.value;
  }
  std::uint64_t held(std::uint64_t account, AssetId asset) const {
    return core.balance(AccountId{account}, asset).held.value;
  }

  // An open order, or one with id 0.
  OrderView open(OrderId id) const {
    for (const OrderView& order : core.open_orders()) {
      if (order.id == id) return order;
    }
    return {};
  }
  // What the last command changed of this order; id 0: nothing.
  OrderChanged change_of(OrderId id) const {
    for (const OrderChanged& change : events_of<OrderChanged>(events)) {
      if (change.id == id) return change;
    }
    return {};
  }
  // "price:lots ..." of one side, best first.
  std::string book(Side side, MarketId market = market_0) const {
    std::string text;
    for (const auto& level : core.levels(market, side)) {
      if (!text.empty()) text += ' ';
      text += std::to_string(level.price.value) + ':' + std::to_string(level.lots.value);
    }
    return text;
  }
  // "price:lots ..." of the last command's trades.
  std::string trades() const {
    std::string text;
    for (const Traded& trade : events_of<Traded>(events)) {
      if (!text.empty()) text += ' ';
      text += std::to_string(trade.price.value) + ':' + std::to_string(trade.amount.value);
    }
    return text;
  }

 private:
  std::uint64_t gifts_ = 0;
};

}  // namespace oki::core
