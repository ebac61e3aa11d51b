// The call auction: its price, its trades, its chunks.
#include <gtest/gtest.h>

#include "core/testing/scene.h"

namespace oki::core {
namespace {

struct Quote {
  Side side;
  std::uint64_t price, lots;
};

// The end of an auction over these orders.
struct Auction : ::testing::Test, Scene {
  Auction() { set_up(); }

  void start(std::uint64_t reference = 0, MarketMode mode = MarketMode::listing) {
    must(StartAuction{market_0, mode, Price{reference}, {now.value + 10'000}});
  }
  // Buyers are accounts 1, sellers accounts 2.
  void place(const std::vector<Quote>& quotes) {
    for (const Quote& quote : quotes) {
      put(limit(quote.side == Side::buy ? 1 : 2, quote.side, quote.price, quote.lots));
    }
  }
  // "price:lots" of AuctionEnded.
  std::string finish() {
    wait(10'000);
    const auto ended = events_of<AuctionEnded>(events);
    if (ended.size() != 1) return "not ended";
    return std::to_string(ended[0].price.value) + ':' + std::to_string(ended[0].lots.value);
  }
};

std::string end_of(std::uint64_t reference, const std::vector<Quote>& quotes) {
  struct Run : Auction {
    void TestBody() override {}
  } run;
  run.start(reference);
  run.place(quotes);
  const std::string end = run.finish();
  EXPECT_EQ(run.state().mode, MarketMode::none);
  return end;
}

constexpr Side B = Side::buy;
constexpr Side S = Side::sell;

TEST(AuctionPrice, IsWhereMostLotsTrade) {
  EXPECT_EQ(end_of(0, {{B, 105, 10}, {B, 100, 10}, {S, 95, 5}, {S, 100, 10}, {S, 104, 2}}),
            "100:15");
  EXPECT_EQ(end_of(0, {{B, 105, 10}, {B, 100, 1}, {S, 95, 5}, {S, 104, 5}}), "104:10");
}

TEST(AuctionPrice, ThenWhereTheSmallestImbalanceIsLeft) {
  // At 100 and at 101 five lots trade; 3 are left over at 100, 1 at 101.
  EXPECT_EQ(end_of(0, {{B, 101, 6}, {B, 100, 2}, {S, 90, 5}}), "101:5");
  EXPECT_EQ(end_of(101, {{B, 102, 5}, {S, 100, 6}, {S, 101, 2}}), "100:5");
}

TEST(AuctionPrice, ThenWhereTheReferenceIsClosest) {
  const std::vector<Quote> quotes{{B, 110, 5}, {S, 100, 5}};
  EXPECT_EQ(end_of(109, quotes), "109:5") << "the reference itself is a candidate";
  EXPECT_EQ(end_of(120, quotes), "110:5");
  EXPECT_EQ(end_of(90, quotes), "100:5");
}

TEST(AuctionPrice, ThenTheLower) {
  EXPECT_EQ(end_of(0, {{B, 110, 5}, {S, 100, 5}}), "100:5");
  // 104 and 106 are as far from 105, but 105 is no order's price and the reference is one.
  EXPECT_EQ(end_of(105, {{B, 106, 5}, {S, 104, 5}}), "105:5");
}

TEST(AuctionPrice, OfNothingIsNothing) {
  EXPECT_EQ(end_of(0, {}), "0:0");
  EXPECT_EQ(end_of(100, {{B, 99, 5}, {S, 101, 5}}), "0:0");
  EXPECT_EQ(end_of(100, {{B, 99, 5}}), "0:0");
}

TEST(AuctionPrice, CountsIcebergsWhole) {
  struct Run : Auction {
    void TestBody() override {}
  } run;
  run.start();
  run.put(Scene::iceberg(1, B, 105, 50, 5));
  run.place({{B, 110, 10}, {S, 100, 10}, {S, 104, 40}});
  EXPECT_EQ(run.finish(), "104:50");
  EXPECT_EQ(run.book(B), "105:5") << "10 lots are left, 5 shown";
}

TEST_F(Auction, CollectsOrdersThatCrossAndTradesNothing) {
  start();
  place({{B, 110, 5}, {S, 100, 5}});
  EXPECT_EQ(trades(), "");
  EXPECT_EQ(book(B), "110:5");
  EXPECT_EQ(book(S), "100:5");
  EXPECT_EQ(state().mode, MarketMode::listing);
  EXPECT_EQ(refusal(market(1, B, 1)), Refusal::no_market_orders_in_auction);
  EXPECT_EQ(refusal(with(limit(1, B, 100, 1), TimeInForce::ioc)),
            Refusal::no_market_orders_in_auction);
  EXPECT_EQ(refusal(with(limit(1, B, 100, 1), TimeInForce::fok)),
            Refusal::no_market_orders_in_auction);
  EXPECT_EQ(put(post_only(1, B, 120, 1)).status, OrderStatus::unfilled);
}

TEST_F(Auction, ExecutesByPriceThenTimeAllAtOnePrice) {
  start();
  const OrderView late = put(limit(1, B, 101, 4));
  const OrderView best = put(limit(3, B, 105, 4));
  const OrderView second = put(limit(4, B, 101, 4));
  sell(2, 100, 10);
  EXPECT_EQ(finish(), "100:10");
  const auto all = events_of<Traded>(events);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].maker_order, best.id);
  EXPECT_EQ(all[1].maker_order, late.id);
  EXPECT_EQ(all[2].maker_order, second.id);
  EXPECT_EQ(trades(), "100:4 100:4 100:2");
  EXPECT_EQ(free(3, jpy), rich_jpy - 400) << "not what it had offered";
  EXPECT_EQ(held(3, jpy), 0u);
  EXPECT_EQ(book(B), "101:2");
  EXPECT_EQ(state().reference, Price{100});
}

TEST_F(Auction, AnAccountMayTradeWithItself) {
  start();
  put(with(limit(1, B, 100, 5), SelfTrade::cancel_both));
  put(with(limit(1, S, 100, 5), SelfTrade::cancel_both));
  EXPECT_EQ(finish(), "100:5");
}

TEST_F(Auction, AnIcebergKeepsItsPlaceAndShowsAgainAfterwards) {
  start();
  const OrderView ice = put(iceberg(1, B, 100, 20, 5));
  const OrderView plain = put(limit(3, B, 100, 10));
  sell(2, 100, 18);
  EXPECT_EQ(finish(), "100:18");
  ASSERT_EQ(events_of<Traded>(events).size(), 1u) << "hidden lots trade as others do";
  EXPECT_EQ(open(ice.id).executed, Lots{18});
  EXPECT_EQ(book(B), "100:12");
  sell(2, 100, 3);
  EXPECT_EQ(events_of<Traded>(events)[0].maker_order, ice.id);
  EXPECT_EQ(events_of<Traded>(events)[1].maker_order, plain.id);
}

TEST_F(Auction, TheOlderOrderIsTheMakerUnlessTheBreakSaysOtherwise) {
  MarketSpec spec = btc_jpy();  // Maker -200 ppm, taker 1,200 ppm.
  spec.name = "fees";
  must(AddMarket{spec});
  const MarketId fees{1};
  must(StartAuction{fees, MarketMode::resumption, Price{}, {now.value + 10}});
  EXPECT_EQ(state(fees).fee_type, FeeType::dynamic);
  PlaceOrder order = limit(2, S, 1'000'000, 100);
  order.market = fees;
  const OrderView first = put(order);
  order = limit(1, B, 1'000'000, 60);
  order.market = fees;
  put(order);
  order.account = AccountId{3};
  order.amount = Lots{40};
  const OrderView third = put(order);
  wait(10);
  for (const Traded& trade : events_of<Traded>(events)) {
    EXPECT_EQ(trade.maker_order, first.id);
    EXPECT_EQ(trade.taker_side, B);
    EXPECT_LT(trade.maker_fee, 0);
  }
  EXPECT_EQ(events_of<Traded>(events)[1].taker_order, third.id);
  EXPECT_EQ(state(fees).fee_type, FeeType::normal);
}

TEST_F(Auction, EstimatesAreToldOnceASecondWhenTheyChange) {
  must(StartAuction{market_0, MarketMode::listing, {}, {now.value + 100'000}});
  EXPECT_EQ(core.next_timer(), WallTimeMs{now.value + 1'000});
  place({{B, 110, 5}, {S, 100, 4}});
  EXPECT_TRUE(events_of<AuctionEstimated>(events).empty());
  wait(999);
  EXPECT_TRUE(events_of<AuctionEstimated>(events).empty());
  wait(1);
  ASSERT_EQ(events_of<AuctionEstimated>(events).size(), 1u);
  EXPECT_EQ(events_of<AuctionEstimated>(events)[0], (AuctionEstimated{market_0, {100}, {4}}));
  wait(1'000);
  EXPECT_TRUE(events_of<AuctionEstimated>(events).empty()) << "nothing has changed";
  must(cancel(core.open_orders()[0]));
  wait(1'500);
  EXPECT_EQ(events_of<AuctionEstimated>(events)[0], (AuctionEstimated{market_0, {}, {}}));
  EXPECT_EQ(core.next_timer(), WallTimeMs{now.value + 1'000});
}

TEST_F(Auction, TheTimesOfOtherAuctionsMoveTheirEndButNotTheirEstimates) {
  start();
  now.value += 600;
  start(105, MarketMode::resumption);
  EXPECT_EQ(state().reopen_at.value, now.value + 10'000);
  EXPECT_EQ(state().mode, MarketMode::resumption);
  EXPECT_EQ(core.next_timer(), WallTimeMs{now.value + 400});
}

TEST_F(Auction, ALargeOneExecutesInChunks) {
  CoreLimits limits;
  limits.fills_per_order_max = 2;
  Scene small(limits);
  small.set_up();
  const auto tick = [&](std::int64_t ms) { small.wait(ms); };
  small.must(StartAuction{market_0, MarketMode::listing, {}, {small.now.value + 10}});
  for (int i = 0; i < 5; ++i) small.buy(1, 100, 1);
  const OrderView sell = small.sell(2, 100, 7);
  tick(10);
  EXPECT_EQ(small.trades(), "100:1 100:1");
  EXPECT_EQ(small.state().mode, MarketMode::listing);
  EXPECT_EQ(small.core.next_timer(), WallTimeMs{small.now.value + 1});
  EXPECT_EQ(small.refusal(limit(3, B, 100, 1)), Refusal::market_uncrossing);
  EXPECT_EQ(small.refusal(Scene::amend(sell, 0, 6)), Refusal::market_uncrossing);
  EXPECT_EQ(small.refusal(StartAuction{market_0, MarketMode::listing, {}, {small.now.value + 9}}),
            Refusal::wrong_state);
  EXPECT_TRUE(events_of<AuctionEnded>(small.events).empty());
  tick(1);
  EXPECT_EQ(small.trades(), "100:1 100:1");
  tick(1);
  EXPECT_EQ(small.trades(), "100:1");
  ASSERT_EQ(events_of<AuctionEnded>(small.events).size(), 1u);
  EXPECT_EQ(events_of<AuctionEnded>(small.events)[0], (AuctionEnded{market_0, {100}, {5}}));
  EXPECT_EQ(small.state().mode, MarketMode::none);
  EXPECT_EQ(small.book(S), "100:2");
}

TEST_F(Auction, ExactlyOneChunkEndsAtOnce) {
  CoreLimits limits;
  limits.fills_per_order_max = 2;
  Scene small(limits);
  small.set_up();
  small.must(StartAuction{market_0, MarketMode::listing, {}, {small.now.value + 10}});
  for (int i = 0; i < 2; ++i) small.buy(1, 100, 1);
  small.sell(2, 100, 2);
  small.wait(10);
  EXPECT_EQ(small.state().mode, MarketMode::none);
}

TEST_F(Auction, CancelsBetweenChunksMoveThePrice) {
  CoreLimits limits;
  limits.fills_per_order_max = 1;
  Scene small(limits);
  small.set_up();
  small.must(StartAuction{market_0, MarketMode::listing, {}, {small.now.value + 10}});
  small.buy(1, 110, 1);
  small.buy(1, 109, 1);
  small.sell(2, 90, 1);
  const OrderView cheap = small.sell(2, 95, 1);
  small.sell(3, 107, 1);
  small.sell(3, 108, 1);
  small.wait(10);
  EXPECT_EQ(small.trades(), "95:1");
  small.must(Scene::cancel(cheap));
  small.wait(1);
  EXPECT_EQ(small.trades(), "107:1");
  EXPECT_EQ(events_of<AuctionEnded>(small.events)[0], (AuctionEnded{market_0, {107}, {2}}));
  EXPECT_EQ(small.book(S), "108:1");
}

TEST_F(Auction, OutsideItsRangeItBecomesOneWithoutEnd) {
  MarketSpec spec = plain_market();
  spec.name = "banded";
  spec.band_ppm = 100'000;
  spec.band_max_ppm = 200'000;
  must(AddMarket{spec});
  const MarketId banded{1};
  const auto quote = [&](std::uint64_t account, Side side, std::uint64_t price) {
    PlaceOrder order = limit(account, side, price, 5);
    order.market = banded;
    return put(order);
  };
  must(StartAuction{banded, MarketMode::resumption, Price{100}, {now.value + 10}});
  EXPECT_EQ(state(banded).lower_itayose, Price{80});
  EXPECT_EQ(state(banded).upper_itayose, Price{120});
  quote(1, B, 121);
  quote(2, S, 121);
  wait(10);
  EXPECT_EQ(state(banded).mode, MarketMode::full_range_circuit_break);
  EXPECT_EQ(state(banded).upper_itayose, Price{0});
  EXPECT_EQ(state(banded).reopen_at, WallTimeMs{0});
  EXPECT_EQ(trades(), "");
  must(StartAuction{banded, MarketMode::resumption, Price{}, {now.value + 10}});
  EXPECT_EQ(state(banded).upper_itayose, Price{0}) << "after that, anywhere";
  wait(10);
  EXPECT_EQ(trades(), "121:5");
  EXPECT_EQ(state(banded).reference, Price{121});
}

TEST_F(Auction, AtTheEdgeOfItsRangeItExecutes) {
  for (const std::uint64_t price : {80u, 120u}) {
    Scene scene;
    MarketSpec spec = plain_market();
    spec.band_ppm = 100'000;
    spec.band_max_ppm = 200'000;
    scene.set_up(spec);
    scene.must(StartAuction{market_0, MarketMode::resumption, Price{100}, {scene.now.value + 10}});
    scene.buy(1, price, 5);
    scene.sell(2, price, 5);
    scene.wait(10);
    EXPECT_EQ(scene.state().mode, MarketMode::none) << price;
  }
}

TEST_F(Auction, RefusalsOfItsStart) {
  StartAuction x{MarketId{7}, MarketMode::none, {}, {}};
  EXPECT_EQ(refusal(x), Refusal::unknown_market);
  x.market = market_0;
  EXPECT_EQ(refusal(x), Refusal::invalid_spec);
  x.mode = MarketMode::circuit_break;
  EXPECT_EQ(refusal(x), Refusal::invalid_spec);
  x.mode = MarketMode::resumption;
  EXPECT_EQ(refusal(x), Refusal::invalid_time);
  x.reopen_at = now;
  EXPECT_EQ(refusal(x), Refusal::invalid_time);
  x.mode = MarketMode::full_range_circuit_break;
  x.reopen_at.value = now.value + 1;
  EXPECT_EQ(refusal(x), Refusal::invalid_time);
  x.reopen_at = {};
  EXPECT_EQ(refusal(x), Refusal::ok);
  EXPECT_EQ(core.next_timer(), WallTimeMs{now.value + 1'000}) << "only its estimate";
}

}  // namespace
}  // namespace oki::core
