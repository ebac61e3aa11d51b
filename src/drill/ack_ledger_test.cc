#include "drill/ack_ledger.h"

#include <gtest/gtest.h>

namespace oki::drill {
namespace {

constexpr core::AccountId account{2001};

core::OrderView order(std::uint64_t id, std::uint64_t lots,
                      core::OrderStatus status = core::OrderStatus::unfilled) {
  core::OrderView view;
  view.id = {id};
  view.account = account;
  view.price = {100};
  view.amount = {lots};
  view.status = status;
  return view;
}

void tell(LogRecord& log, const std::vector<core::Event>& events) {
  replica::EventBlock block;
  block.index = {log.index().value + 1};
  for (const core::Event& event : events) core::append(block.events, event);
  log.on_block(block);
}

OrderTerms terms(std::uint64_t lots) { return {{}, core::Side::buy, {100}, {lots}}; }

TEST(AckLedgerTest, AgreesWithALogThatHasExactlyWhatWasAcknowledged) {
  LogRecord log;
  AckLedger ledger;
  tell(log, {core::OrderAccepted{order(1, 5)}, core::OrderAccepted{order(2, 6)}});
  tell(log, {core::changed(order(1, 5, core::OrderStatus::canceled_unfilled))});
  ledger.order_acknowledged(account, {1});
  ledger.order_acknowledged(account, {2});
  ledger.cancel_acknowledged({1});
  const AuditResult result = ledger.audit(log);
  EXPECT_EQ(result.acknowledged, 3u);
  EXPECT_EQ(result.lost, 0u);
  EXPECT_EQ(result.doubled, 0u);
}

TEST(AckLedgerTest, FindsAnAcknowledgedOrderAndACancelThatTheLogLacks) {
  LogRecord log;
  AckLedger ledger;
  tell(log, {core::OrderAccepted{order(1, 5)}});
  ledger.order_acknowledged(account, {1});
  ledger.order_acknowledged(account, {2});
  ledger.cancel_acknowledged({1});
  EXPECT_EQ(ledger.audit(log).lost, 2u);
}

TEST(AckLedgerTest, FindsAnOrderThatNobodyAskedFor) {
  LogRecord log;
  AckLedger ledger;
  tell(log, {core::OrderAccepted{order(1, 5)}, core::OrderAccepted{order(2, 5)}});
  ledger.order_acknowledged(account, {1});
  EXPECT_EQ(ledger.audit(log).doubled, 1u);
}

TEST(AckLedgerTest, AnUnknownOutcomeMayStandInTheLogOnceOrNotAtAll) {
  LogRecord log;
  AckLedger ledger;
  ledger.order_unknown(account, terms(5));
  EXPECT_EQ(ledger.audit(log).doubled, 0u);
  tell(log, {core::OrderAccepted{order(1, 5)}});
  EXPECT_EQ(ledger.audit(log).doubled, 0u);
  tell(log, {core::OrderAccepted{order(2, 5)}});
  EXPECT_EQ(ledger.audit(log).doubled, 1u);
}

TEST(AckLedgerTest, OneIdForTwoRequestsIsALoss) {
  LogRecord log;
  AckLedger ledger;
  tell(log, {core::OrderAccepted{order(1, 5)}});
  ledger.order_acknowledged(account, {1});
  ledger.order_acknowledged(account, {1});
  EXPECT_EQ(ledger.audit(log).lost, 1u);
}

TEST(AckLedgerTest, AnIdThatStandsTwiceInTheLogIsDoubled) {
  LogRecord log;
  AckLedger ledger;
  tell(log, {core::OrderAccepted{order(1, 5)}});
  tell(log, {core::OrderAccepted{order(1, 5)}});
  ledger.order_acknowledged(account, {1});
  EXPECT_EQ(ledger.audit(log).doubled, 1u);
}

TEST(AckLedgerTest, StartingOverFromASnapshotMakesTheAuditIncomplete) {
  LogRecord log;
  ASSERT_TRUE(log.on_snapshot({1}, 0, ""));
  EXPECT_TRUE(AckLedger().audit(log).complete);
  ASSERT_TRUE(log.on_snapshot({9}, 0, ""));
  EXPECT_FALSE(AckLedger().audit(log).complete);
}

}  // namespace
}  // namespace oki::drill
