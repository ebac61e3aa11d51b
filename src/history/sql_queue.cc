#include "history/sql_queue.h"

#include <utility>

#include "base/assert.h"

namespace oki::history {
namespace {

constexpr std::size_t item_overhead = 64;

std::size_t bytes_of(const replica::EventBlock& block) {
  return block.events.size() + item_overhead;
}

}  // namespace

SqlQueue::SqlQueue(std::unique_ptr<SqlStore> store, const SqlQueueOptions& options, Post post,
                   News news)
    : options_(options),
      post_(std::move(post)),
      news_(std::move(news)),
      alive_(std::make_shared<bool>(true)),
      store_(std::move(store)) {}

SqlQueue::~SqlQueue() { *alive_ = false; }

bool SqlQueue::ready() const {
  const std::lock_guard lock(mutex_);
  return bytes_ < options_.bytes_max && items_.size() < options_.blocks_max;
}

std::size_t SqlQueue::waiting_bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

void SqlQueue::push(replica::EventBlock block) {
  const std::size_t bytes = bytes_of(block);
  add(std::move(block), bytes);
}

void SqlQueue::restart(LogIndex index, std::uint64_t hash, Bytes snapshot) {
  const std::size_t bytes = snapshot.size() + item_overhead;
  add(Snapshot{index, hash, std::move(snapshot)}, bytes);
}

void SqlQueue::add(Item item, std::size_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    items_.push_back(std::move(item));
    bytes_ += bytes;
  }
  if (wake_) wake_();
}

void SqlQueue::post(std::function<void()> action) {
  post_([alive = alive_, action = std::move(action)] {
    if (*alive) action();
  });
}

template <typename T>
void SqlQueue::ask(std::function<Result<T>(SqlStore&)> query, Answer<T> done) {
  {
    const std::lock_guard lock(mutex_);
    if (questions_.size() < options_.questions_max) {
      questions_.push_back([query = std::move(query), done](SqlStore& store) {
        return [result = query(store), done] { done(result); };
      });
      done = nullptr;
    }
  }
  if (done) {
    return post([done = std::move(done)] {
      done(error(Errc::full, "too many questions to the history wait"));
    });
  }
  if (wake_) wake_();
}

void SqlQueue::orders(core::AccountId account, std::vector<core::OrderId> ids,
                      Answer<std::vector<core::OrderView>> done) {
  ask<std::vector<core::OrderView>>(
      [account, ids = std::move(ids)](SqlStore& store) { return store.orders(account, ids); },
      std::move(done));
}

void SqlQueue::orders(const OrdersQuery& query, Answer<std::vector<core::OrderView>> done) {
  ask<std::vector<core::OrderView>>([query](SqlStore& store) { return store.orders(query); },
                                    std::move(done));
}

void SqlQueue::trades(const TradesQuery& query, Answer<std::vector<AccountTrade>> done) {
  ask<std::vector<AccountTrade>>([query](SqlStore& store) { return store.trades(query); },
                                 std::move(done));
}

void SqlQueue::deposits(const MoneyQuery& query, Answer<std::vector<Deposit>> done) {
  ask<std::vector<Deposit>>([query](SqlStore& store) { return store.deposits(query); },
                            std::move(done));
}

void SqlQueue::withdrawals(const MoneyQuery& query, Answer<std::vector<Withdrawal>> done) {
  ask<std::vector<Withdrawal>>([query](SqlStore& store) { return store.withdrawals(query); },
                               std::move(done));
}

void SqlQueue::gaps(Answer<std::vector<Gap>> done) {
  ask<std::vector<Gap>>([](SqlStore& store) { return store.gaps(); }, std::move(done));
}

// Questions do not wait behind a queue of blocks.
SqlQueue::Step SqlQueue::step() {
  const bool answered = answer_questions();
  std::vector<replica::EventBlock> blocks;
  std::optional<Snapshot> start;
  {
    const std::lock_guard lock(mutex_);
    std::size_t bytes = 0;
    while (!items_.empty() && !start && blocks.size() < options_.blocks_per_transaction_max) {
      if (auto* snapshot = std::get_if<Snapshot>(&items_.front())) {
        if (!blocks.empty()) break;
        start = std::move(*snapshot);
      } else {
        auto& block = std::get<replica::EventBlock>(items_.front());
        bytes += bytes_of(block);
        if (!blocks.empty() && bytes > options_.bytes_per_transaction_max) break;
        blocks.push_back(std::move(block));
      }
      items_.pop_front();
    }
  }
  if (blocks.empty() && !start) return answered ? Step::worked : Step::idle;
  const Result<void> written = write_head(blocks, start);
  return after_write(written, std::move(blocks), std::move(start));
}

bool SqlQueue::answer_questions() {
  std::deque<Question> questions;
  {
    const std::lock_guard lock(mutex_);
    questions.swap(questions_);
  }
  for (const Question& question : questions) post(question(*store_));
  return !questions.empty();
}

Result<void> SqlQueue::write_head(std::vector<replica::EventBlock>& blocks,
                                  std::optional<Snapshot>& start) {
  if (!start) return store_->apply(blocks);
  const LogIndex before = store_->index();
  auto written = store_->restart(start->index, start->hash, start->bytes);
  if (!written || store_->index() == before) return written;
  const auto gaps = store_->gaps();
  if (gaps && !gaps->empty()) {
    post([this, gap = gaps->back()] { news_.gap(gap); });
  }
  return written;
}

SqlQueue::Step SqlQueue::after_write(const Result<void>& written,
                                     std::vector<replica::EventBlock> blocks,
                                     std::optional<Snapshot> start) {
  const bool refused = !written && written.error().code == Errc::mismatch;
  {
    const std::lock_guard lock(mutex_);
    if (refused) {
      items_.clear();
      bytes_ = 0;
    } else if (!written) {
      if (start) items_.push_front(std::move(*start));
      while (!blocks.empty()) {
        items_.push_front(std::move(blocks.back()));
        blocks.pop_back();
      }
    } else {
      if (start) bytes_ -= start->bytes.size() + item_overhead;
      for (const replica::EventBlock& block : blocks) bytes_ -= bytes_of(block);
    }
  }
  if (written) {
    post([this, index = store_->index()] { news_.written(index); });
    return Step::worked;
  }
  post([this, refused, error = written.error()] {
    refused ? news_.refused(error) : news_.stuck(error);
  });
  return refused ? Step::worked : Step::stuck;
}

}  // namespace oki::history
