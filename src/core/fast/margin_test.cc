// Positions, with every number worked out by hand: rules 8.4, 9.2 to 9.8.
#include "core/fast/margin.h"

#include <gtest/gtest.h>

#include "core/fast/testing/money_world.h"

namespace oki::core {
namespace {

constexpr PositionSide long_side = PositionSide::long_side;
constexpr PositionSide short_side = PositionSide::short_side;
constexpr std::uint64_t lender = lender_account.value;
constexpr std::uint64_t fees = fee_account.value;
constexpr std::int64_t day_ms = 86'400'000;

TEST(Margin, OpeningALongSpendsTheLendersMoneyAndNotTheAccounts) {
  MoneyWorld world;
  world.add_margin_account(1, 1'000'000);
  world.trade(1, Side::buy, 1'000, 100, long_side);

  const auto told = world.told<MarginTraded>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(told[0].opened);
  EXPECT_EQ(told[0].fee_occurred, Amount{100});  // 0.1 % of 100,000.
  EXPECT_EQ(told[0].fee_paid, Amount{0});
  EXPECT_EQ(told[0].profit, 0);
  const Position position = world.position(1, long_side);
  EXPECT_EQ(position.open, Lots{100});
  EXPECT_EQ(position.cost, Amount{100'000});
  EXPECT_EQ(position.fees, Amount{100});
  EXPECT_EQ(position.interest, Amount{0});
  EXPECT_EQ(world.free(1), 1'000'000u);
  EXPECT_EQ(world.free(lender), 10'000'000u - 100'100);
  EXPECT_EQ(world.held(lender), 0u);
  EXPECT_EQ(world.held(lender, MoneyWorld::btc), 100u);
  EXPECT_EQ(world.free(fees), 100u);
}

TEST(Margin, ClosingALongInPartsPaysProfitLessFeesAndInterest) {
  MoneyWorld world;
  world.add_margin_account(1, 1'000'000);
  world.trade(1, Side::buy, 1'000, 100, long_side);
  world.trade(1, Side::sell, 1'100, 40, long_side);

  auto told = world.told<MarginTraded>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_FALSE(told[0].opened);
  EXPECT_EQ(told[0].profit, 4'000);  // 44,000 - 40,000.
  EXPECT_EQ(told[0].fee_occurred, Amount{44});
  EXPECT_EQ(told[0].fee_paid, Amount{84});  // With 40 of the 100 for opening.
  EXPECT_EQ(world.free(1), 1'003'916u);
  EXPECT_EQ(world.position(1, long_side).open, Lots{60});
  EXPECT_EQ(world.position(1, long_side).cost, Amount{60'000});
  EXPECT_EQ(world.position(1, long_side).fees, Amount{60});

  world.pass(day_ms);  // One midnight: 60,000 * 400 ppm = 24.
  world.trade(1, Side::sell, 1'100, 60, long_side);
  told = world.told<MarginTraded>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].interest, Amount{24});
  EXPECT_EQ(told[0].profit, 6'000);
  EXPECT_EQ(told[0].fee_paid, Amount{126});
  EXPECT_EQ(world.free(1), 1'009'766u);  // + 6,000 - 60 - 66 - 24.
  EXPECT_EQ(world.positions.count({AccountId{1}, long_side}), 0u);
  EXPECT_EQ(world.free(lender), 10'000'024u) << "the lender earns the interest alone";
  EXPECT_EQ(world.held(lender, MoneyWorld::btc), 0u);
  EXPECT_EQ(world.free(lender, MoneyWorld::btc), 10'000u);
  EXPECT_EQ(world.free(fees), 210u);
}

TEST(Margin, AShortSellsTheLendersCoinsAndHoldsWhatTheyBrought) {
  MoneyWorld world;
  world.add_margin_account(1, 1'000'000);
  world.trade(1, Side::sell, 1'000, 100, short_side);
  EXPECT_EQ(world.position(1, short_side).cost, Amount{100'000});
  EXPECT_EQ(world.position(1, short_side).fees, Amount{100});
  EXPECT_EQ(world.free(lender, MoneyWorld::btc), 9'900u);
  EXPECT_EQ(world.held(lender), 99'900u);
  EXPECT_EQ(world.free(lender), 10'000'000u);
  EXPECT_EQ(world.free(1), 1'000'000u);

  world.trade(1, Side::buy, 900, 40, short_side);
  ASSERT_EQ(world.told<MarginTraded>().size(), 1u);
  EXPECT_EQ(world.told<MarginTraded>()[0].profit, 4'000);  // 40,000 - 36,000.
  EXPECT_EQ(world.free(1), 1'003'924u);                    // - 40 - 36.
  EXPECT_EQ(world.held(lender), 59'940u);
  EXPECT_EQ(world.free(lender), 10'000'000u);
  EXPECT_EQ(world.free(lender, MoneyWorld::btc), 9'940u);
}

TEST(Margin, ALossIsPaidByTheAccount) {
  MoneyWorld world;
  world.add_margin_account(1, 1'000'000);
  world.trade(1, Side::sell, 1'000, 60, short_side);
  world.trade(1, Side::buy, 1'200, 60, short_side);
  EXPECT_EQ(world.told<MarginTraded>()[0].profit, -12'000);
  EXPECT_EQ(world.free(1), 987'868u);  // - 12,000 - 60 - 72.
  EXPECT_EQ(world.debt(1), 0u);
  EXPECT_EQ(world.free(lender), 10'000'000u);
  EXPECT_EQ(world.held(lender), 0u);
  EXPECT_EQ(world.free(lender, MoneyWorld::btc), 10'000u);
  EXPECT_EQ(world.free(fees), 132u);
}

TEST(Margin, PartsAreRoundedDownAndTheLastOneTakesTheRest) {
  MoneyWorld world;
  world.add_margin_account(1, 1'000'000);
  world.trade(1, Side::buy, 333, 3, long_side);  // Cost 999, fee 1.
  world.trade(1, Side::buy, 334, 1, long_side);  // Cost 1,333, fees 2 for 4 lots.
  world.trade(1, Side::sell, 400, 3, long_side);
  EXPECT_EQ(world.told<MarginTraded>()[0].profit, 1'200 - 999);  // 1,333 * 3 / 4 = 999.75
  EXPECT_EQ(world.told<MarginTraded>()[0].fee_paid, Amount{1 + 2});
  EXPECT_EQ(world.position(1, long_side).cost, Amount{334});
  EXPECT_EQ(world.position(1, long_side).fees, Amount{1});
  EXPECT_EQ(world.position(1, long_side).open, Lots{1});
}

TEST(Margin, InterestIsForEachMidnightInTokyoAndRoundedUp) {
  MoneyWorld world;
  world.add_margin_account(1, 1'000'000);
  const std::int64_t midnight = 1'700'060'400'000;  // 2023-11-16 00:00 in Tokyo.
  world.now = WallTimeMs{midnight - 1};
  world.trade(1, Side::buy, 1'000, 1, long_side);  // 1,000 * 400 ppm = 0.4.
  EXPECT_EQ(world.position(1, long_side).interest_until, WallTimeMs{midnight - day_ms});
  world.run_until(WallTimeMs{midnight + 998});
  EXPECT_EQ(world.position(1, long_side).interest, Amount{0});
  world.run_until(WallTimeMs{midnight + 999});  // The sweep.
  EXPECT_EQ(world.position(1, long_side).interest, Amount{1});
  EXPECT_EQ(world.position(1, long_side).interest_until, WallTimeMs{midnight});
  world.now = WallTimeMs{midnight + 3 * day_ms};
  world(Tick{});
  EXPECT_EQ(world.position(1, long_side).interest, Amount{4});
}

TEST(Margin, ANightWithoutInterestIsToldAsPassed) {
  MarketSpec spec = MoneyWorld::spec();
  spec.margin.long_interest_ppm = 0;
  MoneyWorld world(10'000'000, 10'000, spec);
  world.add_margin_account(1, 1'000'000);
  const std::int64_t midnight = 1'700'060'400'000;
  world.now = WallTimeMs{midnight - 1};
  world.trade(1, Side::buy, 1'000, 1, long_side);
  world.run_until(WallTimeMs{midnight + 999});
  EXPECT_EQ(world.position(1, long_side).interest, Amount{0});
  EXPECT_EQ(world.position(1, long_side).interest_until, WallTimeMs{midnight});
}

TEST(Margin, OneTradeCanCloseOnePositionAndOpenAnother) {
  MoneyWorld world;
  world.add_margin_account(1, 1'000'000);
  world.add_margin_account(2, 1'000'000);
  world.trade(1, Side::buy, 1'000, 10, long_side);
  world.place(MoneyWorld::order(2, Side::buy, 1'000, 10, long_side));
  EXPECT_EQ(world.held(lender), 10'010u) << "an opening buy holds worth and the higher fee";
  world.place(MoneyWorld::order(1, Side::sell, 0, 10, long_side));
  const auto told = world.told<MarginTraded>();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].account, AccountId{2}) << "the maker first";
  EXPECT_TRUE(told[0].opened);
  EXPECT_EQ(told[0].fee_occurred, Amount{0});
  EXPECT_FALSE(told[1].opened);
  EXPECT_EQ(world.positions.size(), 1u);
  EXPECT_EQ(world.position(2, long_side).open, Lots{10});
  EXPECT_EQ(world.held(lender), 0u);
  EXPECT_EQ(world.free(lender), 10'000'000u - 10'000);
  EXPECT_EQ(world.free(1), 1'000'000u - 20);
}

TEST(Margin, APositionThatIsClosedAndOpenedInOneStepIsOneChange) {
  MoneyWorld world;
  world.add_margin_account(1, 1'000'000);
  world.trade(1, Side::buy, 1'000, 10, long_side);
  // The account's own closing order is met by its own opening one.
  world.place(MoneyWorld::order(1, Side::sell, 1'100, 10, long_side));
  world.place(MoneyWorld::order(1, Side::buy, 1'100, 10, long_side));
  EXPECT_EQ(world.told<MarginTraded>().size(), 2u);
  EXPECT_EQ(world.told<PositionChanged>().size(), 1u);
  EXPECT_EQ(world.position(1, long_side).open, Lots{10});
  EXPECT_EQ(world.position(1, long_side).cost, Amount{11'000});
  EXPECT_EQ(world.position(1, long_side).fees, Amount{11});
  EXPECT_EQ(world.free(1), 1'000'000u + 1'000 - 10);
}

TEST(Margin, IsForThoseWhoMayInMarketsThatHaveIt) {
  MoneyWorld world;
  world.add_account(1, 1'000'000);
  world.mark(1'000);
  const PlaceOrder order = MoneyWorld::order(1, Side::buy, 900, 10, long_side);
  EXPECT_EQ(world.refusal(order), Refusal::margin_not_allowed);
  EXPECT_EQ(world.refusal(AllowMargin{AccountId{7}, true}), Refusal::unknown_account);
  EXPECT_EQ(world.refusal(AllowMargin{AccountId{1}, false}), Refusal::exists);
  world.expect(AllowMargin{AccountId{1}, true});
  ASSERT_EQ(world.told<MarginChanged>().size(), 1u);
  EXPECT_TRUE(world.told<MarginChanged>()[0].allowed);
  EXPECT_EQ(world.refusal(AllowMargin{AccountId{1}, true}), Refusal::exists);
  EXPECT_EQ(world.refusal(order), Refusal::ok);
  world.expect(AllowMargin{AccountId{1}, false});
  EXPECT_EQ(world.refusal(order), Refusal::margin_not_allowed);
}

TEST(Margin, OpeningNeedsHalfOfThePositionsValueWithAllOrders) {
  MoneyWorld world;
  world.add_margin_account(1, 50'000);
  world.mark(1'000);
  const auto buy = [&](std::uint64_t lots) {
    return world.refusal(MoneyWorld::order(1, Side::buy, 1'000, lots, long_side));
  };
  EXPECT_EQ(buy(101), Refusal::insufficient_margin);
  EXPECT_EQ(buy(60), Refusal::ok);  // 30,000 of 50,000 are needed.
  EXPECT_EQ(buy(41), Refusal::insufficient_margin);
  EXPECT_EQ(buy(40), Refusal::ok);
  EXPECT_EQ(buy(1), Refusal::insufficient_margin);
}

TEST(Margin, CoinsCountAsFarAsTheirRatioSays) {
  MoneyWorld world;
  world.add_margin_account(1, 0);
  world.deposit(AccountId{1}, MoneyWorld::btc, 100);
  const PlaceOrder order = MoneyWorld::order(1, Side::buy, 1'000, 100, long_side);
  EXPECT_EQ(world.refusal(order), Refusal::insufficient_margin);
  EXPECT_EQ(world.refusal(SetCollateral{AssetId{2}, 1}), Refusal::unknown_asset);
  EXPECT_EQ(world.refusal(SetCollateral{MoneyWorld::btc, 1'000'001}), Refusal::invalid_spec);
  world.expect(SetCollateral{MoneyWorld::btc, 500'000});
  ASSERT_EQ(world.told<CollateralChanged>().size(), 1u);
  EXPECT_EQ(world.refusal(order), Refusal::insufficient_margin) << "there is no price yet";
  world.mark(999);
  EXPECT_EQ(world.refusal(order), Refusal::insufficient_margin);  // 49,950 of 50,000.
  world.mark(1'000);
  EXPECT_EQ(world.refusal(order), Refusal::ok);
}

TEST(Margin, TheLenderLendsNoMoreThanItHas) {
  MoneyWorld world(50'049, 49);
  world.add_margin_account(1, 1'000'000);
  world.mark(1'000);
  EXPECT_EQ(world.refusal(MoneyWorld::order(1, Side::buy, 1'000, 50, long_side)),
            Refusal::lender_exhausted)
      << "50,000 and a fee of 50";
  EXPECT_EQ(world.refusal(MoneyWorld::order(1, Side::sell, 1'000, 50, short_side)),
            Refusal::lender_exhausted);
  EXPECT_EQ(world.refusal(MoneyWorld::order(1, Side::sell, 1'000, 49, short_side)), Refusal::ok);
  EXPECT_EQ(world.held(lender, MoneyWorld::btc), 49u);
  EXPECT_EQ(world.refusal(MoneyWorld::order(1, Side::sell, 1'000, 1, short_side)),
            Refusal::lender_exhausted);
  world.place(MoneyWorld::order(MoneyWorld::maker, Side::sell, 999, 51));
  EXPECT_EQ(world.refusal(MoneyWorld::order(1, Side::buy, 0, 51, long_side)),
            Refusal::lender_exhausted);
  world.expect(CancelAll{AccountId{1}, {}, true, {}});
  EXPECT_EQ(world.free(lender, MoneyWorld::btc), 49u);
  EXPECT_EQ(world.held(lender, MoneyWorld::btc), 0u);
}

TEST(Margin, ClosesNoMoreThanIsOpen) {
  MoneyWorld world;
  world.add_margin_account(1, 1'000'000);
  world.trade(1, Side::buy, 1'000, 10, long_side);
  const auto sell = [&](std::uint64_t lots) {
    return world.refusal(MoneyWorld::order(1, Side::sell, 2'000, lots, long_side));
  };
  EXPECT_EQ(sell(11), Refusal::exceeds_position);
  EXPECT_EQ(sell(6), Refusal::ok);
  EXPECT_EQ(world.held(lender, MoneyWorld::btc), 10u) << "a closing sell holds nothing more";
  EXPECT_EQ(sell(5), Refusal::exceeds_position);
  EXPECT_EQ(sell(4), Refusal::ok);
  EXPECT_EQ(world.refusal(MoneyWorld::order(1, Side::buy, 900, 1, short_side)),
            Refusal::exceeds_position);
}

TEST(Margin, APositionCannotCostMoreThanSixtyTwoBits) {
  MoneyWorld world;
  world.add_margin_account(1, 0);
  world.expect(Deposit{AccountId{1}, MoneyWorld::jpy, Amount{1ull << 62}, "much"});
  world.expect(Deposit{lender_account, MoneyWorld::jpy, Amount{1ull << 63}, "more"});
  MarketSpec spec = MoneyWorld::spec();
  spec.name = "large_jpy";
  spec.price_max = Price{1ull << 40};
  spec.limit_amount_max = Lots{1ull << 22};
  world.expect(AddMarket{spec});
  PlaceOrder order = MoneyWorld::order(1, Side::buy, 1ull << 40, 1ull << 22, long_side);
  order.market = MarketId{1};
  world.expect(order);  // 2^62.
  order.price = Price{1};
  order.amount = Lots{1};
  EXPECT_EQ(world.refusal(order), Refusal::overflow);
}

TEST(Margin, AFixedRowOfMarketsSharesOneQuoteAsset) {
  MoneyWorld world;
  MarketSpec spec = MoneyWorld::spec();
  spec.name = "jpy_btc";
  spec.base = MoneyWorld::jpy;
  spec.quote = MoneyWorld::btc;
  EXPECT_EQ(world.refusal(AddMarket{spec}), Refusal::invalid_spec);
  spec.margin = {};
  EXPECT_EQ(world.refusal(AddMarket{spec}), Refusal::ok);
  PlaceOrder order = MoneyWorld::order(MoneyWorld::maker, Side::buy, 1, 1, long_side);
  order.market = MarketId{1};
  EXPECT_EQ(world.refusal(order), Refusal::no_margin_market);
}

TEST(Margin, AWithdrawalLeavesWhatPositionsNeed) {
  MoneyWorld world;
  world.add_margin_account(1, 100'000);
  world.trade(1, Side::buy, 1'000, 100, long_side);  // Needs 50,000; 100 of fees are due.
  const auto request = [&](std::uint64_t amount, std::uint64_t fee) {
    return world.refusal(
        RequestWithdrawal{AccountId{1}, {}, MoneyWorld::jpy, Amount{amount}, Amount{fee}, "to"});
  };
  EXPECT_EQ(request(49'801, 100), Refusal::insufficient_margin);
  EXPECT_EQ(request(200'000, 0), Refusal::insufficient_margin) << "before insufficient_amount";
  EXPECT_EQ(request(49'800, 100), Refusal::ok);
  world.trade(1, Side::sell, 1'000, 100, long_side);
  EXPECT_EQ(request(1'000'000, 0), Refusal::insufficient_amount);
  world.place(MoneyWorld::order(1, Side::buy, 900, 100, long_side));  // Needs 45,000.
  EXPECT_EQ(request(10'000, 0), Refusal::insufficient_margin);
}

}  // namespace
}  // namespace oki::core
