// A scene with margin trading, for tests with numbers worked out by hand.
//
// One lot at price p is worth p units of jpy; the lender starts with 10^9 units of jpy and 10^9 of
// btc; fees of opening are 1 % (maker) and 2 % (taker), of closing 3 % and 4 %.
#pragma once

#include "core/testing/scene.h"

namespace oki::core {

inline constexpr std::uint64_t lent = 1'000'000'000;
inline constexpr std::int64_t day_ms = 86'400'000;

inline MarketSpec margin_market() {
  MarketSpec spec = Scene::plain_market();
  spec.margin.enabled = true;
  spec.margin.open_maker_fee_ppm = 10'000;
  spec.margin.open_taker_fee_ppm = 20'000;
  spec.margin.close_maker_fee_ppm = 30'000;
  spec.margin.close_taker_fee_ppm = 40'000;
  spec.margin.long_interest_ppm = 1'000;
  spec.margin.short_interest_ppm = 2'000;
  return spec;
}

// Accounts 21 and 22 may trade on margin, have 100,000 jpy which count in full, and nothing else.
// Accounts 3 and 4 are rich and make the market.
struct MarginScene : Scene {
  explicit MarginScene(const CoreLimits& limits = {}) : Scene(limits) {
    set_up(margin_market());
    give(lender_account, jpy, lent);
    give(lender_account, btc, lent);
    for (const std::uint64_t id : {21u, 22u}) {
      must(AddAccount{AccountId{id}, 0, 0});
      must(AllowMargin{AccountId{id}, true});
      give(AccountId{id}, jpy, 100'000);
    }
    must(SetCollateral{jpy, 1'000'000});
    trade_at(100);
  }
  static PlaceOrder long_buy(std::uint64_t account, std::uint64_t price, std::uint64_t lots) {
    return with(limit(account, Side::buy, price, lots), PositionSide::long_side);
  }
  static PlaceOrder long_sell(std::uint64_t account, std::uint64_t price, std::uint64_t lots) {
    return with(limit(account, Side::sell, price, lots), PositionSide::long_side);
  }
  static PlaceOrder short_sell(std::uint64_t account, std::uint64_t price, std::uint64_t lots) {
    return with(limit(account, Side::sell, price, lots), PositionSide::short_side);
  }
  static PlaceOrder short_buy(std::uint64_t account, std::uint64_t price, std::uint64_t lots) {
    return with(limit(account, Side::buy, price, lots), PositionSide::short_side);
  }
  // As a taker, at this price.
  void open_long(std::uint64_t account, std::uint64_t price, std::uint64_t lots) {
    sell(3, price, lots);
    const OrderView taker = put(long_buy(account, price, lots));
    ASSERT(taker.status == OrderStatus::fully_filled);
  }
  void open_short(std::uint64_t account, std::uint64_t price, std::uint64_t lots) {
    buy(4, price, lots);
    const OrderView taker = put(short_sell(account, price, lots));
    ASSERT(taker.status == OrderStatus::fully_filled);
  }
  Position position(std::uint64_t account, PositionSide side) const {
    for (const Position& one : core.positions()) {
      if (one.account.value == account && one.side == side) return one;
    }
    return {};
  }
  Core::Margin margin_of(std::uint64_t account) const { return core.margin(AccountId{account}); }
  Core::Balance lender(AssetId asset) const { return core.balance(lender_account, asset); }
  MarginTraded margin_trade() const {
    const auto all = events_of<MarginTraded>(events);
    return all.empty() ? MarginTraded{} : all.back();
  }
};

}  // namespace oki::core
