// The history of the exchange in one SQLite database: every order, trade, deposit and withdrawal,
// changes of positions and of market states, every step of credits, withdrawals and freezes, what
// auctions executed, quarantined steps. Nothing falls out. Auditors ask by sql_audit.h.
//
// The index of the last block and its hash are written in the transaction of its rows, so that a
// process that dies at any moment loses nothing and doubles nothing: it goes on after the block
// that the file says. Blocks it has are skipped. Where no node has the next block any more, it goes
// on from a snapshot and keeps the missing stretch as a row of `gaps`, by name.
//
// Blocking, for one thread: sql_thread.h gives it one. Errors leave what was committed before, and
// the next call starts over. Tables: docs/formats/history.md. Why here: docs/decisions.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "history/projection.h"
#include "history/sql_reader.h"
#include "history/sql_schema.h"
#include "history/sql_writer.h"

namespace oki::history {

struct SqlStoreOptions {
  std::size_t file_pages_max = 0;  // Of 4 KiB; full beyond, with that error. 0: the disk decides.
  ProjectionLimits projection;     // Of the snapshots that it may have to start from.
};

struct Gap {
  LogIndex from, to;  // Both missing.
  WallTimeMs at;      // Of the snapshot that history went on from.
  std::string reason;
  friend bool operator==(const Gap&, const Gap&) = default;
};

class SqlStore {
 public:
  // Errors: exists (in use), mismatch (of a newer program), corrupt, full, io.
  static Result<std::unique_ptr<SqlStore>> open(const std::string& path,
                                                const SqlStoreOptions& options);

  // Where it stands: the next block must follow on this one.
  LogIndex index() const { return index_; }
  std::uint64_t event_hash() const { return event_hash_; }

  // All of them in one transaction; those at or below index() are skipped. Errors: mismatch (they
  // do not follow, or contradict the rows), full, io, corrupt. Then none of them is in.
  Result<void> apply(std::span<const replica::EventBlock> blocks);

  // Goes on from a projection's snapshot; what was missed and is still in it is filled in. Error
  // mismatch: it is older than index(), or does not fit.
  Result<void> restart(LogIndex index, std::uint64_t hash, ByteView snapshot);

  Result<std::vector<core::OrderView>> orders(core::AccountId account,
                                              const std::vector<core::OrderId>& ids);
  Result<std::vector<core::OrderView>> orders(const OrdersQuery& query);
  Result<std::vector<AccountTrade>> trades(const TradesQuery& query);
  Result<std::vector<Deposit>> deposits(const MoneyQuery& query);
  Result<std::vector<Withdrawal>> withdrawals(const MoneyQuery& query);
  Result<std::vector<Gap>> gaps();

  Result<void> set_file_pages_max(std::size_t pages);

 private:
  SqlStore(std::unique_ptr<SqlSession> session, const SqlStoreOptions& options);
  Result<void> load();
  const char* write(std::span<const replica::EventBlock> blocks);
  void write_position(LogIndex index, std::uint64_t hash, WallTimeMs time);
  tl::unexpected<Error> undo(const char* fault);
  template <typename T>
  Result<T> answer(T rows);

  std::unique_ptr<SqlSession> session_;
  const SqlStoreOptions options_;
  SqlStatement position_, write_position_, gap_, gaps_;
  SqlWriter writer_;
  SqlReader reader_;
  LogIndex index_;
  std::uint64_t event_hash_ = 0;
};

}  // namespace oki::history
