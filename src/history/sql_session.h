// One connection to one SQLite file through SOCI, and prepared statements on it.
//
// This is the only file of the room that knows SOCI: its exceptions end here, as the session's
// first error. After an error nothing runs any more until clear(), as with a reader of bytes, so
// that a caller writes many rows and looks once. Integers are signed 64-bit; an unsigned one is
// stored as the signed one with the same bits. Texts are stored readable: bytes that are not
// printable become %XX, so that any bytes come back as they went in.
//
// The file is locked (flock on FILE-lock) against a second process.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"

namespace oki::history {

class SqlStatement;

class SqlSession {
 public:
  // Creates the file when it is missing. Errors: exists (another process has it), corrupt (not a
  // database), io.
  static Result<std::unique_ptr<SqlSession>> open(const std::string& path);
  // An existing one, for reading, also while another process writes it. Errors: not_found, corrupt,
  // io.
  static Result<std::unique_ptr<SqlSession>> open_to_read(const std::string& path);
  ~SqlSession();
  SqlSession(const SqlSession&) = delete;
  SqlSession& operator=(const SqlSession&) = delete;

  // One statement without rows or parameters.
  void run(const std::string& sql);
  void begin() { run("BEGIN IMMEDIATE"); }
  void commit() { run("COMMIT"); }

  bool ok() const { return !error_; }
  // REQUIRES: !ok().
  const Error& error() const { return *error_; }

  // Undoes what was not committed and lets statements run again; every prepared statement is
  // prepared anew when it is next used.
  void clear();

 private:
  friend class SqlStatement;
  struct Impl;
  explicit SqlSession(std::unique_ptr<Impl> impl);
  void fail(Error error);

  std::unique_ptr<Impl> impl_;
  std::unique_ptr<Error> error_;
  std::vector<SqlStatement*> statements_;
};

// `takes` and `gives` have a letter per column: i for an integer, t for a text. Parameters are :1,
// :2 and so on in the text of the statement.
class SqlStatement {
 public:
  // REQUIRES: `session` outlives it.
  SqlStatement(SqlSession& session, std::string sql, ByteView takes, ByteView gives = {});
  ~SqlStatement();
  SqlStatement(const SqlStatement&) = delete;
  SqlStatement& operator=(const SqlStatement&) = delete;

  // One value per parameter, in order: integers, enums, strong integers, booleans, strings.
  template <typename... T>
  void run(const T&... values) {
    start();
    (put(values), ...);
    execute();
  }

  // The next row of the last run(); false behind the last one and after an error.
  bool next();

  // The next column of the row, the first one after next().
  template <typename T>
  void read_one(T& value) {
    take(value);
  }

  // Columns of the row, in order.
  template <typename... T>
  void read(T&... values) {
    column_ = 0;
    (take(values), ...);
  }

 private:
  friend class SqlSession;
  struct Impl;

  void start();
  void execute();
  void put_integer(std::int64_t value);
  void put(const std::string& text);
  std::int64_t take_integer();
  void take(std::string& text);

  template <typename T>
  void put(const T& value) {
    if constexpr (requires { value.value; }) {
      put(value.value);
    } else {
      put_integer(static_cast<std::int64_t>(value));
    }
  }
  template <typename T>
  void take(T& value) {
    if constexpr (requires { value.value; }) {
      take(value.value);
    } else {
      value = static_cast<T>(take_integer());
    }
  }

  SqlSession& session_;
  const std::string sql_;
  const std::string takes_, gives_;
  std::unique_ptr<Impl> impl_;
  std::size_t column_ = 0;
};

// The text as it stands in the database, and back.
std::string readable(ByteView bytes);
std::string unreadable(ByteView text);

}  // namespace oki::history
