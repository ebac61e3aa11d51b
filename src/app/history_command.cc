// `okiagari history TABLE`: rows of an edge's history database, for auditors and the support desk.
#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "app/operator_words.h"
#include "app/process.h"
#include "app/server_commands.h"
#include "base/json.h"
#include "history/sql_audit.h"

namespace oki::app {
namespace {

constexpr const char* filters[] = {"account", "asset", "market", "id"};

std::string table_names() {
  std::string names;
  for (const history::AuditTable& table : history::audit_tables()) {
    names += std::string(names.empty() ? "" : ", ") + table.name;
  }
  return names;
}

Result<history::AuditQuery> query_of(const Arguments& arguments) {
  history::AuditQuery query;
  for (const auto& [option, bound] : {std::pair{"since", &query.since}, {"until", &query.end}}) {
    if (!arguments.has(option)) continue;
    const std::string& text = arguments.text(option);
    if (text.starts_with('+')) return error(Errc::invalid, "the past needs a time of its own");
    const auto time = parse_time(text, WallTimeMs{});
    if (!time) return tl::unexpected(time.error());
    *bound = *time;
  }
  for (const char* filter : filters) {
    if (arguments.has(filter)) query.filters.push_back({filter, arguments.number(filter)});
  }
  query.newest_first = !arguments.has("oldest-first");
  query.count = arguments.number("count");
  return query;
}

// One JSON object per line, in the order of the columns.
void print_row(const history::AuditTable& table, const history::AuditRow& row) {
  Bytes line;
  JsonWriter json(line);
  json.begin_object();
  std::size_t place = 0;
  for (const std::string& column : split(table.columns, ',')) {
    const std::string name = column.substr(column.find_first_not_of(' '));
    const history::AuditValue& value = row[place++];
    if (const auto* number = std::get_if<std::uint64_t>(&value)) {
      json.field(name, *number);
    } else {
      json.field(name, std::get<std::string>(value));
    }
  }
  json.end_object();
  fmt::print("{}\n", line);
}

int failed(const std::string& sentence) {
  fmt::print(stderr, "okiagari history: {}\n", sentence);
  return exit_code::failed;
}

int run_history(const Arguments& arguments) {
  const history::AuditTable* table = history::audit_table(arguments.text("table"));
  if (table == nullptr) return usage("history", "the tables are " + table_names());
  const auto query = query_of(arguments);
  if (!query) return usage("history", query.error().message);
  for (const auto& filter : query->filters) {
    if (history::has_column(*table, filter.column)) continue;
    return usage("history", std::string(table->name) + " have no " + filter.column);
  }
  const auto audit = history::SqlAudit::open(arguments.text("file"));
  if (!audit) return failed(audit.error().message);
  const auto rows = (*audit)->rows(*table, *query);
  if (!rows) return failed(rows.error().message);
  for (const history::AuditRow& row : *rows) print_row(*table, row);
  return exit_code::ok;
}

}  // namespace

CommandSpec history_command() {
  return {"history",
          {"What happened to credits, withdrawals, freezes, auctions: rows of a history database",
           "入出金・凍結・板寄せの履歴を履歴データベースから表示する"},
          {{"file", "FILE", "", {"as edge --history", "edge --history のファイル"}, true},
           {"account", "N", "", {"of this account", "口座"}},
           {"asset", "N", "", {"of this asset, by number", "資産番号"}},
           {"market", "N", "", {"of this market, by number", "市場番号"}},
           {"id", "N", "", {"of this credit or withdrawal", "入金・出金の番号"}},
           {"since", "TIME", "", {"2026-11-21T18:26:00Z", "開始時刻"}},
           {"until", "TIME", "", {"inclusive", "終了時刻（この時刻を含む）"}},
           {"count", "N", "100", {"at most, and at most 1000", "件数（最大1000）"}},
           {"oldest-first", nullptr, "", {"else the newest first", "古い順"}}},
          run_history,
          "table"};
}

}  // namespace oki::app
