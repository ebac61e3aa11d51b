// What the history database answers about one account. Rows that are not certain (closed in a gap)
// are not given.
#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "history/rows.h"
#include "history/sql_session.h"

namespace oki::history {

constexpr std::size_t history_rows_max = 1'000;  // Of one answer.

// Bounds are inclusive; an empty range is no mistake, it holds nothing.
struct HistoryRange {
  core::AccountId account;
  WallTimeMs since{0};
  WallTimeMs end{std::numeric_limits<std::int64_t>::max()};
  bool newest_first = true;
  std::size_t count = history_rows_max;  // At most history_rows_max.
};

struct OrdersQuery {
  HistoryRange range;  // Of ordered_at.
  std::optional<core::MarketId> market;
  core::OrderId from_id{0};
  core::OrderId end_id{std::numeric_limits<std::int64_t>::max()};
};

struct TradesQuery {
  HistoryRange range;  // Of executed_at.
  std::optional<core::MarketId> market;
  std::optional<core::OrderId> order;
};

// Of deposits by credited_at, of withdrawals by requested_at.
struct MoneyQuery {
  HistoryRange range;
  std::optional<core::AssetId> asset;
};

class SqlReader {
 public:
  // REQUIRES: `session` outlives it.
  explicit SqlReader(SqlSession& session);

  // Those of `ids` that exist and are the account's, in the order asked. Each reads what was
  // committed, or is an error of the session: then what came is not to be used.
  std::vector<core::OrderView> orders(core::AccountId account,
                                      const std::vector<core::OrderId>& ids);
  std::vector<core::OrderView> orders(const OrdersQuery& query);
  std::vector<AccountTrade> trades(const TradesQuery& query);
  std::vector<Deposit> deposits(const MoneyQuery& query);
  std::vector<Withdrawal> withdrawals(const MoneyQuery& query);

  // Whether a row held what no event can: the file was written by someone else.
  bool saw_damage() const { return damage_; }

 private:
  struct BothWays {
    BothWays(SqlSession& session, const std::string& sql, const std::string& order, ByteView takes,
             ByteView gives);
    SqlStatement& of(bool newest_first) { return newest_first ? newest : oldest; }
    SqlStatement oldest, newest;
  };

  template <typename E>
  void check(E value);
  core::OrderView read_order(SqlStatement& row);
  AccountTrade read_trade(SqlStatement& row);

  SqlStatement order_;
  BothWays orders_, trades_, trades_of_order_, deposits_, withdrawals_;
  bool damage_ = false;
};

}  // namespace oki::history
