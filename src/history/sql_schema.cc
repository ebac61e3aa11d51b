#include "history/sql_schema.h"

#include <iterator>
#include <span>

namespace oki::history {
namespace {

// One list of statements per version, from version 1. A published list never changes: what a later
// version needs is a list behind it.
constexpr const char* version_1[] = {
    "CREATE TABLE store (id INTEGER PRIMARY KEY CHECK (id = 1), schema_version BIGINT NOT NULL, "
    "log_index BIGINT NOT NULL, event_hash BIGINT NOT NULL, time_ms BIGINT NOT NULL, "
    "deposits BIGINT NOT NULL)",
    "INSERT INTO store VALUES (1, 0, 0, 0, 0, 0)",

    "CREATE TABLE orders (id BIGINT PRIMARY KEY, account BIGINT NOT NULL, market BIGINT NOT NULL, "
    "side BIGINT NOT NULL, type BIGINT NOT NULL, post_only BIGINT NOT NULL, "
    "time_in_force BIGINT NOT NULL, self_trade BIGINT NOT NULL, position_side BIGINT NOT NULL, "
    "status BIGINT NOT NULL, reason BIGINT NOT NULL, price BIGINT NOT NULL, "
    "trigger_price BIGINT NOT NULL, amount BIGINT NOT NULL, display BIGINT NOT NULL, "
    "executed BIGINT NOT NULL, executed_quote BIGINT NOT NULL, session BIGINT NOT NULL, "
    "ordered_at BIGINT NOT NULL, expire_at BIGINT NOT NULL, triggered_at BIGINT NOT NULL, "
    "canceled_at BIGINT NOT NULL, executed_at BIGINT NOT NULL, client_order_id TEXT NOT NULL, "
    "uncertain BIGINT NOT NULL DEFAULT 0) WITHOUT ROWID",
    "CREATE INDEX orders_of_account ON orders (account, ordered_at, id)",
    "CREATE INDEX open_orders ON orders (status) WHERE status IN (0, 1, 6)",

    "CREATE TABLE trades (account BIGINT NOT NULL, executed_at BIGINT NOT NULL, "
    "trade_id BIGINT NOT NULL, taker BIGINT NOT NULL, market BIGINT NOT NULL, "
    "order_id BIGINT NOT NULL, side BIGINT NOT NULL, type BIGINT NOT NULL, "
    "position_side BIGINT NOT NULL, price BIGINT NOT NULL, amount BIGINT NOT NULL, "
    "fee_quote BIGINT NOT NULL, fee_occurred BIGINT NOT NULL, interest BIGINT NOT NULL, "
    "profit BIGINT NOT NULL, PRIMARY KEY (account, executed_at, trade_id, taker)) WITHOUT ROWID",
    "CREATE INDEX trades_of_order ON trades (order_id)",

    "CREATE TABLE deposits (number BIGINT PRIMARY KEY, account BIGINT NOT NULL, "
    "asset BIGINT NOT NULL, amount BIGINT NOT NULL, credited_at BIGINT NOT NULL, "
    "reference TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX deposits_of_account ON deposits (account, credited_at, number)",

    "CREATE TABLE withdrawals (id BIGINT PRIMARY KEY, account BIGINT NOT NULL, "
    "asset BIGINT NOT NULL, amount BIGINT NOT NULL, fee BIGINT NOT NULL, state BIGINT NOT NULL, "
    "by_operator BIGINT NOT NULL, requested_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, "
    "destination TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX withdrawals_of_account ON withdrawals (account, requested_at, id)",

    "CREATE TABLE position_changes (log_index BIGINT NOT NULL, place BIGINT NOT NULL, "
    "at BIGINT NOT NULL, account BIGINT NOT NULL, market BIGINT NOT NULL, "
    "position_side BIGINT NOT NULL, open_amount BIGINT NOT NULL, cost BIGINT NOT NULL, "
    "fees BIGINT NOT NULL, interest BIGINT NOT NULL, interest_until BIGINT NOT NULL, "
    "PRIMARY KEY (log_index, place)) WITHOUT ROWID",
    "CREATE INDEX position_changes_of_account ON position_changes (account, at)",

    "CREATE TABLE market_states (log_index BIGINT NOT NULL, place BIGINT NOT NULL, "
    "at BIGINT NOT NULL, market BIGINT NOT NULL, status BIGINT NOT NULL, mode BIGINT NOT NULL, "
    "fee_type BIGINT NOT NULL, stops BIGINT NOT NULL, reference BIGINT NOT NULL, "
    "lower_trigger BIGINT NOT NULL, upper_trigger BIGINT NOT NULL, lower_itayose BIGINT NOT NULL, "
    "upper_itayose BIGINT NOT NULL, reopen_at BIGINT NOT NULL, cancel_only_at BIGINT NOT NULL, "
    "auction_at BIGINT NOT NULL, withdrawals_at BIGINT NOT NULL, "
    "PRIMARY KEY (log_index, place)) WITHOUT ROWID",

    "CREATE TABLE quarantines (log_index BIGINT NOT NULL, kind BIGINT NOT NULL, "
    "number BIGINT NOT NULL, subject BIGINT NOT NULL, at BIGINT NOT NULL, fault TEXT NOT NULL, "
    "PRIMARY KEY (log_index, kind, number, subject)) WITHOUT ROWID",

    ("CREATE TABLE gaps (from_index BIGINT PRIMARY KEY, to_index BIGINT NOT NULL, "
     "at BIGINT NOT NULL, reason TEXT NOT NULL) WITHOUT ROWID"),
};
constexpr const char* version_2[] = {
    "CREATE TABLE credit_changes (log_index BIGINT NOT NULL, place BIGINT NOT NULL, "
    "at BIGINT NOT NULL, id BIGINT NOT NULL, state BIGINT NOT NULL, proposed_by BIGINT NOT NULL, "
    "approved_by BIGINT NOT NULL, account BIGINT NOT NULL, asset BIGINT NOT NULL, "
    "amount BIGINT NOT NULL, reference TEXT NOT NULL, PRIMARY KEY (log_index, "
    "place)) WITHOUT ROWID",
    "CREATE INDEX credit_changes_of_credit ON credit_changes (id)",
    "CREATE INDEX credit_changes_of_account ON credit_changes (account, at)",

    "CREATE TABLE withdrawal_changes (log_index BIGINT NOT NULL, place BIGINT NOT NULL, "
    "at BIGINT NOT NULL, id BIGINT NOT NULL, state BIGINT NOT NULL, by_operator BIGINT NOT NULL, "
    "account BIGINT NOT NULL, asset BIGINT NOT NULL, amount BIGINT NOT NULL, "
    "fee BIGINT NOT NULL, destination TEXT NOT NULL, PRIMARY KEY (log_index, "
    "place)) WITHOUT ROWID",
    "CREATE INDEX withdrawal_changes_of_withdrawal ON withdrawal_changes (id)",
    "CREATE INDEX withdrawal_changes_of_account ON withdrawal_changes (account, at)",

    "CREATE TABLE withdrawal_freezes (log_index BIGINT NOT NULL, place BIGINT NOT NULL, "
    "at BIGINT NOT NULL, asset BIGINT NOT NULL, frozen BIGINT NOT NULL, "
    "by_operator BIGINT NOT NULL, PRIMARY KEY (log_index, place)) WITHOUT ROWID",

    "CREATE TABLE holdings_changes (log_index BIGINT NOT NULL, place BIGINT NOT NULL, "
    "at BIGINT NOT NULL, asset BIGINT NOT NULL, holdings BIGINT NOT NULL, "
    "liabilities BIGINT NOT NULL, reference TEXT NOT NULL, PRIMARY KEY (log_index, "
    "place)) WITHOUT ROWID",

    "CREATE TABLE account_restrictions (log_index BIGINT NOT NULL, place BIGINT NOT NULL, "
    "at BIGINT NOT NULL, account BIGINT NOT NULL, no_orders BIGINT NOT NULL, "
    "no_withdrawals BIGINT NOT NULL, PRIMARY KEY (log_index, place)) WITHOUT ROWID",

    "CREATE TABLE auctions (log_index BIGINT NOT NULL, place BIGINT NOT NULL, "
    "at BIGINT NOT NULL, market BIGINT NOT NULL, price BIGINT NOT NULL, amount BIGINT NOT NULL, "
    "PRIMARY KEY (log_index, place)) WITHOUT ROWID",
    "CREATE INDEX auctions_of_market ON auctions (market, at)",
};
constexpr std::span<const char* const> steps[] = {version_1, version_2};
static_assert(std::size(steps) == sql_schema_version);

// The number of tables, and whether one of them is `store`.
struct Found {
  std::int64_t tables = 0;
  std::int64_t store = 0;
  std::int64_t version = 0;
};

Found look(SqlSession& session) {
  Found found;
  SqlStatement tables(session,
                      "SELECT count(*), coalesce(sum(name = 'store'), 0) FROM sqlite_master "
                      "WHERE type = 'table'",
                      "", "ii");
  tables.run();
  if (tables.next()) tables.read(found.tables, found.store);
  if (found.store == 0) return found;
  SqlStatement version(session, "SELECT schema_version FROM store WHERE id = 1", "", "i");
  version.run();
  if (version.next()) version.read(found.version);
  return found;
}

}  // namespace

const char* const order_columns =
    "id, account, market, side, type, post_only, time_in_force, self_trade, position_side, status, "
    "reason, price, trigger_price, amount, display, executed, executed_quote, session, ordered_at, "
    "expire_at, triggered_at, canceled_at, executed_at, client_order_id";
const char* const order_letters = "iiiiiiiiiiiiiiiiiiiiiiit";
const char* const trade_columns =
    "account, executed_at, trade_id, taker, market, order_id, side, type, position_side, price, "
    "amount, fee_quote, fee_occurred, interest, profit";
const char* const trade_letters = "iiiiiiiiiiiiiii";

std::string parameters(std::size_t count) {
  std::string text;
  for (std::size_t i = 1; i <= count; ++i) text += (i == 1 ? ":" : ", :") + std::to_string(i);
  return text;
}

Result<void> bring_up_to_date(SqlSession& session, int to) {
  const Found found = look(session);
  if (!session.ok()) return tl::unexpected(session.error());
  if (found.tables > 0 && (found.store == 0 || found.version < 1)) {
    return error(Errc::corrupt, "the history database holds something else");
  }
  if (found.version > sql_schema_version) {
    return error(Errc::mismatch,
                 "the history database has schema " + std::to_string(found.version) +
                     ", this program knows those up to " + std::to_string(sql_schema_version));
  }
  for (std::int64_t version = found.version + 1; version <= to; ++version) {
    session.begin();
    for (const char* statement : steps[version - 1]) session.run(statement);
    session.run("UPDATE store SET schema_version = " + std::to_string(version));
    session.commit();
  }
  if (!session.ok()) return tl::unexpected(session.error());
  return {};
}

}  // namespace oki::history
