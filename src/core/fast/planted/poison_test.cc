// Poison: a step that breaks an invariant is undone and named, withdrawals freeze, and everything
// after it runs as if it had never been tried. The bugs are planted in this program alone.
#include <gtest/gtest.h>

#include "base/planted.h"
#include "core/testing/margin_scene.h"

namespace oki::core {
namespace {

struct Poison : ::testing::Test, MarginScene {
  ~Poison() override { planted_bug = PlantedBug::none; }

  // The command is quarantined, and nothing of it stays; then the next one runs.
  void expect_undone(PlantedBug bug, const Command& command, const char* fault) {
    const Bytes before = without_counts(core.snapshot());
    const auto orders = core.open_orders();
    const auto balances = all_balances();
    planted_bug = bug;
    const Reply reply = World::operator()(command);
    planted_bug = PlantedBug::none;
    EXPECT_EQ(reply, (Reply{Refusal::quarantined, {}, 0}));
    const auto named = events_of<Quarantined>(events);
    ASSERT_EQ(named.size(), 1u);
    EXPECT_EQ(named[0], (Quarantined{StepKind::command, core.applied(), 0, fault}));
    const auto frozen = events_of<WithdrawalsFrozen>(events);
    ASSERT_EQ(frozen.size(), 2u);
    EXPECT_EQ(frozen[0], (WithdrawalsFrozen{jpy, true, {}}));
    EXPECT_EQ(frozen[1], (WithdrawalsFrozen{btc, true, {}}));
    EXPECT_EQ(events.size(), 3u) << "nothing else is told";
    EXPECT_EQ(core.open_orders(), orders);
    EXPECT_EQ(all_balances(), balances);
    core.verify();
    resume();
    EXPECT_EQ(without_counts(core.snapshot()), before) << "not one id was used up";
    EXPECT_EQ(put(limit(4, Side::buy, 1, 1)).status, OrderStatus::unfilled);
  }

