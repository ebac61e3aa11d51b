// Turns events into rows of the history database. Knows no transactions: the store begins and ends
// them.
//
// A trade's row says what kind of order traded, which only the order's acceptance tells; so the
// open orders are kept in memory, as the database has them.
#pragma once

#include <optional>
#include <unordered_map>

#include "core/events.h"
#include "history/projection.h"
#include "history/sql_session.h"

namespace oki::history {

class SqlWriter {
 public:
  // REQUIRES: `session` outlives it.
  explicit SqlWriter(SqlSession& session);

  // The open orders as the database has them. Must come first, and again after a transaction was
  // undone.
  void load();

  // All rows of one block. Null, or what in it contradicts the rows that are there; whether the
  // rows were written is the session's to say.
  const char* apply(const replica::EventBlock& block);

  // Everything that a projection still knows, over what is there. Orders that were open and are not
  // known to it any more become uncertain.
  void take_over(const Projection& projection);

  std::uint64_t deposits() const { return deposits_; }
  void set_deposits(std::uint64_t deposits) { deposits_ = deposits; }

 private:
  struct OpenOrder {
    core::AccountId account;
    core::Side side = core::Side::buy;
    core::OrderType type = core::OrderType::limit;
    core::PositionSide position = core::PositionSide::none;
  };

  const char* apply(const core::OrderAccepted& event);
  const char* apply(const core::OrderChanged& event);
  const char* apply(const core::Traded& event);
  const char* apply(const core::MarginTraded& event);
  const char* apply(const core::Deposited& event);
  const char* apply(const core::WithdrawalChanged& event);
  const char* apply(const core::PositionChanged& event);
  const char* apply(const core::MarketChanged& event);
  const char* apply(const core::Quarantined& event);
  const char* apply(const core::CreditChanged& event);
  const char* apply(const core::WithdrawalsFrozen& event);
  const char* apply(const core::HoldingsChanged& event);
  const char* apply(const core::AccountRestricted& event);
  const char* apply(const core::AuctionEnded& event);
  const char* apply(const auto&) { return nullptr; }  // Keeps no row.

  void put(const core::OrderView& order);
  void put(core::AccountId account, const AccountTrade& trade);
  void put(core::AccountId account, const Deposit& deposit);
  void put(const Withdrawal& withdrawal);
  void put(const core::Position& position);
  void put(const core::MarketState& state);
  void put(const QuarantinedStep& step);
  void flush_trades();

  SqlStatement order_, order_change_, trade_, deposit_, withdrawal_, position_, market_,
      quarantine_, open_orders_statement_, doubt_;
  // One row per event, for those who ask what happened and by whom.
  SqlStatement credit_change_, withdrawal_change_, freeze_, holdings_, restriction_, auction_;
  std::unordered_map<std::uint64_t, OpenOrder> open_;

  // The two sides of the newest trade, while a MarginTraded may still follow.
  struct TradeRow {
    core::AccountId account;
    AccountTrade trade;
  };
  std::optional<TradeRow> maker_row_, taker_row_;

  LogIndex index_;  // Of the block under way,
  WallTimeMs time_;
  std::uint64_t place_ = 0;  // and of the event in it.
  std::uint64_t deposits_ = 0;
};

}  // namespace oki::history
