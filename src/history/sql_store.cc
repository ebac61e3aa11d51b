#include "history/sql_store.h"

#include <utility>

namespace oki::history {

SqlStore::SqlStore(std::unique_ptr<SqlSession> session, const SqlStoreOptions& options)
    : session_(std::move(session)),
      options_(options),
      position_(*session_, "SELECT log_index, event_hash, deposits FROM store WHERE id = 1", "",
                "iii"),
      write_position_(*session_,
                      "UPDATE store SET log_index = :1, event_hash = :2, time_ms = :3, "
                      "deposits = :4",
                      "iiii"),
      gap_(*session_, "INSERT OR REPLACE INTO gaps VALUES (:1, :2, :3, :4)", "iiit"),
      gaps_(*session_, "SELECT from_index, to_index, at, reason FROM gaps ORDER BY from_index", "",
            "iiit"),
      writer_(*session_),
      reader_(*session_) {}

Result<std::unique_ptr<SqlStore>> SqlStore::open(const std::string& path,
                                                 const SqlStoreOptions& options) {
  auto session = SqlSession::open(path);
  if (!session) return tl::unexpected(session.error());
  if (auto done = bring_up_to_date(**session); !done) return tl::unexpected(done.error());
  std::unique_ptr<SqlStore> store(new SqlStore(std::move(*session), options));
  if (options.file_pages_max != 0) {
    auto done = store->set_file_pages_max(options.file_pages_max);
    if (!done) return tl::unexpected(done.error());
  }
  if (auto done = store->load(); !done) return tl::unexpected(done.error());
  return store;
}

// What memory holds of the database: its position, its open orders.
Result<void> SqlStore::load() {
  std::uint64_t deposits = 0;
  position_.run();
  if (position_.next()) position_.read(index_, event_hash_, deposits);
  writer_.set_deposits(deposits);
  writer_.load();
  if (session_->ok()) return {};
  return tl::unexpected(session_->error());
}

Result<void> SqlStore::set_file_pages_max(std::size_t pages) {
  constexpr std::size_t sqlite_pages_max = 4'294'967'294;
  session_->run("PRAGMA max_page_count = " + std::to_string(pages == 0 ? sqlite_pages_max : pages));
  if (session_->ok()) return {};
  return undo(nullptr);
}

Result<void> SqlStore::apply(std::span<const replica::EventBlock> blocks) {
  while (!blocks.empty() && blocks.front().index <= index_) blocks = blocks.subspan(1);
  if (blocks.empty()) return {};
  session_->begin();
  const char* const fault = write(blocks);
  if (fault != nullptr) return undo(fault);
  const replica::EventBlock& last = blocks.back();
  write_position(last.index, last.hash, last.time);
  session_->commit();
  if (!session_->ok()) return undo(nullptr);
  index_ = last.index;
  event_hash_ = last.hash;
  return {};
}

// Null, or what contradicts what is there.
const char* SqlStore::write(std::span<const replica::EventBlock> blocks) {
  std::uint64_t hash = event_hash_;
  LogIndex index = index_;
  for (const replica::EventBlock& block : blocks) {
    if (block.index <= index) return "a block goes back";
    if (block.hash_before != hash) return "a block does not follow on the last one";
    if (const char* fault = writer_.apply(block)) return fault;
    if (!session_->ok()) return nullptr;
    hash = block.hash;
    index = block.index;
  }
  return nullptr;
}

void SqlStore::write_position(LogIndex index, std::uint64_t hash, WallTimeMs time) {
  write_position_.run(index, hash, time, writer_.deposits());
}

// Back to what is committed. The error is the session's, or that of a contradiction.
tl::unexpected<Error> SqlStore::undo(const char* fault) {
  Error error{Errc::mismatch, std::string("History cannot follow the events: ") +
                                  (fault == nullptr ? "" : fault) + '.'};
  if (!session_->ok()) error = session_->error();
  session_->clear();
  if (const auto loaded = load(); !loaded) {
    error = loaded.error();
    session_->clear();
  }
  return tl::unexpected(std::move(error));
}

Result<void> SqlStore::restart(LogIndex index, std::uint64_t hash, ByteView snapshot) {
  if (index < index_ || (index == index_ && hash != event_hash_)) {
    return error(Errc::mismatch, "it is older than the history or of another log");
  }
  const auto projection = Projection::restore(snapshot, options_.projection);
  if (!projection) return tl::unexpected(projection.error());
  if (projection->event_hash() != hash) {
    return error(Errc::mismatch, "the projection's snapshot is not of the index it was sent for");
  }
  session_->begin();
  if (index > index_) {
    const char* const reason =
        index_.value == 0 ? "history began with a snapshot" : "no node had the blocks any more";
    gap_.run(index_.value + 1, index, projection->time(), std::string(reason));
  }
  writer_.take_over(*projection);
  write_position(index, hash, projection->time());
  session_->commit();
  if (!session_->ok()) return undo(nullptr);
  index_ = index;
  event_hash_ = hash;
  return {};
}

template <typename T>
Result<T> SqlStore::answer(T rows) {
  if (!session_->ok()) return undo(nullptr);
  if (reader_.saw_damage()) {
    return error(Errc::corrupt, "the history database holds a row that no event can have made");
  }
  return rows;
}

Result<std::vector<core::OrderView>> SqlStore::orders(core::AccountId account,
                                                      const std::vector<core::OrderId>& ids) {
  return answer(reader_.orders(account, ids));
}

Result<std::vector<core::OrderView>> SqlStore::orders(const OrdersQuery& query) {
  return answer(reader_.orders(query));
}

Result<std::vector<AccountTrade>> SqlStore::trades(const TradesQuery& query) {
  return answer(reader_.trades(query));
}

Result<std::vector<Deposit>> SqlStore::deposits(const MoneyQuery& query) {
  return answer(reader_.deposits(query));
}

Result<std::vector<Withdrawal>> SqlStore::withdrawals(const MoneyQuery& query) {
  return answer(reader_.withdrawals(query));
}

Result<std::vector<Gap>> SqlStore::gaps() {
  std::vector<Gap> found;
  gaps_.run();
  while (gaps_.next()) {
    Gap& gap = found.emplace_back();
    gaps_.read(gap.from, gap.to, gap.at, gap.reason);
  }
  return answer(std::move(found));
}

}  // namespace oki::history
