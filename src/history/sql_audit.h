// What auditors and the support desk ask the history database: who did what to credits,
// withdrawals, freezes, holdings, restrictions and auctions, and when. One row per event, by its
// place in the log; deposits, market states, quarantined steps and gaps can be asked for in the
// same way. Columns and their units: docs/formats/history.md.
//
// It reads a file that another process may be writing, and changes nothing.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "history/sql_reader.h"

namespace oki::history {

struct AuditTable {
  const char* name;
  const char* columns;  // "log_index, place, at, …", in the order of the rows below.
  const char* letters;  // One per column: i an unsigned integer, t a text.
  const char* time;     // Which column says when, and orders the rows,
  const char* order;    // with these behind it.
};
std::span<const AuditTable> audit_tables();
const AuditTable* audit_table(std::string_view name);  // Null: there is none.
bool has_column(const AuditTable& table, std::string_view column);

struct AuditQuery {
  WallTimeMs since{0};  // Inclusive, both.
  WallTimeMs end{std::numeric_limits<std::int64_t>::max()};
  struct Filter {
    std::string column;
    std::uint64_t value = 0;
  };
  std::vector<Filter> filters;  // All of them hold.
  bool newest_first = true;
  std::size_t count = history_rows_max;  // At most history_rows_max.
};

using AuditValue = std::variant<std::uint64_t, std::string>;
using AuditRow = std::vector<AuditValue>;

class SqlAudit {
 public:
  // Errors: not_found, mismatch (of another version of the program), corrupt, io.
  static Result<std::unique_ptr<SqlAudit>> open(const std::string& path);

  // Error invalid: a filter names a column that the table does not have.
  Result<std::vector<AuditRow>> rows(const AuditTable& table, const AuditQuery& query);

 private:
  explicit SqlAudit(std::unique_ptr<SqlSession> session) : session_(std::move(session)) {}

  std::unique_ptr<SqlSession> session_;
};

}  // namespace oki::history