  void resume() {
    must(FreezeWithdrawals{anna, true, {}, false});
    must(FreezeWithdrawals{bert, true, {}, false});
  }
  std::vector<std::uint64_t> all_balances() const {
    std::vector<std::uint64_t> numbers;
    for (const auto& x : core.balances()) {
      for (const std::uint64_t number : {x.account.value, std::uint64_t{x.asset.value},
                                         x.free.value, x.held.value, x.withdrawing.value}) {
        numbers.push_back(number);
      }
    }
    return numbers;
  }
};

TEST_F(Poison, MoneyFromNowhere) {
  sell(3, 100, planted_lots);
  expect_undone(PlantedBug::core_fee_from_nowhere, limit(4, Side::buy, 100, planted_lots),
                "balances do not sum to the liabilities");
}

TEST_F(Poison, AHoldThatIsNotGivenBack) {
  const OrderView order = sell(3, 100, planted_lots);
  expect_undone(PlantedBug::core_hold_forgotten, cancel(order),
                "an order holds what it should not");
  must(cancel(order));
}

TEST_F(Poison, AnAssertion) {
  expect_undone(PlantedBug::core_assertion_fails, limit(4, Side::buy, 100, planted_lots),
                "a planted assertion");
}

TEST_F(Poison, ABookLeftCrossed) {
  sell(3, 100, 10);
  expect_undone(PlantedBug::core_book_left_crossed, limit(4, Side::buy, 100, planted_lots),
                "a crossed book");
}

TEST_F(Poison, OrdersThatCloseMoreThanThePosition) {
  give(AccountId{21}, jpy, 10'000'000);
  open_long(21, 100, planted_lots);
  put(long_sell(21, 200, 1));
  expect_undone(PlantedBug::core_position_oversold, long_sell(21, 200, planted_lots),
                "closing orders exceed their position");
}

TEST_F(Poison, MoneyThatLeavesWithoutApproval) {
  must(RequestWithdrawal{AccountId{1}, {}, jpy, Amount{100}, Amount{0}, "x"});
  expect_undone(PlantedBug::core_unapproved_withdrawal, SettleWithdrawal{WithdrawalId{1}},
                "more withdrawals settled than approved");
}

TEST_F(Poison, TheNonceOfAnUndoneCommandIsFreeAgain) {
  must(AddApiKey{AccountId{4}, "key", "s"});
  PlaceOrder order = limit(4, Side::buy, 100, planted_lots);
  order.auth = {KeyId{1}, 7};
  expect_undone(PlantedBug::core_assertion_fails, order, "a planted assertion");
  EXPECT_EQ(refusal(order), Refusal::ok);
}

TEST_F(Poison, OneOrderOfABatchUndoesAllOfThem) {
  must(ReportRelease{1, 2});
  must(ActivateRelease{2, {1}});
  const PlaceOrders batch{
      AccountId{4}, {}, {limit(4, Side::buy, 50, 1), limit(4, Side::buy, 100, planted_lots)}};
  expect_undone(PlantedBug::core_assertion_fails, batch, "a planted assertion");
}

TEST_F(Poison, WithdrawalsThatAreFrozenAlreadyAreNotFrozenAgain) {
  must(FreezeWithdrawals{anna, false, jpy, true});
  planted_bug = PlantedBug::core_assertion_fails;
  EXPECT_EQ(refusal(limit(4, Side::buy, 100, planted_lots)), Refusal::quarantined);
  ASSERT_EQ(events_of<WithdrawalsFrozen>(events).size(), 1u);
  EXPECT_EQ(events_of<WithdrawalsFrozen>(events)[0].asset, btc);
  EXPECT_EQ(refusal(limit(4, Side::buy, 100, planted_lots)), Refusal::quarantined);
  EXPECT_TRUE(events_of<WithdrawalsFrozen>(events).empty());
}

TEST_F(Poison, TakesBackEveryWishToResumeWithdrawals) {
  must(FreezeWithdrawals{anna, true, {}, true});
  must(FreezeWithdrawals{anna, true, {}, false});
  must(FreezeWithdrawals{anna, false, jpy, false});
  planted_bug = PlantedBug::core_assertion_fails;
  (void)World::operator()(limit(4, Side::buy, 100, planted_lots));
  planted_bug = PlantedBug::none;
  ASSERT_EQ(events_of<Quarantined>(events).size(), 1u);
  must(FreezeWithdrawals{bert, true, {}, false});
  must(FreezeWithdrawals{bert, false, jpy, false});
  EXPECT_TRUE(events_of<WithdrawalsFrozen>(events).empty()) << "first wishes, both";
}

TEST_F(Poison, ATriggerStaysOpenAndIsNeverTriedAgain) {
  const OrderView order = put(stop_limit(1, Side::buy, 110, 120, planted_lots));
  const OrderView next = put(stop_limit(2, Side::buy, 111, 120, 1));
  planted_bug = PlantedBug::core_trigger_fails;
  trade_at(111);
  planted_bug = PlantedBug::none;
  const auto named = events_of<Quarantined>(events);
  ASSERT_EQ(named.size(), 1u);
  EXPECT_EQ(named[0], (Quarantined{StepKind::trigger, core.applied(), order.id.value,
                                   "a planted assertion"}));
  EXPECT_EQ(open(order.id), order);
  EXPECT_EQ(open(next.id).status, OrderStatus::unfilled) << "the next one fires";
  must(cancel(open(next.id)));
  trade_at(112);
  EXPECT_EQ(open(order.id), order);
  EXPECT_NE(core.next_timer(), now);
  must(cancel(order));
}

// --- Timers are dropped as if they had fired; a restart from a snapshot behind that changes
// nothing.
struct PoisonedTimer : Poison, ::testing::WithParamInterface<bool> {
  void may_restart(Core& one, const CoreLimits& limits = {}) const {
    if (!GetParam()) return;
    const Bytes snapshot = one.snapshot();
    auto restored = Core::restore(snapshot, limits);
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_EQ(restored->snapshot(), snapshot);
    EXPECT_EQ(restored->next_timer(), one.next_timer());
    one = std::move(*restored);
  }

