// Every kind of event that trading alone does not make, written by hand: what the projection shows
// of it, what it refuses, and the bytes of the snapshot that holds it all.
#include <gtest/gtest.h>

#include "core/testing/golden.h"
#include "history/testing/small.h"

namespace oki::history {
namespace {

using core::AccountId;
using core::MarginStatus;
using core::MarketMode;
using core::PositionSide;
using core::Side;
using core::WithdrawalState;

constexpr core::AssetId jpy{0};

core::MarketChanged mode(MarketMode mode) {
  core::MarketState state;
  state.market = market_0;
  state.mode = mode;
  state.status = core::MarketStatus::busy;
  state.reference = {100};
  state.reopen_at = {1'700'000'600'000};
  return {state};
}

core::WithdrawalChanged withdrawal(std::uint64_t id, WithdrawalState state) {
  const core::OperatorId by{state == WithdrawalState::requested ? 0u : 7u};
  return {{id}, state, {1}, jpy, {500}, {10}, by, {1'700'000'000'000}, "bank"};
}

core::PositionChanged position(std::uint64_t lots) {
  return {{{1}, market_0, PositionSide::long_side, {lots}, {lots * 100}, {3}, {1}, {86'400'000}}};
}

// Order 50 of account 1 opens a long position against the sell order 1 at 100.
std::vector<core::Event> margin_trade(std::uint64_t trade_id) {
  core::OrderView order;
  order.id = {50};
  order.account = {2};
  order.side = Side::buy;
  order.position = PositionSide::long_side;
  order.price = {100};
  order.amount = {5};
  order.client_order_id = "mine";
  core::Traded trade;
  trade.id = {trade_id};
  trade.price = {100};
  trade.amount = {5};
  trade.quote = {500};
  trade.maker_order = {1};
  trade.maker_account = {1};
  trade.taker_order = {50};
  trade.taker_account = {2};
  trade.maker_fee = -1;
  trade.taker_fee = 4;
  return {core::OrderAccepted{order}, trade,
          core::MarginTraded{{trade_id}, {50}, {2}, PositionSide::long_side, true, {4}, {}, {}, 0}};
}

std::vector<core::Event> everything() {
  std::vector<core::Event> events = margin_trade(9);
  for (const core::Event& event : std::initializer_list<core::Event>{
           mode(MarketMode::resumption),
           core::AuctionEstimated{market_0, {101}, {4}},
           core::LevelChanged{market_0, Side::buy, {101}, {4}, {90}},
           position(5),
           core::MarginChanged{{1}, true, MarginStatus::call, {}},
           core::CollateralChanged{jpy, 900'000},
           core::DeadManSet{{2}, {1'700'000'060'000}},
           core::HoldingsChanged{jpy, {3'000'000}, {2'000'000}, "h"},
           core::CreditChanged{{1}, core::CreditState::proposed, {7}, {}, {1}, jpy, {5}, "c"},
           withdrawal(1, WithdrawalState::requested),
           withdrawal(2, WithdrawalState::requested),
           withdrawal(1, WithdrawalState::rejected),
           withdrawal(2, WithdrawalState::approved),
           core::WithdrawalsFrozen{jpy, true, {7}},
           core::AccountRestricted{{2}, false, true},
           core::Quarantined{core::StepKind::timer, 12, 3, "held differs"},
           core::ReleaseReported{1, 2},
           core::ReleaseReported{2, 1},
           core::ReleaseReported{3, 2},
           core::ReleaseReported{2, 0},
           core::ReleaseActivated{2}}) {
    events.push_back(event);
  }
  return events;
}

TEST(ProjectionEvents, AreShownAsTheyWereTold) {
  Small small;
  const Projection& projection = small.projection;
  EXPECT_EQ(projection.release(), 1u);
  EXPECT_EQ(projection.market_state(market_0).market, market_0);
  EXPECT_EQ(projection.deposits({2}).size(), 2u);
  EXPECT_EQ(projection.deposits({2})[1].number, 4u);
  EXPECT_EQ(projection.deposits({2})[1].reference, "b2");
  ASSERT_TRUE(take(small, everything()));
  projection.verify();
  EXPECT_EQ(projection.market_state(market_0), mode(MarketMode::resumption).state);
  EXPECT_EQ(projection.auction_estimate(market_0), (AuctionEstimate{{101}, {4}}));
  EXPECT_EQ(projection.positions({1}), std::vector{position(5).position});
  EXPECT_EQ(projection.all_positions().size(), 1u);
  EXPECT_EQ(projection.margin({1}), (Margin{true, MarginStatus::call, {}, small.feed.now}));
  EXPECT_EQ(projection.collateral_ppm(jpy), 900'000u);
  EXPECT_EQ(projection.dead_man_at({2}), WallTimeMs{1'700'000'060'000});
  EXPECT_EQ(projection.funds(jpy), (Funds{{3'000'000}, {2'000'000}}));
  ASSERT_EQ(projection.withdrawals({1}).size(), 2u);
  EXPECT_EQ(projection.withdrawals({1})[0]->state, WithdrawalState::rejected);
  EXPECT_EQ(projection.withdrawals({1})[0]->by, core::OperatorId{7});
  EXPECT_EQ(projection.open_withdrawals(), std::vector{projection.withdrawal({2})});
  EXPECT_TRUE(projection.withdrawals_frozen(jpy));
  EXPECT_EQ(projection.restrictions({2}), (Restrictions{false, true}));
  ASSERT_EQ(projection.quarantines().size(), 1u);
  EXPECT_EQ(projection.quarantines()[0].index, LogIndex{2});
  EXPECT_EQ(projection.quarantines()[0].step.fault, "held differs");
  EXPECT_EQ(projection.release(), 2u);
  EXPECT_EQ(projection.node_releases(), (std::map<std::uint64_t, std::uint32_t>{{1, 2}, {3, 2}}));
  EXPECT_EQ(projection.order({2}, "mine"), projection.order({50}));
  EXPECT_EQ(projection.order({1}, "mine"), nullptr) << "of another account";
  EXPECT_EQ(projection.order({2}, ""), nullptr);
  const AccountTrade taker = projection.account_trades({2}).back();
  EXPECT_EQ(taker.position, PositionSide::long_side);
  EXPECT_EQ(taker.fee_quote, 0) << "paid when it closes";
  EXPECT_EQ(taker.fee_occurred, 4);
  EXPECT_EQ(projection.account_trades({1}).back().fee_quote, -1);
  EXPECT_EQ(projection.accounts_seen(), (std::vector<AccountId>{{1}, {2}}));
}

TEST(ProjectionEvents, FindNothingWhereNothingIs) {
  const Small small;
  const Projection& projection = small.projection;
  EXPECT_EQ(projection.market_state({9}), core::MarketState{});
  EXPECT_EQ(projection.auction_estimate({9}), AuctionEstimate{});
  EXPECT_EQ(projection.auction_result(market_0), AuctionResult{});
  EXPECT_EQ(projection.funds({9}), Funds{});
  EXPECT_FALSE(projection.withdrawals_frozen({9}));
  EXPECT_EQ(projection.collateral_ppm({9}), 0u);
  EXPECT_TRUE(projection.deposits({9}).empty());
  EXPECT_TRUE(projection.withdrawals({9}).empty());
  EXPECT_EQ(projection.withdrawal({9}), nullptr);
  EXPECT_TRUE(projection.positions({9}).empty());
  EXPECT_EQ(projection.margin({9}), Margin{});
  EXPECT_EQ(projection.restrictions({9}), Restrictions{});
  EXPECT_EQ(projection.dead_man_at({9}), WallTimeMs{0});
  EXPECT_EQ(projection.order({9}, "mine"), nullptr);
}

TEST(ProjectionEvents, AClosedPositionIsGone) {
  Small small;
  ASSERT_TRUE(take(small, {position(5)}));
  ASSERT_TRUE(take(small, {position(2)}));
  EXPECT_EQ(small.projection.positions({1})[0].open, core::Lots{2});
  ASSERT_TRUE(take(small, {position(0)}));
  EXPECT_TRUE(small.projection.positions({1}).empty());
  EXPECT_FALSE(take(small, {position(0)})) << "twice";
}

TEST(ProjectionEvents, AClosingTradePaysFeesAndInterestAndBringsTheProfit) {
  Small small;
  std::vector<core::Event> events = margin_trade(9);
  auto& told = std::get<core::MarginTraded>(events[2]);
  told.opened = false;
  told.fee_paid = {9};
  told.interest = {2};
  told.profit = -30;
  ASSERT_TRUE(take(small, events));
  const AccountTrade trade = small.projection.account_trades({2}).back();
  EXPECT_EQ(trade.fee_quote, 9);
  EXPECT_EQ(trade.fee_occurred, 4);
  EXPECT_EQ(trade.interest, core::Amount{2});
  EXPECT_EQ(trade.profit, -30);
}

TEST(ProjectionEvents, ABookMayBeCrossedOnlyWhileItCollectsOrders) {
  const core::LevelChanged buy{market_0, Side::buy, {101}, {4}, {90}};
  const core::LevelChanged gone{market_0, Side::buy, {101}, {0}, {91}};
  EXPECT_FALSE(follows({buy}));
  for (const MarketMode auction : {MarketMode::circuit_break, MarketMode::full_range_circuit_break,
                                   MarketMode::resumption, MarketMode::listing}) {
    Small small;
    ASSERT_TRUE(take(small, {mode(auction), buy}));
    small.projection.verify();
    const Ticker ticker = small.projection.ticker(market_0, small.feed.now);
    EXPECT_GT(ticker.buy, ticker.sell) << "shown as it is";
    auto restored = Projection::restore(small.projection.snapshot(), {});
    ASSERT_TRUE(restored);
    ASSERT_TRUE(
        take(small, {core::AuctionEnded{market_0, {101}, {4}}, mode(MarketMode::none), gone}));
    EXPECT_EQ(small.projection.auction_result(market_0),
              (AuctionResult{{101}, {4}, small.feed.now}));
    EXPECT_EQ(small.projection.auction_estimate(market_0), AuctionEstimate{});
    std::swap(small.projection, *restored);
    EXPECT_FALSE(take(small, {mode(MarketMode::none)})) << "still crossed";
  }
}

TEST(ProjectionEvents, ANewAuctionBeginsWithoutAnEstimate) {
  Small small;
  ASSERT_TRUE(
      take(small, {mode(MarketMode::circuit_break), core::AuctionEstimated{market_0, {99}, {1}}}));
  ASSERT_TRUE(take(small, {mode(MarketMode::full_range_circuit_break)}));
  EXPECT_EQ(small.projection.auction_estimate(market_0).price, core::Price{99}) << "the same one";
  ASSERT_TRUE(take(small, {mode(MarketMode::none), mode(MarketMode::listing)}));
  EXPECT_EQ(small.projection.auction_estimate(market_0), AuctionEstimate{});
}

TEST(ProjectionEvents, OldRowsFallOutAtTheirLimits) {
  const ProjectionLimits limits{
      .deposits_per_account_max = 2, .closed_withdrawals_per_account_max = 1, .quarantines_max = 2};
  Small small;
  small.projection = Projection(limits);
  Feed feed;
  trade_a_little(feed);
  ASSERT_TRUE(small.projection.apply(feed.block()));
  EXPECT_FALSE(small.projection.has_all_deposits({1}));
  EXPECT_TRUE(small.projection.has_all_withdrawals({1}));
  ASSERT_TRUE(take(small, {core::Deposited{{1}, jpy, {5}, "new"}}));
  EXPECT_EQ(small.projection.deposits({1}).size(), 2u);
  EXPECT_EQ(small.projection.deposits({1}).back().number, 5u);
  for (const std::uint64_t id : {1, 2}) {
    ASSERT_TRUE(take(small, {withdrawal(id, WithdrawalState::requested),
                             withdrawal(id, WithdrawalState::approved),
                             withdrawal(id, WithdrawalState::settled)}));
  }
  EXPECT_EQ(small.projection.withdrawal({1}), nullptr);
  EXPECT_EQ(small.projection.withdrawals({1}).size(), 1u);
  EXPECT_FALSE(small.projection.has_all_withdrawals({1}));
  for (const std::uint64_t number : {1, 2, 3}) {
    ASSERT_TRUE(take(small, {core::Quarantined{core::StepKind::command, number, 0, "x"}}));
  }
  EXPECT_EQ(small.projection.quarantines().front().step.number, 2u);
  small.projection.verify();
  const Bytes snapshot = small.projection.snapshot();
  auto restored = Projection::restore(snapshot, limits);
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->snapshot(), snapshot);
  EXPECT_FALSE(Projection::restore(snapshot, {.deposits_per_account_max = 1}));
  EXPECT_FALSE(Projection::restore(snapshot, {.closed_withdrawals_per_account_max = 0}));
  EXPECT_FALSE(Projection::restore(snapshot, {.quarantines_max = 1}));
}

TEST(ProjectionEvents, OfOneNameTheNewestOrderIsFound) {
  Small small;
  core::OrderView order;
  order.account = {1};
  order.amount = {5};
  order.price = {90};
  order.client_order_id = "again";
  for (const std::uint64_t id : {60, 61}) {
    order.id = {id};
    ASSERT_TRUE(take(small, {core::OrderAccepted{order}}));
    EXPECT_EQ(small.projection.order({1}, "again")->id, order.id);
  }
  order.id = {60};
  order.status = core::OrderStatus::canceled_unfilled;
  ASSERT_TRUE(take(small, {changed(order)}));
  EXPECT_EQ(small.projection.order({1}, "again")->id, core::OrderId{61});
  small.projection.verify();
}

TEST(ProjectionEvents, ThatContradictWhatCameBeforeAreRefused) {
  const auto requested = withdrawal(1, WithdrawalState::requested);
  const auto approved = withdrawal(1, WithdrawalState::approved);
  const auto settled = withdrawal(1, WithdrawalState::settled);
  auto other_amount = approved;
  other_amount.amount = {501};
  auto of_nobody = requested;
  of_nobody.account = {9};
  auto elsewhere = mode(MarketMode::none);
  elsewhere.state.market = {9};
  auto nowhere = position(1);
  nowhere.position.market = {9};
  auto spot = position(1);
  spot.position.side = PositionSide::none;
  EXPECT_TRUE(follows({requested, approved, settled}));
  EXPECT_FALSE(follows({requested, requested}));
  EXPECT_FALSE(follows({approved})) << "unknown";
  EXPECT_FALSE(follows({requested, settled})) << "not approved";
  EXPECT_FALSE(follows({requested, approved, approved}));
  EXPECT_FALSE(follows({requested, approved, settled, settled}));
  EXPECT_FALSE(follows({requested, other_amount}));
  EXPECT_FALSE(follows({of_nobody}));
  EXPECT_FALSE(follows({elsewhere}));
  EXPECT_FALSE(follows({core::AuctionEstimated{market_0, {1}, {1}}})) << "no auction";
  EXPECT_FALSE(follows({core::AuctionEstimated{{9}, {1}, {1}}}));
  EXPECT_FALSE(follows({core::AuctionEnded{market_0, {1}, {1}}}));
  EXPECT_FALSE(follows({core::AuctionEnded{{9}, {1}, {1}}}));
  EXPECT_FALSE(follows({nowhere}));
  EXPECT_FALSE(follows({spot}));
  EXPECT_FALSE(follows({core::MarginChanged{{9}, true, MarginStatus::normal, {}}}));
  EXPECT_FALSE(follows({core::CollateralChanged{{9}, 1}}));
  EXPECT_FALSE(follows({core::CollateralChanged{jpy, 1'000'001}}));
  EXPECT_FALSE(follows({core::DeadManSet{{9}, {1}}}));
  EXPECT_FALSE(follows({core::HoldingsChanged{{9}, {1}, {1}, ""}}));
  EXPECT_FALSE(follows({core::HoldingsChanged{jpy, {1}, {2}, ""}})) << "owes more than it holds";
  EXPECT_FALSE(follows({core::CreditChanged{{1}, {}, {7}, {}, {1}, {9}, {5}, ""}}));
  EXPECT_FALSE(follows({core::Deposited{{1}, {9}, {5}, "r"}}));
  EXPECT_FALSE(follows({core::WithdrawalsFrozen{{9}, true, {}}}));
  EXPECT_FALSE(follows({core::WithdrawalsFrozen{jpy, false, {}}})) << "is not frozen";
  EXPECT_FALSE(follows({core::AccountRestricted{{9}, true, true}}));
  EXPECT_FALSE(follows({core::ReleaseReported{0, 2}}));
  EXPECT_FALSE(follows({core::ReleaseReported{1, 0}})) << "nothing to forget";
  EXPECT_FALSE(follows({core::ReleaseActivated{3}})) << "not the next";
}

TEST(ProjectionEvents, AMarginTradeNeedsItsTrade) {
  auto events = margin_trade(9);
  EXPECT_TRUE(follows(events));
  auto& told = std::get<core::MarginTraded>(events[2]);
  const core::MarginTraded right = told;
  told.trade = {8};
  EXPECT_FALSE(follows(events));
  told = right;
  told.order = {1};
  EXPECT_FALSE(follows(events));
  told = right;
  told.account = {9};
  EXPECT_FALSE(follows(events));
  told = right;
  told.position = PositionSide::short_side;
  EXPECT_FALSE(follows(events));
  told = right;
  told.fee_paid = {~std::uint64_t{0}};
  EXPECT_FALSE(follows(events));
}

TEST(ProjectionEvents, TheSnapshotOfAllOfThemHasTheBytesWrittenDown) {
  Small small;
  ASSERT_TRUE(take(small, everything()));
  const Bytes snapshot = small.projection.snapshot();
  EXPECT_EQ(core::golden("projection_snapshot.txt")["everything"], core::hex(snapshot));
  auto restored = Projection::restore(snapshot, {});
  ASSERT_TRUE(restored) << restored.error().message;
  restored->verify();
  EXPECT_EQ(restored->snapshot(), snapshot);
  EXPECT_EQ(restored->order({2}, "mine")->id, core::OrderId{50});
}

}  // namespace
}  // namespace oki::history
