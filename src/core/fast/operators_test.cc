// Withdrawals, credits, holdings, freezes, restrictions, releases: rules 13, 15.
#include <gtest/gtest.h>

#include "core/fast/testing/money_world.h"

namespace oki::core {
namespace {

constexpr AssetId jpy = MoneyWorld::jpy;
constexpr AssetId btc = MoneyWorld::btc;
constexpr OperatorId ann{1};
constexpr OperatorId ben{2};
constexpr std::int64_t hour_ms = 3'600'000;

RequestWithdrawal request(std::uint64_t amount, std::uint64_t fee = 0) {
  return {AccountId{1}, {}, jpy, Amount{amount}, Amount{fee}, "bank 1"};
}

MoneyWorld rich_world() {
  MoneyWorld world;
  world.add_account(1, 1'000);
  return world;
}

TEST(Withdrawals, AreHeldApartUntilTheyAreSettled) {
  MoneyWorld world = rich_world();
  const Amount holdings = world.holdings[jpy].holdings;
  EXPECT_EQ(world.expect(request(600, 10)).id, 1u);
  EXPECT_EQ(world.free(1), 390u);
  EXPECT_EQ(world.withdrawing(1), 610u);
  EXPECT_EQ(world.refusal(SettleWithdrawal{WithdrawalId{1}}), Refusal::wrong_state);
  world.expect(ApproveWithdrawal{ann, WithdrawalId{1}});
  EXPECT_EQ(world.withdrawing(1), 610u);
  EXPECT_EQ(world.refusal(ApproveWithdrawal{ben, WithdrawalId{1}}), Refusal::wrong_state);
  world.pass(5);
  world.expect(SettleWithdrawal{WithdrawalId{1}});
  EXPECT_EQ(world.free(1), 390u);
  EXPECT_EQ(world.withdrawing(1), 0u);
  EXPECT_EQ(world.free(fee_account.value), 10u);
  EXPECT_EQ(world.holdings[jpy].holdings, Amount{holdings.value - 600});
  EXPECT_EQ(world.holdings[jpy].reference, "1");
  const auto told = world.told<WithdrawalChanged>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].state, WithdrawalState::settled);
  EXPECT_EQ(told[0].by, ann);
  EXPECT_EQ(told[0].destination, "bank 1");
  EXPECT_EQ(told[0].requested_at, WallTimeMs{world.now.value - 5});
  EXPECT_EQ(world.refusal(SettleWithdrawal{WithdrawalId{1}}), Refusal::unknown_withdrawal);
  EXPECT_EQ(world.expect(request(1)).id, 2u) << "ids are not used again";
}

TEST(Withdrawals, ARejectedOneGivesTheMoneyBackInBothStates) {
  MoneyWorld world = rich_world();
  world.expect(request(600, 10));
  world.expect(request(300, 10));
  world.expect(ApproveWithdrawal{ann, WithdrawalId{2}});
  EXPECT_EQ(world.refusal(RejectWithdrawal{OperatorId{}, WithdrawalId{1}}), Refusal::invalid_spec);
  world.expect(RejectWithdrawal{ben, WithdrawalId{1}});
  EXPECT_EQ(world.free(1), 690u);
  world.expect(RejectWithdrawal{ben, WithdrawalId{2}});
  EXPECT_EQ(world.free(1), 1'000u);
  EXPECT_EQ(world.withdrawing(1), 0u);
  ASSERT_EQ(world.told<WithdrawalChanged>().size(), 1u);
  EXPECT_EQ(world.told<WithdrawalChanged>()[0].state, WithdrawalState::rejected);
  EXPECT_EQ(world.told<WithdrawalChanged>()[0].by, ben);
  EXPECT_EQ(world.refusal(RejectWithdrawal{ben, WithdrawalId{2}}), Refusal::unknown_withdrawal);
}

TEST(Withdrawals, AreRefusedInTheOrderOfChecking) {
  MoneyWorld world = rich_world();
  world.expect(FreezeWithdrawals{ann, false, jpy, true});
  world.expect(RestrictAccount{ann, AccountId{1}, false, true});
  RequestWithdrawal command{AccountId{7}, {}, AssetId{9}, {}, {}, ""};
  const auto refusal = [&] { return world.refusal(command); };
  EXPECT_EQ(refusal(), Refusal::unknown_account);
  command.account = AccountId{1};
  EXPECT_EQ(refusal(), Refusal::unknown_asset);
  command.asset = jpy;
  EXPECT_EQ(refusal(), Refusal::account_restricted);
  world.expect(RestrictAccount{ann, AccountId{1}, true, false});
  EXPECT_EQ(refusal(), Refusal::invalid_amount);
  command.amount = Amount{~std::uint64_t{0}};
  command.fee = Amount{~std::uint64_t{0}};
  EXPECT_EQ(refusal(), Refusal::invalid_spec);
  command.destination = "x";
  EXPECT_EQ(refusal(), Refusal::withdrawals_frozen);
  world.expect(FreezeWithdrawals{ann, false, jpy, false});
  world.expect(FreezeWithdrawals{ben, false, jpy, false});
  EXPECT_EQ(refusal(), Refusal::insufficient_amount);
  command.amount = Amount{1'000};
  command.fee = Amount{1};
  EXPECT_EQ(refusal(), Refusal::insufficient_amount);
  command.fee = Amount{0};
  EXPECT_EQ(refusal(), Refusal::ok) << "no_orders is no reason";
  EXPECT_EQ(world.refusal(ApproveWithdrawal{ann, WithdrawalId{2}}), Refusal::unknown_withdrawal);
  EXPECT_EQ(world.refusal(ApproveWithdrawal{{}, WithdrawalId{1}}), Refusal::invalid_spec);
}

TEST(Withdrawals, NothingLeavesWhileTheyAreFrozen) {
  MoneyWorld world = rich_world();
  world.expect(request(100));
  world.expect(request(200));
  world.expect(ApproveWithdrawal{ann, WithdrawalId{1}});
  world.expect(FreezeWithdrawals{ann, true, {}, true});
  EXPECT_EQ(world.refusal(ApproveWithdrawal{ann, WithdrawalId{2}}), Refusal::withdrawals_frozen);
  EXPECT_EQ(world.refusal(SettleWithdrawal{WithdrawalId{1}}), Refusal::withdrawals_frozen);
  world.expect(RejectWithdrawal{ann, WithdrawalId{2}});
  EXPECT_EQ(world.free(1), 900u);
}

TEST(Freezes, OneOperatorFreezesAndTwoResume) {
  MoneyWorld world;
  EXPECT_EQ(world.refusal(FreezeWithdrawals{ann, false, AssetId{5}, true}), Refusal::unknown_asset);
  EXPECT_EQ(world.refusal(FreezeWithdrawals{{}, true, {}, true}), Refusal::invalid_spec);
  EXPECT_EQ(world.refusal(FreezeWithdrawals{ann, true, {}, false}), Refusal::wrong_state);
  world.expect(FreezeWithdrawals{ann, false, btc, true});
  EXPECT_EQ(world.refusal(FreezeWithdrawals{ben, false, btc, true}), Refusal::wrong_state);
  world.expect(FreezeWithdrawals{ann, true, {}, true});
  ASSERT_EQ(world.told<WithdrawalsFrozen>().size(), 1u) << "btc was frozen already";
  EXPECT_EQ(world.told<WithdrawalsFrozen>()[0].asset, jpy);

  const FreezeWithdrawals resume_all{ann, true, {}, false};
  world.expect(resume_all);
  EXPECT_TRUE(world.events.empty()) << "a wish is no event";
  EXPECT_EQ(world.refusal(resume_all), Refusal::same_operator);
  world.expect(FreezeWithdrawals{ben, false, btc, false});
  EXPECT_TRUE(world.events.empty()) << "another wish: for btc alone";
  world.expect(FreezeWithdrawals{ben, true, {}, false});
  ASSERT_EQ(world.told<WithdrawalsFrozen>().size(), 2u);
  EXPECT_FALSE(world.told<WithdrawalsFrozen>()[0].frozen);
  EXPECT_EQ(world.told<WithdrawalsFrozen>()[0].by, ben);
  EXPECT_EQ(world.told<WithdrawalsFrozen>()[1].asset, btc);
}

TEST(Freezes, AWishToResumeIsForgottenAfterAnHour) {
  MoneyWorld world;
  world.expect(FreezeWithdrawals{ann, false, jpy, true});
  world.expect(FreezeWithdrawals{ann, false, jpy, false});
  world.pass(hour_ms);
  world.expect(FreezeWithdrawals{ben, false, jpy, false});
  EXPECT_TRUE(world.events.empty());
  EXPECT_EQ(world.refusal(FreezeWithdrawals{ben, false, jpy, false}), Refusal::same_operator);
  world.pass(hour_ms - 1);
  world.expect(FreezeWithdrawals{ann, false, jpy, false});
  EXPECT_EQ(world.told<WithdrawalsFrozen>().size(), 1u);
}

TEST(Restrictions, AreToldOnceAndKeepOrdersOut) {
  MoneyWorld world = rich_world();
  EXPECT_EQ(world.refusal(RestrictAccount{ann, AccountId{7}, true, true}),
            Refusal::unknown_account);
  EXPECT_EQ(world.refusal(RestrictAccount{{}, AccountId{1}, true, true}), Refusal::invalid_spec);
  EXPECT_EQ(world.refusal(RestrictAccount{ann, AccountId{1}, false, false}), Refusal::exists);
  world.place(MoneyWorld::order(1, Side::buy, 10, 10));
  world.expect(RestrictAccount{ann, AccountId{1}, true, false});
  ASSERT_EQ(world.told<AccountRestricted>().size(), 1u);
  EXPECT_EQ(world.held(1), 100u) << "open orders stay";
  EXPECT_EQ(world.refusal(MoneyWorld::order(1, Side::buy, 10, 10)), Refusal::account_restricted);
  EXPECT_EQ(world.refusal(CancelAll{AccountId{1}, {}, true, {}}), Refusal::ok);
  EXPECT_EQ(world.held(1), 0u);
}

TEST(Holdings, CannotFallBelowWhatTheHouseOwes) {
  MoneyWorld world;
  const std::uint64_t owed = world.holdings[btc].liabilities.value;
  const auto adjust = [&](bool less, std::uint64_t amount, const char* reference) {
    return world.refusal(AdjustHoldings{btc, less, Amount{amount}, reference});
  };
  EXPECT_EQ(world.refusal(AdjustHoldings{AssetId{7}, false, Amount{1}, "h"}),
            Refusal::unknown_asset);
  EXPECT_EQ(adjust(false, 1, ""), Refusal::invalid_spec);
  EXPECT_EQ(adjust(false, 0, "h"), Refusal::invalid_amount);
  EXPECT_EQ(adjust(true, 1, "h"), Refusal::exceeds_holdings);
  EXPECT_EQ(adjust(false, ~std::uint64_t{0}, "h"), Refusal::overflow);
  EXPECT_EQ(adjust(false, 50, "h"), Refusal::ok);
  EXPECT_EQ(world.holdings[btc].holdings, Amount{owed + 50});
  EXPECT_EQ(world.holdings[btc].liabilities, Amount{owed});
  EXPECT_EQ(adjust(false, 50, "h"), Refusal::exists);
  EXPECT_EQ(adjust(true, 50, "h"), Refusal::conflict);
  EXPECT_EQ(adjust(true, 51, "i"), Refusal::exceeds_holdings);
  EXPECT_EQ(adjust(true, 50, "i"), Refusal::ok);
  EXPECT_EQ(world.refusal(Deposit{AccountId{MoneyWorld::maker}, btc, Amount{50}, "h"}),
            Refusal::conflict)
      << "one memory for all references";
}

TEST(Credits, NeedTwoOperatorsAndFundsOfTheHouse) {
  MoneyWorld world = rich_world();
  const ProposeCredit propose{ann, AccountId{1}, jpy, Amount{70}, "sorry"};
  EXPECT_EQ(world.expect(propose).id, 1u);
  ASSERT_EQ(world.told<CreditChanged>().size(), 1u);
  EXPECT_EQ(world.told<CreditChanged>()[0].state, CreditState::proposed);
  EXPECT_EQ(world.refusal(propose), Refusal::exists);
  ProposeCredit other = propose;
  other.by = ben;
  EXPECT_EQ(world.refusal(other), Refusal::conflict);
  EXPECT_EQ(world.refusal(ApproveCredit{ben, CreditId{2}}), Refusal::unknown_credit);
  EXPECT_EQ(world.refusal(ApproveCredit{{}, CreditId{1}}), Refusal::invalid_spec);
  EXPECT_EQ(world.refusal(ApproveCredit{ann, CreditId{1}}), Refusal::same_operator);
  EXPECT_EQ(world.refusal(ApproveCredit{ben, CreditId{1}}), Refusal::exceeds_holdings);
  world.expect(AdjustHoldings{jpy, false, Amount{69}, "funds"});
  EXPECT_EQ(world.refusal(ApproveCredit{ben, CreditId{1}}), Refusal::exceeds_holdings);
  world.expect(AdjustHoldings{jpy, false, Amount{1}, "more funds"});
  world.expect(ApproveCredit{ben, CreditId{1}});
  EXPECT_EQ(world.free(1), 1'070u);
  ASSERT_EQ(world.events.size(), 3u);
  const auto told = world.told<CreditChanged>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].state, CreditState::done);
  EXPECT_EQ(told[0].proposed_by, ann);
  EXPECT_EQ(told[0].approved_by, ben);
  EXPECT_EQ(told[0].reference, "sorry");
  EXPECT_EQ(world.holdings[jpy].reference, "sorry");
  EXPECT_EQ(world.refusal(ApproveCredit{ben, CreditId{1}}), Refusal::unknown_credit);
  EXPECT_EQ(world.core.next_timer(), std::nullopt) << "it does not lapse any more";
}

TEST(Credits, AreRefusedInTheOrderOfChecking) {
  MoneyWorld world = rich_world();
  ProposeCredit command{{}, AccountId{7}, AssetId{7}, {}, ""};
  EXPECT_EQ(world.refusal(command), Refusal::unknown_account);
  command.account = lender_account;
  EXPECT_EQ(world.refusal(command), Refusal::unknown_asset);
  command.asset = jpy;
  EXPECT_EQ(world.refusal(command), Refusal::invalid_spec);
  command.by = ann;
  EXPECT_EQ(world.refusal(command), Refusal::invalid_spec);
  command.reference = "r";
  EXPECT_EQ(world.refusal(command), Refusal::invalid_amount);
  command.amount = Amount{1};
  for (int i = 0; i < 1'000; ++i) {
    command.reference = "r" + std::to_string(i);
    ASSERT_EQ(world.refusal(command), Refusal::ok);
  }
  command.reference = "one more";
  EXPECT_EQ(world.refusal(command), Refusal::limit_reached);
}

TEST(Credits, LapseAfterAnHour) {
  MoneyWorld world = rich_world();
  world.expect(AdjustHoldings{jpy, false, Amount{100}, "funds"});
  world.expect(ProposeCredit{ann, AccountId{1}, jpy, Amount{70}, "sorry"});
  EXPECT_EQ(world.core.next_timer(), WallTimeMs{world.now.value + hour_ms});
  world.pass(hour_ms);
  EXPECT_EQ(world.refusal(ApproveCredit{ben, CreditId{1}}), Refusal::unknown_credit);
  const auto told = world.told<CreditChanged>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].state, CreditState::lapsed);
  EXPECT_EQ(world.free(1), 1'000u);
  EXPECT_EQ(world.refusal(ProposeCredit{ann, AccountId{1}, jpy, Amount{70}, "sorry"}),
            Refusal::exists)
      << "its reference stays used";
  EXPECT_EQ(world.expect(ProposeCredit{ann, AccountId{1}, jpy, Amount{70}, "again"}).id, 2u);
}

TEST(Releases, ABatchDoesNotDecodeBeforeItsRelease) {
  MoneyWorld world = rich_world();
  PlaceOrders batch;
  batch.account = AccountId{1};
  batch.orders = {MoneyWorld::order(1, Side::buy, 10, 10), MoneyWorld::order(1, Side::buy, 9, 10)};
  EXPECT_EQ(world.refusal(batch), Refusal::malformed);
  EXPECT_EQ(world.refusal(ReportRelease{0, 2}), Refusal::malformed);
  EXPECT_EQ(world.refusal(ActivateRelease{2, {1, 2}}), Refusal::node_not_ready);
  world.expect(ReportRelease{1, 2});
  world.expect(ReportRelease{2, 1});
  ASSERT_EQ(world.told<ReleaseReported>().size(), 1u);
  EXPECT_EQ(world.refusal(ActivateRelease{2, {1, 2}}), Refusal::node_not_ready);
  EXPECT_EQ(world.refusal(ActivateRelease{3, {1}}), Refusal::wrong_state);
  EXPECT_EQ(world.refusal(ActivateRelease{1, {1}}), Refusal::wrong_state);
  world.expect(ReportRelease{2, 2});
  world.expect(ActivateRelease{2, {1, 2}});
  ASSERT_EQ(world.told<ReleaseActivated>().size(), 1u);
  EXPECT_EQ(world.refusal(ActivateRelease{2, {1, 2}}), Refusal::wrong_state);
  EXPECT_EQ(world.expect(batch).rows.size(), 2u);
  EXPECT_EQ(world.held(1), 190u);
}

TEST(Releases, RememberSixtyFourNodes) {
  MoneyWorld world;
  for (std::uint64_t node = 1; node <= 64; ++node) world.expect(ReportRelease{node, 2});
  EXPECT_EQ(world.refusal(ReportRelease{65, 2}), Refusal::limit_reached);
  EXPECT_EQ(world.refusal(ReportRelease{64, 1}), Refusal::ok) << "the newest report counts";
  EXPECT_EQ(world.refusal(ActivateRelease{2, {64}}), Refusal::node_not_ready);
}

}  // namespace
}  // namespace oki::core
