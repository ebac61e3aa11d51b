#include "history/sql_reader.h"

#include <algorithm>

#include "core/fields.h"
#include "history/sql_schema.h"

namespace oki::history {
namespace {

constexpr std::int64_t any = -1;

template <typename T>
std::int64_t or_any(const std::optional<T>& id) {
  return id ? static_cast<std::int64_t>(id->value) : any;
}

std::size_t rows_of(const HistoryRange& range) { return std::min(range.count, history_rows_max); }

std::string descending(const std::string& order) {
  std::string out;
  for (const char c : order) out += c == ',' ? std::string(" DESC,") : std::string(1, c);
  return out + " DESC";
}

std::string select_orders(const char* where) {
  return std::string("SELECT ") + order_columns + " FROM orders WHERE uncertain = 0 AND " + where;
}

std::string select_trades(const char* where) {
  return std::string("SELECT ") + trade_columns + " FROM trades WHERE account = :1 AND " + where;
}

}  // namespace

SqlReader::BothWays::BothWays(SqlSession& session, const std::string& sql, const std::string& order,
                              ByteView takes, ByteView gives)
    : oldest(session, sql + " ORDER BY " + order + " LIMIT :" + std::to_string(takes.size()), takes,
             gives),
      newest(session,
             sql + " ORDER BY " + descending(order) + " LIMIT :" + std::to_string(takes.size()),
             takes, gives) {}

SqlReader::SqlReader(SqlSession& session)
    : order_(session, select_orders("account = :1 AND id = :2"), "ii", order_letters),
      orders_(session,
              select_orders("account = :1 AND ordered_at BETWEEN :2 AND :3 AND id BETWEEN :4 AND "
                            ":5 AND (:6 = -1 OR market = :7)"),
              "ordered_at, id", "iiiiiiii", order_letters),
      trades_(session, select_trades("executed_at BETWEEN :2 AND :3 AND (:4 = -1 OR market = :5)"),
              "executed_at, trade_id, taker", "iiiiii", trade_letters),
      trades_of_order_(session,
                       select_trades("executed_at BETWEEN :2 AND :3 AND (:4 = -1 OR market = :5) "
                                     "AND order_id = :6"),
                       "executed_at, trade_id, taker", "iiiiiii", trade_letters),
      deposits_(session,
                "SELECT number, asset, amount, credited_at, reference FROM deposits WHERE "
                "account = :1 AND credited_at BETWEEN :2 AND :3 AND (:4 = -1 OR asset = :5)",
                "credited_at, number", "iiiiii", "iiiit"),
      withdrawals_(session,
                   "SELECT id, account, asset, amount, fee, state, by_operator, requested_at, "
                   "changed_at, destination FROM withdrawals WHERE account = :1 AND requested_at "
                   "BETWEEN :2 AND :3 AND (:4 = -1 OR asset = :5)",
                   "requested_at, id", "iiiiii", "iiiiiiiiit") {}

template <typename E>
void SqlReader::check(E value) {
  if (static_cast<std::uint8_t>(value) >= numbers_of<E>) damage_ = true;
}

core::OrderView SqlReader::read_order(SqlStatement& row) {
  core::OrderView x;
  row.read(x.id, x.account, x.market, x.side, x.type, x.post_only, x.time_in_force, x.self_trade,
           x.position, x.status, x.reason, x.price, x.trigger, x.amount, x.display, x.executed,
           x.executed_quote, x.session, x.ordered_at, x.expire_at, x.triggered_at, x.canceled_at,
           x.executed_at, x.client_order_id);
  check(x.side);
  check(x.type);
  check(x.time_in_force);
  check(x.self_trade);
  check(x.position);
  check(x.status);
  check(x.reason);
  if (x.executed > x.amount) damage_ = true;
  return x;
}

AccountTrade SqlReader::read_trade(SqlStatement& row) {
  AccountTrade x;
  core::AccountId account;
  bool taker = false;
  row.read(account, x.executed_at, x.id, taker, x.market, x.order, x.side, x.type, x.position,
           x.price, x.amount, x.fee_quote, x.fee_occurred, x.interest, x.profit);
  x.maker = !taker;
  check(x.side);
  check(x.type);
  check(x.position);
  return x;
}

std::vector<core::OrderView> SqlReader::orders(core::AccountId account,
                                               const std::vector<core::OrderId>& ids) {
  std::vector<core::OrderView> found;
  for (const core::OrderId id : ids) {
    order_.run(account, id);
    while (order_.next()) found.push_back(read_order(order_));
  }
  return found;
}

std::vector<core::OrderView> SqlReader::orders(const OrdersQuery& query) {
  const HistoryRange& range = query.range;
  SqlStatement& rows = orders_.of(range.newest_first);
  rows.run(range.account, range.since, range.end, query.from_id, query.end_id, or_any(query.market),
           or_any(query.market), rows_of(range));
  std::vector<core::OrderView> found;
  while (rows.next()) found.push_back(read_order(rows));
  return found;
}

std::vector<AccountTrade> SqlReader::trades(const TradesQuery& query) {
  const HistoryRange& range = query.range;
  SqlStatement& rows = (query.order ? trades_of_order_ : trades_).of(range.newest_first);
  const std::int64_t market = or_any(query.market);
  if (query.order) {
    rows.run(range.account, range.since, range.end, market, market, *query.order, rows_of(range));
  } else {
    rows.run(range.account, range.since, range.end, market, market, rows_of(range));
  }
  std::vector<AccountTrade> found;
  while (rows.next()) found.push_back(read_trade(rows));
  return found;
}

std::vector<Deposit> SqlReader::deposits(const MoneyQuery& query) {
  const HistoryRange& range = query.range;
  SqlStatement& rows = deposits_.of(range.newest_first);
  rows.run(range.account, range.since, range.end, or_any(query.asset), or_any(query.asset),
           rows_of(range));
  std::vector<Deposit> found;
  while (rows.next()) {
    Deposit& x = found.emplace_back();
    rows.read(x.number, x.asset, x.amount, x.credited_at, x.reference);
  }
  return found;
}

std::vector<Withdrawal> SqlReader::withdrawals(const MoneyQuery& query) {
  const HistoryRange& range = query.range;
  SqlStatement& rows = withdrawals_.of(range.newest_first);
  rows.run(range.account, range.since, range.end, or_any(query.asset), or_any(query.asset),
           rows_of(range));
  std::vector<Withdrawal> found;
  while (rows.next()) {
    Withdrawal& x = found.emplace_back();
    rows.read(x.id, x.account, x.asset, x.amount, x.fee, x.state, x.by, x.requested_at,
              x.changed_at, x.destination);
    check(x.state);
  }
  return found;
}

}  // namespace oki::history
