// What stands between the loop and the thread that writes history: a bounded queue of blocks in,
// questions in, answers and news out.
//
// The loop's half and the thread's half meet under one mutex; the store belongs to the thread's
// half alone. No thread is made here: sql_thread.h runs step(), tests call it. Everything that
// comes back is posted to the loop, and comes no more once the queue is destroyed there.
//
// Nothing is dropped silently. A full queue is not ready(): the follower of the log stops and goes
// on later from stands_at(), and the nodes keep the blocks meanwhile. A write that fails stays at
// the head and is tried again; the news says why.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>
#include <vector>

#include "history/sql_store.h"

namespace oki::history {

// Runs an action on the loop; called from the history thread.
using Post = std::function<void(std::function<void()>)>;

struct SqlQueueOptions {
  std::size_t bytes_max = 64u << 20;  // Of waiting blocks; one more is taken below it.
  std::size_t blocks_max = 100'000;   // Likewise.
  std::size_t blocks_per_transaction_max = 500;
  std::size_t bytes_per_transaction_max = 4u << 20;  // One block may be larger.
  std::size_t questions_max = 256;
};

class SqlQueue {
 public:
  // What the loop is told. On the loop, never inside a call of the loop's half.
  struct News {
    std::function<void(LogIndex index)> written;      // Every block up to here is in the database.
    std::function<void(const Error& error)> stuck;    // The head could not be written: tried again.
    std::function<void(const Error& error)> refused;  // It does not fit: all that waited is gone,
                                                      // only a snapshot goes on from here.
    std::function<void(const Gap& gap)> gap;          // A stretch is missing for good.
  };
  template <typename T>
  using Answer = std::function<void(Result<T>)>;

  SqlQueue(std::unique_ptr<SqlStore> store, const SqlQueueOptions& options, Post post, News news);
  ~SqlQueue();

  // --- The loop's half.
  bool ready() const;
  // REQUIRES: ready().
  void push(replica::EventBlock block);
  void restart(LogIndex index, std::uint64_t hash, Bytes snapshot);
  std::size_t waiting_bytes() const;

  // Answered in order of asking. Errors: full (too many questions wait), or those of the store.
  void orders(core::AccountId account, std::vector<core::OrderId> ids,
              Answer<std::vector<core::OrderView>> done);
  void orders(const OrdersQuery& query, Answer<std::vector<core::OrderView>> done);
  void trades(const TradesQuery& query, Answer<std::vector<AccountTrade>> done);
  void deposits(const MoneyQuery& query, Answer<std::vector<Deposit>> done);
  void withdrawals(const MoneyQuery& query, Answer<std::vector<Withdrawal>> done);
  void gaps(Answer<std::vector<Gap>> done);

  // Called with the queue's lock free whenever step() has something to do; from the loop.
  void on_work(std::function<void()> wake) { wake_ = std::move(wake); }

  // --- The thread's half. One transaction or all questions.
  enum class Step : std::uint8_t { idle, worked, stuck };
  Step step();

 private:
  struct Snapshot {
    LogIndex index;
    std::uint64_t hash = 0;
    Bytes bytes;
  };
  using Item = std::variant<replica::EventBlock, Snapshot>;
  using Question = std::function<std::function<void()>(SqlStore&)>;

  template <typename T>
  void ask(std::function<Result<T>(SqlStore&)> query, Answer<T> done);
  void add(Item item, std::size_t bytes);
  void post(std::function<void()> action);
  bool answer_questions();
  Result<void> write_head(std::vector<replica::EventBlock>& blocks, std::optional<Snapshot>& start);
  Step after_write(const Result<void>& written, std::vector<replica::EventBlock> blocks,
                   std::optional<Snapshot> start);

  const SqlQueueOptions options_;
  const Post post_;
  const News news_;
  std::function<void()> wake_;
  const std::shared_ptr<bool> alive_;  // Only touched on the loop.

  std::unique_ptr<SqlStore> store_;  // The thread's alone.

  mutable std::mutex mutex_;
  std::deque<Item> items_;  // This and all below: guarded by mutex_.
  std::deque<Question> questions_;
  std::size_t bytes_ = 0;
};

}  // namespace oki::history
