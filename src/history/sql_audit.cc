#include "history/sql_audit.h"

#include <algorithm>

#include "history/sql_schema.h"

namespace oki::history {
namespace {

constexpr AuditTable tables[] = {
    {"credit_changes",
     "log_index, place, at, id, state, proposed_by, approved_by, account, asset, amount, reference",
     "iiiiiiiiiit", "at", "log_index, place"},
    {"withdrawal_changes",
     "log_index, place, at, id, state, by_operator, account, asset, amount, fee, destination",
     "iiiiiiiiiit", "at", "log_index, place"},
    {"withdrawal_freezes", "log_index, place, at, asset, frozen, by_operator", "iiiiii", "at",
     "log_index, place"},
    {"holdings_changes", "log_index, place, at, asset, holdings, liabilities, reference", "iiiiiit",
     "at", "log_index, place"},
    {"account_restrictions", "log_index, place, at, account, no_orders, no_withdrawals", "iiiiii",
     "at", "log_index, place"},
    {"auctions", "log_index, place, at, market, price, amount", "iiiiii", "at", "log_index, place"},
    {"withdrawals",
     "id, account, asset, amount, fee, state, by_operator, requested_at, changed_at, destination",
     "iiiiiiiiit", "requested_at", "id"},
    {"deposits", "number, account, asset, amount, credited_at, reference", "iiiiit", "credited_at",
     "number"},
    {"market_states",
     "log_index, place, at, market, status, mode, fee_type, stops, reference, lower_trigger, "
     "upper_trigger, lower_itayose, upper_itayose, reopen_at, cancel_only_at, auction_at, "
     "withdrawals_at",
     "iiiiiiiiiiiiiiiii", "at", "log_index, place"},
    {"quarantines", "log_index, kind, number, subject, at, fault", "iiiiit", "at",
     "log_index, number, kind, subject"},
    {"gaps", "from_index, to_index, at, reason", "iiit", "at", "from_index"},
};

// The words of "a, b, c".
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(", "), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return words;
}

std::string in_sql(std::uint64_t value) { return std::to_string(static_cast<std::int64_t>(value)); }

std::string order_of(const AuditTable& table, bool newest_first) {
  std::string out;
  const std::string columns = std::string(table.time) + ", " + table.order;
  for (const std::string_view column : words_of(columns)) {
    if (!out.empty()) out += ", ";
    out += std::string(column) + (newest_first ? " DESC" : "");
  }
  return out;
}

// Names come from the tables above only, values are numbers.
std::string select(const AuditTable& table, const AuditQuery& query) {
  std::string sql = std::string("SELECT ") + table.columns + " FROM " + table.name + " WHERE " +
                    table.time + " BETWEEN " + std::to_string(query.since.value) + " AND " +
                    std::to_string(query.end.value);
  for (const AuditQuery::Filter& filter : query.filters) {
    sql += " AND " + filter.column + " = " + in_sql(filter.value);
  }
  return sql + " ORDER BY " + order_of(table, query.newest_first) + " LIMIT " +
         std::to_string(std::min(query.count, history_rows_max));
}

std::int64_t version_of(SqlSession& session) {
  SqlStatement version(session, "SELECT schema_version FROM store WHERE id = 1", "", "i");
  std::int64_t found = 0;
  version.run();
  if (version.next()) version.read(found);
  return found;
}

}  // namespace

std::span<const AuditTable> audit_tables() { return tables; }

const AuditTable* audit_table(std::string_view name) {
  for (const AuditTable& table : tables) {
    if (name == table.name) return &table;
  }
  return nullptr;
}

bool has_column(const AuditTable& table, std::string_view column) {
  const auto columns = words_of(table.columns);
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

Result<std::unique_ptr<SqlAudit>> SqlAudit::open(const std::string& path) {
  auto session = SqlSession::open_to_read(path);
  if (!session) return tl::unexpected(session.error());
  const std::int64_t version = version_of(**session);
  if (!(*session)->ok()) {
    if ((*session)->error().code != Errc::io) return tl::unexpected((*session)->error());
    return error(Errc::corrupt, path + " is no history database");
  }
  if (version != sql_schema_version) {
    return error(Errc::mismatch, "the history database has schema " + std::to_string(version) +
                                     ", this program reads " + std::to_string(sql_schema_version));
  }
  return std::unique_ptr<SqlAudit>(new SqlAudit(std::move(*session)));
}

Result<std::vector<AuditRow>> SqlAudit::rows(const AuditTable& table, const AuditQuery& query) {
  for (const AuditQuery::Filter& filter : query.filters) {
    if (has_column(table, filter.column)) continue;
    return error(Errc::invalid, std::string(table.name) + " have no " + filter.column);
  }
  std::vector<AuditRow> found;
  SqlStatement statement(*session_, select(table, query), "", table.letters);
  statement.run();
  while (statement.next()) {
    AuditRow& row = found.emplace_back();
    for (const char letter : std::string_view(table.letters)) {
      if (letter == 't') {
        std::string text;
        statement.read_one(text);
        row.emplace_back(std::move(text));
      } else {
        std::uint64_t number = 0;
        statement.read_one(number);
        row.emplace_back(number);
      }
    }
  }
  if (session_->ok()) return found;
  const Error fault = session_->error();
  session_->clear();
  return tl::unexpected(fault);
}

}  // namespace oki::history
