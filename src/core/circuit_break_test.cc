// Bands, breaks, and how bands widen and come back.
#include <gtest/gtest.h>

#include "core/testing/scene.h"

namespace oki::core {
namespace {

// A band of 10 % around 1,000, in steps of 5 %, to 20 %; breaks of one minute.
struct CircuitBreak : ::testing::Test, Scene {
  CircuitBreak() {
    MarketSpec spec = plain_market();
    spec.band_ppm = 100'000;
    spec.band_step_ppm = 50'000;
    spec.band_max_ppm = 200'000;
    spec.break_ms = 60'000;
    set_up(spec);
    trade_at(1'000);
  }
  // Bids and asks far apart, and a taker that goes for one of them.
  OrderView reach(Side side, std::uint64_t price) {
    put(limit(1, side == Side::buy ? Side::sell : Side::buy, price, 5));
    return put(limit(2, side, price, 5));
  }
  // Ends a break with nothing left in the book.
  void end_break() {
    must(CancelAll{AccountId{1}, {}, true, {}});
    must(CancelAll{AccountId{2}, {}, true, {}});
    wait(60'000);
    ASSERT_EQ(state().mode, MarketMode::none);
  }
  std::pair<std::uint64_t, std::uint64_t> band() const {
    return {state().lower_trigger.value, state().upper_trigger.value};
  }
  using Band = std::pair<std::uint64_t, std::uint64_t>;
};

TEST_F(CircuitBreak, TheFirstTradeSetsTheReference) {
  EXPECT_EQ(state().reference, Price{1'000});
  EXPECT_EQ(band(), Band(900, 1'100));
  EXPECT_EQ(reach(Side::buy, 1'100).status, OrderStatus::fully_filled) << "the edge is inside";
  EXPECT_EQ(reach(Side::sell, 900).status, OrderStatus::fully_filled);
  EXPECT_EQ(state().reference, Price{1'000});
}

TEST_F(CircuitBreak, ATradeOutsideTheBandBreaksTheMarketAndDoesNotHappen) {
  const OrderView taker = reach(Side::buy, 1'101);
  EXPECT_EQ(taker.status, OrderStatus::unfilled);
  EXPECT_EQ(trades(), "");
  EXPECT_EQ(book(Side::buy), "1101:5");
  EXPECT_EQ(book(Side::sell), "1101:5");
  EXPECT_EQ(state().mode, MarketMode::circuit_break);
  EXPECT_EQ(state().reopen_at.value, now.value + 60'000);
  EXPECT_EQ(state().fee_type, FeeType::sell_maker);
  EXPECT_EQ(state().lower_itayose, Price{800});
  EXPECT_EQ(state().upper_itayose, Price{1'200});
  EXPECT_EQ(band(), Band(0, 0));
  EXPECT_EQ(events_of<MarketChanged>(events).size(), 1u);
}

TEST_F(CircuitBreak, NothingOfAPlanHappensWhenItsLastTradeIsOutside) {
  sell(1, 1'050, 5);
  sell(1, 1'101, 5);
  const OrderView taker = put(limit(2, Side::buy, 1'101, 6));
  EXPECT_EQ(taker.executed, Lots{0});
  EXPECT_EQ(book(Side::buy), "1101:6");
  EXPECT_EQ(book(Side::sell), "1050:5 1101:5");
}

TEST_F(CircuitBreak, OrdersThatCannotWaitAreClosed) {
  sell(1, 1'101, 5);
  const OrderView ioc = put(with(limit(2, Side::buy, 1'200, 6), TimeInForce::ioc));
  EXPECT_EQ(ioc.status, OrderStatus::canceled_unfilled);
  EXPECT_EQ(ioc.reason, Reason::circuit_break);
  EXPECT_EQ(state().mode, MarketMode::circuit_break);
  end_break();
  buy(1, 899, 5);
  const OrderView order = put(market(2, Side::sell, 5));
  EXPECT_EQ(order.status, OrderStatus::rejected);
  EXPECT_EQ(order.reason, Reason::circuit_break);
  EXPECT_EQ(state().fee_type, FeeType::buy_maker);
}

TEST_F(CircuitBreak, AFokOrderThatWouldNotFillDoesNotBreakTheMarket) {
  sell(1, 1'101, 5);
  EXPECT_EQ(put(with(limit(2, Side::buy, 1'200, 6), TimeInForce::fok)).reason, Reason::not_filled);
  EXPECT_EQ(put(market(2, Side::buy, 6)).reason, Reason::not_filled);
  EXPECT_EQ(put(post_only(2, Side::buy, 1'200, 6)).reason, Reason::would_cross);
  EXPECT_EQ(state().mode, MarketMode::none);
  EXPECT_EQ(put(with(limit(2, Side::buy, 1'200, 5), TimeInForce::fok)).reason,
            Reason::circuit_break);
}

TEST_F(CircuitBreak, AnAmendedOrderBreaksItToo) {
  sell(1, 1'101, 5);
  const OrderView order = buy(2, 1'000, 5);
  put(amend(order, 1'101, 0));
  EXPECT_EQ(state().mode, MarketMode::circuit_break);
  EXPECT_EQ(book(Side::buy), "1101:5");
}

TEST_F(CircuitBreak, ATriggeredOrderBreaksItToo) {
  const OrderView stop_order = put(stop(2, Side::buy, 1'050, 5));
  sell(1, 1'101, 5);
  trade_at(1'050);
  EXPECT_EQ(state().mode, MarketMode::circuit_break);
  EXPECT_EQ(change_of(stop_order.id).status, OrderStatus::rejected);
  EXPECT_EQ(change_of(stop_order.id).reason, Reason::circuit_break);
}

TEST_F(CircuitBreak, TheBuyersPayUpwardAndTheSellersDownward) {
  MarketSpec spec = btc_jpy();
  spec.name = "fees";
  spec.band_ppm = 100'000;
  spec.band_max_ppm = 200'000;
  must(AddMarket{spec});
  const MarketId fees{1};
  const auto quote = [&](std::uint64_t account, Side side, std::uint64_t price) {
    PlaceOrder order = limit(account, side, price, 5);
    order.market = fees;
    return put(order);
  };
  quote(1, Side::sell, 1'000);
  quote(2, Side::buy, 1'000);
  const OrderView sell_order = quote(1, Side::sell, 1'150);
  const OrderView buy_order = quote(2, Side::buy, 1'150);
  EXPECT_EQ(state(fees).mode, MarketMode::circuit_break);
  wait(600'000);
  ASSERT_EQ(events_of<Traded>(events).size(), 1u);
  EXPECT_EQ(events_of<Traded>(events)[0].maker_order, sell_order.id);
  EXPECT_EQ(events_of<Traded>(events)[0].taker_order, buy_order.id);
  const OrderView low_buy = quote(2, Side::buy, 1'000);
  const OrderView low_sell = quote(1, Side::sell, 1'000);
  wait(600'000);
  ASSERT_EQ(events_of<Traded>(events).size(), 1u);
  EXPECT_EQ(events_of<Traded>(events)[0].maker_order, low_buy.id);
  EXPECT_EQ(events_of<Traded>(events)[0].taker_order, low_sell.id);
}

TEST_F(CircuitBreak, TheAuctionEndsItAndWidensTheSideItMovedTo) {
  reach(Side::buy, 1'150);
  wait(59'999);
  EXPECT_EQ(state().mode, MarketMode::circuit_break);
  wait(1);
  EXPECT_EQ(state().mode, MarketMode::none);
  EXPECT_EQ(state().fee_type, FeeType::normal);
  EXPECT_EQ(state().upper_itayose, Price{0});
  EXPECT_EQ(state().reference, Price{1'150});
  EXPECT_EQ(band(), Band(1'035, 1'380)) << "down 10 %, up 20 %";
  EXPECT_EQ(trades(), "1150:5");
}

TEST_F(CircuitBreak, ADownwardAuctionWidensTheOtherSide) {
  reach(Side::sell, 850);
  wait(60'000);
  EXPECT_EQ(band(), Band(680, 935));
}

TEST_F(CircuitBreak, WithoutATradeTheReferenceAndTheWidthsStay) {
  reach(Side::buy, 1'101);
  end_break();
  EXPECT_EQ(state().reference, Price{1'000});
  EXPECT_EQ(band(), Band(900, 1'100));
}

TEST_F(CircuitBreak, TheFirstBreakWidensNothingTheSecondOneStep) {
  reach(Side::buy, 1'101);
  end_break();
  EXPECT_EQ(band(), Band(900, 1'100));
  reach(Side::buy, 1'101);
  end_break();
  EXPECT_EQ(band(), Band(900, 1'150));
  reach(Side::buy, 1'151);
  end_break();
  EXPECT_EQ(band(), Band(900, 1'200));
  reach(Side::buy, 1'201);
  end_break();
  EXPECT_EQ(band(), Band(900, 1'200)) << "no wider";
}

TEST_F(CircuitBreak, TheOtherDirectionPutsBothSidesBack) {
  reach(Side::buy, 1'101);
  end_break();
  reach(Side::buy, 1'101);
  end_break();
  EXPECT_EQ(band(), Band(900, 1'150));
  reach(Side::sell, 899);
  end_break();
  EXPECT_EQ(band(), Band(900, 1'100));
  reach(Side::sell, 899);
  end_break();
  EXPECT_EQ(band(), Band(850, 1'100));
}

TEST_F(CircuitBreak, AnHourAfterTheLastBreakTheWidthsLapse) {
  reach(Side::buy, 1'101);
  end_break();
  reach(Side::buy, 1'101);
  const WallTimeMs last = now;
  end_break();
  now.value = last.value + 3'600'000 - 1;
  must(cancel(buy(1, 500, 1)));
  EXPECT_EQ(band().second, 1'150u);
  now.value += 1;
  buy(1, 500, 1);
  EXPECT_EQ(band(), Band(900, 1'100));
  // And the next break of the same direction is a first one again.
  reach(Side::buy, 1'101);
  end_break();
  EXPECT_EQ(band(), Band(900, 1'100));
}

TEST_F(CircuitBreak, HalfAnHourAfterAnAuctionItsWidthLapses) {
  must(StartAuction{market_0, MarketMode::resumption, {}, {now.value + 10}});
  sell(1, 1'010, 5);
  buy(2, 1'010, 5);
  wait(10);
  EXPECT_EQ(band(), Band(909, 1'212));
  now.value += 1'800'000 - 1;
  must(cancel(buy(1, 500, 1)));
  EXPECT_EQ(band().second, 1'212u);
  now.value += 1;
  buy(1, 500, 1);
  EXPECT_EQ(band(), Band(909, 1'111));
}

TEST_F(CircuitBreak, TheReferenceFollowsTheLastPriceOnceAMinute) {
  now.value += 30'000;
  trade_at(1'010);
  now.value += 29'999;
  buy(1, 500, 1);
  EXPECT_EQ(state().reference, Price{1'000});
  now.value += 1;
  buy(1, 500, 1);
  EXPECT_EQ(state().reference, Price{1'010});
  EXPECT_EQ(band(), Band(909, 1'111));
  now.value += 1;
  trade_at(1'020);
  now.value += 59'998;
  buy(1, 500, 1);
  EXPECT_EQ(state().reference, Price{1'010}) << "a minute after it was taken over";
  now.value += 1;
  buy(1, 500, 1);
  EXPECT_EQ(state().reference, Price{1'020});
}

TEST_F(CircuitBreak, ARefusedOrderRefreshesTheBandsToo) {
  now.value += 60'000;
  trade_at(1'010);
  now.value += 60'000;
  PlaceOrder order = limit(1, Side::buy, 500, 1);
  order.type = OrderType::losscut;
  EXPECT_EQ(refusal(order), Refusal::invalid_type);
  EXPECT_EQ(state().reference, Price{1'010});
}

TEST_F(CircuitBreak, WithoutABandNothingBreaks) {
  Scene scene;
  scene.set_up();
  scene.trade_at(1'000);
  EXPECT_EQ(scene.state().upper_trigger, Price{0});
  scene.trade_at(100'000);
  EXPECT_EQ(scene.state().mode, MarketMode::none);
  scene.now.value += 60'000;
  scene.buy(1, 5, 1);
  EXPECT_EQ(scene.state().reference, Price{100'000}) << "but the reference follows";
}

TEST_F(CircuitBreak, BandsAreRoundedInwards) {
  Scene scene;
  MarketSpec spec = plain_market();
  spec.band_ppm = 100'000;
  spec.band_max_ppm = 200'000;
  scene.set_up(spec);
  scene.trade_at(1'005);
  EXPECT_EQ(scene.state().lower_trigger, Price{905});    // 904.5
  EXPECT_EQ(scene.state().upper_trigger, Price{1'105});  // 1,105.5
}

TEST_F(CircuitBreak, OperatorsMayKeepABrokenMarketOpenEndedAndKeepWhoPays) {
  reach(Side::buy, 1'101);
  must(StartAuction{market_0, MarketMode::full_range_circuit_break, {}, {}});
  EXPECT_EQ(state().fee_type, FeeType::sell_maker);
  EXPECT_EQ(state().upper_itayose, Price{0});
  must(StartAuction{market_0, MarketMode::listing, {}, {now.value + 5}});
  EXPECT_EQ(state().fee_type, FeeType::dynamic);
}

}  // namespace
}  // namespace oki::core
