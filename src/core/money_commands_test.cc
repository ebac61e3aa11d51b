// Holdings, credits by two, withdrawals, freezes, restrictions, releases.
#include <gtest/gtest.h>

#include <limits>

#include "core/testing/scene.h"

namespace oki::core {
namespace {

constexpr std::uint64_t u64_max = std::numeric_limits<std::uint64_t>::max();

struct Treasury : ::testing::Test, Scene {
  Treasury() { set_up(); }
  Amount liabilities() const { return core.paid_in(jpy); }
  ProposeCredit credit(std::uint64_t amount, const char* reference) const {
    return {anna, AccountId{1}, jpy, Amount{amount}, reference};
  }
  RequestWithdrawal withdrawal(std::uint64_t amount, std::uint64_t fee) const {
    return {AccountId{1}, {}, jpy, Amount{amount}, Amount{fee}, "bank"};
  }
  std::uint64_t withdrawing(std::uint64_t account) const {
    return core.balance(AccountId{account}, jpy).withdrawing.value;
  }
};

// --- Holdings.
TEST_F(Treasury, ADepositRaisesBalanceLiabilitiesAndHoldings) {
  const Amount before = liabilities();
  must(Deposit{AccountId{1}, jpy, Amount{7}, "d"});
  EXPECT_EQ(free(1, jpy), rich_jpy + 7);
  EXPECT_EQ(liabilities().value, before.value + 7);
  EXPECT_EQ(core.holdings(jpy), liabilities());
  EXPECT_EQ(events_of<HoldingsChanged>(events)[0],
            (HoldingsChanged{jpy, liabilities(), liabilities(), "d"}));
  must(Deposit{lender_account, jpy, Amount{7}, "e"});
  EXPECT_EQ(core.balance(lender_account, jpy).free, Amount{7});
  EXPECT_EQ(refusal(Deposit{fee_account, jpy, Amount{7}, "f"}), Refusal::unknown_account);
}

TEST_F(Treasury, TheHousesOwnHoldingsAreNobodysBalance) {
  const Amount own = liabilities();
  must(AdjustHoldings{jpy, false, Amount{100}, "in"});
  EXPECT_EQ(core.holdings(jpy).value, own.value + 100);
  EXPECT_EQ(liabilities(), own);
  EXPECT_EQ(events_of<HoldingsChanged>(events)[0],
            (HoldingsChanged{jpy, {own.value + 100}, own, "in"}));
  EXPECT_EQ(refusal(AdjustHoldings{jpy, true, Amount{101}, "out"}), Refusal::exceeds_holdings);
  must(AdjustHoldings{jpy, true, Amount{100}, "out"});
  EXPECT_EQ(core.holdings(jpy), own);
}

TEST_F(Treasury, RefusalsOfHoldingsComeInTheOrderOfChecking) {
  must(AdjustHoldings{jpy, false, Amount{100}, "in"});
  EXPECT_EQ(refusal(AdjustHoldings{jpy, false, Amount{100}, "in"}), Refusal::exists);
  EXPECT_EQ(refusal(AdjustHoldings{jpy, true, Amount{100}, "in"}), Refusal::conflict);
  EXPECT_EQ(refusal(Deposit{AccountId{1}, jpy, Amount{100}, "in"}), Refusal::conflict)
      << "one memory for all references";
  AdjustHoldings x{AssetId{9}, false, Amount{0}, ""};
  EXPECT_EQ(refusal(x), Refusal::unknown_asset);
  x.asset = jpy;
  EXPECT_EQ(refusal(x), Refusal::invalid_spec);
  x.reference = "new";
  EXPECT_EQ(refusal(x), Refusal::invalid_amount);
  x.amount = Amount{u64_max - core.holdings(jpy).value + 1};
  EXPECT_EQ(refusal(x), Refusal::overflow);
  x.amount.value -= 1;
  EXPECT_EQ(refusal(x), Refusal::ok);
  EXPECT_EQ(refusal(Deposit{AccountId{1}, jpy, Amount{1}, "more"}), Refusal::overflow)
      << "the holdings would pass 64 bits";
}

// --- Credits.
TEST_F(Treasury, ACreditNeedsTwoOperators) {
  must(AdjustHoldings{jpy, false, Amount{100}, "own"});
  const Reply reply = (*this)(credit(60, "sorry"));
  EXPECT_EQ(reply.id, 1u);
  EXPECT_EQ(free(1, jpy), rich_jpy);
  EXPECT_EQ(
      events_of<CreditChanged>(events)[0],
      (CreditChanged{
          CreditId{1}, CreditState::proposed, anna, {}, AccountId{1}, jpy, Amount{60}, "sorry"}));
  EXPECT_EQ(refusal(ApproveCredit{anna, CreditId{1}}), Refusal::same_operator);
  const Amount before = liabilities();
  must(ApproveCredit{bert, CreditId{1}});
  EXPECT_EQ(free(1, jpy), rich_jpy + 60);
  EXPECT_EQ(liabilities().value, before.value + 60);
  EXPECT_EQ(events_of<CreditChanged>(events)[0],
            (CreditChanged{CreditId{1}, CreditState::done, anna, bert, AccountId{1}, jpy,
                           Amount{60}, "sorry"}));
  EXPECT_EQ(events_of<HoldingsChanged>(events)[0].reference, "sorry");
  EXPECT_EQ(events[0].index(), Event(CreditChanged{}).index()) << "its own record first";
  EXPECT_EQ(refusal(ApproveCredit{bert, CreditId{1}}), Refusal::unknown_credit) << "once";
}

TEST_F(Treasury, ACreditBeyondTheHoldingsIsRefused) {
  must(AdjustHoldings{jpy, false, Amount{100}, "own"});
  must(credit(101, "much"));
  must(credit(100, "right"));
  EXPECT_EQ(refusal(ApproveCredit{bert, CreditId{1}}), Refusal::exceeds_holdings);
  EXPECT_EQ(refusal(ApproveCredit{bert, CreditId{2}}), Refusal::ok);
}

TEST_F(Treasury, ACreditLapsesAfterAnHour) {
  must(AdjustHoldings{jpy, false, Amount{100}, "own"});
  must(credit(60, "sorry"));
  EXPECT_EQ(core.next_timer(), WallTimeMs{now.value + 3'600'000});
  wait(3'600'000 - 1);
  EXPECT_TRUE(events.empty());
  wait(1);
  EXPECT_EQ(
      events_of<CreditChanged>(events)[0],
      (CreditChanged{
          CreditId{1}, CreditState::lapsed, anna, {}, AccountId{1}, jpy, Amount{60}, "sorry"}));
  EXPECT_EQ(refusal(ApproveCredit{bert, CreditId{1}}), Refusal::unknown_credit);
  EXPECT_EQ(refusal(credit(60, "sorry")), Refusal::exists) << "its reference stays used";
}

TEST_F(Treasury, RefusalsOfCreditsComeInTheOrderOfChecking) {
  CoreLimits limits;
  limits.credits_open_max = 1;
  Scene small(limits);
  small.set_up();
  small.must(credit(60, "a"));
  EXPECT_EQ(small.refusal(credit(60, "a")), Refusal::exists);
  EXPECT_EQ(small.refusal(credit(61, "a")), Refusal::conflict);
  ProposeCredit x{{}, AccountId{9}, AssetId{9}, Amount{0}, ""};
  EXPECT_EQ(small.refusal(x), Refusal::unknown_account);
  x.account = AccountId{1};
  EXPECT_EQ(small.refusal(x), Refusal::unknown_asset);
  x.asset = jpy;
  EXPECT_EQ(small.refusal(x), Refusal::invalid_spec);
  x.by = anna;
  EXPECT_EQ(small.refusal(x), Refusal::invalid_spec);
  x.reference = "b";
  x.by = {};
  EXPECT_EQ(small.refusal(x), Refusal::invalid_spec);
  x.by = anna;
  EXPECT_EQ(small.refusal(x), Refusal::invalid_amount);
  x.amount = Amount{1};
  EXPECT_EQ(small.refusal(x), Refusal::limit_reached);
  EXPECT_EQ(small.refusal(ApproveCredit{{}, CreditId{2}}), Refusal::unknown_credit);
  EXPECT_EQ(small.refusal(ApproveCredit{{}, CreditId{1}}), Refusal::invalid_spec);
}

// --- Withdrawals.
TEST_F(Treasury, AWithdrawalIsRequestedApprovedAndSettled) {
  const Amount before = liabilities();
  const Reply reply = (*this)(withdrawal(1'000, 5));
  EXPECT_EQ(reply.id, 1u);
  EXPECT_EQ(free(1, jpy), rich_jpy - 1'005);
  EXPECT_EQ(withdrawing(1), 1'005u);
  WithdrawalChanged seen{WithdrawalId{1},
                         WithdrawalState::requested,
                         AccountId{1},
                         jpy,
                         Amount{1'000},
                         Amount{5},
                         {},
                         now,
                         "bank"};
  EXPECT_EQ(events_of<WithdrawalChanged>(events)[0], seen);
  EXPECT_EQ(core.withdrawals(), std::vector<WithdrawalChanged>{seen});
  EXPECT_EQ(refusal(SettleWithdrawal{WithdrawalId{1}}), Refusal::wrong_state);
  now.value += 5;
  must(ApproveWithdrawal{anna, WithdrawalId{1}});
  seen.state = WithdrawalState::approved;
  seen.by = anna;
  EXPECT_EQ(events_of<WithdrawalChanged>(events)[0], seen);
  EXPECT_EQ(refusal(ApproveWithdrawal{bert, WithdrawalId{1}}), Refusal::wrong_state);
  must(SettleWithdrawal{WithdrawalId{1}});
  seen.state = WithdrawalState::settled;
  EXPECT_EQ(events_of<WithdrawalChanged>(events)[0], seen);
  EXPECT_EQ(liabilities().value, before.value - 1'000);
  EXPECT_EQ(core.holdings(jpy), liabilities());
  EXPECT_EQ(events_of<HoldingsChanged>(events)[0],
            (HoldingsChanged{jpy, liabilities(), liabilities(), "1"}));
  EXPECT_EQ(core.balance(fee_account, jpy).free, Amount{5});
  EXPECT_EQ(withdrawing(1), 0u);
  EXPECT_TRUE(core.withdrawals().empty());
  EXPECT_EQ(refusal(SettleWithdrawal{WithdrawalId{1}}), Refusal::unknown_withdrawal);
}

TEST_F(Treasury, ARejectedWithdrawalComesBack) {
  must(withdrawal(1'000, 5));
  must(withdrawal(2'000, 5));
  must(ApproveWithdrawal{anna, WithdrawalId{2}});
  EXPECT_EQ(refusal(RejectWithdrawal{{}, WithdrawalId{1}}), Refusal::invalid_spec);
  EXPECT_EQ(refusal(RejectWithdrawal{{}, WithdrawalId{3}}), Refusal::unknown_withdrawal);
  must(RejectWithdrawal{bert, WithdrawalId{1}});
  EXPECT_EQ(events_of<WithdrawalChanged>(events)[0].state, WithdrawalState::rejected);
  EXPECT_EQ(events_of<WithdrawalChanged>(events)[0].by, bert);
  must(RejectWithdrawal{bert, WithdrawalId{2}});
  EXPECT_EQ(free(1, jpy), rich_jpy);
  EXPECT_EQ(withdrawing(1), 0u);
}

TEST_F(Treasury, RefusalsOfWithdrawalsComeInTheOrderOfChecking) {
  CoreLimits limits;
  limits.withdrawals_open_max = 1;
  Scene small(limits);
  small.set_up();
  small.must(withdrawal(1, 0));
  small.must(FreezeWithdrawals{anna, false, jpy, true});
  small.must(RestrictAccount{anna, AccountId{1}, false, true});
  RequestWithdrawal x{AccountId{9}, {KeyId{7}, 0}, AssetId{9}, Amount{0}, Amount{u64_max}, ""};
  const auto refused = [&] { return small.refusal(x); };
  EXPECT_EQ(refused(), Refusal::unknown_account);
  x.account = AccountId{1};
  EXPECT_EQ(refused(), Refusal::unknown_key);
  x.auth = {};
  EXPECT_EQ(refused(), Refusal::unknown_asset);
  x.asset = jpy;
  EXPECT_EQ(refused(), Refusal::account_restricted);
  small.must(RestrictAccount{anna, AccountId{1}, true, false});
  EXPECT_EQ(refused(), Refusal::invalid_amount);
  x.amount = Amount{u64_max};
  EXPECT_EQ(refused(), Refusal::invalid_spec);
  x.destination = "bank";
  EXPECT_EQ(refused(), Refusal::limit_reached);
  small.must(RejectWithdrawal{anna, WithdrawalId{1}});
  EXPECT_EQ(refused(), Refusal::withdrawals_frozen);
  small.must(FreezeWithdrawals{anna, false, jpy, false});
  small.must(FreezeWithdrawals{bert, false, jpy, false});
  EXPECT_EQ(refused(), Refusal::insufficient_amount) << "the sum passes 64 bits";
  x.amount = Amount{rich_jpy - 4};
  x.fee = Amount{5};
  EXPECT_EQ(refused(), Refusal::insufficient_amount);
  x.amount = Amount{rich_jpy - 5};
  EXPECT_EQ(refused(), Refusal::ok);
  EXPECT_EQ(small.refusal(ApproveWithdrawal{{}, WithdrawalId{9}}), Refusal::unknown_withdrawal);
  EXPECT_EQ(small.refusal(ApproveWithdrawal{{}, WithdrawalId{2}}), Refusal::invalid_spec);
}

// --- Freezes.
TEST_F(Treasury, OneOperatorFreezesTwoResume) {
  must(withdrawal(1'000, 5));
  must(withdrawal(1'000, 5));
  must(ApproveWithdrawal{anna, WithdrawalId{1}});
  must(FreezeWithdrawals{anna, true, {}, true});
  const auto frozen = events_of<WithdrawalsFrozen>(events);
  ASSERT_EQ(frozen.size(), 2u);
  EXPECT_EQ(frozen[0], (WithdrawalsFrozen{jpy, true, anna}));
  EXPECT_EQ(frozen[1], (WithdrawalsFrozen{btc, true, anna}));
  EXPECT_EQ(refusal(withdrawal(1, 0)), Refusal::withdrawals_frozen);
  EXPECT_EQ(refusal(ApproveWithdrawal{anna, WithdrawalId{2}}), Refusal::withdrawals_frozen);
  EXPECT_EQ(refusal(SettleWithdrawal{WithdrawalId{1}}), Refusal::withdrawals_frozen);
  EXPECT_EQ(refusal(FreezeWithdrawals{bert, true, {}, true}), Refusal::wrong_state);
  must(FreezeWithdrawals{anna, true, {}, false});
  EXPECT_TRUE(events.empty()) << "a wish";
  EXPECT_EQ(refusal(FreezeWithdrawals{anna, true, {}, false}), Refusal::same_operator);
  must(FreezeWithdrawals{bert, true, {}, false});
  ASSERT_EQ(events_of<WithdrawalsFrozen>(events).size(), 2u);
  EXPECT_EQ(events_of<WithdrawalsFrozen>(events)[1], (WithdrawalsFrozen{btc, false, bert}));
  EXPECT_EQ(refusal(SettleWithdrawal{WithdrawalId{1}}), Refusal::ok);
  EXPECT_EQ(refusal(FreezeWithdrawals{bert, true, {}, false}), Refusal::wrong_state);
}

TEST_F(Treasury, AWishIsForExactlyTheseAssetsAndLapses) {
  must(FreezeWithdrawals{anna, true, {}, true});
  must(FreezeWithdrawals{anna, false, jpy, false});
  must(FreezeWithdrawals{bert, true, {}, false});
  EXPECT_TRUE(events.empty()) << "another wish";
  must(FreezeWithdrawals{bert, false, btc, false});
  EXPECT_TRUE(events.empty());
  must(FreezeWithdrawals{bert, false, jpy, false});
  EXPECT_EQ(events_of<WithdrawalsFrozen>(events).size(), 1u);
  now.value += 3'600'000;
  must(FreezeWithdrawals{anna, false, btc, false});
  EXPECT_TRUE(events.empty()) << "bert's had lapsed";
  now.value += 3'600'000 - 1;
  must(FreezeWithdrawals{bert, false, btc, false});
  EXPECT_EQ(events_of<WithdrawalsFrozen>(events).size(), 1u);
}

TEST_F(Treasury, AFreezeTakesBackEveryOlderWishToResumeItsAssets) {
  const FreezeWithdrawals resume_all{anna, true, {}, false};
  const FreezeWithdrawals freeze_jpy{bert, false, jpy, true};
  must(FreezeWithdrawals{anna, true, {}, true});
  must(resume_all);
  must(FreezeWithdrawals{anna, false, jpy, false});
  must(FreezeWithdrawals{anna, false, btc, false});
  must(freeze_jpy);
  EXPECT_TRUE(events.empty()) << "it is frozen already";
  EXPECT_EQ(refusal(freeze_jpy), Refusal::wrong_state) << "no wish is left that touches it";
  must(FreezeWithdrawals{bert, false, jpy, false});
  EXPECT_TRUE(events.empty()) << "the first wish";
  must(FreezeWithdrawals{bert, true, {}, false});
  EXPECT_TRUE(events.empty()) << "the first wish";
  must(FreezeWithdrawals{bert, false, btc, false});
  EXPECT_EQ(events_of<WithdrawalsFrozen>(events),
            (std::vector<WithdrawalsFrozen>{{btc, false, bert}}))
      << "its wish was not touched";
  must(FreezeWithdrawals{anna, true, {}, true});
  must(FreezeWithdrawals{anna, true, {}, false});
  EXPECT_TRUE(events.empty()) << "bert's wish to resume all is older than the freeze";
}

TEST_F(Treasury, ALapsedWishIsNoReasonToFreezeAgain) {
  must(FreezeWithdrawals{anna, true, {}, true});
  must(FreezeWithdrawals{anna, false, jpy, false});
  now.value += 3'600'000;
  EXPECT_EQ(refusal(FreezeWithdrawals{bert, false, jpy, true}), Refusal::wrong_state);
}

TEST_F(Treasury, RefusalsOfFreezes) {
  EXPECT_EQ(refusal(FreezeWithdrawals{{}, false, AssetId{9}, true}), Refusal::unknown_asset);
  EXPECT_EQ(refusal(FreezeWithdrawals{{}, false, jpy, true}), Refusal::invalid_spec);
  EXPECT_EQ(refusal(FreezeWithdrawals{anna, false, jpy, false}), Refusal::wrong_state);
  EXPECT_EQ(refusal(FreezeWithdrawals{anna, true, {}, false}), Refusal::wrong_state);
  must(FreezeWithdrawals{anna, false, btc, true});
  EXPECT_EQ(refusal(FreezeWithdrawals{anna, true, {}, true}), Refusal::ok);
  EXPECT_EQ(events_of<WithdrawalsFrozen>(events).size(), 1u) << "those that change";
}

TEST_F(Treasury, RefusalsOfRestrictions) {
  EXPECT_EQ(refusal(RestrictAccount{{}, AccountId{9}, true, true}), Refusal::unknown_account);
  EXPECT_EQ(refusal(RestrictAccount{{}, AccountId{1}, true, true}), Refusal::invalid_spec);
  EXPECT_EQ(refusal(RestrictAccount{anna, AccountId{1}, false, false}), Refusal::exists);
  must(RestrictAccount{anna, AccountId{1}, true, false});
  EXPECT_EQ(events_of<AccountRestricted>(events)[0],
            (AccountRestricted{AccountId{1}, true, false}));
  EXPECT_EQ(refusal(withdrawal(1, 0)), Refusal::ok);
  must(RestrictAccount{anna, AccountId{1}, false, true});
  EXPECT_EQ(refusal(limit(1, Side::buy, 5, 1)), Refusal::ok);
  EXPECT_EQ(refusal(withdrawal(1, 0)), Refusal::account_restricted);
}

// --- Releases.
TEST_F(Treasury, AReleaseStartsWhenEveryNodeHasReportedIt) {
  EXPECT_EQ(core.release(), 1u);
  EXPECT_EQ(refusal(ReportRelease{0, 2}), Refusal::malformed);
  must(ReportRelease{5, 2});
  EXPECT_EQ(events_of<ReleaseReported>(events)[0], (ReleaseReported{5, 2}));
  must(ReportRelease{6, 1});
  EXPECT_EQ(refusal(ActivateRelease{1, {5}}), Refusal::wrong_state);
  EXPECT_EQ(refusal(ActivateRelease{3, {5}}), Refusal::wrong_state);
  EXPECT_EQ(refusal(ActivateRelease{2, {5, 6}}), Refusal::node_not_ready);
  EXPECT_EQ(refusal(ActivateRelease{2, {5, 7}}), Refusal::node_not_ready);
  must(ReportRelease{6, 3});
  must(ActivateRelease{2, {5, 6}});
  EXPECT_EQ(events_of<ReleaseActivated>(events)[0], (ReleaseActivated{2}));
  EXPECT_EQ(core.release(), 2u);
  EXPECT_EQ(refusal(ActivateRelease{2, {5, 6}}), Refusal::wrong_state);
}

TEST_F(Treasury, ANodeThatKnowsLessHoldsAReleaseUpNamedOrNotUntilItIsForgotten) {
  must(ReportRelease{5, 2});
  must(ReportRelease{6, 1});
  EXPECT_EQ(refusal(ActivateRelease{2, {5}}), Refusal::node_not_ready);
  EXPECT_EQ(refusal(ReportRelease{7, 0}), Refusal::wrong_state) << "nothing to forget";
  EXPECT_EQ(refusal(ReportRelease{0, 0}), Refusal::malformed);
  must(ReportRelease{6, 0});
  EXPECT_EQ(events_of<ReleaseReported>(events)[0], (ReleaseReported{6, 0}));
  EXPECT_EQ(refusal(ReportRelease{6, 0}), Refusal::wrong_state);
  EXPECT_EQ(refusal(ActivateRelease{2, {5, 6}}), Refusal::node_not_ready) << "it says nothing";
  must(ActivateRelease{2, {5}});
  EXPECT_EQ(refusal(ActivateRelease{3, {5}}), Refusal::node_not_ready)
      << "no node knows more than it has reported";
}

TEST_F(Treasury, OnlySoManyNodesAreRemembered) {
  CoreLimits limits;
  limits.node_releases_max = 2;
  Scene small(limits);
  EXPECT_EQ(small.refusal(ReportRelease{1, 2}), Refusal::ok);
  EXPECT_EQ(small.refusal(ReportRelease{2, 2}), Refusal::ok);
  EXPECT_EQ(small.refusal(ReportRelease{3, 2}), Refusal::limit_reached);
  EXPECT_EQ(small.refusal(ReportRelease{1, 3}), Refusal::ok);
  EXPECT_EQ(small.refusal(ReportRelease{2, 0}), Refusal::ok);
  EXPECT_EQ(small.refusal(ReportRelease{3, 2}), Refusal::ok) << "the place of a forgotten one";
  EXPECT_EQ(small.refusal(ReportRelease{2, 2}), Refusal::limit_reached);
}

TEST_F(Treasury, CommandsAreCountedMalformedOnesToo) {
  const std::uint64_t before = core.applied();
  Bytes reply;
  Bytes told;
  core.apply(now, "nonsense", reply, told);
  EXPECT_EQ(core.applied(), before + 1);
  must(Tick{});
  EXPECT_EQ(core.applied(), before + 2);
}

}  // namespace
}  // namespace oki::core
