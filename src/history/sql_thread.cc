#include "history/sql_thread.h"

#include <chrono>

namespace oki::history {

SqlThread::SqlThread(SqlQueue& queue) : queue_(queue) {
  queue_.on_work([this] {
    {
      const std::lock_guard lock(mutex_);
      has_work_ = true;
    }
    wake_.notify_one();
  });
  thread_ = std::thread([this] { work(); });
}

SqlThread::~SqlThread() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
  queue_.on_work({});
}

void SqlThread::work() {
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      has_work_ = false;
    }
    const SqlQueue::Step step = queue_.step();
    if (step == SqlQueue::Step::worked) continue;
    std::unique_lock lock(mutex_);
    if (stop_ && (step == SqlQueue::Step::stuck || !has_work_)) return;
    const auto woken = [this] { return stop_ || has_work_; };
    if (step == SqlQueue::Step::stuck) {
      // New work is no reason to try the same write sooner; the end is.
      wake_.wait_for(lock, std::chrono::milliseconds(sql_retry_ms), [this] { return stop_; });
    } else {
      wake_.wait(lock, woken);
    }
  }
}

}  // namespace oki::history
