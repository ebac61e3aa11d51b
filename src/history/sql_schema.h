// The tables of the history database and how an older database becomes a newer one.
// Docs: docs/formats/history.md.
#pragma once

#include "base/result.h"
#include "history/sql_session.h"

namespace oki::history {

constexpr int sql_schema_version = 2;

// Makes the tables of a new database, brings those of an older version up to date step by step,
// each in a transaction of its own. Errors: mismatch (a newer program wrote it), corrupt (it is a
// database, but not of ours), or those of the session. A test stops at an older version.
Result<void> bring_up_to_date(SqlSession& session, int to = sql_schema_version);

// Columns of `orders` and `trades` as every statement names them, and the letters of their types.
extern const char* const order_columns;
extern const char* const order_letters;
extern const char* const trade_columns;
extern const char* const trade_letters;

// ":1, :2, …" for so many parameters.
std::string parameters(std::size_t count);

}  // namespace oki::history