  void strike(std::int64_t ms, std::uint64_t subject) {
    planted_bug = PlantedBug::core_timer_fails;
    wait(ms);
    planted_bug = PlantedBug::none;
    const auto named = events_of<Quarantined>(events);
    ASSERT_EQ(named.size(), 1u);
    EXPECT_EQ(named[0],
              (Quarantined{StepKind::timer, core.applied(), subject, "a planted assertion"}));
    may_restart(core);
  }
};
INSTANTIATE_TEST_SUITE_P(AndRestarts, PoisonedTimer, ::testing::Bool(), [](const auto& instance) {
  return instance.param ? "Restarted" : "GoingOn";
});

TEST_P(PoisonedTimer, AnOrderDoesNotExpireAnyMore) {
  PlaceOrder dated = with(limit(1, Side::buy, 50, 1), TimeInForce::gtd);
  dated.expire_at = WallTimeMs{now.value + 10};
  const OrderView order = put(dated);
  strike(10, order.id.value);
  wait(100'000);
  EXPECT_EQ(open(order.id), order);
}

TEST_P(PoisonedTimer, ADeadMansSwitchIsOff) {
  const OrderView order = buy(1, 50, 1);
  must(CancelAllAfter{AccountId{1}, {}, 10});
  strike(10, 1);
  wait(100'000);
  EXPECT_EQ(open(order.id), order);
}

TEST_P(PoisonedTimer, ASilentEdgeIsForgivenUntilItSpeaks) {
  PlaceOrder place = limit(1, Side::buy, 50, 1);
  place.session = SessionId{std::uint64_t{3} << 32};
  const OrderView order = put(place);
  strike(5'000, 3);
  wait(100'000);
  EXPECT_EQ(open(order.id), order);
  must(EdgeAlive{3});
  wait(5'000);
  EXPECT_EQ(change_of(order.id).reason, Reason::session_closed);
}

TEST_P(PoisonedTimer, AStageOfAMarketIsSkipped) {
  must(SetMarketHalt{market_0, true});
  const std::int64_t start = now.value;
  must(ScheduleReopening{market_0, {start + 10}, {start + 20}, {start + 30}, {start + 40}});
  strike(10, 0);
  EXPECT_EQ(state().status, MarketStatus::halt);
  EXPECT_EQ(state().cancel_only_at, WallTimeMs{0});
  EXPECT_EQ(core.next_timer(), WallTimeMs{start + 20});
  strike(10, 0);
  EXPECT_EQ(state().mode, MarketMode::none);
  EXPECT_EQ(core.next_timer(), WallTimeMs{start + 40}) << "without an auction nothing executes";
  strike(20, 0);
  EXPECT_EQ(core.next_timer(), std::nullopt);
}

TEST_P(PoisonedTimer, AnAuctionWaitsForAnOperator) {
  must(StartAuction{market_0, MarketMode::listing, {}, {now.value + 10}});
  buy(1, 100, 1);
  sell(2, 100, 1);
  strike(10, 0);
  EXPECT_EQ(state().mode, MarketMode::listing);
  EXPECT_EQ(state().reopen_at, WallTimeMs{0});
  strike(990, 0);
  EXPECT_EQ(core.next_timer(), WallTimeMs{now.value + 1'000}) << "the next estimate";
  must(StartAuction{market_0, MarketMode::listing, {}, {now.value + 10}});
  wait(10);
  EXPECT_EQ(trades(), "100:1");
}

TEST_P(PoisonedTimer, AnUncrossingWaitsForAnOperator) {
  CoreLimits limits;
  limits.fills_per_order_max = 1;
  MarginScene small(limits);
  small.must(StartAuction{market_0, MarketMode::listing, {}, {small.now.value + 10}});
  for (int i = 0; i < 3; ++i) small.buy(1, 100, 1);
  small.sell(2, 100, 3);
  small.wait(10);
  EXPECT_EQ(small.trades(), "100:1");
  planted_bug = PlantedBug::core_timer_fails;
  small.wait(1);
  planted_bug = PlantedBug::none;
  may_restart(small.core, limits);
  EXPECT_EQ(small.trades(), "");
  EXPECT_EQ(small.state().mode, MarketMode::listing);
  small.must(StartAuction{market_0, MarketMode::listing, {}, {small.now.value + 10}});
  small.wait(10);
  small.wait(1);
  EXPECT_EQ(small.trades(), "100:1");
  EXPECT_EQ(small.state().mode, MarketMode::none);
}

TEST_P(PoisonedTimer, ACreditDoesNotLapseAnyMore) {
  must(AdjustHoldings{jpy, false, Amount{100}, "own"});
  must(ProposeCredit{anna, AccountId{1}, jpy, Amount{60}, "sorry"});
  strike(3'600'000, 1);
  wait(3'600'000);
  EXPECT_TRUE(events_of<CreditChanged>(events).empty());
  must(ApproveCredit{bert, CreditId{1}});
  EXPECT_EQ(events_of<CreditChanged>(events)[0].state, CreditState::done);
  must(ProposeCredit{anna, AccountId{1}, jpy, Amount{40}, "again"});
  wait(3'600'000);
  EXPECT_EQ(events_of<CreditChanged>(events)[0].state, CreditState::lapsed) << "the next one does";
}

TEST_P(PoisonedTimer, ASweepGoesOnBehindTheAccountThatBrokeIt) {
  open_long(21, 100, 10);
  open_long(22, 100, 10);
  strike(1'000, 0);
  EXPECT_EQ(core.next_timer(), WallTimeMs{now.value + 1'000}) << "it broke at the end";
}

}  // namespace
}  // namespace oki::core
