#include "history/sql_audit.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "history/sql_store.h"
#include "history/testing/place.h"

namespace oki::history {
namespace {

using core::CreditState;
using core::WithdrawalState;

constexpr core::AssetId jpy{0};
constexpr core::AssetId btc{1};

core::CreditChanged credit(std::uint64_t id, CreditState state, std::uint64_t approved_by) {
  return {{id}, state, {7}, {approved_by}, {42}, jpy, {500}, "T-" + std::to_string(id)};
}
core::WithdrawalChanged withdrawal(std::uint64_t id, WithdrawalState state, std::uint64_t by) {
  return {{id}, state, {42}, btc, {30}, {2}, {by}, {1'000}, "bc1 \"x\""};
}

class Audit : public ::testing::Test {
 protected:
  Audit() {
    auto opened = SqlStore::open(place_.file(), {});
    EXPECT_TRUE(opened);
    store_ = std::move(*opened);
  }

  replica::EventBlock block(std::int64_t time, const std::vector<core::Event>& events) const {
    replica::EventBlock block;
    block.index = LogIndex{store_->index().value + 1};
    block.time = WallTimeMs{time};
    block.hash_before = store_->event_hash();
    for (const core::Event& event : events) core::append(block.events, event);
    block.hash = replica::event_hash(block.hash_before, block.index, block.time, block.events);
    return block;
  }
  void happens(std::int64_t time, const std::vector<core::Event>& events) {
    const auto one = block(time, events);
    ASSERT_TRUE(store_->apply({&one, 1}));
  }

  // "a b c | d e f": the rows as a person asks for them, while the store has the file.
  std::string rows(const char* table, const AuditQuery& query = oldest_first()) const {
    const auto audit = SqlAudit::open(place_.file());
    if (!audit) return audit.error().message;
    const auto found = (*audit)->rows(*audit_table(table), query);
    if (!found) return found.error().message;
    std::string text;
    for (const AuditRow& row : *found) {
      if (!text.empty()) text += " |";
      for (const AuditValue& value : row) {
        if (!text.empty()) text += ' ';
        const auto* number = std::get_if<std::uint64_t>(&value);
        text += number != nullptr ? std::to_string(*number) : std::get<std::string>(value);
      }
    }
    return text;
  }
  static AuditQuery oldest_first() {
    AuditQuery query;
    query.newest_first = false;
    return query;
  }

  Place place_;
  std::unique_ptr<SqlStore> store_;
};

TEST_F(Audit, EveryStepOfACreditIsARowWithWhoTookIt) {
  happens(100, {credit(1, CreditState::proposed, 0), credit(2, CreditState::proposed, 0)});
  happens(200, {credit(2, CreditState::done, 8)});
  happens(300, {credit(1, CreditState::lapsed, 0)});
  EXPECT_EQ(rows("credit_changes"),
            "1 0 100 1 0 7 0 42 0 500 T-1 | 1 1 100 2 0 7 0 42 0 500 T-2 | "
            "2 0 200 2 1 7 8 42 0 500 T-2 | 3 0 300 1 2 7 0 42 0 500 T-1");
}

TEST_F(Audit, EveryStateOfAWithdrawalIsARowAndTheNewestIsTheWithdrawals) {
  happens(100, {withdrawal(5, WithdrawalState::requested, 0)});
  happens(200, {withdrawal(5, WithdrawalState::approved, 9)});
  happens(300, {withdrawal(5, WithdrawalState::settled, 9)});
  EXPECT_EQ(rows("withdrawal_changes"),
            "1 0 100 5 0 0 42 1 30 2 bc1 \"x\" | 2 0 200 5 1 9 42 1 30 2 bc1 \"x\" | "
            "3 0 300 5 2 9 42 1 30 2 bc1 \"x\"");
  EXPECT_EQ(rows("withdrawals"), "5 42 1 30 2 2 9 1000 300 bc1 \"x\"");
}

TEST_F(Audit, FreezesHoldingsRestrictionsAndAuctionsAreRows) {
  happens(100, {core::WithdrawalsFrozen{jpy, true, {7}}, core::WithdrawalsFrozen{btc, true, {}},
                core::HoldingsChanged{btc, {900}, {800}, "W-1"},
                core::AccountRestricted{{42}, true, false}, core::AuctionEnded{{3}, {101}, {44}}});
  EXPECT_EQ(rows("withdrawal_freezes"), "1 0 100 0 1 7 | 1 1 100 1 1 0");
  EXPECT_EQ(rows("holdings_changes"), "1 2 100 1 900 800 W-1");
  EXPECT_EQ(rows("account_restrictions"), "1 3 100 42 1 0");
  EXPECT_EQ(rows("auctions"), "1 4 100 3 101 44");
}

TEST_F(Audit, AsksByTimeColumnDirectionAndCount) {
  for (std::uint64_t i = 1; i <= 6; ++i) {
    happens(static_cast<std::int64_t>(i) * 100,
            {core::AuctionEnded{{static_cast<std::uint16_t>(i % 2)}, {i}, {1}}});
  }
  AuditQuery query;
  query.since = WallTimeMs{200};
  query.end = WallTimeMs{500};
  query.filters = {{"market", 1}};
  EXPECT_EQ(rows("auctions", query), "5 0 500 1 5 1 | 3 0 300 1 3 1");
  query.count = 1;
  EXPECT_EQ(rows("auctions", query), "5 0 500 1 5 1");
  query.newest_first = false;
  EXPECT_EQ(rows("auctions", query), "3 0 300 1 3 1");
  query.filters.push_back({"price", 4});
  EXPECT_EQ(rows("auctions", query), "");
  query.filters = {{"account", 1}};
  EXPECT_EQ(rows("auctions", query), "auctions have no account");
}

TEST_F(Audit, NumbersAreUnsigned) {
  happens(100, {core::HoldingsChanged{jpy, {~std::uint64_t{0}}, {1}, ""},
                core::AccountRestricted{core::customer_account_max, false, true}});
  EXPECT_EQ(rows("holdings_changes"), "1 0 100 0 18446744073709551615 1 ");
  AuditQuery query;
  query.filters = {{"account", core::customer_account_max.value}};
  EXPECT_EQ(rows("account_restrictions", query), "1 1 100 18446744073709551599 0 1");
}

TEST_F(Audit, ARowIsThereExactlyOnceOrNotAtAll) {
  const auto good = block(100, {credit(1, CreditState::proposed, 0)});
  ASSERT_TRUE(store_->apply({&good, 1}));
  ASSERT_TRUE(store_->apply({&good, 1})) << "skipped";
  core::OrderChanged unknown;
  unknown.id = core::OrderId{99};
  const auto bad = block(200, {credit(1, CreditState::lapsed, 0), unknown});
  EXPECT_FALSE(store_->apply({&bad, 1}));
  EXPECT_EQ(rows("credit_changes"), "1 0 100 1 0 7 0 42 0 500 T-1");
}

TEST_F(Audit, ADatabaseOfAnOlderProgramIsBroughtUpToDateByItsWriterOnly) {
  store_.reset();
  std::remove(place_.file().c_str());
  {
    auto session = SqlSession::open(place_.file());
    ASSERT_TRUE(session);
    ASSERT_TRUE(bring_up_to_date(**session, 1));
    (*session)->run("INSERT INTO deposits VALUES (1, 42, 0, 5, 50, 'old')");
    ASSERT_TRUE((*session)->ok());
  }
  const auto early = SqlAudit::open(place_.file());
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, Errc::mismatch);
  store_ = std::move(*SqlStore::open(place_.file(), {}));
  happens(100, {credit(1, CreditState::proposed, 0)});
  EXPECT_EQ(rows("deposits"), "1 42 0 5 50 old");
  EXPECT_EQ(rows("credit_changes"), "1 0 100 1 0 7 0 42 0 500 T-1");
}

TEST_F(Audit, EveryTableThatCanBeAskedForIsThere) {
  for (const AuditTable& table : audit_tables()) {
    EXPECT_EQ(rows(table.name), "") << table.name;
    EXPECT_EQ(audit_table(table.name), &table);
    EXPECT_TRUE(has_column(table, table.time));
  }
  EXPECT_EQ(audit_table("orders; DROP TABLE orders"), nullptr);
  EXPECT_EQ(audit_table(""), nullptr);
}

TEST_F(Audit, ReadsWithoutWriting) {
  EXPECT_EQ(SqlAudit::open(place_.file() + "-none").error().code, Errc::not_found);
  auto session = SqlSession::open_to_read(place_.file());
  ASSERT_TRUE(session);
  (*session)->run("UPDATE store SET log_index = 9");
  EXPECT_FALSE((*session)->ok());
  (*session)->clear();
}

TEST_F(Audit, WhatIsNoHistoryDatabaseIsCorrupt) {
  store_.reset();
  std::FILE* file = std::fopen(place_.file().c_str(), "w");
  ASSERT_NE(file, nullptr);
  for (int i = 0; i < 1'000; ++i) std::fputs("no database ", file);
  std::fclose(file);
  EXPECT_EQ(SqlAudit::open(place_.file()).error().code, Errc::corrupt);
}

}  // namespace
}  // namespace oki::history
