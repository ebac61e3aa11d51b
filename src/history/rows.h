// The rows that readers are shown beside the core's own words: trades, deposits, withdrawals, what
// an auction would give. The SQL store keeps the same rows as the projection.
#pragma once

#include <cstdint>
#include <string>

#include "core/events.h"
#include "core/types.h"

namespace oki::history {

struct PublicTrade {
  core::TradeId id;
  core::Side taker_side = core::Side::buy;
  core::Price price;
  core::Lots amount;
  WallTimeMs executed_at;
  friend bool operator==(const PublicTrade&, const PublicTrade&) = default;
};

// One side of a fill as its owner sees it. Amounts are of the quote asset; fees are positive when
// paid, negative when received. A spot trade pays its fee at once. One that opens a margin position
// pays nothing yet; one that closes pays the fees of opening and closing, the interest, and brings
// the profit.
struct AccountTrade {
  core::TradeId id;
  core::MarketId market;
  core::OrderId order;
  core::Side side = core::Side::buy;
  core::OrderType type = core::OrderType::limit;
  core::PositionSide position = core::PositionSide::none;
  bool maker = false;
  core::Price price;
  core::Lots amount;
  std::int64_t fee_quote = 0;     // Paid with this trade.
  std::int64_t fee_occurred = 0;  // By this trade.
  core::Amount interest;          // Paid.
  std::int64_t profit = 0;        // Of a trade that closes, before fees and interest.
  WallTimeMs executed_at;
  friend bool operator==(const AccountTrade&, const AccountTrade&) = default;
};

struct Deposit {
  std::uint64_t number = 0;  // Of all deposits since the beginning, from 1.
  core::AssetId asset;
  core::Amount amount;
  std::string reference;
  WallTimeMs credited_at;
  friend bool operator==(const Deposit&, const Deposit&) = default;
};

struct Withdrawal {
  core::WithdrawalId id;
  core::WithdrawalState state = core::WithdrawalState::requested;
  core::AccountId account;
  core::AssetId asset;
  core::Amount amount, fee;
  core::OperatorId by;  // Who approved or rejected; 0 before.
  WallTimeMs requested_at;
  WallTimeMs changed_at;  // Of its present state.
  std::string destination;
  friend bool operator==(const Withdrawal&, const Withdrawal&) = default;
};

constexpr bool is_open(core::WithdrawalState state) {
  return state == core::WithdrawalState::requested || state == core::WithdrawalState::approved;
}

// Where an auction would end now; 0 and 0 outside auctions and where nothing would be executed.
struct AuctionEstimate {
  core::Price price;
  core::Lots lots;
  friend bool operator==(const AuctionEstimate&, const AuctionEstimate&) = default;
};

// The market's newest auction that has ended. Price 0: nothing was executed. Time 0: none ever was.
struct AuctionResult {
  core::Price price;
  core::Lots lots;
  WallTimeMs at;
  friend bool operator==(const AuctionResult&, const AuctionResult&) = default;
};

struct Margin {
  bool allowed = false;
  core::MarginStatus status = core::MarginStatus::normal;
  core::Amount debt;
  WallTimeMs changed_at;  // 0: never.
  friend bool operator==(const Margin&, const Margin&) = default;
};

struct Restrictions {
  bool no_orders = false;
  bool no_withdrawals = false;
  friend bool operator==(const Restrictions&, const Restrictions&) = default;
};

// Of one asset: what the house holds, and what it owes to all accounts, as last told. Trading
// changes neither.
struct Funds {
  core::Amount holdings, liabilities;
  friend bool operator==(const Funds&, const Funds&) = default;
};

struct QuarantinedStep {
  LogIndex index;  // Of the log entry that holds it.
  WallTimeMs at;
  core::Quarantined step;
  friend bool operator==(const QuarantinedStep&, const QuarantinedStep&) = default;
};

}  // namespace oki::history
