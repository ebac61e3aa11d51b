#include "history/sql_session.h"

#include <fcntl.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>

#include "base/assert.h"
#include "base/utf8.h"

namespace oki::history {
namespace {

constexpr int sqlite_busy = 5;
constexpr int sqlite_locked = 6;
constexpr int sqlite_corrupt = 11;
constexpr int sqlite_full = 13;
constexpr int sqlite_not_a_database = 26;
constexpr char hex_digits[] = "0123456789ABCDEF";

Errc code_of(int result) {
  switch (result & 0xff) {  // The upper bits tell more about the same error.
    case sqlite_busy:
    case sqlite_locked:
      return Errc::unavailable;
    case sqlite_corrupt:
    case sqlite_not_a_database:
      return Errc::corrupt;
    case sqlite_full:
      return Errc::full;
    default:
      return Errc::io;
  }
}

// REQUIRES: called from a catch clause.
Error caught() {
  try {
    throw;
  } catch (const soci::sqlite3_soci_error& e) {
    return {code_of(e.result()), std::string("The history database: ") + e.what()};
  } catch (const std::exception& e) {
    return {Errc::io, std::string("The history database: ") + e.what()};
  }
}

Result<int> lock(const std::string& path) {
  const std::string name = path + "-lock";
  const int fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return error(Errc::io, "cannot open " + name + ": " + std::strerror(errno));
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  ::close(fd);
  return error(Errc::exists, "the history database " + path + " is in use by another process");
}

bool is_plain(char c) { return c >= ' ' && c != 0x7f && c != '%'; }

int hex_value(char c) {
  const char* found = c == '\0' ? nullptr : std::strchr(hex_digits, c);
  return found == nullptr ? -1 : static_cast<int>(found - hex_digits);
}

}  // namespace

struct SqlSession::Impl {
  ~Impl() {
    if (lock_fd >= 0) ::close(lock_fd);
  }
  int lock_fd = -1;
  soci::session sql;
};

struct SqlStatement::Impl {
  explicit Impl(soci::session& session) : statement(session) {}
  soci::statement statement;
  // Bound by address: never resized after the statement was prepared.
  std::vector<long long> in_numbers, out_numbers;
  std::vector<std::string> in_texts, out_texts;
  bool has_row = false;  // Fetched, not yet given.
  bool executed = false;
};

SqlSession::SqlSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SqlSession::~SqlSession() { ASSERT(statements_.empty()); }

Result<std::unique_ptr<SqlSession>> SqlSession::open(const std::string& path) {
  if (path.empty() || path.find('"') != std::string::npos) {
    return oki::error(Errc::invalid, "the history database needs a name without quotes");
  }
  const Result<int> fd = lock(path);
  if (!fd) return tl::unexpected(fd.error());
  auto impl = std::make_unique<Impl>();
  impl->lock_fd = *fd;
  // SQLite would make it readable for everyone; its other files take the mode from it.
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return oki::error(Errc::io, "cannot open " + path + ": " + std::strerror(errno));
  ::close(file);
  try {
    impl->sql.open(soci::sqlite3, "dbname=\"" + path + "\" timeout=2");
  } catch (...) {
    return tl::unexpected(caught());
  }
  std::unique_ptr<SqlSession> session(new SqlSession(std::move(impl)));
  // A committed transaction survives the death of the process. After a power cut the last ones may
  // be missing, whole; the log has them.
  session->run("PRAGMA journal_mode = WAL");
  session->run("PRAGMA synchronous = NORMAL");
  if (!session->ok()) return tl::unexpected(session->error());
  return session;
}

Result<std::unique_ptr<SqlSession>> SqlSession::open_to_read(const std::string& path) {
  if (path.empty() || path.find('"') != std::string::npos) {
    return oki::error(Errc::invalid, "the history database needs a name without quotes");
  }
  if (::access(path.c_str(), R_OK) != 0) {
    return oki::error(Errc::not_found, "cannot read " + path + ": " + std::strerror(errno));
  }
  auto impl = std::make_unique<Impl>();
  try {
    impl->sql.open(soci::sqlite3, "dbname=\"" + path + "\" timeout=2");
  } catch (...) {
    return tl::unexpected(caught());
  }
  std::unique_ptr<SqlSession> session(new SqlSession(std::move(impl)));
  session->run("PRAGMA query_only = ON");
  if (!session->ok()) return tl::unexpected(session->error());
  return session;
}

void SqlSession::run(const std::string& sql) {
  if (!ok()) return;
  try {
    impl_->sql << sql;
  } catch (...) {
    fail(caught());
  }
}

void SqlSession::fail(Error error) {
  if (ok()) error_ = std::make_unique<Error>(std::move(error));
}

void SqlSession::clear() {
  for (SqlStatement* statement : statements_) statement->impl_.reset();
  try {
    impl_->sql << "ROLLBACK";
  } catch (const std::exception&) {
    // There was no transaction, or the error has ended it already.
    error_.reset();
  }
  error_.reset();
}

SqlStatement::SqlStatement(SqlSession& session, std::string sql, ByteView takes, ByteView gives)
    : session_(session), sql_(std::move(sql)), takes_(takes), gives_(gives) {
  session_.statements_.push_back(this);
}

SqlStatement::~SqlStatement() { std::erase(session_.statements_, this); }

void SqlStatement::start() {
  column_ = 0;
  if (!session_.ok() || impl_) return;
  try {
    auto impl = std::make_unique<Impl>(session_.impl_->sql);
    impl->in_numbers.resize(takes_.size());
    impl->in_texts.resize(takes_.size());
    impl->out_numbers.resize(gives_.size());
    impl->out_texts.resize(gives_.size());
    impl->statement.alloc();
    impl->statement.prepare(sql_);
    for (std::size_t i = 0; i < takes_.size(); ++i) {
      if (takes_[i] == 't') {
        impl->statement.exchange(soci::use(impl->in_texts[i]));
      } else {
        impl->statement.exchange(soci::use(impl->in_numbers[i]));
      }
    }
    for (std::size_t i = 0; i < gives_.size(); ++i) {
      if (gives_[i] == 't') {
        impl->statement.exchange(soci::into(impl->out_texts[i]));
      } else {
        impl->statement.exchange(soci::into(impl->out_numbers[i]));
      }
    }
    impl->statement.define_and_bind();
    impl_ = std::move(impl);
  } catch (...) {
    session_.fail(caught());
  }
}

void SqlStatement::execute() {
  if (!session_.ok()) return;
  ASSERT(column_ == takes_.size());
  try {
    impl_->has_row = impl_->statement.execute(true) && !gives_.empty();
    impl_->executed = true;
  } catch (...) {
    session_.fail(caught());
  }
}

bool SqlStatement::next() {
  column_ = 0;
  if (!session_.ok() || !impl_ || gives_.empty()) return false;
  try {
    if (impl_->executed) {
      impl_->executed = false;
      return impl_->has_row;
    }
    return impl_->has_row = impl_->has_row && impl_->statement.fetch();
  } catch (...) {
    session_.fail(caught());
    return false;
  }
}

void SqlStatement::put_integer(std::int64_t value) {
  if (!session_.ok()) return;
  ASSERT(column_ < takes_.size() && takes_[column_] == 'i');
  impl_->in_numbers[column_++] = value;
}

void SqlStatement::put(const std::string& text) {
  if (!session_.ok()) return;
  ASSERT(column_ < takes_.size() && takes_[column_] == 't');
  impl_->in_texts[column_++] = readable(text);
}

std::int64_t SqlStatement::take_integer() {
  ASSERT(column_ < gives_.size() && gives_[column_] == 'i');
  return impl_->out_numbers[column_++];
}

void SqlStatement::take(std::string& text) {
  ASSERT(column_ < gives_.size() && gives_[column_] == 't');
  text = unreadable(impl_->out_texts[column_++]);
}

std::string readable(ByteView bytes) {
  const bool keep_high = is_utf8(bytes);
  std::string text;
  for (const char c : bytes) {
    const bool high = static_cast<unsigned char>(c) >= 0x80;
    if (high ? keep_high : is_plain(c)) {
      text += c;
    } else {
      text += '%';
      text += hex_digits[static_cast<unsigned char>(c) >> 4];
      text += hex_digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return text;
}

std::string unreadable(ByteView text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_value(text[i + 2]);
    if (low < 0) {
      bytes += text[i];
    } else {
      bytes += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return bytes;
}

}  // namespace oki::history
